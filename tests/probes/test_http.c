/* HTTP against a server that answers well: what goes out, what comes back, how it is cancelled. */
#include "probes/http.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "tests/probes/asking.h"
#include "tests/support/loop.h"

/* What goes out. */

static void a_request_without_a_body_is_a_get(void **state)
{
	struct asking *asking = *state;
	int64_t before = clock_ms();
	struct answer answer = asking_get(asking, (struct http_ask){0});

	assert_int_equal(answer.result, HTTP_ANSWERED);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "hello");
	assert_int_equal(answer.body_len, 5);
	assert_string_equal(answer.content_type, "text/plain");
	assert_int_equal(answer.retry_after_ms, -1);
	assert_int_equal(answer.date_ms, -1);
	assert_in_range(answer.started_ms, before, clock_ms());
	assert_memory_equal(asking->server->request, "GET / HTTP/1.1\r\n", 16);
	assert_null(strstr(asking->server->request, "Accept-Encoding"));
	assert_null(strstr(asking->server->request, "Content-Type"));
	assert_non_null(strstr(asking->server->request, "\r\nUser-Agent: firedrill/"));
}

static void a_request_with_a_body_is_a_post_and_waits_for_no_permission(void **state)
{
	struct asking *asking = *state;
	const struct http_header headers[] = {
	    {"Content-Type", "application/json"}, {"X-Empty", ""}, {"X-Drill", "fd-k3q9x2m7"}};
	struct http_ask ask = {
	    .body = "{\"a\":1}", .body_len = 7, .headers = headers, .header_count = 3};

	assert_int_equal(asking_get(asking, ask).status, 200);
	assert_memory_equal(asking->server->request, "POST / HTTP/1.1\r\n", 17);
	assert_non_null(strstr(asking->server->request, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(asking->server->request, "\r\nX-Empty:"));
	assert_non_null(strstr(asking->server->request, "\r\nX-Drill: fd-k3q9x2m7\r\n"));
	assert_non_null(strstr(asking->server->request, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(asking->server->request, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(asking->server->request, "Expect"));
}

static void a_post_of_no_bytes_says_so(void **state)
{
	struct asking *asking = *state;
	struct http_ask ask = {.method = "POST"};

	assert_int_equal(asking_get(asking, ask).status, 200);
	assert_non_null(strstr(asking->server->request, "\r\nContent-Length: 0\r\n"));
	ask = (struct http_ask){.body = "", .body_len = 0};
	assert_int_equal(asking_get(asking, ask).status, 200);
	assert_memory_equal(asking->server->request, "POST / HTTP/1.1\r\n", 17);
	assert_non_null(strstr(asking->server->request, "\r\nContent-Length: 0\r\n"));
}

static void any_method_goes_out_as_it_is_written(void **state)
{
	struct asking *asking = *state;
	struct http_ask put = {.method = "PUT", .body = "orders", .body_len = 6};

	assert_int_equal(asking_get(asking, put).status, 200);
	assert_memory_equal(asking->server->request, "PUT / HTTP/1.1\r\n", 16);
	assert_non_null(strstr(asking->server->request, "\r\n\r\norders"));
	assert_int_equal(asking_get(asking, (struct http_ask){.method = "DELETE"}).status, 200);
	assert_memory_equal(asking->server->request, "DELETE / HTTP/1.1\r\n", 19);
	assert_null(strstr(asking->server->request, "Content-Length"));
}

static void a_head_request_waits_for_no_body(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){.method = "HEAD"}).status, 200);
	assert_memory_equal(asking->server->request, "HEAD / HTTP/1.1\r\n", 17);
}

static void a_large_body_arrives_whole(void **state)
{
	struct asking *asking = *state;
	static char body[300000];
	struct http_ask ask = {.method = "PUT", .body = body, .body_len = sizeof body};

	memset(body, 'x', sizeof body);
	assert_int_equal(asking_get(asking, ask).status, 200);
	assert_non_null(strstr(asking->server->request, "\r\nContent-Length: 300000\r\n"));
}

