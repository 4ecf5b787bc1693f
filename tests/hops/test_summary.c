/* What a station is in one line, and what is doubtful about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "probes/hops/summary.h"
#include "tests/hops/stand.h"

#define DOUBTS 6

struct told {
	char line[1024], doubts[DOUBTS][1024];
	size_t lines, count;
};

static void on_told(void *arg, bool good, const char *text)
{
	struct told *told = arg;

	if (good) {
		assert_int_equal(told->lines + told->count, 0); /* first, and once */
		told->lines++;
		(void)snprintf(told->line, sizeof told->line, "%s", text);
		return;
	}
	assert_true(told->count < DOUBTS);
	(void)snprintf(told->doubts[told->count++], sizeof told->doubts[0], "%s", text);
}

static struct told tell(const char *type, const char *json, int64_t ahead_ms)
{
	struct hop_settings settings = {.type = stand_words(type),
					.path = stand_words("data.items[*]")};
	const struct hop_observation observation = {.json = json, .ahead_ms = ahead_ms};
	struct told told = {.lines = 0};

	summary_tell(&settings, &observation, on_told, &told);
	assert_int_equal(told.lines, 1);
	return told;
}

static void assert_doubt(const struct told *told, const char *text)
{
	for (size_t i = 0; i < told->count; i++) {
		if (strstr(told->doubts[i], text) != NULL)
			return;
	}
	fail_msg("%zu doubts, none says: %s\nthe first: %s", told->count, text, told->doubts[0]);
}

static void a_healthy_prometheus_has_no_doubts(void **state)
{
	struct told told = tell("prometheus",
				"{\"rules\":{\"count\":12,\"list\":[]},"
				"\"targets\":{\"up\":3,\"down\":0,\"list\":[]},"
				"\"alertmanagers\":{\"active\":1,\"dropped\":0,\"list\":[]},"
				"\"delivery\":{\"sent\":0,\"reloaded\":1}}",
				0);

	(void)state;
	assert_string_equal(told.line, "3 targets up, 12 alerting rules, sends to 1 Alertmanager");
	assert_int_equal(told.count, 0);
}

static void what_keeps_a_prometheus_from_alerting_is_named(void **state)
{
	struct told told =
	    tell("prometheus",
		 "{\"rules\":{\"count\":0,\"list\":[]},"
		 "\"targets\":{\"up\":1,\"down\":2,\"list\":[{\"job\":\"orders\",\"instance\":"
		 "\"10.0.0.1:80\",\"error\":\"connection refused\"}]},"
		 "\"alertmanagers\":{\"active\":0,\"dropped\":0,\"list\":[]},"
		 "\"delivery\":{\"sent\":0,\"reloaded\":0},\"series_error\":\"it was too slow\"}",
		 -65000);

	(void)state;
	assert_string_equal(told.line, "1 target up, 0 alerting rules, sends to 0 Alertmanagers, "
				       "its clock is 1 min 5 s behind ours");
	assert_doubt(&told, "it sends alerts to no Alertmanager");
	assert_doubt(&told, "it has no alerting rule");
	assert_doubt(&told, "the last reload of its configuration failed");
	assert_doubt(&told, "the series of its rules exist is not known: it was too slow");
	assert_doubt(&told, "2 of its 3 targets cannot be scraped, so rules about them may not "
			    "fire; the first is 10.0.0.1:80 of job orders: connection refused");
	assert_int_equal(told.count, 5);
}

static void what_was_not_told_is_not_guessed(void **state)
{
	struct told told = tell("prometheus",
				"{\"rules\":{\"count\":2,\"list\":[]},"
				"\"targets\":{\"error\":\"answered 403\"},"
				"\"alertmanagers\":{\"error\":\"answered 403\"},"
				"\"delivery\":{\"error\":\"answered 403\"}}",
				0);

	(void)state;
	assert_string_equal(told.line, "2 alerting rules");
	assert_doubt(&told, "nothing is known of its targets: answered 403");
	assert_doubt(&told, "nothing is known of its alertmanagers: answered 403");
	assert_int_equal(told.count, 3);
}

