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
	const char *type; /* NULL: "little"; "proving": it can also tell what an alert proves */
	int64_t takes_ms; /* 0: the next turn of the loop */
	bool hangs;       /* never done */
	bool refuses;     /* cannot be asked */
	/* What it foresees; the name and the hop are its own. */
	struct {
		const char *what; /* NULL: no more */
		bool resolving;
		int64_t least_ms, most_ms;
	} delays[4];
	enum hop_worry worry;
	const char *worry_text; /* NULL: none */
	const char *labels;     /* it tells those behind it; NULL: none */
	char knew_labels[64];   /* it was told by those before it; "-": none */
	int asked, explained, in_flight;
	int proved; /* ... was asked what an alert proves, and had an observation of the peak */
	int64_t asked_ms[8]; /* clock_ms() of the first ones */
	/* What explain was given at last. */
	bool given[HOP_TIME_COUNT], given_json[HOP_TIME_COUNT];
	struct hop_want want; /* its needles are gone by now */
	/* With the type "little-am": what becomes of alerts that are sent there. */
	struct {
		struct little_world *world; /* NULL: they are lost */
		const char *text;           /* of the message in #ops, before their id */
		int64_t after_ms;
		bool drops_id;       /* the message lacks it */
		const char *refusal; /* NULL: they are taken */
		bool hangs;          /* sending is never answered */
		const char *harm;    /* why none may be sent; NULL: it may */
		const char *labels;  /* of the lost one; NULL: not seen */
		int64_t held_ms;
		int sent, ended;
		int64_t ends_after_ms; /* of the last one that was sent */
		char given[64];        /* its labels */
		char id[32], summary[160];
	} alert;
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
