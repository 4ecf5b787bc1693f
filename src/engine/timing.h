/* How long an alert must be waited for: computed from what the stations are set up to do.
 * Pure, but for what it owns; times are ms. */
#ifndef ENGINE_TIMING_H
#define ENGINE_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/hops/hop.h"
#include "scenarios/scenario.h"

struct buf;

struct timing_part { /* owned texts; see struct hop_delay */
	enum hop hop;
	char *name;
	const char *what; /* static */
	bool resolving;
	int64_t least_ms, most_ms;
};

struct timing_worry { /* owned texts; see struct hop_caution */
	enum hop hop;
	char *name;
	enum hop_worry worry;
	int64_t ms;
	char *text, *advice;
};

/* Of one expected alert. Zeroed: nothing is known. */
struct timing {
	struct timing_part *parts; /* owned; in the order of the pipeline */
	size_t part_count;
	struct timing_worry *worries; /* owned */
	size_t worry_count;
	/* From the fault to the message: not before, by what is known; -1 when no station told. At the
	 * latest; -1 when a part of the way is not known. */
	int64_t least_ms, most_ms;
	/* From the revert to the resolved message; -1 likewise. */
	int64_t resolve_least_ms, resolve_most_ms;
	char *unknown; /* owned; which part of the way is not known, and why; NULL: all are */
	bool within_auto, resolved_auto; /* the deadlines are "auto": see timing_deadline */
};
void timing_done(struct timing *timing);

/* What the stations tell goes in there. */
struct hop_forecast timing_listen(struct timing *timing);
/* Why a part of the way is not known; the first one counts. */
void timing_miss(struct timing *timing, const char *why);
/* When all have told. Of two stations of a kind the quicker one makes the least, the slower one the
 * most.  The way is known when a rule and what is behind it have told. */
void timing_sum(struct timing *timing);

/* The deadline for `within = "auto"` (or `resolved = "auto"`): the latest time plus what a chat and its
 * sender may take (5 s and a tenth), in whole seconds; at least TIMING_UNKNOWN_MS when the way is not
 * known. */
#define TIMING_UNKNOWN_MS SCENARIO_UNKNOWN_MS
int64_t timing_deadline(const struct timing *timing, bool resolving);
/* The same of what is known of the way, however little that is. */
int64_t timing_known(const struct timing *timing, bool resolving);

/* "scrape interval 0 to 15 s, for 1 min to 1 min 15 s, group_wait 30 s". */
void timing_add_parts(struct buf *text, const struct timing *timing, bool resolving);

/* Why a deadline that the author wrote cannot be kept as the stations are set up: one sentence with
 * the parts, owned by the caller; NULL: it can, or nobody knows. */
char *timing_impossible(const struct timing *timing, const struct expectation *expect,
			bool resolving);

/* The guard that is asked when the stations have told: is hold_at_most long enough for every deadline
 * of the scenario (no longer "auto") and for `hold`? timings: one for each expectation. */
MUST_CHECK bool timing_allows(const struct scenario *resolved, const struct timing *timings,
			      struct error *error);

/* A length as it is written in a file, rounded up: "90s", "8m". size >= 32 bytes. */
void timing_written(int64_t ms, char *ret_text, size_t size);

/* One sentence of something that will spoil a drill of this scenario, or make it tell less than it
 * could. Borrowed, valid inside the callback only. */
struct timing_warning {
	size_t expect;   /* the expectation */
	const char *key; /* static: the key to change, of the expectation ("within", "resolved"), of
			     * the scenario ("fault.hold_at_most") or of the environment ("spacing");
			     * "" for one outside */
	const char *text;   /* what is the matter */
	const char *advice; /* what to do */
};
typedef void timing_warn_fn(void *arg, const struct timing_warning *warning);

/* All warnings, offline (timing NULL: what the files alone tell) or with what the stations told.
 * spacing_ms: between two drills of the environment. */
void timing_warn(const struct scenario *resolved, size_t expect, int64_t spacing_ms,
		 const struct timing *timing, timing_warn_fn *warn, void *arg);

#endif
