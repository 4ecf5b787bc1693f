/* The web server: what it takes for a request, whom it lets in, what it answers. */
#include "src/program/serve/web.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "src/program/serve/web_access.h"
#include "src/program/serve/web_request.h"
#include "tests/program/site.h"
#include "tests/program/visitor.h"
#include "tests/support/loop.h"

#define HOST  "Host: localhost\r\n"
#define TOKEN "s3cret-token"
#define LARGE 3000000

/* A server with four pages. */

static void answer_page(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	struct site *site = arg;

	site->answered++;
	buf_addf(&answer->body, "path=%s query=%s accept=%s", ask->path, ask->query, ask->accept);
}

static void answer_health(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	(void)arg;
	(void)ask;
	answer->type = "text/plain; charset=utf-8";
	buf_adds(&answer->body, "well\n");
}

static const struct web_route routes[] = {
    {"/-/healthy", .exact = true, .open = true, .answer = answer_health},
    {"/drill/", .answer = answer_page},
    {"/large", .exact = true, .answer = site_answer_large},
    {"/", .exact = true, .answer = answer_page},
    {0},
};

static struct site *open_site(const char *address, const char *token, const char *url)
{
	struct site *site = site_open(address, token, url, routes);

	site->size = LARGE;
	return site;
}

static int set_up(void **state)
{
	*state = open_site("127.0.0.1:0", NULL, "https://drills.example:8443/x");
	return 0;
}

static int tear_down(void **state)
{
	site_close(*state);
	return 0;
}

/* Says it all and reads the answer; to be ended with visitor_go. */
static struct visitor visit(struct site *site, const char *bytes, size_t len)
{
	struct visitor visitor;

	visitor_come(&visitor, web_address(site->web));
	visitor_say(&visitor, bytes, len);
	loop_until_true(site->base, visitor_has_all, &visitor);
	return visitor;
}

static int status_of(struct site *site, const char *text)
{
	struct visitor visitor = visit(site, text, strlen(text));
	int status = visitor_status(&visitor);

	visitor_go(&visitor);
	return status;
}

/* What is a request. */

static int read_as(const char *data, size_t len)
{
	struct web_request request = {0};
	int status = web_request_read(&request, data, len) ? request.status : 0;

	if (status != 0 && status != 200)
		assert_true(strlen(request.why) > 10);
	web_request_done(&request);
	return status;
}

