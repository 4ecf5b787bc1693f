/* Tests of what Alertmanager foresees, from a configuration as Alertmanager 0.25 prints it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hops/alertmanager_interval.h"
#include "src/base/mem.h"
#include "tests/hops/foreseen.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)

#define ALERTS   "/api/v2/alerts"
#define SILENCES "/api/v2/silences"
#define LABELS   "{\"alertname\":\"OrdersQueueMissing\",\"severity\":\"page\"}"

/* As it prints them: every default written out. */
#define SLACK(resolved, title)                                                         \
	"  slack_configs:\n  - send_resolved: " resolved                               \
	"\n    http_config:\n      follow_redirects: true\n      enable_http2: true\n" \
	"    api_url: <secret>\n    channel: '#ops'\n"                                 \
	"    username: '{{ template \"slack.default.username\" . }}'\n"                \
	"    color: '{{ if eq .Status \"firing\" }}danger{{ else }}good{{ end }}'\n"   \
	"    title: '" title "'\n    title_link: ''\n    pretext: ''\n    text: ''\n"  \
	"    short_fields: false\n    footer: ''\n    fallback: '" title "'\n"         \
	"    callback_id: '{{ template \"slack.default.callbackid\" . }}'\n"           \
	"    icon_emoji: '{{ template \"slack.default.iconemoji\" . }}'\n    link_names: false\n"
#define STANDARD "{{ template \"slack.default.title\" . }}"

/* The route is put before it; receivers: team and paged, null and mail. */
#define RECEIVERS                                                                            \
	"receivers:\n- name: team\n" SLACK("true", STANDARD) "- name: silent\n" SLACK(       \
	    "false", STANDARD) "- name: fixed\n" SLACK("true",                               \
						       "Alert!") "- name: \"null\"\n"        \
								 "- name: mail\n"            \
								 "  email_configs:\n"        \
								 "  - send_resolved: true\n" \
								 "    to: a@b\n"             \
								 "templates: []\n"

/* Severity "page": team after 10 s; else mail. */
#define ROUTES                                                                                   \
	"global:\n  resolve_timeout: 5m\nroute:\n  receiver: mail\n  group_by:\n  - alertname\n" \
	"  continue: false\n  routes:\n  - receiver: team\n    matchers:\n"                      \
	"    - severity=\"page\"\n    continue: false\n    group_wait: 10s\n"                    \
	"    group_interval: 2m\n  group_wait: 30s\n  group_interval: 5m\n"                      \
	"  repeat_interval: 4h\n"

static void answer_config(struct stand *stand, const char *yaml)
{
	cJSON *text = cJSON_CreateString(yaml);
	char *json = cJSON_PrintUnformatted(text);

	(void)stand_answers(
	    stand, "/api/v2/status",
	    "{\"cluster\":{\"peers\":[],\"status\":\"disabled\"},\"config\":{\"original\":%s},"
	    "\"uptime\":\"2026-11-21T10:00:00.000Z\",\"versionInfo\":{\"version\":\"0.25.0\"}}",
	    json);
	cJSON_free(json);
	cJSON_Delete(text);
}

static void answer_route(struct stand *stand, const char *route)
{
	char *yaml = mem_printf("%s" RECEIVERS, route);

	answer_config(stand, yaml);
	free(yaml);
}

/* A root route to that receiver. */
static void route_to(struct stand *stand, const char *receiver, const char *more)
{
	char *route = mem_printf("route:\n  receiver: %s\n  continue: false\n%s", receiver, more);

	answer_route(stand, route);
	free(route);
}

/* One alert that is there now. */
static void answer_alert(struct stand *stand, const char *labels)
{
	(void)stand_answers(
	    stand, ALERTS,
	    "[{\"annotations\":{},\"endsAt\":\"2027-11-21T18:31:52.982Z\",\"fingerprint\":\"7d41\","
	    "\"receivers\":[{\"name\":\"team\"}],\"startsAt\":\"2026-11-21T18:31:52.982Z\","
	    "\"status\":{\"inhibitedBy\":[],\"silencedBy\":[],\"state\":\"active\"},\"updatedAt\":"
	    "\"2026-11-21T18:31:52.982Z\",\"labels\":%s}]",
	    labels);
}

static void answer_groups(struct stand *stand, int groups)
{
	(void)stand_answers(stand, "/metrics",
			    "alertmanager_alerts_received_total{status=\"firing\"} 5\n"
			    "alertmanager_dispatcher_aggregation_groups %d\n",
			    groups);
}

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	(void)stand_answers(stand, ALERTS, "[]");
	(void)stand_answers(stand, SILENCES, "[]");
	answer_groups(stand, 0);
	answer_route(stand, ROUTES);
	stand->want.labels = LABELS;
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

