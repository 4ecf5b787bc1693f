/* What came of a week, for a chat: one message that fits on a phone, and its details for the thread. */
#ifndef REPORTS_DIGEST_TEXT_H
#define REPORTS_DIGEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"
#include "src/base/words.h"

/* All texts are owned by the struct that they are in; times on the wall clock in ms since 1970. */
struct digest_gap {
	char *scenario, *environment;
	char *owner; /* NULL: nobody */
	char *text;  /* what it is, in one sentence */
	int64_t first_wall_ms;
	int64_t drills; /* that found it */
	bool gone;      /* its scenario is not in the configuration any more */
};
struct digest_speed { /* the deliveries of a scenario in an environment */
	char *scenario, *environment;
	size_t count, count_before;    /* in this period, in the one of equal length before it */
	int64_t p50_ms, p50_before_ms; /* -1: there were none */
};
struct digest_skip { /* a drill that was to be and was not */
	char *scenario, *environment, *why;
	bool missed; /* nobody was there to begin it; else a guard refused it */
	size_t count;
};
struct digest_proof {
	char *scenario, *environment;
	int64_t passed_wall_ms; /* 0: never */
};
struct digest_flaky {
	char *scenario, *environment;
	size_t count;
};

struct digest {
	int64_t since_wall_ms, now_wall_ms;
	int64_t due_wall_ms; /* of one that comes late */
	char *late;          /* why it does; NULL: it does not */
	size_t verdicts[VERDICT_COUNT];
	size_t drills;
	size_t rules, receivers; /* proven in the last DIGEST_PROOF_DAYS days */
	struct digest_gap *gaps;
	size_t gap_count;
	struct digest_speed *speeds;
	size_t speed_count;
	struct digest_skip *skips;
	size_t skip_count;
	struct digest_proof *proofs; /* of every scenario in every environment that ever ran */
	size_t proof_count;
	struct digest_flaky *flaky;
	size_t flaky_count;
	char *page;    /* of the overview, served by firedrill; NULL: none */
	char *problem; /* what could not be read of the history; NULL: nothing */
};

#define DIGEST_PROOF_DAYS 90
#define DIGEST_FEW        5 /* deliveries in each period, or nothing is said of slowing */

void digest_done(struct digest *digest); /* frees what it owns; reusable */

struct digest_writer; /* holds the texts of the last post */

struct digest_writer *digest_writer_new(void);
void digest_writer_free(struct digest_writer *writer); /* NULL is fine */

/* Sorts its lists. Strings belong to the writer and stay valid until its next call; limits as in
 * reports/message.h, the details twice as long. ret_details->headline NULL: there is nothing to add. */
void digest_write(struct digest_writer *writer, struct digest *digest, struct chat_post *ret_post,
		  struct chat_post *ret_details);

#endif
