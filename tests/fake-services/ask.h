/* One HTTP question in a test: sends it and runs the loop until it is answered. */
#ifndef TESTS_FAKE_SERVICES_ASK_H
#define TESTS_FAKE_SERVICES_ASK_H

#include <cjson/cJSON.h>
#include <stdbool.h>

struct event_base;
struct ask;

struct answer {
	bool done;
	int status;        /* 0: no answer */
	char *body;        /* owned */
	char *type;        /* owned; Content-Type, "" when absent */
	char *retry_after; /* owned; "" when absent */
	char *policy;      /* owned; Content-Security-Policy, "" when absent */
	cJSON *json;       /* owned; NULL: it is not JSON */
	struct ask *ask;   /* owned; the connection */
};

/* type and token may be NULL. verb: GET, POST, PUT, DELETE. */
struct answer *ask_start(struct event_base *base, const char *verb, const char *url,
			 const char *type, const char *token, const char *body);
struct answer *ask(struct event_base *base, const char *verb, const char *url, const char *type,
		   const char *token, const char *body);
void answer_free(struct answer *answer); /* NULL is fine */

#endif
