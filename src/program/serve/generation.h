/* One configuration of the daemon at work: what was loaded, when it runs, the life that runs it, and who
 * is told.  A reload makes a new one; the old one goes when its drills are over and told. */
#ifndef PROGRAM_GENERATION_H
#define PROGRAM_GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/load.h"
#include "src/engine/planner.h"
#include "src/program/app.h"

struct calendar;
struct heartbeat;
struct history;
struct notices;
struct schedule;
struct shift;

struct generation {
	void *daemon;              /* borrowed; whose it is */
	struct app *app;           /* owned */
	struct calendar *calendar; /* owned */
	/* One for each placement with a schedule: texts are the configuration's. */
	struct planner_item *items; /* owned, as are their schedules */
	size_t item_count;
	struct schedule *digest;     /* owned; NULL: none is posted */
	struct shift *shift;         /* owned; NULL: not begun */
	struct notices *notices;     /* owned; NULL: not begun */
	struct heartbeat *heartbeat; /* owned; NULL: none */
	int64_t loaded_wall_ms;
	bool over;                /* its shift */
	struct generation *older; /* owned; those that end before it */
};

/* Reads everything; NULL with every mistake added to the list. */
struct generation *generation_load(const struct options *options, struct mistakes *mistakes);

/* The same in small steps, each of at most one file, for a loop that must not stand still. */
struct generation_loader;

/* Both are borrowed until the end. */
struct generation_loader *generation_loader_new(const struct options *options,
						struct mistakes *mistakes);
bool generation_loader_step(struct generation_loader *loader); /* false: all was read */
/* Frees the loader. False: there are mistakes, or not all was read; what was is only to be freed. */
bool generation_loader_end(struct generation_loader *loader, struct generation **ret_generation);
/* What was loaded is asked for by nobody any more. Not those that are older. NULL is fine. */
void generation_free(struct generation *generation);
/* The same in small steps. False: the rest is for generation_free. */
bool generation_free_step(struct generation *generation);

/* The whole plan of it; history NULL: nothing is remembered. */
void generation_plan(const struct generation *generation, struct planner *planner,
		     struct history *history);
/* Its drills are over, and all was told. */
bool generation_is_done(const struct generation *generation);

#endif
