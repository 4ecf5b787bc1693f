/* Stations of a pipeline in virtual time: a hop driver in memory. */
#ifndef TESTS_ENGINE_LITTLE_HOP_H
#define TESTS_ENGINE_LITTLE_HOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/hops/hop.h"
#include "tests/engine/little_world.h"

/* One station and what it says: that it lacked the alert, unless told otherwise. */
struct little_hop {
	const char *name; /* of its settings; its type is "little" */
	enum hop hop;
	enum hop_state state;
	int64_t at_wall_ms;
	const char *cause, *advice;
	const char *type; /* NULL: "little" */
	int64_t takes_ms; /* 0: the next turn of the loop */
	bool hangs;       /* never done */
	bool refuses;     /* cannot be asked */
	int asked, explained, in_flight;
	int64_t asked_ms[8]; /* clock_ms() of the first ones */
	/* What explain was given at last. */
	bool given[HOP_TIME_COUNT], given_json[HOP_TIME_COUNT];
	struct hop_want want; /* its needles are gone by now */
};

enum { LITTLE_HOPS = 4 };

struct little_hops {
	struct hop_context context; /* to be handed to hops_new */
	struct little_hop list[LITTLE_HOPS];
	struct hop_settings settings[LITTLE_HOPS];
	struct pipeline pipeline;
	struct hops *hops;
};

/* For the world's drills in staging; `list` is filled in by the test, up to the first without a
 * name, before. */
void little_hops_use(struct little_hops *hops, struct little_world *world);
void little_hops_done(struct little_hops *hops); /* after the drills */

#endif
