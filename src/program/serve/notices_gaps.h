/* The gaps that are open, one for a scenario in an environment, each with its one message: in memory,
 * and in the history, so that the next life goes on with the same message.  Used by notices*.c only. */
#ifndef PROGRAM_NOTICES_GAPS_H
#define PROGRAM_NOTICES_GAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/program/serve/notices_post.h"

struct history;
struct notices;
struct notices_gaps;

/* All texts are owned, and none is NULL unless it says so. */
struct notices_gap {
	char *scenario, *environment;
	char *first_drill, *last_drill;
	int64_t first_wall_ms, last_wall_ms;
	int64_t drills;
	char *finding, *text;
	char *chat, *channel, *channel_id, *ts; /* of its message */
	char *link;                             /* to its message; NULL: not known */
	bool second;                            /* people were told by the second path, too */
	bool over;                              /* recovered: it goes as soon as that is told ... */
	bool ended;                             /* ... and the history has forgotten it */
	bool unwritten;                         /* the history does not know it as it is */
	struct notices *notices;                /* borrowed; for callbacks */
	struct notices_post *post;              /* owned while in flight */
	struct notices_words told;              /* what is in flight, for the second path */
	struct notices_words next, reply;       /* what is to be said after it */
	struct notices_gap *following;          /* owned */
};

/* history is borrowed; NULL: in memory only. Whatever is open there is read at once; ret_error: what
 * could not be read. notices: for the gaps' callbacks. */
struct notices_gaps *notices_gaps_new(struct history *history, struct notices *notices,
				      struct error *error);
/* One that could be opened only now; none is set so far. What is open there is read, unless a newer one of
 * the same names is known; what is known is written. */
void notices_gaps_set_history(struct notices_gaps *gaps, struct history *history);
void notices_gaps_free(struct notices_gaps *gaps); /* writes what is left; NULL is fine */

/* The open one; NULL: there is none. */
struct notices_gap *notices_gaps_find(struct notices_gaps *gaps, const char *scenario,
				      const char *environment);
/* A new one, of the same names: all else is empty. */
struct notices_gap *notices_gaps_add(struct notices_gaps *gaps, const char *scenario,
				     const char *environment);
/* A repeat has confirmed what that drill saw ("": none): the gap is as old as that, and it counts. What the
 * history does not tell is not guessed. */
void notices_gaps_date(const struct notices_gaps *gaps, struct notices_gap *gap, const char *drill);
void notices_gaps_changed(struct notices_gaps *gaps, struct notices_gap *gap);
/* It is over, and gone. */
void notices_gaps_drop(struct notices_gaps *gaps, struct notices_gap *gap);
/* All of the older ones, with what is on its way, are these from now on; none is left there. */
void notices_gaps_take_over(struct notices_gaps *gaps, struct notices_gaps *older);
/* Is a message on its way by a chat of that app? */
bool notices_gaps_use(const struct notices_gaps *gaps, const struct app *app);
bool notices_gaps_are_quiet(const struct notices_gaps *gaps); /* no message is on its way */
/* Replaces an owned text; NULL becomes "". */
void notices_gap_set(char **text, const char *value);

#endif
