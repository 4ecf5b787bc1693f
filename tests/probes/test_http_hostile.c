/* HTTP against servers that hang, drip, reset, never end, and lie. */
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

#define MEGABYTE        (1U << 20)
#define SOCKETS_HOLD    (16U * MEGABYTE) /* bytes on their way, with room to spare */
#define SHORT_MS        600
#define FAR_TOO_LONG_MS 40000

/* Time. */

/* With more time, too: on a busy machine the first may be over before the server is reached. */
static void assert_timed_out(struct asking *asking, enum http_result expected)
{
	int64_t limit_ms = SHORT_MS, before;
	struct answer answer;

	for (;; limit_ms *= 3) {
		before = clock_ms();
		answer = asking_get(asking, (struct http_ask){.timeout_ms = limit_ms});
		assert_true(clock_ms() - before >= limit_ms - 20);
		assert_int_equal(answer.status, 0);
		assert_string_equal(answer.body, "");
		assert_non_null(strstr(answer.error, asking->server->url));
		if (limit_ms == SHORT_MS)
			assert_non_null(strstr(answer.error, "600 ms"));
		if (answer.result == expected || limit_ms * 3 > FAR_TOO_LONG_MS)
			break;
	}
	assert_int_equal(answer.result, expected);
}

static void a_server_that_never_answers_is_a_timeout(void **state)
{
	struct asking *asking = *state;

	asking->server->deaf = true;
	assert_timed_out(asking, HTTP_TIMEOUT);
}

static void a_server_that_stops_after_its_headers_is_a_timeout(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
	assert_timed_out(asking, HTTP_TIMEOUT);
}

static void a_server_that_drips_cannot_stretch_the_deadline(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
	asking->server->flood = "x";
	asking->server->drip_ms = 10;
	assert_timed_out(asking, HTTP_TIMEOUT);
}

static void headers_that_drip_cannot_stretch_the_deadline(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\nX-Long: ";
	asking->server->flood = "x";
	asking->server->drip_ms = 10;
	assert_timed_out(asking, HTTP_TIMEOUT);
}

static void a_tls_handshake_that_hangs_means_nothing_was_sent(void **state)
{
	struct asking *asking = *state;

	asking->server->deaf = true;
	memmove(asking->server->url + 5, asking->server->url + 4,
		strlen(asking->server->url + 4) + 1);
	asking->server->url[4] = 's';
	assert_timed_out(asking, HTTP_UNREACHABLE);
}

/* Broken connections and answers. */

static void assert_broken(struct asking *asking, const char *answer, enum hostile_end end,
			  const char *expected)
{
	struct answer seen;

	asking->server->answer = answer;
	asking->server->end = end;
	seen = asking_get(asking, (struct http_ask){.timeout_ms = FAR_TOO_LONG_MS});
	assert_int_equal(seen.result, HTTP_BROKEN);
	assert_int_equal(seen.status, 0);
	assert_int_equal(seen.body_len, 0);
	assert_non_null(strstr(seen.error, expected));
	assert_non_null(strstr(seen.error, asking->server->url));
}

static void a_reset_in_the_middle_of_the_body_is_broken(void **state)
{
	assert_broken(*state, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", HOSTILE_RESET,
		      "broke");
}

static void a_body_shorter_than_promised_is_broken(void **state)
{
	assert_broken(*state, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", HOSTILE_CLOSE,
		      "in the middle");
}

static void a_connection_closed_without_an_answer_is_broken(void **state)
{
	assert_broken(*state, NULL, HOSTILE_CLOSE, "without an answer");
}

static void an_answer_that_is_not_http_is_broken(void **state)
{
	assert_broken(*state, "\001\002 SSH-2.0-OpenSSH_9.2\r\n\r\n", HOSTILE_CLOSE, "not HTTP");
}

static void half_a_status_line_is_broken(void **state)
{
	assert_broken(*state, "HTTP/1.1 20", HOSTILE_CLOSE, "");
}