static struct foreseen look(struct stand *stand)
{
	struct foreseen foreseen;

	foresee(stand, &hop_alertmanager, &foreseen);
	return foreseen;
}

/* Times. */

static void a_new_group_waits_group_wait_and_ends_within_group_interval(void **state)
{
	const struct foreseen foreseen = look(*state);

	assert_known(&foreseen);
	assert_int_equal(foreseen.delay_count, 2);
	assert_there(&foreseen, "group_wait", 10 * SECOND, 10 * SECOND);
	assert_back(&foreseen, "group_interval", 0, 2 * MINUTE);
	assert_cautions(&foreseen, 0);
}

static void routes_inherit_and_have_defaults(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "team", "");
	foreseen = look(stand);
	assert_there(&foreseen, "group_wait", 30 * SECOND, 30 * SECOND);
	assert_back(&foreseen, "group_interval", 0, 5 * MINUTE);
}

static void a_group_that_is_there_lets_it_wait_for_group_interval(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	answer_alert(stand, "{\"alertname\":\"OrdersQueueMissing\",\"severity\":\"page\","
			    "\"queue\":\"other\"}");
	foreseen = look(stand);
	assert_known(&foreseen);
	assert_there(&foreseen, "group_interval", 0, 2 * MINUTE);
}

static void alerts_of_other_groups_and_routes_do_not(void **state)
{
	static const char *const others[] = {
	    "{\"alertname\":\"NetworkDown\",\"severity\":\"page\"}",
	    "{\"alertname\":\"OrdersQueueMissing\",\"severity\":\"info\"}"};
	struct stand *stand = *state;

	for (size_t i = 0; i < 2; i++) {
		struct foreseen foreseen;

		answer_alert(stand, others[i]);
		foreseen = look(stand);
		assert_there(&foreseen, "group_wait", 10 * SECOND, 10 * SECOND);
	}
}

static void a_group_that_may_be_there_gives_a_span(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "team", "  group_by:\n  - alertname\n  - queue\n");
	answer_alert(stand, "{\"alertname\":\"OrdersQueueMissing\",\"queue\":\"other\"}");
	foreseen = look(stand);
	assert_known(&foreseen);
	assert_there(&foreseen, "group_wait or group_interval", 0, 5 * MINUTE);
}

static void a_group_whose_alerts_have_ended_may_still_be_joined(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	answer_alert(stand, "{\"alertname\":\"NetworkDown\",\"severity\":\"page\"}");
	answer_groups(stand, 1); /* that of the alert */
	foreseen = look(stand);
	assert_there(&foreseen, "group_wait", 10 * SECOND, 10 * SECOND);
	answer_groups(stand, 2);
	foreseen = look(stand);
	assert_known(&foreseen);
	assert_there(&foreseen, "group_wait or group_interval", 0, 2 * MINUTE);
	(void)stand_answers(stand, "/metrics", "alertmanager_alerts_received_total 5\n");
	foreseen = look(stand);
	assert_there(&foreseen, "group_wait or group_interval", 0, 2 * MINUTE);
}

static void grouped_by_all_labels_an_alert_with_the_id_joins_none_of_those(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "team", "  group_by:\n  - '...'\n");
	answer_groups(stand, 2);
	foreseen = look(stand);
	assert_there(&foreseen, "group_wait", 30 * SECOND, 30 * SECOND);
	stand->want.has_nonce = false;
	foreseen = look(stand);
	assert_there(&foreseen, "group_wait or group_interval", 0, 5 * MINUTE);
}

static void each_peer_may_wait_for_those_before_it(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	(void)stand_answers(
	    stand, "/api/v2/status",
	    "{\"cluster\":{\"peers\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}],"
	    "\"status\":\"ready\"},\"config\":{\"original\":\"route:\\n  receiver: \\\"null\\\"\\n"
	    "receivers:\\n- name: \\\"null\\\"\\n\"},"
	    "\"uptime\":\"2026-11-21T10:00:00.000Z\",\"versionInfo\":{\"version\":\"0.25.0\"}}");
	foreseen = look(stand);
	assert_there(&foreseen, "turn of the peer", 0, 30 * SECOND);
	assert_back(&foreseen, "turn of the peer", 0, 30 * SECOND);
}