static void test_only_what_is_a_request_is_taken_for_one(void **state)
{
	static const struct {
		const char *text;
		int status; /* 0: more has to come */
	} cases[] = {
	    {"GET / HTTP/1.1\r\n" HOST "\r\n", 200},
	    {"GET / HTTP/1.1\nHost: a\n\n", 200},
	    {"\r\n\r\nHEAD / HTTP/1.0\r\n\r\n", 200},
	    {"GET http://localhost/a?b HTTP/1.1\r\n" HOST "\r\n", 200},
	    {"GET http://localhost HTTP/1.1\r\n" HOST "\r\n", 200},
	    {"", 0},
	    {"GET / HT", 0},
	    {"GET / HTTP/1.1\r\n" HOST, 0},
	    {"GET / HTTP/1.1\r\n" HOST "\r", 0},
	    {"GET /\r\n", 400},
	    {"GET  / HTTP/1.1\r\n", 400},
	    {"GET / / HTTP/1.1\r\n", 400},
	    {"GET / HTTP/1.1 \r\n", 505},
	    {"GET / HTTP/2.0\r\n", 505},
	    {"GET / XTTP/1.1\r\n", 400},
	    {"GET / HTTP\r\n", 400},
	    {"\x16\x03\x01\x02", 400},
	    {"GET /\x01 HTTP/1.1\r\n", 400},
	    {"GET /\xc3\xa4 HTTP/1.1\r\n", 400},
	    {"GET relative HTTP/1.1\r\n", 400},
	    {"GET * HTTP/1.1\r\n", 400},
	    {"GET ftp://x/ HTTP/1.1\r\n", 400},
	    {"GET /a#b HTTP/1.1\r\n", 400},
	    {"GET /%00 HTTP/1.1\r\n", 400},
	    {"GET /%0a HTTP/1.1\r\n", 400},
	    {"GET /%zz HTTP/1.1\r\n", 400},
	    {"GET /%4 HTTP/1.1\r\n", 400},
	    {"GET /% HTTP/1.1\r\n", 400},
	    {"GET /%ff HTTP/1.1\r\n", 400},
	    {"GET /%c0%af HTTP/1.1\r\n", 400},
	    {"GET /.. HTTP/1.1\r\n", 400},
	    {"GET /a/../b HTTP/1.1\r\n", 400},
	    {"GET /a/%2e%2E/b HTTP/1.1\r\n", 400},
	    {"GET /a/. HTTP/1.1\r\n", 400},
	    {"GET /a..b/... HTTP/1.1\r\n" HOST "\r\n", 200},
	    {"GET / HTTP/1.1\r\n\r\n", 400},
	    {"GET / HTTP/1.0\r\n\r\n", 200},
	    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST "Bad Name: x\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST ": empty\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST " folded: x\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST "A: \x01\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST "Authorization: a\r\nAuthorization: b\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200},
	    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 10485760\r\n\r\n", 413},
	    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 413},
	    {"GET / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 5\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 413},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 10485760\r\n\r\n", 413},
	    {"POST / HTTP/1.1\r\n" HOST "\r\n", 405},
	    {"GxT / HTTP/1.1\r\n" HOST "\r\n", 405},
	    {"get / HTTP/1.1\r\n" HOST "\r\n", 405},
	    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 405},
	    {"CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", 405},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (read_as(cases[i].text, strlen(cases[i].text)) != cases[i].status)
			fail_msg("%s: %d, not %d", cases[i].text,
				 read_as(cases[i].text, strlen(cases[i].text)), cases[i].status);
	}
}

static void test_a_NUL_is_no_text(void **state)
{
	static const char line[] = "GET /a\0b HTTP/1.1\r\n" HOST "\r\n";
	static const char header[] = "GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n";

	(void)state;
	assert_int_equal(read_as(line, sizeof line - 1), 400);
	assert_int_equal(read_as(header, sizeof header - 1), 400);
}

static void test_what_is_too_long_is_refused_before_it_ends(void **state)
{
	char *text = mem_zalloc(WEB_HEAD_BYTES + 1);
	struct buf many = {0};

	(void)state;
	(void)memset(text, 'a', WEB_HEAD_BYTES);
	(void)memcpy(text, "GET /", 5);
	assert_int_equal(read_as(text, WEB_LINE_BYTES), 0);
	assert_int_equal(read_as(text, WEB_LINE_BYTES + 1), 414);
	(void)memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
	assert_int_equal(read_as(text, WEB_HEAD_BYTES - 1), 0);
	assert_int_equal(read_as(text, WEB_HEAD_BYTES), 431);
	buf_adds(&many, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < WEB_FIELDS; i++)
		buf_adds(&many, "A: b\r\n");
	buf_adds(&many, "\r\n");
	assert_int_equal(read_as(many.data, many.len), 431);
	(void)memset(text, '\n', WEB_HEAD_BYTES);
	assert_int_equal(read_as(text, WEB_HEAD_BYTES), 400);
	buf_done(&many);
	free(text);
}

static void test_a_request_is_the_same_in_any_pieces(void **state)
{
	static const char text[] =
	    "GET /drill/fd-k3q9x2m7%20%c3%a4?a=%20b HTTP/1.1\r\nAccept: text/html\r\n"
	    "host:localhost:1\r\nAuthorization:  Bearer x \r\n\r\n";
	struct web_request request = {0};

	(void)state;
	for (size_t len = 0; len < sizeof text - 1; len++)
		assert_int_equal(read_as(text, len), 0);
	assert_true(web_request_read(&request, text, sizeof text - 1));
	assert_int_equal(request.status, 200);
	assert_string_equal(request.path, "/drill/fd-k3q9x2m7 \xc3\xa4");
	assert_string_equal(request.query, "a=%20b");
	assert_string_equal(request.accept, "text/html");
	assert_string_equal(request.host, "localhost:1");
	assert_string_equal(request.authorization, "Bearer x");
	web_request_done(&request);
}

