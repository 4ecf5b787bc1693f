/* What is in place, and what holds firedrill back: for `firedrill status`, in words and as JSON. */
#ifndef REPORTS_STATUS_H
#define REPORTS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reports/row.h"
#include "src/base/buf.h"
#include "src/base/words.h"

/* One fault that is not clean. Texts are owned. */
struct status_fault {
	char *drill, *scenario, *environment, *target, *note;
	enum fault_via via;
	enum fault_state state;
	bool unreadable; /* its row in the ledger: via and state are not known, note says why */
	int64_t intended_wall_ms, lease_wall_ms;
	bool busy;                 /* a firedrill works on it right now */
	bool drilling;             /* ... and it is the one whose drill this is */
	char *ack_reason, *ack_by; /* NULL: nobody set it aside */
	int64_t ack_wall_ms;
};

/* A freeze file that exists. Texts are owned. */
struct status_freeze {
	char *environment; /* NULL: it holds everywhere */
	char *file, *reason;
};

struct status {
	int64_t now_wall_ms;
	char *halt_reason, *halt_by; /* owned; NULL: not halted */
	int64_t halt_since_wall_ms;
	struct status_freeze *freezes; /* owned */
	size_t freeze_count;
	struct status_fault *faults; /* owned; oldest first */
	size_t fault_count;
	int daemon_pid; /* the daemon that works with the state file; 0: none answers */
	int64_t daemon_since_wall_ms;
	size_t daemon_guests; /* `firedrill run` that handed their drills to it */
	char *daemon_lost;    /* owned; why its ledger is not the one that was read; NULL: it is */
	bool keeper;          /* a guardian stays and tries again what is stuck */
};

void status_done(struct status *status);

/* Where a fault stands, for whoever asks whether to worry. */
enum status_standing {
	STANDING_RUNNING,  /* its drill runs, and its time is not up */
	STANDING_SETTLING, /* its drill is over or dead, or its time is up; somebody puts it right */
	STANDING_LEFT,     /* nobody works on it */
	STANDING_ASIDE     /* a person set it aside */
};
enum status_standing status_standing(const struct status *status, const struct status_fault *fault);
/* EXIT_FAULT_LEFT when a fault is left, or being settled, or nobody can say: the daemon's are in a ledger
 * that is lost. */
enum exit_code status_exit_code(const struct status *status);

/* In words, for people and JSON alike; "unreadable" and "unknown" when the row is. Static. */
const char *status_state_name(const struct status_fault *fault);
const char *status_via_name(const struct status_fault *fault);

/* One fault in a paragraph or two. */
void status_write_fault(struct buf *buf, const struct view *view, const struct status *status,
			const struct status_fault *fault);
/* All of it, and what to do about it. */
void status_write(struct buf *buf, const struct view *view, const struct status *status);

/* One JSON object on one line (fields may be added, never renamed). Owned by the caller. */
char *status_json(const struct status *status);
const char *status_standing_name(enum status_standing standing); /* static */

#endif
