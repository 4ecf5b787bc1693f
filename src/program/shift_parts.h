/* The inside of a shift: shared by its flow (shift.c) and what drills and their life call
 * (shift_calls.c) only. */
#ifndef PROGRAM_SHIFT_PARTS_H
#define PROGRAM_SHIFT_PARTS_H

#include <stdbool.h>

#include "probes/chats/webhook.h"
#include "probes/conditions/condition.h"
#include "probes/hops/hop.h"
#include "src/base/buf.h"
#include "src/engine/life.h"
#include "src/program/shift.h"

struct alarm;
struct drill_log;
struct event;
struct guardian;
struct hops;
struct message_writer;
struct teller;

struct shift {
	struct app *app;             /* borrowed */
	struct chronicle *chronicle; /* borrowed */
	struct shift_hears hears;
	struct condition_context conditions;
	struct webhook_context webhooks;
	struct hop_context stations;
	struct drill_world drills;
	struct life_world world;
	struct hops *hops;             /* owned */
	struct life *life;             /* owned */
	struct guardian *guardian;     /* owned; NULL: not started */
	struct teller *teller;         /* owned */
	struct alarm *alarm;           /* owned */
	struct message_writer *writer; /* owned */
	struct drill_log *log;         /* owned */
	struct event *look;            /* owned; for drills of others that died */
	struct event *end;             /* owned; an end without a life comes from the loop, too */
	bool stays;                    /* and so goes on trying what is stuck itself */
	bool started;                  /* the life */
	bool lost;                     /* the ledger */
	bool over;
	enum exit_code exit_code;
	char *trouble; /* owned; why it did not begin; NULL: it did, or has not tried yet */
};

/* A line for people; empties the text. */
void shift_note(struct shift *shift, struct buf *text);
/* Writes down drills that nobody finished, now and later as long as there are any. */
void shift_look_for_unfinished(struct shift *shift);
void shift_on_look(int fd, short what, void *shift);
/* The life is over, or never began. */
void shift_end(struct shift *shift, enum exit_code exit_code);

/* Fills in what is called of the two: everything but what they work with. */
void shift_hear_drills(struct shift *shift, struct drill_world *drills);
void shift_hear_life(struct shift *shift, struct life_world *life);

#endif