static void a_broken_chunk_is_broken(void **state)
{
	assert_broken(*state, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
		      HOSTILE_CLOSE, "");
}

static void chunks_without_an_end_are_broken(void **state)
{
	assert_broken(*state, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		      HOSTILE_CLOSE, "");
}

static void a_length_below_zero_is_not_believed(void **state)
{
	struct asking *asking = *state;
	struct answer answer;

	asking->server->answer = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc";
	asking->server->end = HOSTILE_CLOSE;
	answer = asking_get(asking, (struct http_ask){.timeout_ms = FAR_TOO_LONG_MS});
	assert_int_equal(answer.result, HTTP_BROKEN);
}

static void a_body_that_ends_with_the_connection_is_an_answer(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.0 200 OK\r\n\r\nabc";
	asking->server->end = HOSTILE_CLOSE;
	assert_string_equal(asking_get(asking, (struct http_ask){0}).body, "abc");
}

/* Size. */

static struct answer assert_too_large(struct asking *asking, size_t max_bytes)
{
	struct answer answer = asking_get(
	    asking, (struct http_ask){.max_bytes = max_bytes, .timeout_ms = FAR_TOO_LONG_MS});

	assert_int_equal(answer.result, HTTP_TOO_LARGE);
	assert_int_equal(answer.body_len, 0);
	return answer;
}

static void an_endless_body_is_left_at_the_limit(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\n\r\n";
	asking->server->flood = "0123456789abcdef0123456789abcdef";
	(void)assert_too_large(asking, MEGABYTE);
	asking_sentinel(asking);
	assert_in_range(asking->server->sent, MEGABYTE, MEGABYTE + SOCKETS_HOLD);
}

static void a_gigabyte_that_is_announced_is_not_fetched(void **state)
{
	struct asking *asking = *state;
	struct answer answer;

	asking->server->answer = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
	asking->server->flood = "0123456789abcdef0123456789abcdef";
	answer = assert_too_large(asking, 0);
	assert_non_null(strstr(answer.error, "8388608 bytes"));
	asking_sentinel(asking);
	assert_true(asking->server->sent < SOCKETS_HOLD);
}

static void a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not(void **state)
{
	struct asking *asking = *state;

	assert_int_equal(asking_get(asking, (struct http_ask){.max_bytes = 5}).status, 200);
	(void)assert_too_large(asking, 4);
	asking->server->answer = "HTTP/1.1 200 OK\r\n\r\nhello";
	asking->server->end = HOSTILE_CLOSE;
	assert_int_equal(asking_get(asking, (struct http_ask){.max_bytes = 5}).status, 200);
	(void)assert_too_large(asking, 4);
}

static void endless_header_lines_are_left_at_the_limit(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\n";
	asking->server->flood = "X-Filler: 0123456789abcdef\r\n";
	(void)assert_too_large(asking, 0);
	asking_sentinel(asking);
	assert_true(asking->server->sent < SOCKETS_HOLD);
}

static void one_endless_header_line_is_left_at_the_limit(void **state)
{
	struct asking *asking = *state;
	struct answer answer;

	asking->server->answer = "HTTP/1.1 200 OK\r\nX-Filler: ";
	asking->server->flood = "0123456789abcdef";
	answer = assert_too_large(asking, 0);
	assert_non_null(strstr(answer.error, "header"));
	asking_sentinel(asking);
	assert_true(asking->server->sent < SOCKETS_HOLD);
}

/* Sending twice. */

static void what_may_have_been_carried_out_is_not_sent_again(void **state)
{
	static const struct http_ask asks[] = {
	    {.method = "POST", .body = "x", .body_len = 1},
	    {.method = "POST"},
	    {.method = "PATCH", .body = "x", .body_len = 1},
	};
	struct asking *asking = *state;

	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		struct hostile *server = hostile_new(asking->base);
		struct http_ask ask = asks[i];

		ask.url = server->url;
		assert_int_equal(asking_get(asking, (struct http_ask){.url = server->url}).status,
				 200);
		server->answer = NULL;
		server->end = HOSTILE_CLOSE;
		assert_int_equal(asking_get(asking, ask).result, HTTP_BROKEN);
		assert_int_equal(server->requests, 2);
		hostile_free(server);
	}
}

