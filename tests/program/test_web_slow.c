/* The web server and those who take their time, in virtual time. */
#include "src/program/serve/web.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/engine/virtual_time.h"
#include "tests/program/site.h"
#include "tests/program/visitor.h"

#define ASK       "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define LARGE     8000000 /* more than the kernel's buffers take */
#define SECOND    1000
#define TOO_FEW   3
#define KERNEL_MS 50 /* for what was said to be there, on a busy machine too */

static const struct web_route routes[] = {{"/", .answer = site_answer_large}, {0}};

static int set_up(void **state)
{
	struct site *site = site_open("127.0.0.1:0", NULL, NULL, routes);

	virtual_time_wait_for_kernel(KERNEL_MS);
	site->size = LARGE;
	*state = site;
	return 0;
}

static int tear_down(void **state)
{
	site_close(*state);
	return 0;
}

struct wanted {
	struct web *web;
	size_t count;
};

static bool has_connections(void *arg)
{
	struct wanted *wanted = arg;

	return web_connections(wanted->web) == wanted->count;
}

static void wait_for(struct site *site, size_t connections)
{
	struct wanted wanted = {site->web, connections};

	assert_true(virtual_time_run(site->base, has_connections, &wanted));
}

static void test_a_request_that_comes_byte_by_byte_ends_in_time(void **state)
{
	static const char start[] =
	    "GET / HTTP/1.1\r\nHost: localhost\r\nA: aaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct site *site = *state;
	int64_t began_ms = clock_ms();
	struct visitor visitor;

	visitor_come(&visitor, web_address(site->web));
	for (size_t i = 0; i < sizeof start - 1 && !visitor_has_all(&visitor); i++) {
		visitor_say(&visitor, start + i, 1);
		virtual_time_pass(site->base, SECOND);
	}
	assert_true(visitor_has_all(&visitor));
	assert_int_equal(visitor_status(&visitor), 0);
	assert_in_range(clock_ms() - began_ms, WEB_TIMEOUT_S * SECOND,
			(WEB_TIMEOUT_S + 2) * SECOND);
	assert_int_equal(web_connections(site->web), 0);
	visitor_go(&visitor);
}

static void test_who_says_nothing_has_to_go(void **state)
{
	struct site *site = *state;
	struct visitor visitor;

	visitor_come(&visitor, web_address(site->web));
	wait_for(site, 1);
	virtual_time_pass(site->base, (WEB_TIMEOUT_S - 1) * SECOND);
	assert_int_equal(web_connections(site->web), 1);
	virtual_time_pass(site->base, 2 * SECOND);
	assert_int_equal(web_connections(site->web), 0);
	visitor_go(&visitor);
}

static void test_who_does_not_read_has_to_go(void **state)
{
	struct site *site = *state;
	struct visitor visitor;

	visitor_come(&visitor, web_address(site->web));
	visitor_say(&visitor, ASK, strlen(ASK));
	wait_for(site, 1);
	virtual_time_pass(site->base, (WEB_TIMEOUT_S + 1) * SECOND);
	assert_int_equal(web_connections(site->web), 0);
	visitor_go(&visitor);
}

static void test_who_has_its_answer_and_stays_has_to_go(void **state)
{
	struct site *site = *state;
	struct visitor visitor;

	site->size = 10;
	visitor_come(&visitor, web_address(site->web));
	visitor_say(&visitor, ASK, strlen(ASK));
	assert_true(virtual_time_run(site->base, visitor_has_all, &visitor));
	assert_int_equal(visitor_status(&visitor), 200);
	virtual_time_pass(site->base, 5 * SECOND);
	assert_int_equal(web_connections(site->web), 0);
	visitor_go(&visitor);
}

/* What closes while something is still being said takes its answer back. */
static void test_who_still_sends_is_heard_and_has_to_go_in_the_end(void **state)
{
	static const char head[] =
	    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10485760\r\n\r\n";
	struct site *site = *state;
	int64_t began_ms = clock_ms();
	struct visitor visitor;

	visitor_come(&visitor, web_address(site->web));
	visitor_say(&visitor, head, strlen(head));
	assert_true(virtual_time_run(site->base, visitor_has_all, &visitor));
	assert_int_equal(visitor_status(&visitor), 413);
	for (int i = 0; i < 2 * WEB_TIMEOUT_S && web_connections(site->web) > 0; i++) {
		visitor_say(&visitor, "x", 1);
		virtual_time_pass(site->base, SECOND);
	}
	assert_in_range(clock_ms() - began_ms, (WEB_TIMEOUT_S - 1) * SECOND,
			(WEB_TIMEOUT_S + 2) * SECOND);
	assert_int_equal(web_connections(site->web), 0);
	visitor_go(&visitor);
}

static void test_the_oldest_that_asked_nothing_makes_room_for_the_newest(void **state)
{
	enum { COUNT = WEB_CONNECTIONS + TOO_FEW };
	struct site *site = *state;
	struct visitor *visitors = mem_zalloc(COUNT * sizeof *visitors);
	struct visitor asks;

	/* The oldest of all is being answered: it does not have to go. */
	visitor_come(&visitors[0], web_address(site->web));
	visitor_say(&visitors[0], ASK, strlen(ASK));
	wait_for(site, 1);
	for (size_t i = 1; i < COUNT; i++) {
		visitor_come(&visitors[i], web_address(site->web));
		wait_for(site, i < WEB_CONNECTIONS ? i + 1 : WEB_CONNECTIONS);
	}
	site->size = 10;
	visitor_come(&asks, web_address(site->web));
	visitor_say(&asks, ASK, strlen(ASK));
	assert_true(virtual_time_run(site->base, visitor_has_all, &asks));
	assert_int_equal(visitor_status(&asks), 200);
	assert_false(visitor_has_all(&visitors[0]));
	for (size_t i = 1; i < COUNT; i++)
		assert_int_equal(visitor_has_all(&visitors[i]), i <= TOO_FEW + 1);
	for (size_t i = 0; i < COUNT; i++)
		visitor_go(&visitors[i]);
	visitor_go(&asks);
	free(visitors);
}

static void test_answers_that_nobody_reads_make_room_for_the_newest(void **state)
{
	enum { COUNT = 12 };
	struct site *site = *state;
	struct visitor visitors[COUNT];
	size_t cut = 0;

	for (size_t i = 0; i < COUNT; i++) {
		visitor_come(&visitors[i], web_address(site->web));
		visitor_say(&visitors[i], ASK, strlen(ASK));
		virtual_time_pass(site->base, 1);
		assert_true(web_connections(site->web) * (LARGE / 2) < 2 * WEB_PENDING_BYTES);
	}
	for (size_t i = 0; i < COUNT; i++) {
		cut += visitor_has_all(&visitors[i]);
		assert_true(i == 0 || !visitors[i].ended || visitors[i - 1].ended);
	}
	assert_in_range(cut, 1, COUNT - 2);
	for (size_t i = 0; i < COUNT; i++)
		visitor_go(&visitors[i]);
}

int main(void)
{
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_SITE(test_a_request_that_comes_byte_by_byte_ends_in_time),
	    WITH_SITE(test_who_says_nothing_has_to_go),
	    WITH_SITE(test_who_does_not_read_has_to_go),
	    WITH_SITE(test_who_has_its_answer_and_stays_has_to_go),
	    WITH_SITE(test_who_still_sends_is_heard_and_has_to_go_in_the_end),
	    WITH_SITE(test_the_oldest_that_asked_nothing_makes_room_for_the_newest),
	    WITH_SITE(test_answers_that_nobody_reads_make_room_for_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