static void a_token_travels_as_bearer_and_a_user_as_basic(void **state)
{
	struct asking *asking = *state;
	struct http_ask ask = {.user = "guest", .password = "se:cret"};

	assert_int_equal(asking_get(asking, (struct http_ask){.bearer = "xoxb-1"}).status, 200);
	assert_non_null(strstr(asking->server->request, "\r\nAuthorization: Bearer xoxb-1\r\n"));
	assert_int_equal(asking_get(asking, ask).status, 200);
	assert_non_null(
	    strstr(asking->server->request, "\r\nAuthorization: Basic Z3Vlc3Q6c2U6Y3JldA==\r\n"));
}

static void a_proxy_is_asked_but_never_for_this_machine(void **state)
{
	struct asking *asking = *state;
	char nobody[64];

	assert_int_equal(setenv("http_proxy", asking->server->url, 1), 0);
	assert_int_equal(
	    asking_get(asking, (struct http_ask){.url = "http://host.invalid/a"}).status, 200);
	assert_memory_equal(asking->server->request, "GET http://host.invalid/a HTTP/1.1\r\n", 36);
	asking_nobody(asking, nobody, sizeof nobody);
	assert_int_equal(setenv("http_proxy", nobody, 1), 0);
	assert_int_equal(asking_get(asking, (struct http_ask){0}).status, 200);
	assert_memory_equal(asking->server->request, "GET / HTTP/1.1\r\n", 16);
	assert_int_equal(asking_get(asking, (struct http_ask){.url = "http://127.invalid/"}).result,
			 HTTP_UNREACHABLE);
}

/* What comes back. */

static void every_status_is_an_answer_and_a_redirect_is_not_followed(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"
				 "Content-Length: 0\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).status, 302);
	assert_int_equal(asking->server->requests, 1);
	asking->server->answer = "HTTP/1.1 503 Sorry\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).status, 503);
	asking->server->answer = "HTTP/1.1 204 Empty\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).status, 204);
}

static void a_body_in_chunks_is_put_together(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				 "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
	assert_string_equal(asking_get(asking, (struct http_ask){0}).body, "abcde");
}

static void a_body_may_hold_nuls(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab\0cd";
	struct asking *asking = *state;
	struct answer seen;

	asking->server->answer = answer;
	asking->server->answer_len = sizeof answer - 1;
	seen = asking_get(asking, (struct http_ask){0});
	assert_int_equal(seen.body_len, 5);
	assert_string_equal(seen.body, "ab");
}

static void retry_after_is_read_in_seconds(void **state)
{
	struct asking *asking = *state;

	asking->server->answer =
	    "HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).retry_after_ms, 30000);
	asking->server->answer = "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).retry_after_ms, 0);
	asking->server->answer = "HTTP/1.1 429 Slow\r\nRetry-After: 99999999999999999999\r\n"
				 "Content-Length: 0\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).retry_after_ms, 604800000);
	asking->server->answer = "HTTP/1.1 429 Slow\r\nRetry-After: soon\r\n"
				 "Content-Length: 0\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).retry_after_ms, -1);
}

static void retry_after_as_a_date_is_measured_from_the_answers_own_date(void **state)
{
	struct asking *asking = *state;
	struct answer answer;

	asking->server->answer = "HTTP/1.1 429 Slow\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
				 "Retry-After: Tue, 15 Nov 1994 08:13:01 GMT\r\n"
				 "Content-Length: 0\r\n\r\n";
	answer = asking_get(asking, (struct http_ask){0});
	assert_int_equal(answer.date_ms, 784887151000);
	assert_int_equal(answer.retry_after_ms, 30000);
	asking->server->answer = "HTTP/1.1 429 Slow\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
				 "Retry-After: Tue, 15 Nov 1994 08:12:01 GMT\r\n"
				 "Content-Length: 0\r\n\r\n";
	assert_int_equal(asking_get(asking, (struct http_ask){0}).retry_after_ms, 0);
}

/* Connections. */

static void one_connection_serves_many_requests(void **state)
{
	struct asking *asking = *state;

	for (int i = 0; i < 20; i++)
		assert_int_equal(asking_get(asking, (struct http_ask){0}).status, 200);
	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    asking_get(asking, (struct http_ask){.body = "x", .body_len = 1}).status, 200);
	assert_int_equal(asking->server->requests, 40);
	assert_int_equal(asking->server->connections, 1);
	assert_int_equal(http_connection_count(asking->http), 1);
}

