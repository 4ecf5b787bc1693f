/* Conditions of `stop_when`: HTTP checks and Prometheus queries, against a server that may be bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/conditions/condition.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/probes/asking.h"
#include "tests/support/loop.h"

#define SECRET "s3cret-of-the-test"

struct looking {
	struct asking *asking;
	struct secrets *secrets;
	struct condition_context context;
	char url[160];
	struct stop_condition condition;
	struct buf answer; /* the server's */

	bool done;
	size_t times;
	enum condition_answer found;
	char text[2048];
};

static char *words(const char *text)
{
	return (char *)(uintptr_t)text;
}

static int setup(void **state)
{
	struct looking *looking = mem_zalloc(sizeof *looking);
	void *asking;

	(void)asking_setup(&asking);
	looking->asking = asking;
	looking->secrets = secrets_new();
	looking->context = (struct condition_context){looking->asking->http, looking->secrets};
	(void)snprintf(looking->url, sizeof looking->url, "%s/health",
		       looking->asking->server->url);
	looking->condition = (struct stop_condition){.every_ms = 5000, .times = 2};
	(void)setenv("TEST_SHOP_TOKEN", SECRET, 1);
	*state = looking;
	return 0;
}

static int teardown(void **state)
{
	struct looking *looking = *state;
	void *asking = looking->asking;

	(void)asking_teardown(&asking);
	secrets_free(looking->secrets);
	buf_done(&looking->answer);
	free(looking);
	return 0;
}

static void on_done(void *arg, const struct condition_result *result)
{
	struct looking *looking = arg;

	looking->done = true;
	looking->times++;
	looking->found = result->answer;
	(void)snprintf(looking->text, sizeof looking->text, "%s", result->text);
}

static void answers_bytes(struct looking *looking, int status, const char *body, size_t len)
{
	buf_done(&looking->answer);
	buf_addf(&looking->answer, "HTTP/1.1 %d Whatever\r\nContent-Length: %zu\r\n\r\n", status,
		 len);
	buf_add(&looking->answer, body, len);
	looking->asking->server->answer = looking->answer.data;
	looking->asking->server->answer_len = looking->answer.len;
}

static void answers(struct looking *looking, int status, const char *body)
{
	answers_bytes(looking, status, body, strlen(body));
}

static enum condition_answer look(struct looking *looking)
{
	looking->done = false;
	looking->times = 0;
	assert_non_null(
	    condition_http.ask(&looking->context, &looking->condition, on_done, looking));
	assert_false(looking->done); /* never from inside ask */
	loop_until(looking->asking->base, &looking->done);
	assert_int_equal(looking->times, 1);
	assert_true(looking->text[0] != '\0');
	return looking->found;
}

static enum condition_answer check(struct looking *looking)
{
	looking->condition.check = looking->url;
	return look(looking);
}

static enum condition_answer query(struct looking *looking, const char *promql)
{
	(void)snprintf(looking->url, sizeof looking->url, "%s", looking->asking->server->url);
	looking->condition.prometheus = looking->url;
	looking->condition.query = words(promql);
	return look(looking);
}

#define assert_says(looking, part)                         \
	do {                                               \
		if (strstr((looking)->text, part) == NULL) \
			fail_msg("%s", (looking)->text);   \
	} while (false)

/* HTTP checks. */

static void a_check_that_answers_well_is_calm(void **state)
{
	struct looking *looking = *state;

	answers(looking, 200, "ok");
	assert_int_equal(check(looking), CONDITION_CALM);
	assert_says(looking, "/health answered 200");
	answers(looking, 204, "");
	assert_int_equal(look(looking), CONDITION_CALM);
}

static void a_check_with_another_status_is_met(void **state)
{
	struct looking *looking = *state;

	answers(looking, 503, "down");
	assert_int_equal(check(looking), CONDITION_MET);
	assert_says(looking, "/health answered 503");
	looking->condition.status = 503;
	assert_int_equal(look(looking), CONDITION_CALM);
	answers(looking, 200, "up");
	assert_int_equal(look(looking), CONDITION_MET);
}

static void a_redirect_is_not_followed(void **state)
{
	struct looking *looking = *state;

	looking->asking->server->answer = "HTTP/1.1 302 Found\r\nLocation: /login\r\n"
					  "Content-Length: 0\r\n\r\n";
	assert_int_equal(check(looking), CONDITION_MET);
	assert_says(looking, "answered 302");
	assert_int_equal(looking->asking->server->requests, 1);
}

