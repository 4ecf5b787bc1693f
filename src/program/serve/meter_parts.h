/* What the meter holds: shared by those who count and those who write. */
#ifndef PROGRAM_METER_PARTS_H
#define PROGRAM_METER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/id.h"
#include "src/base/words.h"
#include "src/program/serve/meter_table.h"
#include "src/program/serve/meter_text.h"

#define METER_BUCKETS 17 /* with the last, which has no end */
#define METER_PATHS   3  /* "drill", "chat", "second" */

/* A scenario in an environment. */
struct meter_place {
	struct meter_row row;
	uint32_t drills[VERDICT_COUNT][ORIGIN_COUNT];
	uint64_t missed;
	int64_t last_wall_ms, passed_wall_ms; /* 0: never */
	int verdict;                          /* enum verdict; -1: none yet */
	bool ran;                             /* since the start */
	bool planned;                         /* by the configuration of this moment ... */
	int64_t next_wall_ms;                 /* ... then; -1: not by itself */
};

struct meter_histogram {
	struct meter_row row;
	uint64_t counts[METER_BUCKETS]; /* each for itself */
	int64_t sum_ms;
	struct {
		char drill[ID_LEN + 1]; /* the last one; "": none */
		int64_t latency_ms, wall_ms;
	} last[METER_BUCKETS];
};

struct meter_findings { /* of an environment */
	struct meter_row row;
	uint64_t counts[FINDING_COUNT];
};

struct meter_reader { /* of a chat */
	struct meter_row row;
	uint64_t reads, errors;           /* so far, over all readers */
	uint64_t last_reads, last_errors; /* of the readers that there are now */
};

struct meter_blind { /* a channel */
	struct meter_row row;
	int64_t ms;
};

/* An environment, while the text is written. */
struct meter_environment {
	struct meter_row row;
	uint64_t faults[FAULT_STATE_COUNT];
	uint64_t gaps;
	int64_t gap_wall_ms;   /* of the oldest; 0: none */
	int64_t lease_wall_ms; /* of the first to end; 0: none */
};

struct meter {
	int64_t started_wall_ms;
	struct meter_table places, deliveries, resolutions, findings, readers, blind;
	uint64_t told[METER_PATHS][2]; /* not delivered, delivered */
};

extern const int64_t meter_bounds_ms[METER_BUCKETS - 1];
extern const char *const meter_paths[METER_PATHS];

/* Made when there is none. */
struct meter_place *meter_place_of(struct meter *meter, const char *scenario,
				   const char *environment);

/* One writing. */
struct meter_sheet {
	struct meter_text text;
	struct meter *meter;         /* borrowed */
	const struct meter_now *now; /* borrowed */
	struct meter_table environments;
};

/* Labels, and one or two more; second NULL: one. Owned by the caller. */
char *meter_labels_with(const char *labels, const char *name, const char *value, const char *second,
			const char *second_value);

void meter_write_environments(struct meter_sheet *sheet);

/* Of this process: memory, time, descriptors. */
void meter_write_process(const struct meter *meter, const struct meter_text *text);

#endif
