/* Tests of what Prometheus foresees, from answers as Prometheus 2.42 gave them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "probes/hops/promql_reach.h"
#include "tests/hops/foreseen.h"

#define SECOND 1000

static const char rules[] =
    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"orders\",\"file\":\"r"
    ".yml\",\"rules\":[{\"state\":\"inactive\",\"name\":\"OrdersQueueMissing\",\"que"
    "ry\":\"sum by (queue) (rate(orders_publish_failures_total{job=\\\"orders\\\"}[2"
    "m] offset 30s)) > 0\",\"duration\":60,\"keepFiringFor\":90,\"labels\":{\"queue_"
    "name\":\"{{ $labels.queue }}\",\"severity\":\"page\",\"team\":\"orders\"},\"ann"
    "otations\":{},\"alerts\":[],\"health\":\"ok\",\"evaluationTime\":0.0003,\"lastE"
    "valuation\":\"2026-11-21T18:36:50.1Z\",\"type\":\"alerting\"}],\"interval\":15,"
    "\"limit\":0,\"evaluationTime\":0.001,\"lastEvaluation\":\"2026-11-21T18:36:50.1"
    "Z\"},{\"name\":\"slow\",\"file\":\"r.yml\",\"rules\":[{\"state\":\"inactive\",\""
    "name\":\"HealthDown\",\"query\":\"up{job=\\\"slow\\\"} == 0\",\"duration\":0,\""
    "keepFiringFor\":0,\"labels\":{},\"annotations\":{},\"alerts\":[],\"health\":\"o"
    "k\",\"evaluationTime\":0.0003,\"lastEvaluation\":\"2026-11-21T18:36:50.1Z\",\"t"
    "ype\":\"alerting\"},{\"state\":\"inactive\",\"name\":\"SloBurn\",\"query\":\"sl"
    "o:burn:rate5m > 14\",\"duration\":0,\"keepFiringFor\":0,\"labels\":{},\"annotat"
    "ions\":{},\"alerts\":[],\"health\":\"ok\",\"evaluationTime\":0.0003,\"lastEvalu"
    "ation\":\"2026-11-21T18:36:50.1Z\",\"type\":\"alerting\"},{\"state\":\"inactive"
    "\",\"name\":\"Anywhere\",\"query\":\"errors > 1\",\"duration\":0,\"keepFiringFo"
    "r\":0,\"labels\":{},\"annotations\":{},\"alerts\":[],\"health\":\"ok\",\"evalua"
    "tionTime\":0.0003,\"lastEvaluation\":\"2026-11-21T18:36:50.1Z\",\"type\":\"aler"
    "ting\"},{\"state\":\"inactive\",\"name\":\"Frozen\",\"query\":\"errors @ 170000"
    "0000 > 1\",\"duration\":0,\"keepFiringFor\":0,\"labels\":{},\"annotations\":{},"
    "\"alerts\":[],\"health\":\"ok\",\"evaluationTime\":0.0003,\"lastEvaluation\":\""
    "2026-11-21T18:36:50.1Z\",\"type\":\"alerting\"},{\"state\":\"inactive\",\"name\""
    ":\"Broken\",\"query\":\"sum(up) / on (x) group_left () up\",\"duration\":0,\"ke"
    "epFiringFor\":0,\"labels\":{},\"annotations\":{},\"alerts\":[],\"health\":\"err"
    "\",\"evaluationTime\":0.0003,\"lastEvaluation\":\"2026-11-21T18:36:50.1Z\",\"ty"
    "pe\":\"alerting\",\"lastError\":\"many-to-many matching not allowed\"},{\"state"
    "\":\"inactive\",\"name\":\"Twice\",\"query\":\"up{job=\\\"orders\\\"} == 0\",\""
    "duration\":30,\"keepFiringFor\":0,\"labels\":{\"severity\":\"page\",\"team\":\""
    "orders\"},\"annotations\":{},\"alerts\":[],\"health\":\"ok\",\"evaluationTime\""
    ":0.0003,\"lastEvaluation\":\"2026-11-21T18:36:50.1Z\",\"type\":\"alerting\"}],\""
    "interval\":60,\"limit\":0,\"evaluationTime\":0.001,\"lastEvaluation\":\"2026-11"
    "-21T18:36:50.1Z\"},{\"name\":\"fast\",\"file\":\"r.yml\",\"rules\":[{\"state\":"
    "\"inactive\",\"name\":\"Twice\",\"query\":\"up{job=\\\"orders\\\"} == 1\",\"dur"
    "ation\":0,\"keepFiringFor\":0,\"labels\":{\"severity\":\"warn\",\"team\":\"orde"
    "rs\"},\"annotations\":{},\"alerts\":[],\"health\":\"ok\",\"evaluationTime\":0.0"
    "003,\"lastEvaluation\":\"2026-11-21T18:36:50.1Z\",\"type\":\"alerting\"}],\"int"
    "erval\":5,\"limit\":0,\"evaluationTime\":0.001,\"lastEvaluation\":\"2026-11-21T"
    "18:36:50.1Z\"}]}}";

static const char targets[] =
    "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"discoveredLabels\":{\"_"
    "_address__\":\"127.0.0.1:9\",\"__metrics_path__\":\"/metrics\",\"__scheme__\":\""
    "http\",\"__scrape_interval__\":\"15s\",\"__scrape_timeout__\":\"5s\",\"job\":\""
    "orders\"},\"labels\":{\"instance\":\"127.0.0.1:9\",\"job\":\"orders\"},\"scrape"
    "Pool\":\"orders\",\"scrapeUrl\":\"http://127.0.0.1:9/metrics\",\"globalUrl\":\""
    "http://vm:9/metrics\",\"lastError\":\"\",\"lastScrape\":\"0001-01-01T00:00:00Z\""
    ",\"lastScrapeDuration\":0,\"health\":\"unknown\",\"scrapeInterval\":\"15s\",\"s"
    "crapeTimeout\":\"5s\"},{\"discoveredLabels\":{\"__address__\":\"127.0.0.1:9\",\""
    "__metrics_path__\":\"/metrics\",\"__scheme__\":\"http\",\"__scrape_interval__\""
    ":\"1m30s\",\"__scrape_timeout__\":\"5s\",\"job\":\"slow\"},\"labels\":{\"instan"
    "ce\":\"127.0.0.1:9\",\"job\":\"slow\"},\"scrapePool\":\"slow\",\"scrapeUrl\":\""
    "http://127.0.0.1:9/metrics\",\"globalUrl\":\"http://vm:9/metrics\",\"lastError\""
    ":\"\",\"lastScrape\":\"0001-01-01T00:00:00Z\",\"lastScrapeDuration\":0,\"health"
    "\":\"unknown\",\"scrapeInterval\":\"1m30s\",\"scrapeTimeout\":\"5s\"}],\"droppe"
    "dTargets\":[]}}";

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	(void)stand_answers(stand, "/api/v1/rules", "%s", rules);
	(void)stand_answers(stand, "/api/v1/targets", "%s", targets);
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

/* The stand waits for one alert; this makes it another one. */
static struct foreseen of_alert(struct stand *stand, const char *alert)
{
	const char *needle = alert;
	struct foreseen foreseen;