static void grouped_by_all_labels_an_alert_that_differs_in_one_is_another_group(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "team", "  group_by:\n  - '...'\n");
	answer_alert(stand, "{\"alertname\":\"OrdersQueueMissing\",\"severity\":\"info\"}");
	foreseen = look(stand);
	assert_there(&foreseen, "group_wait", 30 * SECOND, 30 * SECOND);
	answer_alert(stand, "{\"alertname\":\"OrdersQueueMissing\",\"severity\":\"page\"}");
	foreseen = look(stand);
	assert_there(&foreseen, "group_wait or group_interval", 0, 5 * MINUTE);
}

static void without_group_by_all_alerts_of_a_route_are_one_group(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "team", "");
	answer_alert(stand, "{\"alertname\":\"NetworkDown\"}");
	foreseen = look(stand);
	assert_there(&foreseen, "group_interval", 0, 5 * MINUTE);
}

static void a_matcher_on_a_label_that_is_not_known_leaves_both_ways_open(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	answer_route(stand, "route:\n  receiver: team\n  routes:\n  - receiver: silent\n"
			    "    matchers:\n    - cluster=\"a\"\n    group_wait: 1m\n"
			    "  - receiver: team\n    matchers:\n    - severity=\"info\"\n"
			    "    group_wait: 1h\n  group_wait: 20s\n  group_interval: 3m\n");
	foreseen = look(stand);
	assert_known(&foreseen);
	assert_there(&foreseen, "group_wait", 20 * SECOND, 60 * SECOND);
	assert_cautions(&foreseen, 0); /* send_resolved is not sure */
}

static void without_any_labels_every_route_is_possible(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	stand->want.labels = NULL;
	foreseen = look(stand);
	/* That to the mailbox does not count beside one to a chat. */
	assert_there(&foreseen, "group_wait", 10 * SECOND, 10 * SECOND);
}

static void a_sure_route_ends_the_search_unless_it_continues(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	answer_route(stand, "route:\n  receiver: mail\n  routes:\n  - receiver: team\n"
			    "    matchers:\n    - severity=~\"page|warn\"\n    continue: true\n"
			    "    group_wait: 1s\n  - receiver: silent\n    match:\n"
			    "      alertname: OrdersQueueMissing\n    group_wait: 7s\n"
			    "  - receiver: team\n    group_wait: 1h\n");
	foreseen = look(stand);
	assert_known(&foreseen);
	assert_there(&foreseen, "group_wait", 1 * SECOND, 7 * SECOND);
}

static void a_configuration_that_cannot_be_read_is_not_known(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	answer_config(stand, "route: &x\n  receiver: team\n");
	foreseen = look(stand);
	assert_unknown(&foreseen, "it cannot be read");
	assert_int_equal(foreseen.delay_count, 0);
	(void)stand_answers(stand, "/api/v2/status", "<html>");
	foreseen = look(stand);
	assert_unknown(&foreseen, "a page for people");
	route_to(stand, "team", "  group_wait: soon\n");
	foreseen = look(stand);
	assert_unknown(&foreseen, "cannot be read");
}

/* Worries. */

static void a_receiver_without_integration_posts_nowhere(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "\"null\"", "");
	foreseen = look(stand);
	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_NOWHERE, "the receiver \"null\", which posts nowhere");
	answer_route(stand, "route:\n  receiver: team\n  routes:\n  - receiver: \"null\"\n"
			    "    matchers:\n    - cluster=\"a\"\n");
	foreseen = look(stand);
	assert_cautions(&foreseen, 0); /* only perhaps */
}

static void a_receiver_that_does_not_send_resolved_is_warned_of(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "silent", "");
	foreseen = look(stand);
	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_NO_RESOLVED, "the receiver \"silent\" does not tell");
}

static void a_text_without_any_template_loses_the_id(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	route_to(stand, "fixed", "");
	foreseen = look(stand);
	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_TEMPLATE, "the same text for every alert");
	stand->want.has_nonce = false;
	foreseen = look(stand);
	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_REPEAT, "");
}

static void an_alert_without_the_id_is_swallowed_when_it_comes_again_soon(void **state)
{
	struct stand *stand = *state;
	struct foreseen foreseen;

	stand->want.has_nonce = false;
	foreseen = look(stand);
	assert_cautions(&foreseen, 1);
	assert_caution(&foreseen, HOP_WORRY_REPEAT, "within group_interval, which is 2 min");
	assert_int_equal(foreseen.cautions[0].ms, 2 * MINUTE);
}

