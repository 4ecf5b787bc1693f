/* Messages as they are posted, and what must be true of every one of them. */
#ifndef TESTS_REPORTS_POSTED_H
#define TESTS_REPORTS_POSTED_H

#include <stdbool.h>

#include "tests/reports/make_record.h"

/* What is posted; all strings owned. */
struct posted {
	enum chat_tone tone;
	char *headline, *body, *footer;
};

void posted_done(struct posted *posted);

/* The message as it is now; with `details` that of its thread. What must hold for every message is
 * asserted here: its size, its marking, valid text without control characters. */
struct posted write_post(const struct made *made, bool details);

/* The body or the details have a line. */
void assert_line(const struct made *made, bool details, const char *line);

/* A gap: OrdersQueueMissing never came. */
struct made *make_missing(void);

#endif
