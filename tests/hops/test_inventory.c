/* What stations are there for, and what an alert proves of it: never more than is beyond doubt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "tests/hops/stand.h"

#define INJECTED INT64_C(1795255200000)
#define SINCE    "1795255203000" /* 3 s after the fault */
#define EARLIER  "1795255100000"

/* What was told: "rule OrdersQueueMissing (orders) cannot: ...", one a line. */
struct told {
	struct buf text;
	char labels[512]; /* of the last one */
};

static void on_item(void *arg, const struct hop_item *item)
{
	struct told *told = arg;

	assert_string_equal(item->station, "station");
	buf_addf(&told->text, "%s %s (%s)%s%s\n", item->kind == HOP_ITEM_RULE ? "rule" : "receiver",
		 item->name, item->detail, item->cannot != NULL ? " cannot: " : "",
		 item->cannot != NULL ? item->cannot : "");
	(void)snprintf(told->labels, sizeof told->labels, "%s",
		       item->labels != NULL ? item->labels : "");
}

static void assert_told(struct told *told, const char *expected)
{
	assert_string_equal(buf_text(&told->text), expected);
	buf_done(&told->text);
}

/* The inventory of what the stand has. */
static void assert_inventory(struct stand *stand, const struct hop_driver *driver,
			     const char *expected, const char *trouble)
{
	struct told told = {.labels = ""};
	struct error error = {""};
	bool good;

	stand_observe(stand, driver, HOP_BEFORE);
	assert_non_null(stand->observed[HOP_BEFORE].json);
	good = driver->inventory(&stand->settings, &stand->observed[HOP_BEFORE], on_item, &told,
				 &error);
	assert_told(&told, expected);
	assert_int_equal(good, trouble == NULL);
	if (strstr(error.text, trouble != NULL ? trouble : "") == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, trouble);
}

/* What an alert proves, delivered to #ops; the facts of the peak as the driver keeps them. */

static const char *const with_id[] = {"OrdersQueueMissing", STAND_DRILL};
static const char *const without_id[] = {"OrdersQueueMissing"};

static void assert_proofs_of(const struct hop_driver *driver, const char *const *needles,
			     size_t needle_count, bool has_nonce, const char *facts,
			     const char *expected)
{
	static char name[] = "station";
	const struct hop_settings settings = {.name = name};
	const struct hop_want want = {
	    .drill = STAND_DRILL,
	    .alert = "OrdersQueueMissing",
	    .needles = needles,
	    .needle_count = needle_count,
	    .has_nonce = has_nonce,
	    .injected_wall_ms = INJECTED,
	};
	const struct hop_observation peak = {.json = facts, .at_wall_ms = INJECTED + 10000};
	const struct hop_observation *const observations[HOP_TIME_COUNT] = {[HOP_PEAK] = &peak};
	struct told told = {.labels = ""};

	driver->proofs(&settings, &want, "#ops", observations, on_item, &told);
	assert_told(&told, expected);
}

static void assert_proofs(const struct hop_driver *driver, bool has_nonce, const char *facts,
			  const char *expected)
{
	assert_proofs_of(driver, has_nonce ? with_id : without_id, has_nonce ? 2 : 1, has_nonce,
			 facts, expected);
}

/* Prometheus. */

#define RULE(name, labels, rest)                                                                   \
	"{\"name\":\"" name "\",\"query\":\"a_total > 0\",\"labels\":{" labels "},\"duration\":0," \
	"\"type\":\"alerting\",\"alerts\":[]," rest "}"
#define CALM "\"state\":\"inactive\",\"health\":\"ok\""

static void has_rules(struct stand *stand, const char *rules, const char *series)
{
	static const char success[] = "{\"status\":\"success\",\"data\":%s}";

	(void)stand_answers(
	    stand, "/api/v1/rules?type=alert",
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"orders\",\"rules\":[%s]}]}}",
	    rules);
	(void)stand_answers(stand, "/api/v1/query",
			    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\","
			    "\"result\":[%s]}}",
			    series);
	(void)stand_answers(stand, "/api/v1/targets", success, "{\"activeTargets\":[]}");
	(void)stand_answers(stand, "/api/v1/alertmanagers", success,
			    "{\"activeAlertmanagers\":[]}");
	(void)stand_answers(stand, "/metrics", "prometheus_notifications_sent_total 1\n");
}

