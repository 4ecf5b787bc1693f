/* A world for telling people, in virtual time: a chat whose messages can be looked at, a second path
 * that keeps its letters, and the open gaps of a history. */
#ifndef TESTS_PROGRAM_TOLD_WORLD_H
#define TESTS_PROGRAM_TOLD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"
#include "scenarios/config.h"

struct event_base;
struct app;

/* A message in the chat, as it is now. */
struct told_message {
	char channel[16], ts[CHAT_TS_SIZE], thread[CHAT_TS_SIZE]; /* thread "": in the channel */
	char mark[64];
	char headline[512], body[3000], mention[32];
	bool loud, broadcast;
	size_t edits;
	bool deleted;
};

struct told_world {
	struct app *app;
	struct event_base *base;
	struct config *config; /* its report.channel is "#drills" */
	struct told_message messages[64];
	size_t message_count;
	size_t reads, in_flight;

	/* Misbehaviour of the chat. */
	enum chat_result result; /* of every call */
	bool lose_answer;        /* the next post is made, but its answer is lost */
	bool lose_post;          /* ... is not made, and nobody knows */

	/* The second path. */
	bool has_second, second_fails;
	struct told_letter {
		char subject[512], text[4000];
	} letters[32];
	size_t letter_count;

	/* The history. */
	bool history_busy; /* nothing can be written */
	size_t gap_rows;
	char row[256]; /* "SCENARIO ENVIRONMENT DRILLS CHANNEL_ID TS" of the only one */
};

extern struct told_world told_world;

void told_world_begin(void);
void told_world_end(void);
/* The only row of the history, as a daemon of another life finds it. */
void told_world_put_gap(const char *scenario, const char *environment, int64_t drills,
			const char *channel_id, const char *ts);
struct history *told_world_history(void);
/* Runs the loop for so long. */
void told_world_pass(int64_t ms);

#endif
