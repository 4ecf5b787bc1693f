/* The inside of the daemon: shared by its files only.  daemon.c is the flow; daemon_drills.c what the
 * plan and the drills say; daemon_reload.c one configuration after another; daemon_door.c, _told.c and
 * _web.c those who come in, who are told, and who look. */
#ifndef PROGRAM_DAEMON_PARTS_H
#define PROGRAM_DAEMON_PARTS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "scenarios/load.h"
#include "src/engine/planner.h"
#include "src/engine/record.h"
#include "src/program/app.h"
#include "src/program/serve/generation.h"
#include "src/program/serve/log.h"

#define DAEMON_SIGNALS 3

struct chronicle;
struct digest_clock;
struct door;
struct door_wish;
struct event;
struct history;
struct locks;
struct meter;
struct pages;
struct planned;
struct service;
struct shift_hears;
struct web;

struct daemon {
	const struct options *options; /* borrowed */
	struct log *log;               /* owned */
	struct locks *alone;           /* owned; its one lock says that there is no other daemon */
	/* The one that works, and behind it those that end; and one that does not work yet. */
	struct generation *now, *coming; /* owned */
	/* A configuration that is being read, and what is wrong with it. */
	struct generation_loader *loader; /* owned; NULL: none */
	struct mistakes mistakes;         /* owned */
	struct event *read_on;            /* owned; the next piece of it */
	/* Those that have ended, piece by piece on their way out; linked by `older`. */
	struct generation *gone;             /* owned */
	struct event *free_on;               /* owned; the next piece */
	struct chronicle *chronicle;         /* owned */
	struct history *history;             /* borrowed from the chronicle; NULL: none */
	struct planned *planned;             /* owned */
	struct planner *planner;             /* owned */
	struct service *service;             /* owned */
	struct door *door;                   /* owned */
	struct web *web;                     /* owned */
	struct pages *pages;                 /* owned */
	struct meter *meter;                 /* owned */
	const struct drill_record **running; /* owned list; borrowed until they are finished */
	size_t running_count;
	struct digest_clock *digest; /* owned */
	struct event *look;          /* owned; whether something can be ended, or written now */
	struct event *signals[DAEMON_SIGNALS]; /* owned */
	sigset_t mask;                         /* as it was */
	int stop_count;                        /* signals that want it to end */
	bool halted;
	char *lost; /* owned; why the ledger cannot be read; NULL: it can */
	bool reload_failed, reload_again;
	bool unwritten_told; /* the history cannot be written, and that was said */
	bool unheard_told;   /* the same of the heartbeat */
	bool stopping, over;
	int64_t give_up_ms; /* clock_ms() after which nobody is told any more */
	enum exit_code exit_code;
};

/* daemon.c */
void daemon_stop(struct daemon *daemon, const char *why);
void daemon_look_soon(struct daemon *daemon);

/* daemon_drills.c */
struct planner_hears daemon_planner_hears(struct daemon *daemon);
struct shift_hears daemon_shift_hears(struct generation *generation);

/* daemon_repeats.c */
/* Once, when the first plan is there: what an earlier life had to repeat, and did not. */
void daemon_repeat_lost(struct daemon *daemon);

/* daemon_reload.c */
/* Its life is begun; it takes over when that has a guardian. False with an error: it is freed. */
bool daemon_try(struct daemon *daemon, struct generation *generation, struct error *error);
/* Reads everything anew, in small pieces; what is wrong is logged. While one is read or comes, the next
 * one begins after it. */
void daemon_reload(struct daemon *daemon);
void daemon_drop_reload(struct daemon *daemon); /* what is being read; none is fine */
/* One that was asked for when another one was under way, which has come to nothing. */
void daemon_reload_again(struct daemon *daemon);
void daemon_say_status(struct daemon *daemon); /* to the service manager */
void daemon_take_over(struct generation *generation);
/* The life of the one that comes never began. */
void daemon_not_come(struct generation *generation);
void daemon_free_ended(struct daemon *daemon);

/* daemon_door.c */
bool daemon_open_door(struct daemon *daemon, struct error *error);

/* daemon_told.c: of a generation of its own. */
bool daemon_begin_telling(struct generation *generation, struct error *error);
void daemon_plan_digest(struct daemon *daemon);

/* daemon_web.c */
bool daemon_open_web(struct daemon *daemon, struct error *error);
void daemon_web_reloaded(struct daemon *daemon);
void daemon_web_remember(struct daemon *daemon); /* what the history knows; none is fine */

#endif