#define EXISTS "{\"metric\":{\"i\":\"0\"},\"value\":[1,\"3\"]}"

static void every_alerting_rule_is_told_with_its_group(void **state)
{
	struct stand *stand = *state;

	has_rules(stand, RULE("QueueMissing", "", CALM) "," RULE("Down", "", CALM), EXISTS);
	assert_inventory(stand, &hop_prometheus, "rule QueueMissing (orders)\nrule Down (orders)\n",
			 NULL);
}

static void a_rule_without_series_or_that_fails_cannot_fire(void **state)
{
	struct stand *stand = *state;

	has_rules(stand,
		  RULE("Dead", "", CALM) "," RULE(
		      "Broken", "",
		      "\"state\":\"inactive\",\"health\":\"err\",\"lastError\":\"many-to-many\""),
		  "");
	assert_inventory(stand, &hop_prometheus,
			 "rule Broken (orders) cannot: its expression fails: many-to-many\n"
			 "rule Dead (orders) cannot: its series do not exist: a_total\n",
			 NULL);
}

static void a_series_that_a_rule_reads_several_times_is_named_once(void **state)
{
	struct stand *stand = *state;

	has_rules(
	    stand,
	    "{\"name\":\"Dead\",\"query\":\"sum(increase(a_total[5m])) > 0 or (a_total unless "
	    "a_total offset 3m) > b_total\",\"labels\":{},\"duration\":0,"
	    "\"type\":\"alerting\",\"alerts\":[]," CALM "}",
	    "");
	assert_inventory(stand, &hop_prometheus,
			 "rule Dead (orders) cannot: its series do not exist: a_total, b_total\n",
			 NULL);
}

static void rules_of_one_name_in_one_group_are_told_apart_by_their_labels(void **state)
{
	struct stand *stand = *state;

	has_rules(stand,
		  RULE("Filling", "\"severity\":\"page\"", CALM) "," RULE(
		      "Filling", "\"severity\":\"warning\"", CALM) "," RULE("Down", "", CALM),
		  EXISTS);
	assert_inventory(stand, &hop_prometheus,
			 "rule Filling (orders {severity=\"page\"})\n"
			 "rule Filling (orders {severity=\"warning\"})\nrule Down (orders)\n",
			 NULL);
}

static void ten_thousand_rules_are_all_told_and_more_are_said_to_be_more(void **state)
{
	struct stand *stand = *state;
	struct buf rules = {0}, longer = {0};
	struct told told = {.labels = ""};
	struct error error = {""};

	for (int i = 0; i < 10000; i++) {
		buf_addf(&rules, "%s" RULE("Rule%dIsNotWell", "", CALM), i > 0 ? "," : "", i);
		buf_addf(
		    &longer,
		    "%s" RULE("Rule%dIsNotWellAndHasAVeryLongNameBesidesWhichIsBad%s", "", CALM),
		    i > 0 ? "," : "", i, "AndLongerAndLongerAndLonger");
	}
	has_rules(stand, buf_text(&rules), EXISTS);
	stand_observe(stand, &hop_prometheus, HOP_BEFORE);
	assert_true(hop_prometheus.inventory(&stand->settings, &stand->observed[HOP_BEFORE],
					     on_item, &told, &error));
	assert_non_null(strstr(buf_text(&told.text), "rule Rule9999IsNotWell (orders)\n"));
	buf_done(&told.text);
	has_rules(stand, buf_text(&longer), EXISTS);
	stand_observe(stand, &hop_prometheus, HOP_BEFORE);
	assert_false(hop_prometheus.inventory(&stand->settings, &stand->observed[HOP_BEFORE],
					      on_item, &told, &error));
	assert_non_null(strstr(error.text, "of its 10000 rules were looked at"));
	assert_null(strstr(buf_text(&told.text), "()"));
	buf_done(&told.text);
	buf_done(&rules);
	buf_done(&longer);
}

