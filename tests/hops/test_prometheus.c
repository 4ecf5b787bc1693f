/* The hop type "prometheus": series, rule, delivery; answers as 2.42 gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "tests/hops/stand.h"

#define RULES  "/api/v1/rules?type=alert"
#define SERIES "/api/v1/query"
#define QUERY  "sum by (queue) (increase(orders_failures_total[5s])) > 0"
#define CALM   ""

static void answer_rules(struct stand *stand, const char *state, const char *alerts)
{
	(void)stand_answers(
	    stand, RULES,
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"orders\",\"file\":\"/r.yml\","
	    "\"rules\":[{\"state\":\"%s\",\"name\":\"OrdersQueueMissing\",\"query\":\"%s\","
	    "\"duration\":60,\"keepFiringFor\":0,\"labels\":{},\"annotations\":{},\"alerts\":[%s],"
	    "\"health\":\"ok\",\"evaluationTime\":0.1,\"lastEvaluation\":\"%s\",\"type\":"
	    "\"alerting\"}],\"interval\":15,\"limit\":0}]}}",
	    state, QUERY, alerts, stand_time(stand, 20000));
}

/* One alert in the state; the queue is a label. */
static void answer_alert(struct stand *stand, const char *state, const char *queue,
			 int64_t since_ms)
{
	char alert[512];

	(void)snprintf(alert, sizeof alert,
		       "{\"labels\":{\"alertname\":\"OrdersQueueMissing\",\"queue\":\"%s\"},"
		       "\"annotations\":{\"summary\":\"quote \\\" ü \\n line\"},\"state\":\"%s\","
		       "\"activeAt\":\"%s\",\"value\":\"1e+00\"}",
		       queue, state, stand_time(stand, since_ms));
	answer_rules(stand, state, alert);
}

static void answer_metrics(struct stand *stand, int sent, int errors, int dropped)
{
	(void)stand_answers(
	    stand, "/metrics",
	    "# HELP prometheus_notifications_sent_total x\n"
	    "prometheus_notifications_sent_total{alertmanager=\"http://a/api/v2/alerts\"} %d\n"
	    "prometheus_notifications_errors_total{alertmanager=\"http://a/api/v2/alerts\"} %d\n"
	    "prometheus_notifications_dropped_total %d\nprometheus_notifications_queue_length 0\n"
	    "prometheus_config_last_reload_successful 1\n",
	    sent, errors, dropped);
}

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	answer_rules(stand, "inactive", CALM);
	answer_metrics(stand, 10, 0, 0);
	(void)stand_answers(
	    stand, SERIES,
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
	    "{\"metric\":{\"i\":\"0\"},\"value\":[1700000000.1,\"3\"]}]}}");
	(void)stand_answers(
	    stand, "/api/v1/targets",
	    "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{\"job\":\"orders\","
	    "\"instance\":\"o:1\"},\"health\":\"up\",\"lastError\":\"\"},{\"labels\":{\"job\":"
	    "\"worker\",\"instance\":\"w:1\"},\"health\":\"down\",\"lastError\":\"dial tcp w:1: "
	    "connect: connection refused\"}],\"droppedTargets\":[]}}");
	(void)stand_answers(
	    stand, "/api/v1/alertmanagers",
	    "{\"status\":\"success\",\"data\":{\"activeAlertmanagers\":[{\"url\":"
	    "\"http://user:pw@a:9093/api/v2/alerts\"}],\"droppedAlertmanagers\":[]}}");
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

static void look(struct stand *stand, enum hop_time time)
{
	size_t before = stand->asked_count;

	stand_observe(stand, &hop_prometheus, time);
	assert_true(stand->asked_count - before <= 5);
	assert_int_equal(stand->asked_count - before, (size_t)stand->observed[time].requests);
	stand_explain(stand, &hop_prometheus);
	assert_int_equal(stand->finding_count, 2);
}

static void a_firing_alert_had_it_since_its_for_was_over(void **state)
{
	struct stand *stand = *state;

	look(stand, HOP_BEFORE);
	answer_alert(stand, "firing", "orders-" STAND_DRILL, 3000);
	answer_metrics(stand, 12, 0, 0);
	look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_METRIC, HOP_HAD_IT, "\"OrdersQueueMissing\"", NULL);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "active since 3.0 s after the fault", NULL);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "it sent 2 alerts, 0 failed, 0 were dropped",
		   NULL);
	assert_int_equal(stand->findings[1].at_wall_ms - stand->want.injected_wall_ms, 63000);
	assert_int_equal(stand->findings[0].at_wall_ms - stand->want.injected_wall_ms, 3000);
	assert_string_equal(stand->findings[1].cause, "");
}