static void test_the_host_of_an_absolute_address_counts(void **state)
{
	static const char text[] = "GET http://evil.example/a HTTP/1.1\r\n" HOST "\r\n";
	struct web_request request = {0};

	(void)state;
	assert_true(web_request_read(&request, text, sizeof text - 1));
	assert_string_equal(request.host, "evil.example");
	assert_string_equal(request.path, "/a");
	web_request_done(&request);
}

/* Who is let in. */

static void test_only_the_whole_token_fits(void **state)
{
	(void)state;
	assert_true(web_token_fits(TOKEN, "Bearer " TOKEN));
	assert_true(web_token_fits(TOKEN, "bearer   " TOKEN));
	assert_true(web_token_fits(TOKEN, "Basic OnMzY3JldC10b2tlbg=="));     /* :token */
	assert_true(web_token_fits(TOKEN, "basic YW5uOnMzY3JldC10b2tlbg==")); /* ann:token */
	assert_true(web_token_fits("a:b", "Basic eDphOmI="));                 /* x:a:b */
	assert_false(web_token_fits(TOKEN, "Basic czNjcmV0LXRva2Vu"));        /* token */
	assert_false(
	    web_token_fits(TOKEN, "Basic czNjcmV0LXRva2VuOnMzY3JldA==")); /* token:s3cret */
	assert_false(web_token_fits(TOKEN, "Basic !!!"));
	assert_false(web_token_fits(TOKEN, "Basic "));
	assert_false(web_token_fits(TOKEN, "Bearer s3cret-toke"));
	assert_false(web_token_fits(TOKEN, "Bearer s3cret-tokenx"));
	assert_false(web_token_fits(TOKEN, "Bearer s3cret-tokens3cret-token"));
	assert_false(web_token_fits(TOKEN, "Bearer "));
	assert_false(web_token_fits(TOKEN, TOKEN));
	assert_false(web_token_fits(TOKEN, ""));
	assert_false(web_token_fits(TOKEN, NULL));
	assert_false(web_token_fits("", "Bearer "));
}

static void test_on_loopback_only_names_of_this_machine_are_known(void **state)
{
	static const char *const known[] = {
	    "localhost",  "LOCALHOST:9820", "localhost.",     "127.0.0.1",         "127.0.0.1:1",
	    "[::1]:9820", "127.0.0.2:9820", "drills.example", "Drills.Example:443"};
	static const char *const strange[] = {"evil.example",
					      "localhost.evil.example",
					      "127.0.0.1.evil.example",
					      "evil.example:9820",
					      "drills.example.evil",
					      "",
					      "[::2]",
					      "0.0.0.0"};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		assert_true(
		    web_host_fits(known[i], "127.0.0.2:9820", "https://drills.example:8443/x"));
	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
		assert_false(
		    web_host_fits(strange[i], "127.0.0.2:9820", "https://drills.example:8443/x"));
	assert_true(web_host_fits(NULL, "127.0.0.1:9820", NULL));
	assert_false(web_host_fits("drills.example", "127.0.0.1:9820", NULL));
}

/* What is answered. */

static void test_a_page_comes_with_all_that_keeps_it_harmless(void **state)
{
	static const char ask[] = "GET /drill/x%20y?q=%20 HTTP/1.1\r\n" HOST "Accept: a/b\r\n\r\n";
	struct visitor visitor = visit(*state, ask, sizeof ask - 1);

	assert_int_equal(visitor_status(&visitor), 200);
	assert_string_equal(visitor_body(&visitor), "path=/drill/x y query=q=%20 accept=a/b");
	assert_true(visitor_has_header(&visitor, "Content-Type: text/html; charset=utf-8"));
	assert_true(visitor_has_header(&visitor, "Content-Length: 38"));
	assert_true(visitor_has_header(&visitor, "Connection: close"));
	assert_true(visitor_has_header(&visitor, "Cache-Control: no-store"));
	assert_true(visitor_has_header(&visitor, "X-Content-Type-Options: nosniff"));
	assert_true(visitor_has_header(&visitor, "Referrer-Policy: no-referrer"));
	assert_true(visitor_has_header(&visitor, "Cross-Origin-Resource-Policy: same-origin"));
	assert_true(visitor_has_header(
	    &visitor, "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
		      "img-src data: 'self'; base-uri 'none'; form-action 'none'; "
		      "frame-ancestors 'none'"));
	visitor_go(&visitor);
}

