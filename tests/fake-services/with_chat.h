/* A fake chat for each test, and short ways to ask it. */
#ifndef TESTS_FAKE_SERVICES_WITH_CHAT_H
#define TESTS_FAKE_SERVICES_WITH_CHAT_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "fake-services/chat.h"
#include "tests/fake-services/ask.h"

#define CHAT_TOKEN "xoxb-test"

struct with_chat {
	struct event_base *base; /* owned */
	struct fake_chat *chat;  /* owned; channel "ops" with the bot in it */
	const char *ops;         /* borrowed; its id */
	const char *hook;        /* borrowed; a webhook into it */
	struct answer *answer;   /* owned; the last one */
};

int with_chat_setup(void **state);
int with_chat_teardown(void **state);

/* A call with form arguments, as a bot; the answer's JSON, borrowed until the next call. */
cJSON *chat_call(struct with_chat *with, const char *method, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
cJSON *chat_call_as(struct with_chat *with, const char *token, const char *method,
		    const char *form);
cJSON *chat_call_json(struct with_chat *with, const char *method, const char *json);
struct answer *chat_ask(struct with_chat *with, const char *verb, const char *path,
			const char *type, const char *token, const char *body);
/* A webhook post; the status, or the text in with->answer->body. */
int chat_hook(struct with_chat *with, const char *body);

/* "" when it is not there or no text. Dots lead into objects and arrays: "messages.0.ts". */
const char *json_text(const cJSON *json, const char *path);
const cJSON *json_at(const cJSON *json, const char *path);
/* The texts of the messages, each with a comma after it: "c,b,a,". Borrowed until the next call. */
char *json_texts(const cJSON *json); /* owned by the caller */

#endif
