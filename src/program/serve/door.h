/* The door of a running daemon: a Unix socket beside the state file, at which `firedrill run` hands in
 * its drills.  Who may come in: the daemon's own user, root, and nobody else; the socket's mode is 0600,
 * and the other end's credentials are asked for (SO_PEERCRED, unix(7)).  The daemon draws the live view
 * and hands a pipe of its own out to read it from (SCM_RIGHTS): what a guest's stdout really is, a
 * terminal that is stopped or a file on a dead server, is the guest's to wait for, never the daemon's. */
#ifndef PROGRAM_DOOR_H
#define PROGRAM_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/error.h"
#include "src/engine/record.h"
#include "src/program/app.h"
#include "src/program/options.h"

struct door;
struct event_base;
struct wanted;

/* What a guest wants; names only, as typed. Borrowed, valid inside the callback only. */
struct door_wish {
	uint64_t guest; /* never 0, never the same again */
	const char *const *scenarios;
	size_t scenario_count;
	const char *const *environments;
	size_t environment_count;
	bool all, allow_protected;
};

struct door_hears {
	/* False with an error, which the guest prints before it exits with *ret_code (EXIT_USAGE unless
	 * set). True: how many drills it gets; each comes to door_finish, or to door_drop, possibly from
	 * inside. After a stop, those that have not been shown count as dropped. */
	bool (*wish)(void *arg, const struct door_wish *wish, size_t *ret_drills,
		     enum exit_code *ret_code, struct error *error);
	/* The guest is gone, or wants to stop (Ctrl-C): its drills are to be put right. why is static. */
	void (*stop)(void *arg, uint64_t guest, const char *why);
	/* Why no ledger is at hand, for whoever comes in; NULL: it is. Borrowed. May be NULL. */
	const char *(*lost)(void *arg);
	/* A line for the log: somebody was turned away, and why. May be NULL. */
	void (*note)(void *arg, const char *text);
	void *arg;
};

#define DOOR_GUESTS_MAX 64 /* at once; one more is told to come later */

/* The path of the socket of a state file; "STATE.sock". Owned by the caller. */
char *door_path(const char *state);

/* A socket that a dead daemon left is replaced: the caller holds the lock of the state file's daemon.
 * base is borrowed, hears is copied. NULL with an error. */
struct door *door_new(struct event_base *base, const char *state, const struct door_hears *hears,
		      struct error *error);
void door_free(struct door *door); /* its guests are told that the daemon ends; NULL is fine */

/* When wishes can be granted, and again after each reload: until the first, guests wait outside. Those with
 * another configuration are told, and those whose files were changed since. wall_ms: clock_wall_ms()
 * before it was read. */
void door_loaded(struct door *door, const char *config, int64_t wall_ms);

/* For the drill's guest (record->ask); without one they do nothing. A guest that does not read, or whose
 * terminal is stopped, never holds up the loop. */
void door_show(struct door *door, const struct drill_record *record);
void door_finish(struct door *door, const struct drill_record *record);
void door_drop(struct door *door, uint64_t guest, const char *why);  /* a drill that never began */
void door_note(struct door *door, uint64_t guest, const char *text); /* a line; 0: to all guests */

/* The other side: hands the drills over to the daemon of the app's state file, shows what it shows,
 * passes Ctrl-C on. The app is loaded and not open; wanted: what was found in our own files. False:
 * there is no daemon, nothing was done. True: ret_code is the exit code. */
MUST_CHECK bool door_visit(struct app *app, const struct options *options,
			   const struct wanted *wanted, int *ret_code);

/* Who is behind the door, for those who only look. */
struct door_look {
	int pid;
	int64_t since_wall_ms; /* its start */
	size_t guests;
	char *lost; /* owned; why it has lost its ledger; NULL: it has it */
};
/* False: no daemon, or none that answers within two seconds; there is nothing to free then. */
MUST_CHECK bool door_look(const char *state, struct door_look *ret_look);
void door_look_done(struct door_look *look);

#endif