static void an_alertmanager_tells_what_it_has(void **state)
{
	struct told told =
	    tell("alertmanager",
		 "{\"alerts\":{\"count\":7,\"list\":[]},\"silences\":{\"list\":[{}]},"
		 "\"status\":{\"version\":\"0.27.0\",\"config\":{\"receivers\":[{},{}]}},"
		 "\"counters\":{}}",
		 0);

	(void)state;
	assert_string_equal(told.line, "version 0.27.0, 2 receivers, 7 alerts, 1 silence now");
	assert_int_equal(told.count, 0);
	told = tell("alertmanager",
		    "{\"alerts\":{\"count\":0,\"list\":[]},\"status\":{\"version\":\"0.99.0\","
		    "\"config\":{\"error\":\"it cannot be read: line 3\"}}}",
		    0);
	assert_string_equal(told.line, "version 0.99.0, 0 alerts now");
	assert_doubt(&told, "routes and receivers are not known");
	assert_int_equal(told.count, 1);
}

static void the_other_stations_tell_what_they_have(void **state)
{
	struct told told;

	(void)state;
	told = tell("grafana",
		    "{\"rules\":{\"list\":[{}]},\"alerts\":{\"list\":[]},"
		    "\"receivers\":{\"list\":[{},{}]},\"silences\":{\"list\":[]}}",
		    0);
	assert_string_equal(told.line, "1 rule, 2 contact points, 0 alerts now");
	told = tell("loki", "{\"lines\":{\"list\":[]},\"marked\":{\"list\":[]}}", 0);
	assert_string_equal(told.line, "0 log lines of the last hour match its query");
	assert_doubt(&told, "is `query` right");
	told = tell("loki", "{\"lines\":{\"list\":[{}],\"full\":true}}", 0);
	assert_string_equal(told.line, "at least 1 log line of the last hour match its query");
	assert_int_equal(told.count, 0);
	told = tell("http-json", "{\"found\":{\"list\":[{},{},{}]}}", 0);
	assert_string_equal(told.line, "3 at data.items[*]");
}

/* Whatever is in it, it is an observation. */
static void an_observation_of_nothing_is_survived(void **state)
{
	static const char *const types[] = {"prometheus", "alertmanager", "grafana",
					    "loki",       "http-json",    "graphite"};
	static const char *const observations[] = {"{}", "[]", "7", "{\"rules\":7,\"status\":[]}"};

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		for (size_t k = 0; k < sizeof observations / sizeof observations[0]; k++)
			(void)tell(types[i], observations[k], 0);
	}
}

/* The plan names them before any station is asked. */
static void no_station_is_asked_more_often_than_is_said(void **state)
{
	static const char *const types[] = {"prometheus", "alertmanager", "grafana", "loki",
					    "http-json"};
	struct stand *stand = *state;

	stand->settings.query = stand_words("/{app=\"orders\"}");
	stand->settings.path = stand_words("data[*]");
	(void)stand_answers(stand, "/api/v1/rules",
			    "{\"status\":\"success\",\"data\":{\"groups\":[{\"rules\":[{\"name\":"
			    "\"A\",\"query\":\"orders_up == 0\",\"state\":\"inactive\",\"health\":"
			    "\"ok\"}]}]}}");
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t before = stand->asked_count;

		stand_observe(stand, hop_driver_find(types[i]), HOP_BEFORE);
		assert_int_equal(stand->asked_count - before, summary_requests(types[i]));
		assert_int_equal(stand->observed[HOP_BEFORE].requests, summary_requests(types[i]));
	}
	assert_int_equal(summary_requests("graphite"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_healthy_prometheus_has_no_doubts),
	    cmocka_unit_test(what_keeps_a_prometheus_from_alerting_is_named),
	    cmocka_unit_test(what_was_not_told_is_not_guessed),
	    cmocka_unit_test(an_alertmanager_tells_what_it_has),
	    cmocka_unit_test(the_other_stations_tell_what_they_have),
	    cmocka_unit_test(an_observation_of_nothing_is_survived),
	    stand_test(no_station_is_asked_more_often_than_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
