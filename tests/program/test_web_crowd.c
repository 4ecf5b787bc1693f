/* The web server and many who come at once, and those who do not stay. */
#include "src/program/serve/web.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "tests/program/site.h"
#include "tests/program/visitor.h"
#include "tests/support/loop.h"

#define CROWD 10
#define LARGE 8000000 /* more than the kernel's buffers take */
#define ASK   "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void answer_page(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	struct site *site = arg;

	(void)ask;
	site->answered++;
	buf_adds(&answer->body, "well\n");
}

static const struct web_route routes[] = {
    {"/large", .exact = true, .answer = site_answer_large},
    {"/", .exact = true, .answer = answer_page},
    {0},
};

static int set_up(void **state)
{
	struct site *site = site_open("127.0.0.1:0", NULL, NULL, routes);

	site->size = LARGE;
	*state = site;
	return 0;
}

static int tear_down(void **state)
{
	site_close(*state);
	return 0;
}

static void come_and_ask(struct site *site, struct visitor *visitors)
{
	for (size_t i = 0; i < CROWD; i++) {
		visitor_come(&visitors[i], web_address(site->web));
		visitor_say(&visitors[i], ASK, strlen(ASK));
	}
}

static void test_of_many_at_once_one_is_answered_in_each_turn_of_the_loop(void **state)
{
	struct site *site = *state;
	struct visitor visitors[CROWD];

	come_and_ask(site, visitors);
	while (site->answered < CROWD) {
		size_t before = site->answered;

		assert_int_equal(event_base_loop(site->base, EVLOOP_ONCE), 0);
		assert_in_range(site->answered - before, 0, 1);
	}
	for (size_t i = 0; i < CROWD; i++) {
		loop_until_true(site->base, visitor_has_all, &visitors[i]);
		assert_int_equal(visitor_status(&visitors[i]), 200);
		visitor_go(&visitors[i]);
	}
}

static bool nobody_is_there(void *arg)
{
	const struct site *site = arg;

	return web_connections(site->web) == 0;
}

static void go_at_once(struct visitor *visitor)
{
	const struct linger hard = {.l_onoff = 1};

	assert_int_equal(
	    setsockopt(visitor->fd, SOL_SOCKET, SO_LINGER, &hard, (socklen_t)sizeof hard), 0);
	visitor_go(visitor);
}

static void test_who_goes_before_its_turn_is_in_nobodys_way(void **state)
{
	struct site *site = *state;
	struct visitor visitors[CROWD];

	come_and_ask(site, visitors);
	while (site->answered == 0)
		assert_int_equal(event_base_loop(site->base, EVLOOP_ONCE), 0);
	go_at_once(&visitors[3]);
	visitor_go(&visitors[5]);
	assert_int_equal(shutdown(visitors[CROWD - 1].fd, SHUT_WR), 0);
	for (size_t i = 0; i < CROWD; i++) {
		if (i == 3 || i == 5)
			continue;
		loop_until_true(site->base, visitor_has_all, &visitors[i]);
		assert_int_equal(visitor_status(&visitors[i]), 200);
		visitor_go(&visitors[i]);
	}
	loop_until_true(site->base, nobody_is_there, site);
}

static bool has_begun(void *arg)
{
	const struct visitor *visitor = arg;
	char first;

	return recv(visitor->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* The page is handed to the connection without a copy: with asan, it is freed once. */
static void test_who_goes_in_the_middle_of_a_page_leaves_nothing(void **state)
{
	static const char ask[] = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct site *site = *state;

	for (int hard = 0; hard < 2; hard++) {
		struct visitor visitor;

		visitor_come(&visitor, web_address(site->web));
		visitor_say(&visitor, ask, strlen(ask));
		loop_until_true(site->base, has_begun, &visitor);
		if (hard == 1)
			go_at_once(&visitor);
		else
			visitor_go(&visitor);
		loop_until_true(site->base, nobody_is_there, site);
	}
}

static void test_it_ends_while_some_wait_for_their_turn(void **state)
{
	struct site *site = *state;
	struct visitor visitors[CROWD];

	come_and_ask(site, visitors);
	while (site->answered == 0)
		assert_int_equal(event_base_loop(site->base, EVLOOP_ONCE), 0);
	web_free(site->web);
	site->web = NULL;
	for (size_t i = 0; i < CROWD; i++)
		visitor_go(&visitors[i]);
}

int main(void)
{
#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_SITE(test_of_many_at_once_one_is_answered_in_each_turn_of_the_loop),
	    WITH_SITE(test_who_goes_before_its_turn_is_in_nobodys_way),
	    WITH_SITE(test_who_goes_in_the_middle_of_a_page_leaves_nothing),
	    WITH_SITE(test_it_ends_while_some_wait_for_their_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