static void a_check_without_its_text_is_met_and_shows_what_came_instead(void **state)
{
	struct looking *looking = *state;

	looking->condition.contains = words("\"db\":\"up\"");
	answers(looking, 200, "{\"db\":\"up\"}");
	assert_int_equal(check(looking), CONDITION_CALM);
	answers(looking, 200, "{\"db\":\n\"gone\"}");
	assert_int_equal(look(looking), CONDITION_MET);
	assert_says(looking, "answered 200 without \"\"db\":\"up\"\": \"{\"db\": \"gone\"}\"");
}

static void nobody_there_is_unasked(void **state)
{
	struct looking *looking = *state;

	asking_nobody(looking->asking, looking->url, sizeof looking->url);
	assert_int_equal(check(looking), CONDITION_UNASKED);
	assert_says(looking, "could not be asked: ");
}

static void an_answer_that_never_comes_is_unasked_before_the_next_look(void **state)
{
	struct looking *looking = *state;

	looking->asking->server->deaf = true;
	looking->condition.every_ms = 120;
	assert_int_equal(check(looking), CONDITION_UNASKED);
	assert_says(looking, "could not be asked: ");
	assert_says(looking, "120 ms"); /* by itself a request has ten seconds */
}

static void an_answer_without_end_is_unasked_and_not_read_to_it(void **state)
{
	struct looking *looking = *state;

	looking->asking->server->answer = "HTTP/1.1 200 OK\r\n\r\n";
	looking->asking->server->flood = "ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ";
	assert_int_equal(check(looking), CONDITION_UNASKED);
	assert_true(looking->asking->server->sent < 32U << 20);
	assert_true(strlen(looking->text) < 1024);
}

static void an_answer_may_have_64_kib(void **state)
{
	struct looking *looking = *state;
	char *body = mem_zalloc(64 * 1024 + 2);

	memset(body, 'a', 64 * 1024);
	answers(looking, 200, body);
	assert_int_equal(check(looking), CONDITION_CALM);
	body[64 * 1024] = 'a';
	answers(looking, 200, body);
	assert_int_equal(look(looking), CONDITION_UNASKED);
	free(body);
}

static void what_is_no_http_is_unasked(void **state)
{
	struct looking *looking = *state;

	looking->asking->server->answer = "SSH-2.0-OpenSSH_9.2\r\n";
	looking->asking->server->end = HOSTILE_CLOSE;
	assert_int_equal(check(looking), CONDITION_UNASKED);
}

static void the_query_of_a_url_is_sent_but_not_shown(void **state)
{
	struct looking *looking = *state;

	answers(looking, 500, "");
	(void)strncat(looking->url, "?key=hidden", sizeof looking->url - strlen(looking->url) - 1);
	assert_int_equal(check(looking), CONDITION_MET);
	assert_non_null(strstr(looking->asking->server->request, "GET /health?key=hidden "));
	assert_null(strstr(looking->text, "hidden"));
}

/* Headers and secrets. */

static void headers_are_sent_with_their_secrets_which_never_show(void **state)
{
	struct looking *looking = *state;
	struct pair headers[] = {{words("X-Team"), words("payments")},
				 {words("X-Token"), words("env:TEST_SHOP_TOKEN")}};

	looking->condition.headers = (struct pairs){headers, 2};
	looking->condition.contains = words("fine");
	answers(looking, 200, "your token is " SECRET);
	assert_int_equal(check(looking), CONDITION_MET);
	assert_non_null(strstr(looking->asking->server->request, "X-Team: payments\r\n"));
	assert_non_null(strstr(looking->asking->server->request, "X-Token: " SECRET "\r\n"));
	assert_says(looking, "your token is ***");
	assert_null(strstr(looking->text, SECRET));
}

static void a_secret_that_is_missing_is_unasked_and_nothing_is_sent(void **state)
{
	struct looking *looking = *state;
	struct pair header = {words("X-Token"), words("env:TEST_NO_SUCH_TOKEN")};

	looking->condition.headers = (struct pairs){&header, 1};
	assert_int_equal(check(looking), CONDITION_UNASKED);
	assert_says(looking, "TEST_NO_SUCH_TOKEN");
	assert_int_equal(looking->asking->server->connections, 0);
}

static void more_headers_than_allowed_are_unasked(void **state)
{
	struct looking *looking = *state;
	struct pair headers[33];

	for (size_t i = 0; i < 33; i++)
		headers[i] = (struct pair){words("X-A"), words("b")};
	looking->condition.headers = (struct pairs){headers, 33};
	assert_int_equal(check(looking), CONDITION_UNASKED);
	looking->condition.headers.count = 32;
	assert_int_equal(look(looking), CONDITION_CALM);
}