#define ALERT_IN(state, id, since)                                                        \
	"{\"state\":\"" state "\",\"since_ms\":" since                                    \
	",\"labels\":{\"alertname\":\"OrdersQueueMissing\",\"queue\":\"orders-" id "\"}," \
	"\"annotations\":{}}"
#define FIRING_RULE(name, group, alerts)            \
	"{\"name\":\"" name "\",\"group\":\"" group \
	"\",\"state\":\"firing\",\"health\":\"ok\",\"alerts\":[" alerts "]}"
#define RULES(list) "{\"rules\":{\"count\":2,\"list\":[" list "]}}"
#define OURS        ALERT_IN("firing", STAND_DRILL, SINCE)
#define OTHERS      ALERT_IN("firing", "fd-aaaaaaaa", SINCE)

static void the_rule_whose_alert_carries_the_id_is_proven(void **state)
{
	(void)state;
	assert_proofs(&hop_prometheus, true,
		      RULES(FIRING_RULE("OrdersQueueMissing", "orders",
					OTHERS "," OURS) "," FIRING_RULE("Down", "orders", OTHERS)),
		      "rule OrdersQueueMissing (orders)\n");
	/* Whatever the expectation calls it. */
	assert_proofs(&hop_prometheus, true, RULES(FIRING_RULE("Queues", "orders", OURS)),
		      "rule Queues (orders)\n");
}

static void the_labels_of_the_proving_alert_are_told(void **state)
{
	static char name[] = "station";
	const struct hop_settings settings = {.name = name};
	const struct hop_want want = {.drill = STAND_DRILL,
				      .alert = "OrdersQueueMissing",
				      .needles = with_id,
				      .needle_count = 2,
				      .has_nonce = true,
				      .injected_wall_ms = INJECTED};
	const struct hop_observation after = {
	    .json = RULES(FIRING_RULE("OrdersQueueMissing", "orders", OURS))};
	const struct hop_observation *const observations[HOP_TIME_COUNT] = {[HOP_AFTER] = &after};
	struct told told = {.labels = ""};

	(void)state;
	hop_prometheus.proofs(&settings, &want, "#ops", observations, on_item, &told);
	assert_string_equal(told.labels,
			    "{\"alertname\":\"OrdersQueueMissing\",\"queue\":\"orders-" STAND_DRILL
			    "\"}");
	buf_done(&told.text);
}

static void no_rule_is_proven_when_two_may_be_meant_or_none_fires(void **state)
{
	(void)state;
	assert_proofs(&hop_prometheus, true,
		      RULES(FIRING_RULE("OrdersQueueMissing", "orders",
					OURS) "," FIRING_RULE("OrdersQueueMissing", "more", OURS)),
		      "");
	assert_proofs(
	    &hop_prometheus, true,
	    RULES(FIRING_RULE("Queues", "orders", OURS) "," FIRING_RULE("Others", "orders", OURS)),
	    "");
	assert_proofs(&hop_prometheus, true,
		      RULES(FIRING_RULE("OrdersQueueMissing", "orders",
					ALERT_IN("pending", STAND_DRILL, SINCE))),
		      "");
	assert_proofs(&hop_prometheus, true,
		      RULES(FIRING_RULE("OrdersQueueMissing", "orders", OTHERS)), "");
	assert_proofs(&hop_prometheus, true, "{\"rules\":{\"error\":\"no answer\"}}", "");
	assert_proofs(&hop_prometheus, true, "{}", "");
}

