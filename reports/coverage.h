/* Which alerting rules and receivers were proven by a drill, where, when and how fast: for
 * `firedrill coverage`, in words, as JSON and as a message to a chat. */
#ifndef REPORTS_COVERAGE_H
#define REPORTS_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reports/row.h"
#include "src/base/buf.h"
#include "src/base/words.h"

struct chat_post;

enum coverage_kind { COVERAGE_RULE, COVERAGE_RECEIVER, COVERAGE_KIND_COUNT };

/* In the order in which they are shown: what needs people first. */
enum coverage_state {
	COVERAGE_NEVER,    /* no drill has proven it */
	COVERAGE_CANNOT,   /* no alert can come of it now, and none came lately */
	COVERAGE_OUTDATED, /* proven, but longer ago than asked for */
	COVERAGE_PROVEN,
	COVERAGE_GONE, /* proven once, but its station does not have it any more */
	COVERAGE_STATE_COUNT
};

/* One rule or receiver of one environment. Texts are owned. */
struct coverage_item {
	enum coverage_kind kind;
	char *pipeline, *hop;  /* whose it is, by their names in the configuration */
	char *name, *detail;   /* detail: a rule's group, what a receiver posts to; "" */
	char *cannot;          /* why no alert can come of it; NULL: it can */
	bool listed;           /* the station has it now */
	char *last_drill;      /* NULL: never proven */
	int64_t first_wall_ms; /* first and last proof; 0: never proven */
	int64_t last_wall_ms;
	size_t proofs;             /* in the time asked for */
	int64_t p50_ms, p99_ms;    /* of their latencies; -1 without any */
	enum coverage_state state; /* set by coverage_finish */
};

/* A station that could not be asked for all that it has. Texts are owned. */
struct coverage_trouble {
	char *hop, *text;
	bool kinds[COVERAGE_KIND_COUNT]; /* what it would have told of */
};

/* One environment. */
struct coverage_part {
	char *environment;           /* owned */
	char *pipeline;              /* owned; NULL: it names none */
	struct coverage_item *items; /* owned; by state, then as shown */
	size_t item_count;
	struct coverage_trouble *troubles; /* owned */
	size_t trouble_count;
	bool tells[COVERAGE_KIND_COUNT]; /* it has a station that tells of them */
};

struct coverage {
	int64_t now_wall_ms;
	int64_t since_ms;            /* how old a proof may be to count */
	struct coverage_part *parts; /* owned; as the configuration has them */
	size_t part_count;
};

/* Building: parts, then what stations told and what the history has, in any order, then finish.
 * All arguments are borrowed and copied. */
struct coverage_part *coverage_add_part(struct coverage *coverage, const char *environment,
					const char *pipeline);
void coverage_add_item(struct coverage_part *part, const struct coverage_item *item);
void coverage_add_trouble(struct coverage_part *part, const struct coverage_trouble *trouble);
/* Puts together what belongs together, and says where each stands. Once. */
void coverage_finish(struct coverage *coverage);
void coverage_done(struct coverage *coverage);

/* How many there are. */
struct coverage_count {
	bool known;   /* every station that tells of this kind could be asked; else total is not */
	size_t total; /* those that are gone, and receivers that post nowhere, do not count */
	size_t states[COVERAGE_STATE_COUNT];
	unsigned percent; /* proven, of the total, rounded down; 100 of none */
};
struct coverage_count coverage_count(const struct coverage_part *part, enum coverage_kind kind);

/* EXIT_PASS; EXIT_INCONCLUSIVE when something could not be asked; EXIT_GAP when in some environment
 * less than `require` percent of the rules or of the receivers is proven (0: nothing is required). */
enum exit_code coverage_exit_code(const struct coverage *coverage, unsigned require);

const char *coverage_kind_name(enum coverage_kind kind);    /* static; "rule", "receiver" */
const char *coverage_state_name(enum coverage_state state); /* static; "never", "cannot", ... */

/* Adds "3 d ago", "5 h ago", "just now". */
void coverage_add_age(struct buf *buf, int64_t now_wall_ms, int64_t wall_ms);
/* Adds "12 of 40 rules proven in production in the last 90 days (30 %), 3 cannot fire". */
void coverage_add_summary(struct buf *buf, const struct coverage *coverage,
			  const struct coverage_part *part, enum coverage_kind kind);

/* A table for a terminal; of each environment and kind at most so many rows, 0: all. */
void coverage_write(struct buf *buf, const struct view *view, const struct coverage *coverage,
		    size_t rows);

/* One JSON object on one line (fields may be added, never renamed). Owned by the caller. */
char *coverage_json(const struct coverage *coverage, unsigned require);

/* A message for a chat. The texts live in `texts`, to be freed by coverage_post_done. */
struct coverage_post {
	struct buf headline, body, footer;
};
void coverage_write_post(struct coverage_post *texts, const struct coverage *coverage,
			 struct chat_post *ret_post);
void coverage_post_done(struct coverage_post *texts);

#endif
