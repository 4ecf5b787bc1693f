/* An alert sent straight to Alertmanager: what it carries, when it may not be sent, and how long it may
 * be held back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "probes/hops/rfc3339.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/hops/stand.h"
#include "tests/support/loop.h"

#define PROBE "fd-k3q9x2m7-p2"
#define ROUTE                                                             \
	"route:\n  receiver: team\n  group_by: [%s]\n  group_wait: 10s\n" \
	"  group_interval: 5m\nreceivers:\n- name: team\n  slack_configs:\n  - channel: x\n"
#define LABELS                                                                    \
	"{\"alertname\":\"OrdersQueueMissing\",\"queue\":\"orders-fd-k3q9x2m7\"," \
	"\"severity\":\"page\"}"

static struct hop_probe probe_of(const char *labels)
{
	return (struct hop_probe){.id = PROBE,
				  .drill = STAND_DRILL,
				  .alert = "OrdersQueueMissing",
				  .labels = labels,
				  .summary = "[DRILL] " PROBE " no action needed",
				  .began_wall_ms = clock_wall_ms(),
				  .ends_after_ms = 90000};
}

static void answer(struct stand *stand, const char *alerts, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What Alertmanager tells of its alerts, and its configuration. */
static void answer(struct stand *stand, const char *alerts, const char *format, ...)
{
	char *yaml, *json;
	cJSON *text;
	va_list args;

	va_start(args, format);
	assert_true(vasprintf(&yaml, format, args) >= 0);
	va_end(args);
	text = cJSON_CreateString(yaml);
	json = cJSON_PrintUnformatted(text);
	(void)stand_answers(stand, "/api/v2/alerts?", "%s", alerts);
	(void)stand_answers(stand, "/api/v2/status",
			    "{\"config\":{\"original\":%s},\"uptime\":\"2026-01-01T00:00:00Z\"}",
			    json);
	(void)stand_answers(stand, "/api/v2/silences", "[]");
	(void)stand_answers(stand, "/metrics", "alertmanager_dispatcher_aggregation_groups 0\n");
	stand_observe(stand, &hop_alertmanager, HOP_AFTER);
	free(json);
	free(yaml);
	cJSON_Delete(text);
}

static bool may_send(struct stand *stand, const char *labels, int64_t *ret_held_ms, char *ret_text)
{
	const struct hop_observation *observations[HOP_TIME_COUNT] = {NULL};
	const struct hop_probe probe = probe_of(labels);
	struct error error = {""};
	bool may;

	if (stand->made[HOP_AFTER])
		observations[HOP_AFTER] = &stand->observed[HOP_AFTER];
	may =
	    hop_alertmanager.may_send(&stand->settings, &probe, observations, ret_held_ms, &error);
	memcpy(ret_text, error.text, sizeof error.text);
	assert_int_equal(may, error.text[0] == '\0');
	return may;
}

static int64_t held(struct stand *stand, const char *labels)
{
	char text[sizeof(struct error)];
	int64_t held_ms = -1;

	if (!may_send(stand, labels, &held_ms, text))
		fail_msg("%s", text);
	return held_ms;
}

static void assert_refused(struct stand *stand, const char *says)
{
	char text[sizeof(struct error)];
	int64_t held_ms;

	assert_false(may_send(stand, LABELS, &held_ms, text));
	if (strstr(text, says) == NULL)
		fail_msg("%s", text);
}

/* May it be sent? */

static void a_rule_whose_source_fits_forbids_it(void **state)
{
	static const char *const rules[] = {
	    "inhibit_rules:\n- source_matchers: [ 'severity=\"page\"' ]\n  equal: [cluster]\n",
	    "inhibit_rules:\n- source_match:\n    severity: page\n  target_match:\n    x: y\n",
	    "inhibit_rules:\n- source_match_re:\n    severity: page|critical\n",
	    "inhibit_rules:\n- source_matchers:\n  - severity=~\"pa\\\\p{L}e\"\n", /* who knows */
	    "inhibit_rules:\n- source_matchers:\n  - nonsense\n",
	    "inhibit_rules:\n- target_match:\n    x: y\n", /* any source */
	};

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		answer(*state, "[]", ROUTE "%s", "alertname", rules[i]);
		assert_refused(*state, "rule 1 of `inhibit_rules`");
	}
}

static void a_rule_that_cannot_concern_others_does_not(void **state)
{
	static const char *const rules[] = {
	    "inhibit_rules:\n- source_matchers:\n  - severity=\"critical\"\n",
	    "inhibit_rules:\n- source_matchers:\n  - severity=\"page\"\n  equal: [cluster, queue]\n",
	    "inhibit_rules: []\n",
	};

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		answer(*state, "[]", ROUTE "%s", "alertname", rules[i]);
		assert_int_equal(held(*state, LABELS), 10000);
	}
}

