/* A Slack that says what a test tells it to, and remembers what it was asked. */
#ifndef TESTS_CHATS_SLACK_SERVER_H
#define TESTS_CHATS_SLACK_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct evhttp;

#define SERVER_SCRIPT 64

struct slack_script {
	int status;
	const char *retry_after; /* NULL: no such header */
	char *body;              /* owned */
	bool hang;               /* no answer ever */
};

struct slack_ask {
	char *path, *body, *type, *authorization; /* owned */
};

struct slack_server {
	struct event_base *base;                   /* borrowed */
	struct evhttp *http;                       /* owned */
	char url[64];                              /* of the API */
	struct slack_script script[SERVER_SCRIPT]; /* answers in their order */
	size_t scripted, told;
	struct slack_ask *asks; /* owned array */
	size_t ask_count;
	/* Behind the script: a channel with messages 1 ... history, each with its number and a nonce
	 * as its text. */
	int history;
	int page_size;  /* messages of a page, whatever was asked for */
	bool forward;   /* pages begin at the oldest when only `oldest` is given */
	bool no_cursor; /* has_more without a cursor */
	const char *nonce;
};

void slack_server_open(struct slack_server *server, struct event_base *base);
void slack_server_close(struct slack_server *server);

void slack_server_say(struct slack_server *server, const char *body); /* with status 200 */
void slack_server_answer(struct slack_server *server, int status, const char *retry_after,
			 const char *body);
void slack_server_hang(struct slack_server *server);

/* True when the index-th ask went to that method and its body has the text. */
bool slack_server_asked(const struct slack_server *server, size_t index, const char *method,
			const char *text);

/* The ts of the numbered message of the history. */
void slack_server_ts(int number, char ret_ts[32]);

#endif