static void a_pending_alert_is_pending_only(void **state)
{
	struct stand *stand = *state;

	answer_alert(stand, "pending", "orders-" STAND_DRILL, 3000);
	look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_METRIC, HOP_HAD_IT, NULL, NULL);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, "pending only, for less than its `for` of",
		   "before the rule's `for`");
}

static void a_calm_rule_with_series_lacked_it_and_the_metric_is_not_guessed(void **state)
{
	struct stand *stand = *state;

	look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_METRIC, HOP_NOT_ASKED, "1 of 2 targets is down: \"worker\"", NULL);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, "was inactive", "never true");
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, QUERY, NULL);
}

static void a_rule_without_its_series_is_dead(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(
	    stand, SERIES,
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
	look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_METRIC, HOP_LACKED_IT, "no series of \"orders_failures_total\"",
		   "renamed");
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, NULL, "do not exist");
}

static void when_the_series_cannot_be_asked_nothing_is_said_of_them(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, SERIES, "%s", "nope")->status = 405;
	look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_METRIC, HOP_NOT_ASKED, "405", NULL);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, NULL, "never true");
}

static void a_rule_that_is_not_loaded_or_fails_is_told_as_such(void **state)
{
	struct stand *stand = *state;

	stand->want.alert = "OrdersQueueGone";
	stand->want.needle_count = 0;
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, "\"OrdersQueueGone\" is not loaded",
		   "no alerting rule of that name");
	stand->want.alert = "OrdersQueueMissing";
	(void)stand_answers(
	    stand, RULES,
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"rules\":"
	    "[{\"state\":\"inactive\",\"name\":\"OrdersQueueMissing\",\"query\":\"a\","
	    "\"health\":\"err\",\"lastError\":\"found duplicate series\"}]}]}}");
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, "found duplicate series", "expression fails");
	stand_says(stand, 0, HOP_METRIC, HOP_NOT_ASKED, NULL, NULL);
}

static void an_alert_without_the_id_is_told_apart(void **state)
{
	struct stand *stand = *state;

	answer_alert(stand, "firing", "all", 3000);
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "id is in none of its labels",
		   "drops the label");
	answer_alert(stand, "firing", "all", -60000); /* of something else */
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, NULL, NULL);
}

static void without_an_id_the_time_decides(void **state)
{
	struct stand *stand = *state;

	stand->want.has_nonce = false;
	answer_alert(stand, "firing", "all", 3000);
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "after the fault", NULL);
	answer_alert(stand, "firing", "all", -60000);
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "before the fault", "there before the fault");
}

static void what_alertmanager_was_not_told_is_a_cause(void **state)
{
	struct stand *stand = *state;

	look(stand, HOP_BEFORE);
	answer_alert(stand, "firing", STAND_DRILL, 3000);
	answer_metrics(stand, 12, 2, 1);
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "it sent 2 alerts, 2 failed, 1 was dropped",
		   "could not deliver");
	(void)stand_answers(stand, "/api/v1/alertmanagers",
			    "{\"status\":\"success\",\"data\":{\"activeAlertmanagers\":[],"
			    "\"droppedAlertmanagers\":[]}}");
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "knows no Alertmanager", "has no Alertmanager");
}

static void that_nothing_is_sent_though_it_fires_is_a_cause(void **state)
{
	struct stand *stand = *state;

	look(stand, HOP_BEFORE);
	answer_alert(stand, "firing", STAND_DRILL, -32000); /* and its `for` is a minute */
	look(stand, HOP_PEAK);
	assert_string_equal(stand->findings[1].cause, "");
	answer_alert(stand, "firing", STAND_DRILL, -36000);
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "it sent 0 alerts", "`alert_relabel_configs`");
}

/* One fault can raise several alerts, all with the drill's id. */
static void another_alert_with_the_id_is_not_taken_for_the_one_expected(void **state)
{
	static const char rule[] =
	    "{\"state\":\"%s\",\"name\":\"%s\",\"query\":\"x\",\"health\":\"ok\","
	    "\"lastEvaluation\":\"%s\",\"alerts\":[%s]}";
	struct stand *stand = *state;
	const char *needles[] = {"OrdersQueueMissing", STAND_DRILL};
	char alert[256], calm[512], other[768];

	stand->want.needles = needles;
	stand->want.needle_count = 2;
	(void)snprintf(alert, sizeof alert,
		       "{\"labels\":{\"alertname\":\"OrdersErrors\",\"queue\":\"" STAND_DRILL
		       "\"},\"state\":\"firing\",\"activeAt\":\"%s\"}",
		       stand_time(stand, 3000));
	(void)snprintf(other, sizeof other, rule, "firing", "OrdersErrors",
		       stand_time(stand, 20000), alert);
	(void)snprintf(calm, sizeof calm, rule, "inactive", "OrdersQueueMissing",
		       stand_time(stand, 20000), "");
	(void)stand_answers(
	    stand, RULES,
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"rules\":[%s,%s]}]}}",
	    other, calm);
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, "\"OrdersQueueMissing\"", "never true");
	(void)stand_answers(
	    stand, RULES,
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"rules\":[%s]}]}}",
	    other);
	look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_METRIC, HOP_NOT_ASKED, "cannot be told", NULL);
	stand_says(stand, 1, HOP_RULE, HOP_NOT_ASKED,
		   "no rule \"OrdersQueueMissing\" is loaded, but the rule \"OrdersErrors\"", NULL);
}