static void an_id_that_another_alert_has_too_proves_nothing_when_only_it_is_looked_for(void **state)
{
	static const char *const id_alone[] = {STAND_DRILL};
	static const char facts[] =
	    RULES(FIRING_RULE("OrdersQueueMissing", "orders", OURS) "," FIRING_RULE(
		"Down", "orders",
		"{\"state\":\"firing\",\"since_ms\":" SINCE
		",\"labels\":{\"alertname\":\"Down\",\"queue\":\"" STAND_DRILL
		"\"},\"annotations\":{}}"));

	(void)state;
	assert_proofs_of(&hop_prometheus, id_alone, 1, true, facts, "");
	assert_proofs(&hop_prometheus, true, facts, "rule OrdersQueueMissing (orders)\n");
	assert_proofs_of(&hop_prometheus, id_alone, 1, true,
			 RULES(FIRING_RULE("OrdersQueueMissing", "orders", OURS)),
			 "rule OrdersQueueMissing (orders)\n");
}

static void without_an_id_one_rule_and_one_new_alert_prove_and_nothing_else(void **state)
{
	(void)state;
	assert_proofs(&hop_prometheus, false,
		      RULES(FIRING_RULE("OrdersQueueMissing", "orders", OTHERS)),
		      "rule OrdersQueueMissing (orders)\n");
	assert_proofs(&hop_prometheus, false,
		      RULES(FIRING_RULE("OrdersQueueMissing", "orders", OTHERS "," OURS)), "");
	assert_proofs(
	    &hop_prometheus, false,
	    RULES(FIRING_RULE("OrdersQueueMissing", "orders", ALERT_IN("firing", "x", EARLIER))),
	    "");
	assert_proofs(&hop_prometheus, false,
		      RULES(FIRING_RULE("OrdersQueueMissing", "orders",
					OTHERS) "," FIRING_RULE("OrdersQueueMissing", "more", "")),
		      "");
	assert_proofs(&hop_prometheus, false,
		      "{\"rules\":{\"cut\":true,\"count\":9,\"list\":[" FIRING_RULE(
			  "OrdersQueueMissing", "orders", OTHERS) "]}}",
		      "");
}

/* Alertmanager. */

static void has_config(struct stand *stand, const char *yaml)
{
	cJSON *text = cJSON_CreateString(yaml);
	char *json = cJSON_PrintUnformatted(text);

	(void)stand_answers(stand, "/api/v2/alerts?", "[]");
	(void)stand_answers(stand, "/api/v2/silences", "[]");
	(void)stand_answers(stand, "/metrics", "alertmanager_alerts_received_total 1\n");
	(void)stand_answers(stand, "/api/v2/status", "{\"config\":{\"original\":%s}}", json);
	free(json);
	cJSON_Delete(text);
}

static void receivers_that_a_route_delivers_to_are_told_with_what_they_post_to(void **state)
{
	struct stand *stand = *state;

	has_config(stand, "route:\n  receiver: rest\n  routes:\n"
			  "  - receiver: team\n    matchers:\n    - severity=\"page\"\n"
			  "  - receiver: \"null\"\n    matchers:\n    - severity=\"none\"\n"
			  "  - matchers:\n    - severity=\"info\"\n"
			  "receivers:\n- name: team\n  slack_configs:\n  - channel: '#ops'\n"
			  "  pagerduty_configs:\n  - routing_key: <secret>\n- name: \"null\"\n"
			  "- name: former\n  slack_configs:\n  - channel: '#old'\n"
			  "- name: rest\n  webhook_configs:\n  - url: http://relay.example/\n");
	assert_inventory(stand, &hop_alertmanager,
			 "receiver team (slack #ops, pagerduty)\n"
			 "receiver null () cannot: it posts nowhere\nreceiver rest (webhook)\n",
			 NULL);
}

static void a_receiver_behind_a_route_that_takes_all_is_no_leaf(void **state)
{
	struct stand *stand = *state;

	has_config(stand, "route:\n  receiver: root\n  routes:\n"
			  "  - receiver: audit\n    continue: true\n"
			  "  - receiver: all\n"
			  "  - receiver: never\n    matchers:\n    - severity=\"page\"\n"
			  "receivers:\n- name: root\n  email_configs:\n  - to: a@example.org\n"
			  "- name: audit\n  email_configs:\n  - to: a@example.org\n"
			  "- name: all\n  email_configs:\n  - to: a@example.org\n"
			  "- name: never\n  email_configs:\n  - to: a@example.org\n");
	assert_inventory(stand, &hop_alertmanager, "receiver audit (email)\nreceiver all (email)\n",
			 NULL);
}

