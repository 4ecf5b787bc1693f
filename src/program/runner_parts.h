/* The inside of running drills: shared by the flow (runner.c) and what drills and their life call
 * (runner_calls.c) only. */
#ifndef PROGRAM_RUNNER_PARTS_H
#define PROGRAM_RUNNER_PARTS_H

#include <signal.h>
#include <stdbool.h>

#include "src/base/buf.h"
#include "src/base/words.h"
#include "src/engine/life.h"
#include "src/program/runner.h"

#define RUNNER_SETTLED_BY "the next run" /* who puts right what earlier lives left */
#define RUNNER_SIGNALS    3

struct alarm;
struct chronicle;
struct event;
struct guardian;
struct hops;
struct message_writer;
struct outlet;
struct teller;
struct terminal;

struct runner {
	const struct runner_ask *ask;          /* borrowed */
	struct app *app;                       /* borrowed */
	struct hops *hops;                     /* owned */
	struct life *life;                     /* owned */
	struct guardian *guardian;             /* owned */
	struct teller *teller;                 /* owned */
	struct alarm *alarm;                   /* owned */
	struct terminal *terminal;             /* owned */
	bool ascii;                            /* ... has no UTF-8 */
	struct outlet *json;                   /* owned; NULL: not asked for */
	struct chronicle *chronicle;           /* owned */
	struct message_writer *writer;         /* owned */
	struct event *signals[RUNNER_SIGNALS]; /* owned */
	int signal_count;                      /* that came */
	sigset_t mask;          /* as it was: who has something to clean up blocks signals */
	struct event *patience; /* owned; so long nothing was seen to happen */
	bool started;           /* the life */
	bool seen;              /* ... and something of it was shown */
	bool over;
	enum exit_code exit_code;
};

/* A line above the running drills; empties the text. */
void runner_note(struct runner *runner, struct buf *text);

/* Fills in what is called of the two: everything but what they work with. */
void runner_hear_drills(struct runner *runner, struct drill_world *drills);
void runner_hear_life(struct runner *runner, struct life_world *life);

#endif
