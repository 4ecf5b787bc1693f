/* The ways to lose an alert: each loses it where its name says, and nowhere else. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fake-services/alerting.h"
#include "fake-services/chat.h"
#include "fake-services/ways.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/support/loop.h"

#define LINE    "level=error msg=\"publish failed\" queue=orders-fd-k3q9x2m7\n"
#define FIRING  "[FIRING:1] OrdersQueueMissing (orders-fd-k3q9x2m7"
#define LATE_MS 5500 /* of the late one, as ways.c says */

struct with_ways {
	struct event_base *base; /* owned */
	struct fake_ways *ways;  /* owned */
	const char *channel;     /* borrowed; what is waited for */
	const char *text;
};

static int setup(void **state)
{
	const struct fake_world_options options = {.tick_ms = 10, .for_ms = -1, .keep_ms = 100};
	struct with_ways *with = mem_zalloc(sizeof *with);

	with->base = event_base_new();
	with->ways = fake_ways_new(with->base, &options, NULL);
	*state = with;
	return with->ways != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct with_ways *with = *state;

	fake_ways_free(with->ways);
	event_base_free(with->base);
	free(with);
	return 0;
}

static size_t said(const struct with_ways *with, const char *channel, const char *text)
{
	return fake_chat_count(fake_ways_chat(with->ways), channel, text);
}

static bool is_said(void *arg)
{
	const struct with_ways *with = arg;

	return said(with, with->channel, with->text) > 0;
}

static void wait_for(struct with_ways *with, const char *channel, const char *text)
{
	with->channel = channel;
	with->text = text;
	loop_until_true(with->base, is_said, with);
}

static struct fake_alerting *alerting(const struct with_ways *with, const char *way)
{
	const struct fake_environment *environment = fake_ways_find(with->ways, way);

	assert_non_null(environment);
	return environment->alerting;
}

/* The same line to all; the healthy one gets it last, so that what it says is the sentinel. */
static void log_everywhere(const struct with_ways *with)
{
	static const char *const names[] = {
	    "line-lost", "no-rule", "not-sent",     "posts-nowhere", "chat-drops", "wrong-channel",
	    "late",      "twice",   "not-resolved", "garbled",       "healthy"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		fake_alerting_log(alerting(with, names[i]), LINE);
}

static void each_way_loses_the_alert_where_its_name_says(void **state)
{
	static const struct {
		const char *way;
		size_t firing, posted;
	} lost[] = {{"line-lost", 0, 0},     {"no-rule", 0, 0},    {"not-sent", 1, 0},
		    {"posts-nowhere", 1, 0}, {"chat-drops", 1, 1}, {"late", 1, 0}};
	struct with_ways *with = *state;
	int64_t begun_ms = clock_ms();

	log_everywhere(with);
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
		assert_int_equal(
		    fake_alerting_firing(alerting(with, lost[i].way), "OrdersQueueMissing"),
		    lost[i].firing);
	wait_for(with, "healthy", FIRING);
	wait_for(with, "healthy", "[RESOLVED]");
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
		if (strcmp(lost[i].way, "late") == 0 && clock_ms() - begun_ms > LATE_MS)
			continue; /* as it is by now, on a busy machine */
		assert_int_equal(said(with, lost[i].way, NULL), 0);
		assert_true(fake_alerting_posted(alerting(with, lost[i].way)) >= lost[i].posted);
		if (lost[i].posted == 0)
			assert_int_equal(fake_alerting_posted(alerting(with, lost[i].way)), 0);
	}
	assert_int_equal(said(with, "wrong-channel", NULL), 0);
	assert_int_equal(said(with, "elsewhere", FIRING), 1);
	assert_int_equal(said(with, "twice", FIRING), 2);
	assert_int_equal(said(with, "garbled", FIRING), 1);
	assert_int_equal(said(with, "garbled", "runbook"), 0);
	assert_int_equal(said(with, "healthy", "runbook"), 2);
	assert_int_equal(said(with, "not-resolved", FIRING), 1);
	assert_int_equal(said(with, "not-resolved", "[RESOLVED]"), 0);
}

static void the_false_alarm_comes_when_it_is_asked_for_and_only_there(void **state)
{
	struct with_ways *with = *state;

	assert_int_equal(said(with, "false-alarm", NULL), 0);
	fake_ways_alarm(with->ways);
	wait_for(with, "false-alarm", "[FIRING:1] WorkerStopped (nightly-report");
	assert_int_equal(said(with, "all-quiet", NULL), 0);
	assert_null(fake_ways_find(with->ways, "no-such-way"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_way_loses_the_alert_where_its_name_says, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(
		the_false_alarm_comes_when_it_is_asked_for_and_only_there, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