static void answer_silence(struct stand *stand, const char *state, const char *matchers)
{
	(void)stand_answers(
	    stand, SILENCES,
	    "[{\"id\":\"d3f6\",\"status\":{\"state\":\"%s\"},\"updatedAt\":"
	    "\"2026-11-21T18:31:52.982Z\",\"comment\":\"maintenance\",\"createdBy\":\"joe\","
	    "\"endsAt\":\"2099-01-01T00:00:00.000Z\",\"matchers\":[%s],"
	    "\"startsAt\":\"2026-11-21T18:31:52.982Z\"}]",
	    state, matchers);
}

#define MATCHER(name, value, regex, equal)                                                      \
	"{\"isEqual\":" equal ",\"isRegex\":" regex ",\"name\":\"" name "\",\"value\":\"" value \
	"\"}"

static void a_silence_that_matches_for_sure_holds_it_back(void **state)
{
	static const struct {
		const char *state, *matchers;
		bool held;
	} rows[] = {
	    {"active", MATCHER("alertname", "Orders.*", "true", "true"), true},
	    {"active", MATCHER("alertname", "Network.*", "true", "false"), true},
	    {"active",
	     MATCHER("severity", "page", "false", "true") "," MATCHER("alertname", "Orders.*",
								      "true", "true"),
	     true},
	    {"active", MATCHER("severity", "info", "false", "true"), false},
	    {"active", MATCHER("cluster", "a", "false", "true"), false}, /* not known */
	    {"active", MATCHER("severity", "page", "false", "false"), false},
	    {"expired", MATCHER("severity", "page", "false", "true"), false},
	    {"active", "", false},
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct foreseen foreseen;

		answer_silence(stand, rows[i].state, rows[i].matchers);
		foreseen = look(stand);
		assert_cautions(&foreseen, rows[i].held ? 1 : 0);
		if (rows[i].held)
			assert_caution(&foreseen, HOP_WORRY_HELD_BACK,
				       "a silence of \"joe\" with the comment \"maintenance\" "
				       "holds it back until 2099-01-01");
	}
}

#define INHIBIT                                                               \
	"inhibit_rules:\n- source_matchers:\n  - alertname=\"NetworkDown\"\n" \
	"  target_match_re:\n    severity: page|warn\n  equal:\n  - "

static void an_alert_that_inhibits_it_for_sure_holds_it_back(void **state)
{
	static const struct {
		const char *inhibit, *alert;
		bool held;
	} rows[] = {
	    {INHIBIT "team\n", "{\"alertname\":\"NetworkDown\",\"team\":\"orders\"}", true},
	    {INHIBIT "team\n", "{\"alertname\":\"NetworkDown\",\"team\":\"other\"}", false},
	    {INHIBIT "cluster\n", "{\"alertname\":\"NetworkDown\"}", false}, /* not known */
	    {INHIBIT "team\n", "{\"alertname\":\"DiskFull\",\"team\":\"orders\"}", false},
	    {INHIBIT "team\n", "{\"alertname\":\"OrdersQueueMissing\",\"team\":\"orders\"}", false},
	};
	struct stand *stand = *state;

	stand->want.labels = "{\"alertname\":\"OrdersQueueMissing\",\"severity\":\"page\","
			     "\"team\":\"orders\"}";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *config = mem_printf("%s%s", ROUTES, rows[i].inhibit);
		struct foreseen foreseen;

		answer_route(stand, config);
		answer_alert(stand, rows[i].alert);
		foreseen = look(stand);
		assert_cautions(&foreseen, rows[i].held ? 1 : 0);
		if (rows[i].held)
			assert_caution(&foreseen, HOP_WORRY_HELD_BACK,
				       "the alert \"NetworkDown\" inhibits it");
		free(config);
	}
}

#define INTERVALS                                                          \
	"time_intervals:\n- name: always\n  time_intervals:\n  - times:\n" \
	"    - start_time: \"00:00\"\n      end_time: \"24:00\"\n"         \
	"- {name: long ago, time_intervals: [{years: ['1999:2000']}]}\n"   \
	"- {name: somewhere, time_intervals: [{location: Asia/Tokyo}]}\n"

static void a_time_interval_that_mutes_now_holds_it_back(void **state)
{
	static const struct {
		const char *route, *says; /* NULL: nothing */
	} rows[] = {
	    {"    mute_time_intervals:\n    - long ago\n    - always\n",
	     "the time interval \"always\" mutes its route now"},
	    {"    mute_time_intervals:\n    - long ago\n", NULL},
	    {"    mute_time_intervals:\n    - somewhere\n", NULL},
	    {"    mute_time_intervals:\n    - unheard of\n", NULL},
	    {"    active_time_intervals:\n    - long ago\n", "active in the time interval"},
	    {"    active_time_intervals:\n    - long ago\n    - always\n", NULL},
	    {"    active_time_intervals:\n    - somewhere\n", NULL},
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *config =
		    mem_printf("route:\n  receiver: mail\n  routes:\n  - receiver: team\n"
			       "    matchers:\n    - severity=\"page\"\n%s" INTERVALS,
			       rows[i].route);
		struct foreseen foreseen;

		answer_route(stand, config);
		foreseen = look(stand);
		assert_cautions(&foreseen, rows[i].says != NULL ? 1 : 0);
		if (rows[i].says != NULL)
			assert_caution(&foreseen, HOP_WORRY_HELD_BACK, rows[i].says);
		free(config);
	}
}