static void a_look_that_is_cancelled_tells_nobody(void **state)
{
	struct looking *looking = *state;
	struct condition_op *op;

	looking->condition.check = looking->url;
	op = condition_http.ask(&looking->context, &looking->condition, on_done, looking);
	condition_http.cancel(op);
	condition_http.cancel(NULL);
	asking_sentinel(looking->asking);
	assert_int_equal(looking->times, 0);
}

/* Prometheus. */

static void a_query_goes_to_the_api_behind_any_prefix(void **state)
{
	static const char *const bases[] = {"", "/", "///", "/prometheus", "/prometheus/"};
	struct looking *looking = *state;

	answers(looking, 200,
		"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\","
		"\"result\":[]}}");
	looking->condition.query = words("up{job=\"a b\"} == 0");
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		(void)snprintf(looking->url, sizeof looking->url, "%s%s",
			       looking->asking->server->url, bases[i]);
		looking->condition.prometheus = looking->url;
		assert_int_equal(look(looking), CONDITION_CALM);
		assert_non_null(
		    strstr(looking->asking->server->request,
			   i < 3 ? "GET /api/v1/query?" : "GET /prometheus/api/v1/query?"));
		assert_non_null(strstr(looking->asking->server->request,
				       "query=up%7Bjob%3D%22a%20b%22%7D%20%3D%3D%200 HTTP"));
	}
	(void)snprintf(looking->url, sizeof looking->url, "%s/?a=b", looking->asking->server->url);
	assert_int_equal(look(looking), CONDITION_UNASKED);
	assert_null(strstr(looking->text, "a=b"));
}

struct answer_case {
	const char *type, *result;
	enum condition_answer answer;
	const char *says;
};

static void what_a_query_gives_decides(void **state)
{
	static const struct answer_case cases[] = {
	    {"vector", "[]", CONDITION_CALM, "gave no series"},
	    {"vector", "[{\"metric\":{},\"value\":[1,\"5\"]}]", CONDITION_MET,
	     "gave 1 series, with the value \"5\""},
	    {"vector", "[{\"metric\":{},\"value\":[1,\"0\"]}]", CONDITION_MET, "\"0\""},
	    {"vector", "[{\"metric\":{},\"value\":[1,\"NaN\"]},{}]", CONDITION_MET,
	     "gave 2 series, the first with the value \"NaN\""},
	    {"vector", "[{\"metric\":{},\"histogram\":[1,{}]}]", CONDITION_MET, "gave 1 series"},
	    {"matrix", "[]", CONDITION_CALM, "gave no series"},
	    {"matrix", "[{\"metric\":{},\"values\":[[1,\"5\"]]}]", CONDITION_MET, "gave 1 series"},
	    {"scalar", "[1,\"0\"]", CONDITION_CALM, "gave \"0\""},
	    {"scalar", "[1,\"-0.0\"]", CONDITION_CALM, "gave \"-0.0\""},
	    {"scalar", "[1,\"1\"]", CONDITION_MET, "gave \"1\""},
	    {"scalar", "[1,\"-3.5e-9\"]", CONDITION_MET, "gave \"-3.5e-9\""},
	    {"scalar", "[1,\"+Inf\"]", CONDITION_MET, "gave \"+Inf\""},
	    {"scalar", "[1,\"NaN\"]", CONDITION_CALM, "gave \"NaN\""},
	    {"scalar", "[1,\"five\"]", CONDITION_UNASKED, "no number"},
	    {"scalar", "[1,\"\"]", CONDITION_UNASKED, "no number"},
	    {"scalar", "[1,1]", CONDITION_UNASKED, "cannot be read"},
	    {"scalar", "{}", CONDITION_UNASKED, "cannot be read"},
	    {"vector", "{\"a\":1}", CONDITION_UNASKED, "cannot be read"},
	    {"vector", "null", CONDITION_UNASKED, "cannot be read"},
	    {"string", "[1,\"hello\"]", CONDITION_UNASKED, "neither series nor a number"},
	    {"toenails", "[]", CONDITION_UNASKED, "neither series nor a number"},
	};
	struct looking *looking = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char body[256];

		(void)snprintf(body, sizeof body,
			       "{\"status\":\"success\",\"warnings\":[\"slow\"],\"data\":"
			       "{\"resultType\":\"%s\",\"result\":%s}}",
			       cases[i].type, cases[i].result);
		answers(looking, 200, body);
		if (query(looking, "up") != cases[i].answer)
			fail_msg("%s: %s", body, looking->text);
		assert_says(looking, cases[i].says);
		assert_says(looking, "the query \"up\" at http://127.0.0.1:");
	}
}

