/* Records of drills, made by hand: what a drill of the orders API would have left behind. */
#ifndef TESTS_REPORTS_MAKE_RECORD_H
#define TESTS_REPORTS_MAKE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "src/engine/record.h"

#define MADE_EXPECT_MAX  12
#define MADE_STARTED_MS  INT64_C(5000000) /* clock_ms() at start; 2026-11-21T10:00:58Z */
#define MADE_INJECTED_MS (MADE_STARTED_MS + 1180)
#define MADE_REVERTED_MS (MADE_STARTED_MS + 91320)

/* A drill with everything that its record borrows. */
struct made {
	struct drill_record record;
	struct scenario scenario;
	struct environment environment;
	struct expectation expect[MADE_EXPECT_MAX];
};

/* fd-k3q9x2m7, orders-bad-queue in production, injected and watching for OrdersQueueMissing in #ops
 * within 90 s. Texts of scenario and environment are literals; those of evidence and judgement are
 * allocated, as in life. */
struct made *make_running(void);
void made_free(struct made *made);

/* One expectation more; returns it. */
struct expectation *make_expectation(struct made *made, const char *alert, const char *channel);

/* A message, that long after the injection (negative: before). elsewhere: NULL, or the channel in
 * which it was found instead. Valid until the next one of the same expectation. */
struct sighting *make_sighting(struct made *made, size_t i, int64_t after_ms, const char *elsewhere,
			       const char *text);

/* Ends the drill: reverted, confirmed and judged; every finding is `delivered` without a sighting
 * until the test says otherwise. */
void make_over(struct made *made, enum verdict verdict, const char *text);
struct expectation_finding *make_finding(struct made *made, size_t i, enum finding finding,
					 int64_t latency_ms, const char *text);
void make_gap(struct made *made, const char *after, const char *before, const char *evidence);

/* A station that was asked says something of the first alert; after make_over. at_ms is counted from
 * the injection; TIME_NEVER: not known. name NULL: firedrill itself. */
void make_hop(struct made *made, enum hop hop, const char *name, enum hop_state state,
	      int64_t at_ms, const char *evidence);
void make_cause(struct made *made, const char *cause, const char *advice); /* after make_gap */

/* The drill ended before anything was touched. */
void make_refused(struct made *made, const char *text);

/* The fault could not be read back. After make_over. */
void make_stuck(struct made *made, const char *text);

/* Sets an owned text. */
void make_text(char **text, const char *value);

/* Texts from outside as bad as they come: escape sequences, markup, broken UTF-8, endless. */
#define HOSTILE                                                                               \
	"\033[2J\033]0;owned\007*bold* `code` <!channel> & \xff\xc0\xaf\xed\xa0\x80 \xc2\x9b" \
	"31m \xe2\x80\xae"                                                                    \
	"evil\r\n\tline \b\b\x7f \xf0\x9f\x94\xa5"
char *make_hostile(size_t len); /* that and then a long tail; owned by the caller */

#endif
