/* The inside of an announcer: shared by the announcer (announcer.c) and the message in one channel
 * (announcer_target.c) only. */
#ifndef ENGINE_ANNOUNCER_PARTS_H
#define ENGINE_ANNOUNCER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/chats/channel.h"
#include "src/engine/announcer.h"

struct event;

enum target_state {
	TARGET_POSTING, /* the message is not up yet */
	TARGET_UP,
	TARGET_DETAILS, /* the last edit is made; the details are on their way */
	TARGET_FINISHED,
	TARGET_FAILED
};

/* One channel that carries the drill's message. */
struct target {
	struct announcer *announcer; /* borrowed */
	struct target *next;         /* owned */
	const char *chat;            /* borrowed; its name in the configuration */
	struct channel *channel;     /* borrowed */
	bool watched;
	enum target_state state;
	char *channel_id; /* owned; as the chat answered */
	char ts[CHAT_TS_SIZE];
	struct chat_op *op;  /* owned; in flight */
	struct watch *watch; /* owned; until the post was read back */
	struct event *timer; /* owned; the next try or edit */
	bool seen;           /* the control: read back in the channel */
	bool dirty;          /* the record changed since the last edit began */
	bool doubtful;       /* of a try to post it nobody knows whether it did */
	bool is_double;      /* the same message, posted twice by such a try */
	struct event *noted; /* owned; the next try to have a ledger that was busy forget it */
	int forgets;         /* tries that failed so */
	int failures;        /* in a row */
	int64_t slow_ms;     /* nothing is sent before: the chat asked for it */
	int64_t posted_ms;   /* the first try to post it; 0: none yet */
	int64_t edited_ms;
	char *trouble; /* owned; what the last try ran into; NULL: nothing */
};

struct announcer {
	const struct drill_world *world; /* borrowed */
	struct drill_record *record;     /* borrowed */
	announcer_changed_fn *changed;
	void *arg;            /* borrowed, for changed */
	struct target *first; /* owned */
	bool finishing;
	bool has_skew;
	int64_t skew_ms;
	char *failure; /* owned */
};

/* Borrows all but the target. */
struct target *announcer_target_new(struct announcer *announcer, const char *chat,
				    struct channel *channel);
void announcer_target_free(struct target *target); /* cancels; the one alone */

/* Does what is next, unless something is in flight. */
void announcer_target_act(struct target *target);
void announcer_target_fail(struct target *target, const char *error);
/* Reads it back, or finds out whether it was posted at all. */
void announcer_target_look_for(struct target *target, int64_t posted_ms);

/* The ledger: about to be posted; no correction of it is needed any more. */
bool announcer_target_note(const struct target *target, struct error *error);
void announcer_target_forget(struct target *target);

#endif