	stand->want.alert = alert;
	stand->want.needles = &needle;
	stand->want.needle_count = 1;
	foresee(stand, &hop_prometheus, &foreseen);
	stand->want.needles = NULL;
	stand->want.needle_count = 0;
	return foreseen;
}

static void the_way_there_is_scrape_range_evaluation_and_for(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "OrdersQueueMissing");

	assert_known(&foreseen);
	assert_there(&foreseen, "scrape interval", 0, 15 * SECOND);
	assert_there(&foreseen, "scrape timeout", 0, 5 * SECOND);
	assert_there(&foreseen, "range of the expression", 0, 150 * SECOND); /* offset too */
	assert_there(&foreseen, "evaluation interval", 0, 15 * SECOND);
	assert_there(&foreseen, "for", 60 * SECOND, 75 * SECOND);
	assert_there(&foreseen, "sending", 0, SECOND);
}

static void the_way_back_has_keep_firing_for_instead(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "OrdersQueueMissing");

	assert_back(&foreseen, "scrape interval", 0, 15 * SECOND);
	assert_back(&foreseen, "range of the expression", 0, 150 * SECOND);
	assert_back(&foreseen, "evaluation interval", 0, 15 * SECOND);
	assert_back(&foreseen, "keep_firing_for", 90 * SECOND, 105 * SECOND);
}

static void without_for_it_fires_at_the_first_evaluation(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "HealthDown");

	assert_known(&foreseen);
	assert_there(&foreseen, "for", 0, 0);
	assert_there(&foreseen, "evaluation interval", 0, 60 * SECOND);
	assert_there(&foreseen, "scrape interval", 0, 90 * SECOND); /* of the job that it names */
	assert_back(&foreseen, "keep_firing_for", 0, 0);
}

static void a_rule_that_names_no_job_may_wait_for_the_slowest(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "Anywhere");

	assert_known(&foreseen);
	assert_there(&foreseen, "scrape interval", 0, 90 * SECOND);
}

static void labels_that_stand_in_the_rule_are_told_but_no_templates(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "OrdersQueueMissing");

	assert_string_equal(foreseen.labels, "{\"severity\":\"page\",\"team\":\"orders\","
					     "\"alertname\":\"OrdersQueueMissing\"}");
}