static void test_every_refusal_is_a_sentence_and_as_harmless(void **state)
{
	static const char *const asks[] = {"GET /nowhere HTTP/1.1\r\n" HOST "\r\n",
					   "POST / HTTP/1.1\r\n" HOST "\r\n", "\x16\x03",
					   "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"};
	static const int statuses[] = {404, 405, 400, 403};

	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
		struct visitor visitor = visit(*state, asks[i], strlen(asks[i]));

		assert_int_equal(visitor_status(&visitor), statuses[i]);
		assert_true(
		    visitor_has_header(&visitor, "Content-Type: text/plain; charset=utf-8"));
		assert_true(visitor_has_header(&visitor, "X-Content-Type-Options: nosniff"));
		assert_int_equal(visitor_has_header(&visitor, "Allow: GET, HEAD"),
				 statuses[i] == 405);
		assert_non_null(strstr(visitor_body(&visitor), ".\n"));
		visitor_go(&visitor);
	}
	assert_int_equal(((struct site *)*state)->answered, 0);
}

static void test_HEAD_tells_the_length_of_what_it_leaves_out(void **state)
{
	static const char ask[] = "HEAD /large HTTP/1.1\r\n" HOST "\r\n";
	struct visitor visitor = visit(*state, ask, sizeof ask - 1);

	assert_int_equal(visitor_status(&visitor), 200);
	assert_true(visitor_has_header(&visitor, "Content-Length: 3000000"));
	assert_string_equal(visitor_body(&visitor), "");
	visitor_go(&visitor);
}

static void test_a_large_page_comes_whole(void **state)
{
	static const char ask[] = "GET /large HTTP/1.0\r\n\r\n";
	struct visitor visitor = visit(*state, ask, sizeof ask - 1);

	assert_int_equal(strlen(visitor_body(&visitor)), LARGE);
	assert_false(visitor.reset);
	visitor_go(&visitor);
}