static void a_query_that_is_refused_is_unasked_with_the_reason(void **state)
{
	struct looking *looking = *state;

	answers(looking, 400,
		"{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:3: parse error\"}");
	assert_int_equal(query(looking, "up{"), CONDITION_UNASKED);
	assert_says(looking, "the query \"up{\" at ");
	assert_says(looking, "was refused: \"1:3: parse error\"");
	answers(looking, 200, "{\"status\":\"error\"}");
	assert_int_equal(look(looking), CONDITION_UNASKED);
}

static void what_is_no_answer_of_prometheus_is_unasked(void **state)
{
	static const char *const bodies[] = {
	    "",
	    "<html><body>Sign in</body></html>",
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[",
	    "{\"status\":\"success\"}",
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\"}}",
	    "{\"status\":\"success\",\"data\":[]}",
	    "{\"status\":1}",
	    "[]",
	    "null",
	    "\xff\xfe\x00",
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}} or so",
	};
	struct looking *looking = *state;

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		answers(looking, 200, bodies[i]);
		if (query(looking, "up") != CONDITION_UNASKED)
			fail_msg("%s: %s", bodies[i], looking->text);
	}
	answers(looking, 502,
		"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\","
		"\"result\":[]}}");
	assert_int_equal(look(looking), CONDITION_UNASKED);
	assert_says(looking, "502");
}

static void nesting_and_length_have_bounds(void **state)
{
	struct looking *looking = *state;
	char *deep = mem_zalloc(60001);

	memset(deep, '[', 60000);
	answers(looking, 200, deep);
	assert_int_equal(query(looking, "up"), CONDITION_UNASKED);
	free(deep);
	looking->asking->server->answer = "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"success\",\"a\":\"";
	looking->asking->server->answer_len = 0;
	looking->asking->server->flood = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	assert_int_equal(look(looking), CONDITION_UNASKED);
	assert_true(strlen(looking->text) < 1024);
}

static void the_texts_are_bounded_clean_and_without_secrets(void **state)
{
	struct looking *looking = *state;
	struct pair header = {words("X-Token"), words("env:TEST_SHOP_TOKEN")};
	struct buf body = {0};

	looking->condition.headers = (struct pairs){&header, 1};
	buf_adds(&body, "{\"status\":\"error\",\"error\":\"" SECRET "\\u001b[31m\\n");
	for (size_t i = 0; i < 1000; i++)
		buf_adds(&body, "\xc3\xa9");
	buf_adds(&body, "\"}");
	answers(looking, 422, buf_text(&body));
	buf_done(&body);
	assert_int_equal(query(looking, "up"), CONDITION_UNASKED);
	assert_null(strstr(looking->text, SECRET));
	assert_null(strchr(looking->text, '\033'));
	assert_null(strchr(looking->text, '\n'));
	assert_true(strlen(looking->text) < 512);
}

#define LOOKING(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LOOKING(a_check_that_answers_well_is_calm),
	    LOOKING(a_check_with_another_status_is_met),
	    LOOKING(a_redirect_is_not_followed),
	    LOOKING(a_check_without_its_text_is_met_and_shows_what_came_instead),
	    LOOKING(nobody_there_is_unasked),
	    LOOKING(an_answer_that_never_comes_is_unasked_before_the_next_look),
	    LOOKING(an_answer_without_end_is_unasked_and_not_read_to_it),
	    LOOKING(an_answer_may_have_64_kib),
	    LOOKING(what_is_no_http_is_unasked),
	    LOOKING(the_query_of_a_url_is_sent_but_not_shown),
	    LOOKING(headers_are_sent_with_their_secrets_which_never_show),
	    LOOKING(a_secret_that_is_missing_is_unasked_and_nothing_is_sent),
	    LOOKING(more_headers_than_allowed_are_unasked),
	    LOOKING(a_look_that_is_cancelled_tells_nobody),
	    LOOKING(a_query_goes_to_the_api_behind_any_prefix),
	    LOOKING(what_a_query_gives_decides),
	    LOOKING(a_query_that_is_refused_is_unasked_with_the_reason),
	    LOOKING(what_is_no_answer_of_prometheus_is_unasked),
	    LOOKING(nesting_and_length_have_bounds),
	    LOOKING(the_texts_are_bounded_clean_and_without_secrets),
	};

	return cmocka_run_group_tests_name("conditions", tests, NULL, NULL);
}