/* 2026-11-21, a Saturday, 18:31 UTC. */
static void time_intervals_are_judged_as_alertmanager_does(void **state)
{
	static const struct {
		const char *spans;
		enum interval_judged judged;
	} rows[] = {
	    {"[]", INTERVAL_OUTSIDE},
	    {"[{}]", INTERVAL_INSIDE},
	    {"[{\"times\":[{\"start_time\":\"18:31\",\"end_time\":\"18:32\"}]}]", INTERVAL_INSIDE},
	    {"[{\"times\":[{\"start_time\":\"17:00\",\"end_time\":\"18:31\"}]}]", INTERVAL_OUTSIDE},
	    {"[{\"times\":[{\"start_time\":\"6pm\",\"end_time\":\"19:00\"}]}]", INTERVAL_UNKNOWN},
	    {"[{\"weekdays\":[\"monday:friday\",\"saturday\"]}]", INTERVAL_INSIDE},
	    {"[{\"weekdays\":[\"monday:friday\",\"Sunday\"]}]", INTERVAL_OUTSIDE},
	    {"[{\"weekdays\":[\"caturday\"]}]", INTERVAL_UNKNOWN},
	    {"[{\"days_of_month\":[\"1:5\",\"-10:-1\"]}]", INTERVAL_INSIDE},
	    {"[{\"days_of_month\":[\"-9:-1\",\"20\"]}]", INTERVAL_OUTSIDE},
	    {"[{\"months\":[\"1:3\",\"november\"]}]", INTERVAL_INSIDE},
	    {"[{\"months\":[\"december\",\"5\"]}]", INTERVAL_OUTSIDE},
	    {"[{\"years\":[\"2020:2026\"]}]", INTERVAL_INSIDE},
	    {"[{\"years\":[\"2027\"]},{\"location\":\"UTC\"}]", INTERVAL_INSIDE},
	    {"[{\"location\":\"Europe/Berlin\"}]", INTERVAL_UNKNOWN},
	    {"[{\"years\":[\"2027\"],\"months\":[\"what\"]}]", INTERVAL_OUTSIDE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cJSON *spans = cJSON_Parse(rows[i].spans);

		assert_non_null(spans);
		if (alertmanager_inside(spans, INT64_C(1795285870) * 1000) != rows[i].judged)
			fail_msg("%s", rows[i].spans);
		cJSON_Delete(spans);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    test(a_new_group_waits_group_wait_and_ends_within_group_interval),
	    test(routes_inherit_and_have_defaults),
	    test(a_group_that_is_there_lets_it_wait_for_group_interval),
	    test(alerts_of_other_groups_and_routes_do_not),
	    test(a_group_that_may_be_there_gives_a_span),
	    test(a_group_whose_alerts_have_ended_may_still_be_joined),
	    test(grouped_by_all_labels_an_alert_with_the_id_joins_none_of_those),
	    test(each_peer_may_wait_for_those_before_it),
	    test(grouped_by_all_labels_an_alert_that_differs_in_one_is_another_group),
	    test(without_group_by_all_alerts_of_a_route_are_one_group),
	    test(a_matcher_on_a_label_that_is_not_known_leaves_both_ways_open),
	    test(without_any_labels_every_route_is_possible),
	    test(a_sure_route_ends_the_search_unless_it_continues),
	    test(a_configuration_that_cannot_be_read_is_not_known),
	    test(a_receiver_without_integration_posts_nowhere),
	    test(a_receiver_that_does_not_send_resolved_is_warned_of),
	    test(a_text_without_any_template_loses_the_id),
	    test(an_alert_without_the_id_is_swallowed_when_it_comes_again_soon),
	    test(a_silence_that_matches_for_sure_holds_it_back),
	    test(an_alert_that_inhibits_it_for_sure_holds_it_back),
	    test(a_time_interval_that_mutes_now_holds_it_back),
	    cmocka_unit_test(time_intervals_are_judged_as_alertmanager_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