static void a_configuration_that_is_not_known_forbids_it(void **state)
{
	struct stand *stand = *state;

	assert_refused(stand, "could not be read"); /* nothing was observed */
	answer(stand, "[]", "%s", "route: [");
	assert_refused(stand, "could not be read");
}

/* How long may it take? */

static void a_group_of_its_own_waits_for_group_wait(void **state)
{
	const char *alerts = "[{\"labels\":{\"alertname\":\"OrdersQueueMissing\"},\"fingerprint\":"
			     "\"1\",\"startsAt\":\"2026-01-01T00:00:00Z\",\"status\":{}}]";

	answer(*state, alerts, ROUTE, "alertname, queue");
	assert_int_equal(held(*state, LABELS), 10000);
	answer(*state, alerts, ROUTE, "'...'");
	assert_int_equal(held(*state, LABELS), 10000);
	answer(*state, "[]", ROUTE, "alertname");
	assert_int_equal(held(*state, LABELS), 10000);
}

static void a_group_that_is_there_waits_for_group_interval(void **state)
{
	const char *alerts = "[{\"labels\":{\"alertname\":\"OrdersQueueMissing\"},\"fingerprint\":"
			     "\"1\",\"startsAt\":\"2026-01-01T00:00:00Z\",\"status\":{}}]";

	answer(*state, alerts, ROUTE, "alertname");
	assert_int_equal(held(*state, LABELS), 300000);
	answer(*state, alerts, ROUTE, ""); /* all in one group */
	assert_int_equal(held(*state, LABELS), 300000);
}

static void a_group_whose_alerts_have_ended_may_wait_for_group_interval(void **state)
{
	struct stand *stand = *state;

	answer(stand, "[]", ROUTE, "alertname");
	(void)stand_answers(stand, "/metrics", "alertmanager_dispatcher_aggregation_groups 1\n");
	stand_observe(stand, &hop_alertmanager, HOP_AFTER);
	assert_int_equal(held(stand, LABELS), 300000);
}

static void a_way_that_is_not_known_may_take_for_ever(void **state)
{
	answer(*state, "[]", ROUTE "  routes:\n  - matchers: [x=y]\n", "alertname");
	answer(*state, "[]",
	       "route:\n  receiver: team\n  routes:\n  - matchers:\n    - severity=~\"\\\\w+\"\n"
	       "receivers:\n- name: team\n");
	assert_true(held(*state, LABELS) > 86400000);
}

/* What is sent. */

struct sending {
	bool done;
	int times;
	char error[512];
};

static void on_sent(void *arg, const char *error)
{
	struct sending *sending = arg;

	sending->done = true;
	sending->times++;
	(void)snprintf(sending->error, sizeof sending->error, "%s", error != NULL ? error : "");
}

static struct sending send_it(struct stand *stand, const struct hop_probe *probe)
{
	struct sending sending = {0};

	assert_non_null(
	    hop_alertmanager.send(&stand->context, &stand->settings, probe, on_sent, &sending));
	assert_false(sending.done); /* never from inside send */
	loop_until(stand->base, &sending.done);
	(void)event_base_loop(stand->base, EVLOOP_NONBLOCK);
	assert_int_equal(sending.times, 1);
	return sending;
}

/* The one alert that was posted; owned by the caller through *ret_list. */
static const cJSON *posted(const struct stand *stand, cJSON **ret_list)
{
	assert_string_equal(stand->asked[(stand->asked_count - 1) % 16], "/api/v2/alerts");
	*ret_list = cJSON_Parse(stand->posted);
	assert_int_equal(cJSON_GetArraySize(*ret_list), 1);
	return (*ret_list)->child;
}

static const char *text_at(const cJSON *alert, const char *part, const char *name)
{
	const char *text = cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(alert, part), name));

	return text != NULL ? text : "";
}

static int64_t time_at(const cJSON *alert, const char *name)
{
	int64_t ms = 0;

	assert_true(
	    rfc3339_read(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(alert, name)), &ms));
	return ms;
}

static void it_has_the_labels_of_the_lost_one_and_is_marked(void **state)
{
	struct stand *stand = *state;
	const struct hop_probe probe = probe_of(LABELS);
	const cJSON *alert;
	cJSON *list;

	(void)stand_answers(stand, "/api/v2/alerts", "%s", "");
	assert_string_equal(send_it(stand, &probe).error, "");
	alert = posted(stand, &list);
	assert_string_equal(text_at(alert, "labels", "alertname"), "OrdersQueueMissing");
	assert_string_equal(text_at(alert, "labels", "queue"), "orders-" PROBE);
	assert_string_equal(text_at(alert, "labels", "severity"), "page");
	assert_string_equal(text_at(alert, "labels", "drill_id"), PROBE);
	assert_string_equal(text_at(alert, "labels", "drill"), "true");
	assert_string_equal(text_at(alert, "annotations", "summary"), probe.summary);
	assert_int_equal(time_at(alert, "startsAt"), probe.began_wall_ms);
	assert_in_range(time_at(alert, "endsAt") - probe.began_wall_ms, 90000, 300000);
	cJSON_Delete(list);
}

