/* The durable record of faults that are, or may be, in place.
 * SQLite, WAL, synchronous=FULL: a call that returned true is on the disk. It takes about a
 * millisecond, and one second at most while another process writes (ledger_hurry: less). Not to be carried over a fork.
 * https://www.sqlite.org/pragma.html#pragma_synchronous, https://www.sqlite.org/wal.html */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"
#include "src/base/words.h"

struct ledger;

/* One fault. All borrowed: from the caller in ledger_intend, from the ledger in a visit. What is
 * marked "visit" is not read by ledger_intend. */
struct ledger_fault {
	const char *drill;
	const char *scenario;
	const char *environment;
	const char *target; /* what is changed, in one line; "" when nothing is */
	enum fault_via via;
	enum fault_state state;
	const char *recipe; /* all that revert and confirm need; secrets by reference; <= 1 MiB */
	const char *note;   /* the last evidence; "" */
	int64_t intended_wall_ms;
	int64_t lease_wall_ms; /* to be reverted at the latest by then */

	int64_t changed_wall_ms;   /* visit: of the last change of its state */
	int64_t injecting_wall_ms; /* visit: when inject was tried first; 0: never */
	bool inject_ended;         /* visit: inject's end was seen; else it may still land */
	const char *ack_reason;    /* visit: set aside by a person, and why; NULL: not */
	const char *ack_by;        /* visit: who; NULL */
	int64_t ack_wall_ms;       /* visit */
};

/* Creates the file (mode 0600) and its folders (0700) when missing; one of an older version is
 * brought up to date, with all that is in it. A file of a newer version or of another program, a
 * damaged or a read-only one is refused with an error that says what to do.  On a full disk it can
 * be opened only while another process has it open; what is open can be read. */
MUST_CHECK struct ledger *ledger_open(const char *path, struct error *error);
void ledger_close(struct ledger *ledger); /* NULL is fine */

/* For a loop that others need, too: from now on a call waits for another process that writes 50 ms at
 * most, and when that was not enough, for a second no call waits at all. */
void ledger_hurry(struct ledger *ledger);
/* The last call that was to write failed for nothing but that: it may well succeed in a moment. */
bool ledger_is_busy(const struct ledger *ledger);

/* A new fault in state FAULT_INTENT. False: nothing may be touched. */
MUST_CHECK bool ledger_intend(struct ledger *ledger, const struct ledger_fault *fault,
			      struct error *error);
/* The recipe completed by what capture found; allowed in FAULT_INTENT only. */
MUST_CHECK bool ledger_complete(struct ledger *ledger, const char *drill, const char *recipe,
				struct error *error);
/*
 * intent -> injecting -> injected -> reverting -> unconfirmed -> clean.  From everything that is
 * not clean it also goes to reverting (once more) and to stuck, and an intent that was never tried
 * may become clean; any other move is refused.  note NULL keeps the former one; it is cut at 4096
 * characters.  injected says that inject's end was seen.  Every move from stuck takes an
 * acknowledgement back.
 */
MUST_CHECK bool ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			       const char *note, struct error *error);

/* A person sets a stuck fault aside, or one whose row cannot be read: it is not retried and blocks
 * nothing any more. Refused for any other, with an error that says what to do instead. */
MUST_CHECK bool ledger_ack(struct ledger *ledger, const char *drill, const char *reason,
			   const char *by, struct error *error);

/* FAULT_ABSENT when the drill has no fault here. */
MUST_CHECK bool ledger_find_state(struct ledger *ledger, const char *drill,
				  enum fault_state *ret_state, struct error *error);

/* Every fault that is not clean, acknowledged ones too, oldest first; environment NULL: of all.
 * visit returns false to stop. The ledger must not be written from inside a visit.
 * A row with a word that is unknown here (of a newer version, or changed by hand) is not visited,
 * the others are; unless a person has set it aside it makes the call fail at the end, with its drill
 * in the error. */
typedef bool ledger_visit_fn(void *arg, const struct ledger_fault *fault);
MUST_CHECK bool ledger_visit_open(struct ledger *ledger, const char *environment,
				  ledger_visit_fn *visit, void *arg, struct error *error);

/* All of them, in all environments; a row with an unknown word goes to `unreadable`. One of the two
 * may be NULL. Fails only when the file cannot be read. */
struct ledger_unreadable {
	const struct ledger_fault *fault; /* its via is VIA_COUNT, its state FAULT_STATE_COUNT */
	const char *why;                  /* one sentence that says what to do */
};
typedef bool ledger_unreadable_fn(void *arg, const struct ledger_unreadable *unreadable);
MUST_CHECK bool ledger_visit_all(struct ledger *ledger, ledger_visit_fn *visit,
				 ledger_unreadable_fn *unreadable, void *arg, struct error *error);

/* The fault of one drill, clean or not; without one `visit` is not called. Fails as ledger_visit_open
 * does. */
MUST_CHECK bool ledger_visit_drill(struct ledger *ledger, const char *drill, ledger_visit_fn *visit,
				   void *arg, struct error *error);

/* For people, of a ledger that ledger_open refuses as damaged: each fault that can still be read and is
 * not clean, at most 1000, without its target and recipe; VIA_COUNT and FAULT_STATE_COUNT for unknown
 * words. The file is opened for reading only. How many there were; there may be more. */
size_t ledger_salvage(const char *path, ledger_visit_fn *visit, void *arg);

/* The faults that were really tried in an environment (`none` aside), for spacing and for the
 * number a day. Rows that are clean are kept for 31 days, the newest 1000 for longer. Times are what
 * the wall clock said then, and may lie in the future when it was put back. */
struct ledger_past {
	int count;            /* tried at or after since_wall_ms */
	int64_t last_wall_ms; /* when the last of all changed last, usually to clean; -1: none */
};
MUST_CHECK bool ledger_past(struct ledger *ledger, const char *environment, int64_t since_wall_ms,
			    struct ledger_past *ret_past, struct error *error);

/* The lever that stops everything, for all processes of this ledger, until it is taken back. */
struct ledger_halt {
	bool halted;
	char *reason, *by; /* owned; NULL when not halted */
	int64_t since_wall_ms;
};
/* A second one replaces the reason. Reasons and names have 1 to 1000 bytes, here and in ledger_ack. */
MUST_CHECK bool ledger_set_halt(struct ledger *ledger, const char *reason, const char *by,
				struct error *error);
MUST_CHECK bool ledger_lift_halt(struct ledger *ledger, struct error *error);
MUST_CHECK bool ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt,
			    struct error *error);
void ledger_halt_done(struct ledger_halt *halt);

#endif