static void rules_of_one_name_span_from_the_quickest_to_the_slowest(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "Twice");

	assert_known(&foreseen);
	assert_there(&foreseen, "evaluation interval", 0, 60 * SECOND);
	assert_there(&foreseen, "for", 0, 90 * SECOND);
	assert_string_equal(foreseen.labels, "{\"team\":\"orders\",\"alertname\":\"Twice\"}");
}

static void a_rule_that_is_not_there_is_warned_of_and_has_no_times(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "NoSuchRule");

	assert_unknown(&foreseen, "no alerting rule of that name");
	assert_int_equal(foreseen.delay_count, 0);
	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_ABSENT, "no alerting rule \"NoSuchRule\"");
}

static void a_rule_that_cannot_be_evaluated_is_warned_of(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "Broken");

	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_ABSENT, "many-to-many matching not allowed");
}

static void a_rule_without_series_is_warned_of(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	(void)stand_answers(
	    stand, "/api/v1/query",
	    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
	foreseen = of_alert(stand, "OrdersQueueMissing");
	assert_known(&foreseen);
	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_ABSENT,
		       "there are no series of \"OrdersQueueMissing\" now");
	assert_caution(&foreseen, HOP_WORRY_ABSENT, "only if the fault brings them");
}

static void what_is_recorded_elsewhere_is_not_known(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "SloBurn");

	assert_unknown(&foreseen, "another rule records");
	assert_there(&foreseen, "evaluation interval", 0, 60 * SECOND);
}

static void an_expression_that_cannot_be_read_is_not_known(void **state)
{
	const struct foreseen foreseen = of_alert(*state, "Frozen");

	assert_unknown(&foreseen, "how far back");
}

static void without_targets_or_their_intervals_it_is_not_known(void **state)
{
	static const struct {
		const char *body, *why;
	} rows[] = {
	    {"{\"status\":\"success\",\"data\":{\"activeTargets\":[]}}", "scrapes no target"},
	    {"{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{}}]}}",
	     "does not tell how often"},
	    {"<html>", "a page for people"},
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct foreseen foreseen;

		(void)stand_answers(stand, "/api/v1/targets", "%s", rows[i].body);
		foreseen = of_alert(stand, "HealthDown");
		assert_unknown(&foreseen, rows[i].why);
		assert_there(&foreseen, "evaluation interval", 0, 60 * SECOND);
	}
}

/* Expressions. */

static void how_far_back_an_expression_looks_is_read(void **state)
{
	static const struct {
		const char *expression;
		int64_t ms; /* -1: it cannot be read */
	} rows[] = {
	    {"up == 0", 0},
	    {"rate(a[5m]) > 0", 300000},
	    {"rate(a[5m]) / rate(b[1h30m])", 5400000},
	    {"max_over_time(rate(a[5m])[30m:1m])", 2100000},
	    {"max_over_time(rate(a[5m])[30m:])", 2100000},
	    {"a unless a offset 1d", 86400000},
	    {"a offset -5m", 0},
	    {"a{x=\"[5m] offset 1h\"} # [9m]\n > 1", 0},
	    {"a{x='\\'[5m]'} > b[ 10s ]", 10000},
	    {"`[3m]` == a", 0},
	    {"offsets > 1", 0},
	    {"a[1w]", 604800000},
	    {"a @ 5 > 1", -1},
	    {"a[300]", -1},
	    {"a[5m", -1},
	    {"a[99999999999999999999d]", -1},
	    {"a[5m:x]", -1},
	    {"a offset x", -1},
	    {"a{x=\"", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t ms = 0;
		bool read = promql_reach(rows[i].expression, &ms);

		if (read != (rows[i].ms >= 0) || (read && ms != rows[i].ms))
			fail_msg("%s: %d, %lld ms", rows[i].expression, read, (long long)ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    test(the_way_there_is_scrape_range_evaluation_and_for),
	    test(the_way_back_has_keep_firing_for_instead),
	    test(without_for_it_fires_at_the_first_evaluation),
	    test(a_rule_that_names_no_job_may_wait_for_the_slowest),
	    test(labels_that_stand_in_the_rule_are_told_but_no_templates),
	    test(rules_of_one_name_span_from_the_quickest_to_the_slowest),
	    test(a_rule_that_is_not_there_is_warned_of_and_has_no_times),
	    test(a_rule_that_cannot_be_evaluated_is_warned_of),
	    test(a_rule_without_series_is_warned_of),
	    test(what_is_recorded_elsewhere_is_not_known),
	    test(an_expression_that_cannot_be_read_is_not_known),
	    test(without_targets_or_their_intervals_it_is_not_known),
	    cmocka_unit_test(how_far_back_an_expression_looks_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