static void test_what_follows_a_request_is_not_taken_for_another(void **state)
{
	static const char ask[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n"
				  "GET /nowhere HTTP/1.1\r\n" HOST "\r\n";
	struct site *site = *state;
	struct visitor visitor = visit(site, ask, sizeof ask - 1);

	assert_int_equal(visitor_status(&visitor), 200);
	assert_string_equal(visitor_body(&visitor), "path=/ query= accept=");
	assert_int_equal(site->answered, 1);
	visitor_go(&visitor);
}

static bool is_alone(void *arg)
{
	const struct site *site = arg;

	return web_connections(site->web) == 0;
}

static void test_who_half_closes_is_answered(void **state)
{
	static const char ask[] = "GET /large HTTP/1.1\r\n" HOST "\r\n";
	struct site *site = *state;
	struct visitor visitor;

	visitor_come(&visitor, web_address(site->web));
	visitor_say(&visitor, ask, sizeof ask - 1);
	assert_int_equal(shutdown(visitor.fd, SHUT_WR), 0);
	loop_until_true(site->base, visitor_has_all, &visitor);
	assert_int_equal(strlen(visitor_body(&visitor)), LARGE);
	visitor_go(&visitor);
	loop_until_true(site->base, is_alone, site);
}

static void test_with_a_token_only_open_pages_are_for_all(void **state)
{
	struct site *site = open_site("127.0.0.1:0", TOKEN, NULL);
	struct visitor visitor;

	(void)state;
	assert_int_equal(status_of(site, "GET /-/healthy HTTP/1.1\r\nHost: any\r\n\r\n"), 200);
	assert_int_equal(status_of(site, "GET /nowhere HTTP/1.1\r\nHost: any\r\n\r\n"), 401);
	assert_int_equal(status_of(site, "GET / HTTP/1.1\r\nHost: any\r\n"
					 "Authorization: Bearer wrong\r\n\r\n"),
			 401);
	assert_int_equal(site->answered, 0);
	assert_int_equal(status_of(site, "GET / HTTP/1.1\r\nHost: any\r\n"
					 "Authorization: Bearer " TOKEN "\r\n\r\n"),
			 200);
	visitor = visit(site, "GET / HTTP/1.0\r\n\r\n", 18);
	assert_true(visitor_has_header(
	    &visitor, "WWW-Authenticate: Basic realm=\"firedrill\", charset=\"UTF-8\""));
	assert_null(strstr(buf_text(&visitor.got), TOKEN));
	visitor_go(&visitor);
	site_close(site);
}

/* Where it listens. */

static void assert_refused(const char *address, const char *token, const char *why)
{
	struct event_base *base = event_base_new();
	struct error error = {""};

	assert_null(web_new(base, address, token, NULL, routes, NULL, &error));
	if (strstr(error.text, why) == NULL)
		fail_msg("%s", error.text);
	event_base_free(base);
}

static void test_a_port_in_use_is_told_with_what_to_do(void **state)
{
	struct site *site = *state;

	assert_refused(web_address(site->web), NULL, "another program has 127.0.0.1:");
	assert_refused(web_address(site->web), NULL, "choose another port");
}

static void test_others_are_let_in_only_with_a_token(void **state)
{
	struct site *site;

	(void)state;
	assert_refused("0.0.0.0:0", NULL, "a token is needed");
	assert_refused("[::]:0", NULL, "a token is needed");
	assert_refused("192.0.2.1:0", TOKEN, "no address of this machine");
	assert_refused("localhost:0", NULL, "is not an address and a port");
	assert_refused("127.0.0.1", NULL, "is not an address and a port");
	assert_refused("127.0.0.1:65536", NULL, "is not an address and a port");
	site = open_site("127.0.0.3:0", NULL, NULL);
	site_close(site);
}

static void test_it_listens_on_the_loopback_address_of_IPv6(void **state)
{
	struct event_base *base = event_base_new();
	struct error error = {""};
	struct web *probe = web_new(base, "[::1]:0", NULL, NULL, routes, NULL, &error);
	bool lacks = probe == NULL && strstr(error.text, "no address of this machine") != NULL;
	struct site *site;

	(void)state;
	web_free(probe);
	event_base_free(base);
	if (lacks)
		skip();
	site = open_site("[::1]:0", NULL, NULL);
	assert_memory_equal(web_address(site->web), "[::1]:", 6);
	assert_int_equal(status_of(site, "GET / HTTP/1.1\r\nHost: [::1]:9820\r\n\r\n"), 200);
	site_close(site);
}

int main(void)
{
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_what_is_a_request_is_taken_for_one),
	    cmocka_unit_test(test_a_NUL_is_no_text),
	    cmocka_unit_test(test_what_is_too_long_is_refused_before_it_ends),
	    cmocka_unit_test(test_a_request_is_the_same_in_any_pieces),
	    cmocka_unit_test(test_the_host_of_an_absolute_address_counts),
	    cmocka_unit_test(test_only_the_whole_token_fits),
	    cmocka_unit_test(test_on_loopback_only_names_of_this_machine_are_known),
	    WITH_SITE(test_a_page_comes_with_all_that_keeps_it_harmless),
	    WITH_SITE(test_every_refusal_is_a_sentence_and_as_harmless),
	    WITH_SITE(test_HEAD_tells_the_length_of_what_it_leaves_out),
	    WITH_SITE(test_a_large_page_comes_whole),
	    WITH_SITE(test_what_follows_a_request_is_not_taken_for_another),
	    WITH_SITE(test_who_half_closes_is_answered),
	    cmocka_unit_test(test_with_a_token_only_open_pages_are_for_all),
	    WITH_SITE(test_a_port_in_use_is_told_with_what_to_do),
	    cmocka_unit_test(test_others_are_let_in_only_with_a_token),
	    cmocka_unit_test(test_it_listens_on_the_loopback_address_of_IPv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