static void a_configuration_that_cannot_be_read_is_said_not_to_be_asked(void **state)
{
	struct stand *stand = *state;

	has_config(stand, "route: {receiver: [}");
	assert_inventory(stand, &hop_alertmanager, "", "its configuration was not asked");
	stand_answers(stand, "/api/v2/status", "busy")->status = 503;
	assert_inventory(stand, &hop_alertmanager, "", "its configuration was not asked");
}

#define AM_CONFIG                                                                             \
	"\"status\":{\"config\":{\"receivers\":[{\"name\":\"team\",\"integrations\":"         \
	"[{\"type\":\"slack\",\"channel\":\"ops\"}]},{\"name\":\"pager\",\"integrations\":"   \
	"[{\"type\":\"pagerduty\"}]},{\"name\":\"second\",\"integrations\":[{\"type\":"       \
	"\"slack\",\"channel\":\"#ops\"}]},{\"name\":\"relay\",\"integrations\":[{\"type\":"  \
	"\"webhook\"}]},{\"name\":\"far\",\"integrations\":[{\"type\":\"slack\",\"channel\":" \
	"\"#far\"}]},{\"name\":\"templated\",\"integrations\":[{\"type\":\"slack\","          \
	"\"channel\":\"#{{ .x }}\"}]},{\"name\":\"null\",\"integrations\":[]}]}}"
#define AM_ALERT(name, id, since, receivers, more)                                        \
	"{\"starts_ms\":" since ",\"labels\":{\"alertname\":\"" name "\",\"queue\":\"" id \
	"\"},\"annotations\":{},\"receivers\":[" receivers "]" more "}"
#define TO(name)         "{\"name\":\"" name "\"}"
#define AM_FACTS(alerts) "{\"alerts\":{\"list\":[" alerts "]}," AM_CONFIG "}"
#define AM_OURS(to)      AM_ALERT("OrdersQueueMissing", STAND_DRILL, SINCE, to, "")

static void the_only_receiver_of_the_alert_is_proven(void **state)
{
	(void)state;
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_OURS(TO("team")) "," AM_ALERT("OrdersQueueMissing", "x", SINCE,
								TO("second"), "")),
		      "receiver team (slack ops)\n");
	assert_proofs(&hop_alertmanager, true, AM_FACTS(AM_OURS(TO("relay"))),
		      "receiver relay (webhook)\n");
	assert_proofs(&hop_alertmanager, true, AM_FACTS(AM_OURS(TO("null"))), "");
	assert_proofs(&hop_alertmanager, true, AM_FACTS(AM_OURS(TO("unknown"))), "");
}

static void of_several_the_only_one_that_posts_to_the_channel_is_proven(void **state)
{
	(void)state;
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_OURS(TO("pager") "," TO("team") "," TO("far") "," TO("null"))),
		      "receiver team (slack ops)\n");
	assert_proofs(&hop_alertmanager, true, AM_FACTS(AM_OURS(TO("team") "," TO("second"))), "");
	assert_proofs(&hop_alertmanager, true, AM_FACTS(AM_OURS(TO("team") "," TO("relay"))), "");
	assert_proofs(&hop_alertmanager, true, AM_FACTS(AM_OURS(TO("team") "," TO("templated"))),
		      "");
	assert_proofs(&hop_alertmanager, true, AM_FACTS(AM_OURS(TO("pager") "," TO("far"))), "");
}

