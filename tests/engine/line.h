/* A little world whose alerts pass a line of stations, with a webhook at its end: what whole drills
 * with a pipeline begin with. */
#ifndef TESTS_ENGINE_LINE_H
#define TESTS_ENGINE_LINE_H

#include "tests/engine/little_hop.h"
#include "tests/engine/little_webhook.h"

struct line {
	struct little_world *world;   /* owned */
	struct little_hops hops;      /* filled in by the test, which then calls little_hops_use */
	struct little_hop *rule, *am; /* the first two of these, where they are that */
	struct little_webhook webhook;
	struct webhook_settings hooks[1]; /* to be named by the pipeline */
};

struct line *line_new(void);

/* For cmocka: *state is a struct line. Nothing may be in flight any more. */
int line_unmake(void **state);

#endif
