/* The fixture of all HTTP tests. */
#include "tests/probes/asking.h"

#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "tests/support/loop.h"
#include "tests/support/nobody.h"

#define PATIENCE_MS 45000 /* where a test says nothing of time */

/* What the surroundings of the test may have set, and would be taken into account. */
static const char *const variables[] = {"http_proxy", "https_proxy",  "HTTPS_PROXY",
					"all_proxy",  "ALL_PROXY",    "no_proxy",
					"NO_PROXY",   "SSL_CERT_FILE"};

int asking_setup(void **state)
{
	struct asking *asking = mem_zalloc(sizeof *asking);

	(void)signal(SIGPIPE, SIG_IGN); /* as the program does: others may close while we write */
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		(void)unsetenv(variables[i]);
	asking->base = event_base_new();
	assert_non_null(asking->base);
	asking->http = http_new(asking->base);
	asking->server = hostile_new(asking->base);
	asking->nobody = -1;
	*state = asking;
	return 0;
}

int asking_teardown(void **state)
{
	struct asking *asking = *state;

	http_free(asking->http);
	hostile_free(asking->server);
	if (asking->nobody >= 0)
		(void)close(asking->nobody);
	event_base_free(asking->base);
	free(asking);
	return 0;
}

void answer_keep(void *arg, const struct http_reply *reply)
{
	struct answer *answer = arg;

	answer->done = true;
	answer->times++;
	answer->result = reply->result;
	answer->status = reply->status;
	answer->body_len = reply->body_len;
	answer->retry_after_ms = reply->retry_after_ms;
	answer->date_ms = reply->date_ms;
	answer->started_ms = reply->started_ms;
	(void)snprintf(answer->error, sizeof answer->error, "%s",
		       reply->error != NULL ? reply->error : "");
	(void)snprintf(answer->body, sizeof answer->body, "%s", reply->body);
	(void)snprintf(answer->content_type, sizeof answer->content_type, "%s",
		       reply->content_type);
}

struct answer asking_get(struct asking *asking, struct http_ask ask)
{
	struct answer answer = {0};

	if (ask.url == NULL)
		ask.url = asking->server->url;
	if (ask.timeout_ms == 0)
		ask.timeout_ms = PATIENCE_MS;
	(void)http_start(asking->http, &ask, answer_keep, &answer);
	assert_false(answer.done); /* never from inside start */
	loop_until(asking->base, &answer.done);
	assert_int_equal(answer.times, 1);
	assert_int_equal(answer.error[0] == '\0', answer.result == HTTP_ANSWERED);
	return answer;
}

void asking_nobody(struct asking *asking, char *ret_url, size_t size)
{
	assert_int_equal(asking->nobody, -1);
	asking->nobody = nobody_at(ret_url, size);
}

void asking_sentinel(struct asking *asking)
{
	struct hostile *good = hostile_new(asking->base);
	struct http_ask ask = {.url = good->url};

	assert_int_equal(asking_get(asking, ask).status, 200);
	hostile_free(good);
}