static void what_holds_the_alert_back_proves_no_receiver(void **state)
{
	(void)state;
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_ALERT("OrdersQueueMissing", STAND_DRILL, SINCE, TO("team"),
					",\"silenced\":[{\"name\":\"s\"}]")),
		      "");
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_ALERT("OrdersQueueMissing", STAND_DRILL, SINCE, TO("team"),
					",\"inhibited\":[{\"name\":\"s\"}]")),
		      "");
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_ALERT("OrdersQueueMissing", STAND_DRILL, SINCE, TO("team"),
					",\"muted\":[{\"name\":\"s\"}]")),
		      "");
}

static void two_alerts_that_may_be_meant_prove_no_receiver(void **state)
{
	(void)state;
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_OURS(TO("team")) "," AM_OURS(TO("second"))), "");
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_OURS(TO("team")) "," AM_ALERT("Other", STAND_DRILL, SINCE,
								TO("second"), "")),
		      "receiver team (slack ops)\n");
	assert_proofs(&hop_alertmanager, true,
		      AM_FACTS(AM_ALERT("A", STAND_DRILL, SINCE, TO("team"), "") "," AM_ALERT(
			  "B", STAND_DRILL, SINCE, TO("second"), "")),
		      "");
	assert_proofs(&hop_alertmanager, false,
		      AM_FACTS(AM_ALERT("OrdersQueueMissing", "x", SINCE, TO("team"), "")),
		      "receiver team (slack ops)\n");
	assert_proofs(&hop_alertmanager, false,
		      AM_FACTS(AM_ALERT("OrdersQueueMissing", "x", EARLIER, TO("team"), "")), "");
	assert_proofs(&hop_alertmanager, false,
		      AM_FACTS(AM_OURS(TO("team")) "," AM_OURS(TO("team"))), "");
}

static void two_alerts_with_the_id_prove_no_receiver_when_only_it_is_looked_for(void **state)
{
	static const char *const id_alone[] = {STAND_DRILL};
	static const char facts[] = AM_FACTS(
	    AM_OURS(TO("team")) "," AM_ALERT("Other", STAND_DRILL, SINCE, TO("second"), ""));

	(void)state;
	assert_proofs_of(&hop_alertmanager, id_alone, 1, true, facts, "");
	assert_proofs(&hop_alertmanager, true, facts, "receiver team (slack ops)\n");
}

/* Grafana. */

#define G_RULE(name, alerts) "{\"name\":\"" name "\",\"group\":\"orders\",\"alerts\":[" alerts "]}"
#define G_FIRES              "{\"state\":\"Alerting\",\"ms\":" SINCE ",\"text\":\"queue=" STAND_DRILL "\"}"
#define G_ALERT(to)          "{\"name\":\"x\",\"text\":\"queue=" STAND_DRILL "\",\"receivers\":[" to "]}"
#define G_FACTS(rules, alerts)                                                                \
	"{\"rules\":{\"list\":[" rules "]},\"alerts\":{\"list\":[" alerts "]},\"receivers\":" \
	"{\"list\":[{\"name\":\"ops\",\"integrations\":[{\"name\":\"slack\"}]}]}}"

static void grafana_tells_its_rules_and_contact_points(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(
	    stand, "/api/prometheus/grafana/api/v1/rules",
	    "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"orders\",\"rules\":["
	    "{\"name\":\"Calm\",\"state\":\"inactive\",\"health\":\"ok\",\"type\":\"alerting\"},"
	    "{\"name\":\"Paused\",\"state\":\"inactive\",\"health\":\"ok\",\"isPaused\":true,"
	    "\"type\":\"alerting\"},{\"name\":\"Empty\",\"state\":\"inactive\",\"health\":"
	    "\"nodata\",\"type\":\"alerting\"}]}]}}");
	(void)stand_answers(stand, "/api/alertmanager/grafana/api/v2/alerts", "[]");
	(void)stand_answers(stand, "/api/alertmanager/grafana/api/v2/silences", "[]");
	(void)stand_answers(
	    stand, "/api/alertmanager/grafana/config/api/v1/receivers",
	    "[{\"name\":\"ops\",\"active\":true,\"integrations\":[{\"name\":\"slack\"}]},"
	    "{\"name\":\"former\",\"active\":false,\"integrations\":[{\"name\":\"slack\"}]},"
	    "{\"name\":\"empty\",\"active\":true,\"integrations\":[]}]");
	assert_inventory(stand, &hop_grafana,
			 "rule Paused (orders) cannot: it is paused\n"
			 "rule Empty (orders) cannot: its query finds no data\nrule Calm (orders)\n"
			 "receiver ops (slack)\nreceiver empty () cannot: it posts nowhere\n",
			 NULL);
	stand_answers(stand, "/api/alertmanager/grafana/config/api/v1/receivers", "no")->status =
	    403;
	assert_inventory(
	    stand, &hop_grafana,
	    "rule Paused (orders) cannot: it is paused\n"
	    "rule Empty (orders) cannot: its query finds no data\nrule Calm (orders)\n",
	    "its receivers were not asked");
}