static bool are_all_done(void *arg)
{
	const struct answer *answers = arg;

	for (int i = 0; i < 100; i++) {
		if (!answers[i].done)
			return false;
	}
	return true;
}

static void a_hundred_requests_run_side_by_side_and_keep_their_connections(void **state)
{
	struct asking *asking = *state;
	struct http_ask ask = {.url = asking->server->url};

	for (int round = 1; round <= 3; round++) {
		struct answer answers[100] = {0};

		for (int i = 0; i < 100; i++)
			(void)http_start(asking->http, &ask, answer_keep, &answers[i]);
		loop_until_true(asking->base, are_all_done, answers);
		for (int i = 0; i < 100; i++) {
			assert_int_equal(answers[i].status, 200);
			assert_int_equal(answers[i].times, 1);
		}
		assert_int_equal(asking->server->requests, 100 * round);
	}
	assert_in_range(asking->server->connections, 1, 100);
	assert_int_equal(http_connection_count(asking->http), asking->server->connections);
}

/* Starting and cancelling. */

static void a_cancelled_request_never_reports(void **state)
{
	struct asking *asking = *state;
	struct http_ask ask = {.url = asking->server->url};
	struct answer early = {0}, late = {0};
	struct http_request *request;

	http_cancel(http_start(asking->http, &ask, answer_keep, &early));
	asking->server->answer = NULL;
	request = http_start(asking->http, &ask, answer_keep, &late);
	while (asking->server->requests == 0)
		(void)event_base_loop(asking->base, EVLOOP_ONCE);
	http_cancel(request);
	http_cancel(NULL);
	asking_sentinel(asking);
	assert_int_equal(early.times, 0);
	assert_int_equal(late.times, 0);
}

/* Does something to other requests from inside `done`. */
struct meddler {
	struct http *http; /* borrowed */
	struct http_request *own, *other;
	struct http_ask next;
	struct answer answer, next_answer;
};

static void meddle(void *arg, const struct http_reply *reply)
{
	struct meddler *meddler = arg;

	answer_keep(&meddler->answer, reply);
	http_cancel(meddler->own); /* has no effect any more */
	http_cancel(meddler->other);
	(void)http_start(meddler->http, &meddler->next, answer_keep, &meddler->next_answer);
}

static void done_may_start_a_request_and_cancel_another(void **state)
{
	struct asking *asking = *state;
	struct hostile *silent = hostile_new(asking->base);
	struct http_ask good = {.url = asking->server->url}, bad = {.url = silent->url};
	struct meddler meddler = {.http = asking->http, .next = good};
	struct answer other = {0};

	silent->answer = NULL;
	meddler.other = http_start(asking->http, &bad, answer_keep, &other);
	while (silent->requests == 0)
		(void)event_base_loop(asking->base, EVLOOP_ONCE);
	meddler.own = http_start(asking->http, &good, meddle, &meddler);
	loop_until(asking->base, &meddler.next_answer.done);
	asking_sentinel(asking);
	hostile_free(silent);
	assert_int_equal(meddler.answer.times, 1);
	assert_int_equal(meddler.next_answer.times, 1);
	assert_int_equal(meddler.next_answer.status, 200);
	assert_int_equal(other.times, 0);
}

static void of_two_that_fail_in_the_same_turn_the_first_may_cancel_the_second(void **state)
{
	struct asking *asking = *state;
	char nobody[64];
	struct http_ask bad = {.url = nobody}, good = {.url = asking->server->url};
	struct meddler one = {.http = asking->http, .next = good}, two = one;

	asking_nobody(asking, nobody, sizeof nobody);
	one.own = two.other = http_start(asking->http, &bad, meddle, &one);
	two.own = one.other = http_start(asking->http, &bad, meddle, &two);
	while (!one.next_answer.done && !two.next_answer.done)
		(void)event_base_loop(asking->base, EVLOOP_ONCE);
	asking_sentinel(asking);
	assert_int_equal(one.answer.times + two.answer.times, 1);
	assert_int_equal(one.next_answer.times + two.next_answer.times, 1);
}