static void after_the_fault_a_calm_rule_says_nothing(void **state)
{
	struct stand *stand = *state;

	look(stand, HOP_AFTER);
	stand_says(stand, 0, HOP_METRIC, HOP_NOT_ASKED, "only after the fault", NULL);
	stand_says(stand, 1, HOP_RULE, HOP_NOT_ASKED, "only after the fault", NULL);
}

static void a_rule_that_was_not_evaluated_is_told_as_such(void **state)
{
	struct stand *stand = *state;

	stand->want.injected_wall_ms += 25000; /* after the last evaluation */
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_LACKED_IT, "not evaluated since the fault",
		   "group is not evaluated");
}

static void its_clock_is_measured_and_taken_off(void **state)
{
	struct stand *stand = *state;
	int64_t since;

	answer_alert(stand, "firing", STAND_DRILL, 3000);
	stand->answers[0].date = "Fri, 01 Jan 2038 00:00:00 GMT";
	for (size_t i = 0; i < stand->answer_count; i++)
		stand->answers[i].date = stand->answers[0].date;
	look(stand, HOP_PEAK);
	assert_true(stand->observed[HOP_PEAK].ahead_ms > 300LL * 86400 * 1000);
	since = stand->findings[0].at_wall_ms + stand->observed[HOP_PEAK].ahead_ms;
	assert_int_equal(since, stand->want.injected_wall_ms + 3000);
}

static void fails_with(struct stand *stand, const char *words)
{
	look(stand, HOP_PEAK);
	assert_null(stand->observed[HOP_PEAK].json);
	if (strstr(stand->observed[HOP_PEAK].error, words) == NULL)
		fail_msg("%s\nwanted: %s", stand->observed[HOP_PEAK].error, words);
	stand_says(stand, 0, HOP_METRIC, HOP_NOT_ASKED, words, NULL);
	stand_says(stand, 1, HOP_RULE, HOP_NOT_ASKED, words, NULL);
}

static void what_is_no_prometheus_is_not_asked_in_words_that_help(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, RULES, "%s", "Unauthorized")->status = 401;
	fails_with(stand, "authentication; give it in `headers`");
	stand_answers(stand, RULES, "%s", "no")->status = 403;
	fails_with(stand, "may not read it");
	stand_answers(stand, RULES, "%s", "404 page not found")->status = 404;
	fails_with(stand, "path prefix");
	stand_answers(stand, RULES, "%s", "")->status = 302;
	fails_with(stand, "sends us elsewhere");
	(void)stand_answers(stand, RULES, "%s", "<!DOCTYPE html><h1>Login</h1>");
	fails_with(stand, "a page for people");
	(void)stand_answers(stand, RULES, "%s", "{\"status\":\"success\",\"data\":[]}");
	fails_with(stand, "not what Prometheus answers");
	(void)stand_answers(stand, RULES, "%s", "{\"status\":");
	fails_with(stand, "not what Prometheus answers");
	stand->settings.url = stand_words("http://127.0.0.1:1/?a=b");
	stand_observe(stand, &hop_prometheus, HOP_PEAK);
	stand->settings.url = stand->url;
	assert_non_null(strstr(stand->observed[HOP_PEAK].error, "must end before any ?"));
}

static void a_path_prefix_and_headers_go_with_every_question(void **state)
{
	struct stand *stand = *state;
	struct pair header = {.name = stand_words("Authorization"),
			      .value = stand_words("env:TEST_HOP_TOKEN")};
	char url[100];

	(void)setenv("TEST_HOP_TOKEN", "Bearer s3cret-of-the-hop", 1);
	(void)snprintf(url, sizeof url, "%s/team/prometheus/", stand->url);
	stand->settings.url = url;
	stand->settings.headers = (struct pairs){&header, 1};
	stand_answers(stand, "/team/prometheus/api/v1/rules", "no: Bearer s3cret-of-the-hop")
	    ->status = 401;
	stand_observe(stand, &hop_prometheus, HOP_PEAK);
	assert_string_equal(stand->authorization, "Bearer s3cret-of-the-hop");
	if (strstr(stand->observed[HOP_PEAK].error, "/team/prometheus/api/v1/rules") == NULL)
		fail_msg("%s", stand->observed[HOP_PEAK].error);
	assert_null(strstr(stand->observed[HOP_PEAK].error, "s3cret"));
	stand->settings.headers.count = 0;
	stand->settings.url = stand->url;
}