static void what_can_be_repeated_survives_a_kept_alive_connection_that_dies(void **state)
{
	static const struct http_ask asks[] = {{.method = "GET"},
					       {.method = "PUT", .body = "abc", .body_len = 3}};
	struct asking *asking = *state;

	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		struct hostile *server = hostile_new(asking->base);
		struct http_ask ask = asks[i];

		server->patience = 1;
		ask.url = server->url;
		assert_int_equal(asking_get(asking, ask).status, 200);
		assert_int_equal(asking_get(asking, ask).status, 200);
		assert_int_equal(server->requests, 3);
		hostile_free(server);
	}
}

/* Nobody there. */

static void a_refused_connection_is_unreachable(void **state)
{
	struct asking *asking = *state;
	char url[64];
	struct answer answer;

	asking_nobody(asking, url, sizeof url);
	answer = asking_get(asking, (struct http_ask){.url = url});
	assert_int_equal(answer.result, HTTP_UNREACHABLE);
	assert_non_null(strstr(answer.error, url));
}

static void an_error_shows_neither_path_nor_query_nor_token(void **state)
{
	struct asking *asking = *state;
	char nobody[64], url[128];
	struct http_ask ask = {
	    .url = url, .bearer = "hunter2", .user = "hunter3", .password = "hunter4"};
	struct answer answer;

	asking_nobody(asking, nobody, sizeof nobody);
	(void)snprintf(url, sizeof url, "%s/services/hunter5?token=hunter6#hunter7", nobody);
	answer = asking_get(asking, ask);
	assert_int_equal(answer.result, HTTP_UNREACHABLE);
	assert_null(strstr(answer.error, "hunter"));
	(void)snprintf(url, sizeof url, "%s/services/hunter5?token=hunter6#hunter7",
		       asking->server->url);
	asking->server->answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
	asking->server->end = HOSTILE_CLOSE;
	answer = asking_get(asking, ask);
	assert_int_equal(answer.result, HTTP_BROKEN);
	assert_null(strstr(answer.error, "hunter"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    asking_test(a_server_that_never_answers_is_a_timeout),
	    asking_test(a_server_that_stops_after_its_headers_is_a_timeout),
	    asking_test(a_server_that_drips_cannot_stretch_the_deadline),
	    asking_test(headers_that_drip_cannot_stretch_the_deadline),
	    asking_test(a_tls_handshake_that_hangs_means_nothing_was_sent),
	    asking_test(a_reset_in_the_middle_of_the_body_is_broken),
	    asking_test(a_body_shorter_than_promised_is_broken),
	    asking_test(a_connection_closed_without_an_answer_is_broken),
	    asking_test(an_answer_that_is_not_http_is_broken),
	    asking_test(half_a_status_line_is_broken),
	    asking_test(a_broken_chunk_is_broken),
	    asking_test(chunks_without_an_end_are_broken),
	    asking_test(a_length_below_zero_is_not_believed),
	    asking_test(a_body_that_ends_with_the_connection_is_an_answer),
	    asking_test(an_endless_body_is_left_at_the_limit),
	    asking_test(a_gigabyte_that_is_announced_is_not_fetched),
	    asking_test(a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not),
	    asking_test(endless_header_lines_are_left_at_the_limit),
	    asking_test(one_endless_header_line_is_left_at_the_limit),
	    asking_test(what_may_have_been_carried_out_is_not_sent_again),
	    asking_test(what_can_be_repeated_survives_a_kept_alive_connection_that_dies),
	    asking_test(a_refused_connection_is_unreachable),
	    asking_test(an_error_shows_neither_path_nor_query_nor_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
