/* What people are told of the drills of a daemon: aloud of a gap that is new and confirmed, quietly of
 * everything else; of a gap that goes on by changing its one message; of its end; and a digest.  By the
 * report channel, else the channel where the alert was expected; by the second path when that fails, or
 * when it is itself where the alert was lost. */
#ifndef PROGRAM_NOTICES_H
#define PROGRAM_NOTICES_H

#include <stdbool.h>

#include "src/engine/record.h"
#include "src/program/app.h"

struct digest_due;
struct history;
struct notices;

struct notices_hears {
	/* A message went by "chat" or "second", or did not; error NULL: it arrived. */
	void (*told)(void *arg, const char *path, const char *error);
	/* It went, but not by every way, or not to all: in words. NULL: nobody wants to know. */
	void (*partly)(void *arg, const char *path, const char *why);
	void *arg;
};

/* The app is open. All borrowed; hears is copied. history NULL: gaps are remembered as long as this
 * lives. */
struct notices *notices_new(struct app *app, struct history *history,
			    const struct notices_hears *hears);
void notices_free(struct notices *notices); /* NULL is fine */
/* One that could not be opened before. The gaps that it knows are open, too; those that are known by now
 * are written into it. */
void notices_set_history(struct notices *notices, struct history *history);

/* Another configuration takes over: the gaps that the older one knows, what is on its way of them, and
 * the chats in trouble. What ends from now on is told to the newer one, whichever began it. */
void notices_take_over(struct notices *notices, struct notices *older);
/* Is anything on its way by a chat of that app, which must outlive it? */
bool notices_uses(const struct notices *notices, const struct app *app);

/* A drill is over. One that is going to be repeated (record->repeatable, and a gap) says nothing yet. */
void notices_drill(struct notices *notices, const struct drill_record *record);
/* Where people were told of the gap that is open there: a link or words, for drill_options.open_gap.
 * Owned by the caller; NULL: none is open. */
char *notices_open_gap(const struct notices *notices, const char *scenario,
		       const char *environment);
/* The digest, now. */
void notices_digest(struct notices *notices, const struct digest_due *due);
bool notices_is_idle(const struct notices *notices); /* nothing is on its way */
/* What could not be told by any path, in words; NULL: nothing. Borrowed. */
const char *notices_trouble(const struct notices *notices);

#endif