static void what_is_in_flight_at_the_end_is_cancelled(void **state)
{
	struct asking *asking = *state;
	struct http_ask ask = {.url = asking->server->url};
	struct answer answer = {0};

	asking->server->answer = NULL;
	for (int i = 0; i < 3; i++)
		(void)http_start(asking->http, &ask, answer_keep, &answer);
	while (asking->server->requests < 3)
		(void)event_base_loop(asking->base, EVLOOP_ONCE);
	(void)http_start(asking->http, &(struct http_ask){.url = "no"}, answer_keep, &answer);
	http_free(asking->http);
	asking->http = http_new(asking->base);
	asking_sentinel(asking);
	assert_int_equal(answer.times, 0);
}

/* Questions that cannot be asked. */

static void a_bad_question_is_refused_from_the_loop(void **state)
{
	struct asking *asking = *state;
	const struct http_header broken = {"X-Id", "a\r\nX-Other: b"};
	const struct http_header nameless = {"X Id", "a"};
	static char endless[9000] = "http://127.0.0.1/";
	const struct http_ask asks[] = {
	    {.url = ""},
	    {.url = "127.0.0.1"},
	    {.url = "http://"},
	    {.url = "http://127.0.0.1:99999/"},
	    {.url = "ftp://127.0.0.1/"},
	    {.url = "file:///etc/passwd"},
	    {.url = "http://127.0.0.1/a b"},
	    {.url = "http://127.0.0.1/a\r\nX-Other: b"},
	    {.url = "http://user:hunter2@127.0.0.1/"},
	    {.url = endless},
	    {.method = "GET /elsewhere"},
	    {.method = ""},
	    {.headers = &broken, .header_count = 1},
	    {.headers = &nameless, .header_count = 1},
	    {.bearer = "hunter2\r\nX-Other: b"},
	    {.bearer = ""},
	};

	memset(endless + 17, 'x', sizeof endless - 18);
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		struct answer answer = asking_get(asking, asks[i]);

		assert_int_equal(answer.result, HTTP_BAD_ASK);
		assert_int_equal(answer.status, 0);
		assert_null(strstr(answer.error, "hunter2"));
	}
	assert_int_equal(asking->server->connections, 0);
}

static void a_refused_question_can_be_cancelled(void **state)
{
	struct asking *asking = *state;
	struct answer answer = {0};

	http_cancel(
	    http_start(asking->http, &(struct http_ask){.url = "no"}, answer_keep, &answer));
	asking_sentinel(asking);
	assert_int_equal(answer.times, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    asking_test(a_request_without_a_body_is_a_get),
	    asking_test(a_request_with_a_body_is_a_post_and_waits_for_no_permission),
	    asking_test(a_post_of_no_bytes_says_so),
	    asking_test(any_method_goes_out_as_it_is_written),
	    asking_test(a_head_request_waits_for_no_body),
	    asking_test(a_large_body_arrives_whole),
	    asking_test(a_token_travels_as_bearer_and_a_user_as_basic),
	    asking_test(a_proxy_is_asked_but_never_for_this_machine),
	    asking_test(every_status_is_an_answer_and_a_redirect_is_not_followed),
	    asking_test(a_body_in_chunks_is_put_together),
	    asking_test(a_body_may_hold_nuls),
	    asking_test(retry_after_is_read_in_seconds),
	    asking_test(retry_after_as_a_date_is_measured_from_the_answers_own_date),
	    asking_test(one_connection_serves_many_requests),
	    asking_test(a_hundred_requests_run_side_by_side_and_keep_their_connections),
	    asking_test(a_cancelled_request_never_reports),
	    asking_test(done_may_start_a_request_and_cancel_another),
	    asking_test(of_two_that_fail_in_the_same_turn_the_first_may_cancel_the_second),
	    asking_test(what_is_in_flight_at_the_end_is_cancelled),
	    asking_test(a_bad_question_is_refused_from_the_loop),
	    asking_test(a_refused_question_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