static void grafana_proves_by_the_id_only(void **state)
{
	(void)state;
	assert_proofs(&hop_grafana, true,
		      G_FACTS(G_RULE("OrdersQueueMissing", G_FIRES), G_ALERT(TO("ops"))),
		      "rule OrdersQueueMissing (orders)\nreceiver ops (slack)\n");
	assert_proofs(&hop_grafana, false,
		      G_FACTS(G_RULE("OrdersQueueMissing", G_FIRES), G_ALERT(TO("ops"))), "");
	assert_proofs(
	    &hop_grafana, true,
	    G_FACTS(G_RULE("OrdersQueueMissing", G_FIRES) "," G_RULE("OrdersQueueMissing", G_FIRES),
		    G_ALERT(TO("ops") "," TO("pager"))),
	    "");
	assert_proofs(&hop_grafana, true,
		      G_FACTS(G_RULE("OrdersQueueMissing", ""), G_ALERT(TO("unknown"))), "");
}

static void stations_that_know_neither_rules_nor_receivers_have_no_inventory(void **state)
{
	(void)state;
	assert_null(hop_loki.inventory);
	assert_null(hop_loki.proofs);
	assert_null(hop_http_json.inventory);
	assert_null(hop_http_json.proofs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    stand_test(every_alerting_rule_is_told_with_its_group),
	    stand_test(a_rule_without_series_or_that_fails_cannot_fire),
	    stand_test(a_series_that_a_rule_reads_several_times_is_named_once),
	    stand_test(rules_of_one_name_in_one_group_are_told_apart_by_their_labels),
	    stand_test(ten_thousand_rules_are_all_told_and_more_are_said_to_be_more),
	    cmocka_unit_test(the_rule_whose_alert_carries_the_id_is_proven),
	    cmocka_unit_test(the_labels_of_the_proving_alert_are_told),
	    cmocka_unit_test(no_rule_is_proven_when_two_may_be_meant_or_none_fires),
	    cmocka_unit_test(
		an_id_that_another_alert_has_too_proves_nothing_when_only_it_is_looked_for),
	    cmocka_unit_test(without_an_id_one_rule_and_one_new_alert_prove_and_nothing_else),
	    stand_test(receivers_that_a_route_delivers_to_are_told_with_what_they_post_to),
	    stand_test(a_receiver_behind_a_route_that_takes_all_is_no_leaf),
	    stand_test(a_configuration_that_cannot_be_read_is_said_not_to_be_asked),
	    cmocka_unit_test(the_only_receiver_of_the_alert_is_proven),
	    cmocka_unit_test(of_several_the_only_one_that_posts_to_the_channel_is_proven),
	    cmocka_unit_test(what_holds_the_alert_back_proves_no_receiver),
	    cmocka_unit_test(two_alerts_with_the_id_prove_no_receiver_when_only_it_is_looked_for),
	    cmocka_unit_test(two_alerts_that_may_be_meant_prove_no_receiver),
	    stand_test(grafana_tells_its_rules_and_contact_points),
	    cmocka_unit_test(grafana_proves_by_the_id_only),
	    cmocka_unit_test(stations_that_know_neither_rules_nor_receivers_have_no_inventory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
