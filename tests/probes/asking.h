/* The fixture of all HTTP tests: a loop, the client, a server, and what came back. */
#ifndef TESTS_PROBES_ASKING_H
#define TESTS_PROBES_ASKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/http.h"
#include "tests/probes/hostile.h"

/* What a reply said, copied. */
struct answer {
	bool done;
	size_t times; /* `done` was called */
	enum http_result result;
	int status;
	char error[512]; /* "" when there was none */
	char body[256];  /* its start */
	size_t body_len; /* of all of it */
	char content_type[64];
	int64_t retry_after_ms, date_ms, started_ms;
};

struct asking {
	struct event_base *base; /* owned */
	struct http *http;       /* owned */
	struct hostile *server;  /* owned */
	int nobody;              /* owned; -1: asking_nobody was not called */
};

int asking_setup(void **state); /* *state becomes a struct asking; a base for every test */
int asking_teardown(void **state);
#define asking_test(f) cmocka_unit_test_setup_teardown(f, asking_setup, asking_teardown)

void answer_keep(void *arg,
		 const struct http_reply *reply); /* a http_done_fn; arg: struct answer */

/* Asks and runs the loop until the answer is there. ask->url NULL: the server's. */
struct answer asking_get(struct asking *asking, struct http_ask ask);

/* An address where nobody listens until the test is over; once in a test; size >= 64 bytes. */
void asking_nobody(struct asking *asking, char *ret_url, size_t size);

/* One more request that must come back well: whatever was to happen before it, has happened. */
void asking_sentinel(struct asking *asking);

#endif
