/* Stations that answer without end, or never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "probes/hops/fetch.h"
#include "probes/hops/hop.h"
#include "src/base/secret.h"
#include "tests/probes/asking.h"
#include "tests/support/loop.h"

static const struct hop_driver *const drivers[] = {&hop_prometheus, &hop_alertmanager};

struct seen {
	bool done;
	char error[1024];
};

static void on_observed(void *arg, const struct hop_observation *observation)
{
	struct seen *seen = arg;

	seen->done = true;
	(void)snprintf(seen->error, sizeof seen->error, "%s",
		       observation->error != NULL ? observation->error : "");
}

static void fails(struct asking *asking, const struct hop_driver *driver, const char *words)
{
	struct hop_context context = {asking->base, asking->http, secrets_new()};
	struct hop_settings settings = {.url = asking->server->url,
					.timeout_ms =
					    asking->server->answer == NULL ? 1000 : 45000};
	struct seen seen = {0};

	(void)driver->observe(&context, &settings, on_observed, &seen);
	loop_until(asking->base, &seen.done);
	secrets_free(context.secrets);
	if (strstr(seen.error, words) == NULL)
		fail_msg("%s: %s\nwanted: %s", driver->type, seen.error, words);
}

static void an_answer_without_end_is_broken_off(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n[";
	asking->server->flood = "{\"labels\":{}},";
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
		fails(asking, drivers[i], "could not be asked");
	assert_true(asking->server->sent < (256U << 20));
}

static void a_station_that_never_answers_is_given_up_in_time(void **state)
{
	struct asking *asking = *state;

	asking->server->answer = NULL;
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
		fails(asking, drivers[i], "could not be asked");
}

static void brackets_without_end_are_no_answer(void **state)
{
	static char deep[200000];
	struct asking *asking = *state;
	int len = snprintf(deep, sizeof deep, "HTTP/1.1 200 OK\r\nContent-Length: 150000\r\n\r\n");

	memset(deep + len, '[', 150000);
	asking->server->answer = deep;
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
		fails(asking, drivers[i], "its answer about");
}

static void a_clock_is_ahead_only_by_more_than_a_date_can_tell(void **state)
{
	(void)state;
	assert_int_equal(fetch_ahead(-1, 1000000, 1000100), 0);
	assert_int_equal(fetch_ahead(1000000, 1000000, 1000100), 0);
	assert_int_equal(fetch_ahead(999000, 1000900, 1001100), -1500);
	assert_int_equal(fetch_ahead(1060000, 1000400, 1000600), 60000);
	assert_int_equal(fetch_ahead(1002000, 998000, 1002000), 0); /* two seconds on the way */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    asking_test(an_answer_without_end_is_broken_off),
	    asking_test(a_station_that_never_answers_is_given_up_in_time),
	    asking_test(brackets_without_end_are_no_answer),
	    cmocka_unit_test(a_clock_is_ahead_only_by_more_than_a_date_can_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
