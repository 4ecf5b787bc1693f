/* What `/metrics` counts, from the daemon's start on; the last verdicts come from the history at start. */
#ifndef PROGRAM_METER_H
#define PROGRAM_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/engine/record.h"

/* What is counted beyond these is counted together, with labels that say "other". */
#define METER_PLACES  20000 /* scenarios in environments */
#define METER_ALERTS  1000  /* expected alerts, of which each has a histogram */
#define METER_READERS 1000  /* chats, and channels */
#define METER_VALUE   200   /* bytes of one label's value; the rest is cut off */

struct history;
struct history_drill;
struct meter;

struct meter *meter_new(void);
void meter_free(struct meter *meter); /* NULL is fine */

/* Last verdict and time of proof of all that ran before. False: not all of it is known. */
MUST_CHECK bool meter_remember(struct meter *meter, struct history *history, struct error *error);
void meter_finished(struct meter *meter, const struct drill_record *record); /* a drill is over */
/* One that an earlier life, or another process, left unfinished; it ended then. */
void meter_unfinished(struct meter *meter, const struct history_drill *drill);
void meter_missed(struct meter *meter, const char *scenario, const char *environment, size_t count);
/* What is said aloud, and digests, went by `path` ("chat", "second"), or did not. Reports of drills count
 * themselves, as "drill". */
void meter_told(struct meter *meter, const char *path, bool delivered);
/* What the readers of a chat count now, as channels_counts says it. Numbers that are smaller than the
 * last ones are those of new readers, after a reload. */
void meter_read(struct meter *meter, const char *chat, uint64_t reads, uint64_t errors);

/* What is true at the moment of the question; filled in by the daemon. Borrowed during the call. */
struct meter_now {
	int64_t now_wall_ms;
	bool halted, ledger_lost, reload_failed;
	int64_t loaded_wall_ms; /* the configuration */
	size_t running, waiting;
	struct meter_fault { /* of the ledger: in place, or stuck */
		const char *drill, *scenario, *environment, *state;
		int64_t lease_wall_ms;
	} const *faults;
	size_t fault_count;
	struct meter_next { /* every scenario of the configuration in each of its environments */
		const char *scenario, *environment;
		int64_t wall_ms; /* -1: never, or only by hand */
	} const *next;
	size_t next_count;
	struct meter_gap { /* of the history: open */
		const char *scenario, *environment;
		int64_t first_wall_ms;
	} const *gaps;
	size_t gap_count;
};

/* Does this header Accept ask for OpenMetrics rather than for the text format? */
bool meter_wants_open_metrics(const char *accept);
const char *meter_type(bool open_metrics); /* the Content-Type; static */

/* OpenMetrics 1.0 when asked for so, else the text format 0.0.4 of Prometheus.  Last verdicts and times
 * are told of what is in `next` or ran since the start, not of scenarios that are long gone.
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
void meter_write(struct meter *meter, const struct meter_now *now, bool open_metrics,
		 struct buf *ret_text);

#endif