static void without_labels_it_has_its_name_and_odd_ones_are_left_out(void **state)
{
	static const char *const given[] = {NULL, "{\"empty\":\"\",\"number\":1,\"list\":[]}",
					    "not json", "[]"};
	struct stand *stand = *state;

	(void)stand_answers(stand, "/api/v2/alerts", "%s", "");
	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		const struct hop_probe probe = probe_of(given[i]);
		cJSON *list;
		const cJSON *alert;

		assert_string_equal(send_it(stand, &probe).error, "");
		alert = posted(stand, &list);
		assert_int_equal(
		    cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(alert, "labels")), 3);
		assert_string_equal(text_at(alert, "labels", "alertname"), "OrdersQueueMissing");
		cJSON_Delete(list);
	}
}

static void it_is_ended_by_the_stations_clock(void **state)
{
	struct stand *stand = *state;
	struct hop_probe probe = probe_of(LABELS);
	cJSON *list;
	const cJSON *alert;

	(void)stand_answers(stand, "/api/v2/alerts", "%s", "");
	probe.ahead_ms = -3600000;
	probe.ends_after_ms = 0;
	(void)send_it(stand, &probe);
	alert = posted(stand, &list);
	assert_int_equal(time_at(alert, "startsAt"), probe.began_wall_ms - 3600000);
	assert_in_range(time_at(alert, "endsAt") - time_at(alert, "startsAt"), 0, 60000);
	cJSON_Delete(list);
}

static void what_is_not_taken_says_why(void **state)
{
	struct stand *stand = *state;
	const struct hop_probe probe = probe_of(LABELS);

	stand_answers(stand, "/api/v2/alerts", "bad label")->status = 400;
	assert_non_null(strstr(send_it(stand, &probe).error, "400"));
	stand_answers(stand, "/api/v2/alerts", "no")->status = 401;
	assert_non_null(strstr(send_it(stand, &probe).error, "headers"));
	stand_answers(stand, "/api/v2/alerts", "no")->hangs = true;
	stand->settings.timeout_ms = 50;
	assert_true(send_it(stand, &probe).error[0] != '\0');
}

static void a_cancelled_one_is_never_told(void **state)
{
	struct stand *stand = *state;
	const struct hop_probe probe = probe_of(LABELS);
	struct sending sending = {0}, other;
	struct hop_op *op;

	(void)stand_answers(stand, "/api/v2/alerts", "%s", "");
	op = hop_alertmanager.send(&stand->context, &stand->settings, &probe, on_sent, &sending);
	hop_alertmanager.cancel(op);
	other = send_it(stand, &probe); /* what was to come before it would have come */
	assert_string_equal(other.error, "");
	assert_int_equal(sending.times, 0);
}

/* The labels of the lost one. */

static void assert_labels(struct stand *stand, const char *wanted)
{
	const struct hop_observation *observations[HOP_TIME_COUNT] = {
	    [HOP_PEAK] = stand->made[HOP_PEAK] ? &stand->observed[HOP_PEAK] : NULL};
	char *labels = hop_alertmanager.labels(&stand->settings, &stand->want, observations);

	if (wanted == NULL)
		assert_null(labels);
	else
		assert_string_equal(labels, wanted);
	free(labels);
}

static void its_labels_are_those_that_alertmanager_had(void **state)
{
	struct stand *stand = *state;
	char *alerts =
	    mem_printf("[{\"labels\":" LABELS ",\"fingerprint\":\"1\",\"startsAt\":\"%s\","
		       "\"status\":{}}]",
		       stand_time(stand, 1000));

	assert_labels(stand, NULL);
	answer(stand, "[]", ROUTE, "alertname");
	stand_observe(stand, &hop_alertmanager, HOP_PEAK);
	assert_labels(stand, NULL);
	answer(stand, alerts, ROUTE, "alertname");
	stand_observe(stand, &hop_alertmanager, HOP_PEAK);
	assert_labels(stand, LABELS);
	free(alerts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    stand_test(a_rule_whose_source_fits_forbids_it),
	    stand_test(a_rule_that_cannot_concern_others_does_not),
	    stand_test(a_configuration_that_is_not_known_forbids_it),
	    stand_test(a_group_of_its_own_waits_for_group_wait),
	    stand_test(a_group_that_is_there_waits_for_group_interval),
	    stand_test(a_group_whose_alerts_have_ended_may_wait_for_group_interval),
	    stand_test(a_way_that_is_not_known_may_take_for_ever),
	    stand_test(it_has_the_labels_of_the_lost_one_and_is_marked),
	    stand_test(without_labels_it_has_its_name_and_odd_ones_are_left_out),
	    stand_test(it_is_ended_by_the_stations_clock),
	    stand_test(what_is_not_taken_says_why),
	    stand_test(a_cancelled_one_is_never_told),
	    stand_test(its_labels_are_those_that_alertmanager_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
