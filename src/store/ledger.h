/* The durable record of faults that are, or may be, in place.
 * SQLite, WAL, synchronous=FULL: a call that returned true is on the disk. It takes about a
 * millisecond, and one second at most while another process writes. Not to be carried over a fork.
 * https://www.sqlite.org/pragma.html#pragma_synchronous, https://www.sqlite.org/wal.html */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"
#include "src/base/words.h"

struct ledger;

/* One fault. All borrowed: from the caller in ledger_intend, from the ledger in a visit. */
struct ledger_fault {
	const char *drill;
	const char *scenario;
	const char *environment;
	enum fault_via via;
	enum fault_state state;
	const char *recipe; /* all that revert and confirm need; secrets by reference; <= 1 MiB */
	const char *note;   /* the last evidence; "" */
	int64_t intended_wall_ms;
	int64_t lease_wall_ms; /* to be reverted at the latest by then */
};

/* Creates the file (mode 0600) and its folders (0700) when missing. A file of a newer version or of
 * another program, a damaged or a read-only one is refused with an error that says what to do. */
MUST_CHECK struct ledger *ledger_open(const char *path, struct error *error);
void ledger_close(struct ledger *ledger); /* NULL is fine */

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
 * characters.
 */
MUST_CHECK bool ledger_advance(struct ledger *ledger, const char *drill, enum fault_state state,
			       const char *note, struct error *error);

/* Every fault that is not clean, oldest first; environment NULL: of all. visit returns false to
 * stop. The ledger must not be written from inside a visit. */
typedef bool ledger_visit_fn(void *arg, const struct ledger_fault *fault);
MUST_CHECK bool ledger_visit_open(struct ledger *ledger, const char *environment,
				  ledger_visit_fn *visit, void *arg, struct error *error);

#endif