static void other_parts_may_be_missing(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, "/metrics", "%s", "no")->status = 404;
	stand_answers(stand, "/api/v1/targets", "%s", "no")->status = 500;
	(void)stand_answers(stand, "/api/v1/alertmanagers", "%s", "<html>");
	answer_alert(stand, "firing", STAND_DRILL, 3000);
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "was not compared", NULL);
	answer_rules(stand, "inactive", CALM);
	look(stand, HOP_PEAK);
	stand_says(stand, 0, HOP_METRIC, HOP_NOT_ASKED, "targets were not asked", NULL);
}

/* So many rules, each with its own series, and ours as the last. */
static void answer_many(struct stand *stand, int count, const char *state)
{
	struct buf rules = {0};

	for (int i = 0; i < count; i++)
		buf_addf(&rules,
			 "{\"state\":\"inactive\",\"name\":\"Rule%d\",\"query\":\"metric_%d > 1\","
			 "\"duration\":0,\"alerts\":[],\"health\":\"ok\"},",
			 i, i);
	(void)stand_answers(
	    stand, RULES,
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"rules\":[%s{\"state\":"
	    "\"%s\",\"name\":\"OrdersQueueMissing\",\"query\":\"a\",\"duration\":0,\"health\":\"ok\","
	    "\"alerts\":[%s]}]}]}}",
	    buf_text(&rules), state,
	    strcmp(state, "firing") == 0
		? "{\"labels\":{\"alertname\":\"OrdersQueueMissing\",\"q\":\"" STAND_DRILL
		  "\"},\"state\":\"firing\"}"
		: "");
	buf_done(&rules);
}

static void ten_thousand_rules_are_five_requests_and_end_in_a_megabyte(void **state)
{
	struct stand *stand = *state;

	answer_many(stand, 10000, "firing");
	look(stand, HOP_PEAK);
	assert_non_null(stand->observed[HOP_PEAK].json);
	stand_says(stand, 1, HOP_RULE, HOP_HAD_IT, "OrdersQueueMissing", NULL);
	answer_many(stand, 10000, "inactive"); /* ours is the last, and still seen or not asked */
	look(stand, HOP_PEAK);
	assert_true(stand->findings[1].state != HOP_HAD_IT);
	assert_null(strstr(stand->findings[1].evidence, "is not loaded"));
	answer_many(stand, 30000, "inactive");
	look(stand, HOP_PEAK);
	stand_says(stand, 1, HOP_RULE, HOP_NOT_ASKED, "more rules", NULL);
}

static void an_observation_that_is_cancelled_never_tells(void **state)
{
	struct stand *stand = *state;

	for (int i = 0; i < 2; i++) {
		struct hop_op *op =
		    hop_prometheus.observe(&stand->context, &stand->settings, NULL, NULL);

		hop_prometheus.cancel(op); /* done is NULL: a call would end the test */
	}
	hop_prometheus.cancel(NULL);
	look(stand, HOP_PEAK); /* the sentinel */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    test(a_firing_alert_had_it_since_its_for_was_over),
	    test(a_pending_alert_is_pending_only),
	    test(a_calm_rule_with_series_lacked_it_and_the_metric_is_not_guessed),
	    test(a_rule_without_its_series_is_dead),
	    test(when_the_series_cannot_be_asked_nothing_is_said_of_them),
	    test(a_rule_that_is_not_loaded_or_fails_is_told_as_such),
	    test(an_alert_without_the_id_is_told_apart),
	    test(without_an_id_the_time_decides),
	    test(what_alertmanager_was_not_told_is_a_cause),
	    test(that_nothing_is_sent_though_it_fires_is_a_cause),
	    test(another_alert_with_the_id_is_not_taken_for_the_one_expected),
	    test(after_the_fault_a_calm_rule_says_nothing),
	    test(a_rule_that_was_not_evaluated_is_told_as_such),
	    test(its_clock_is_measured_and_taken_off),
	    test(what_is_no_prometheus_is_not_asked_in_words_that_help),
	    test(a_path_prefix_and_headers_go_with_every_question),
	    test(other_parts_may_be_missing),
	    test(ten_thousand_rules_are_five_requests_and_end_in_a_megabyte),
	    test(an_observation_that_is_cancelled_never_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
