/* Coverage: put together, counted, and told in a terminal, as JSON and in a chat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/chat.h"
#include "reports/coverage.h"
#include "reports/plain.h"
#include "src/base/mem.h"
#include "tests/reports/check_text.h"

#define NOW     INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */
#define HOUR    INT64_C(3600000)
#define DAY     (24 * HOUR)
#define EVIL    "\033[2Jevil\xff\n\"quote\" *b* `c`"
#define TEXT(s) ((char *)(uintptr_t)(s))

static struct coverage begin(void)
{
	return (struct coverage){.now_wall_ms = NOW, .since_ms = 90 * DAY};
}

static struct coverage_part *add_part(struct coverage *coverage, const char *environment)
{
	struct coverage_part *part = coverage_add_part(coverage, environment, "main");

	part->tells[COVERAGE_RULE] = part->tells[COVERAGE_RECEIVER] = true;
	return part;
}

static struct coverage_item item_of(enum coverage_kind kind, const char *name, const char *detail)
{
	return (struct coverage_item){
	    .kind = kind,
	    .pipeline = TEXT("main"),
	    .hop = TEXT(kind == COVERAGE_RULE ? "prometheus" : "alertmanager"),
	    .name = TEXT(name),
	    .detail = TEXT(detail),
	    .p50_ms = -1,
	    .p99_ms = -1,
	};
}

/* What a station has. */
static void has(struct coverage_part *part, enum coverage_kind kind, const char *name,
		const char *detail, const char *cannot)
{
	struct coverage_item item = item_of(kind, name, detail);

	item.listed = true;
	item.cannot = TEXT(cannot);
	coverage_add_item(part, &item);
}

/* What the history has. */
static void proved(struct coverage_part *part, enum coverage_kind kind, const char *name,
		   const char *detail, int64_t age_ms, size_t proofs)
{
	struct coverage_item item = item_of(kind, name, detail);

	item.last_drill = TEXT("fd-k3q9x2m7");
	item.last_wall_ms = NOW - age_ms;
	item.first_wall_ms = NOW - age_ms - (proofs > 1 ? 30 * DAY : 0);
	item.proofs = proofs;
	item.p50_ms = proofs > 0 ? 2100 : -1;
	item.p99_ms = proofs > 0 ? 4000 : -1;
	coverage_add_item(part, &item);
}

static const struct coverage_item *find(const struct coverage_part *part, const char *name)
{
	for (size_t i = 0; i < part->item_count; i++)
		if (strcmp(part->items[i].name, name) == 0)
			return &part->items[i];
	fail_msg("%s is not there", name);
	return NULL;
}

static void fill(struct coverage_part *part)
{
	has(part, COVERAGE_RULE, "QueueMissing", "orders", NULL);
	has(part, COVERAGE_RULE, "HealthDown", "orders", NULL);
	has(part, COVERAGE_RULE, "OldRule", "old", "its series do not exist: old_total");
	has(part, COVERAGE_RULE, "Slow", "orders", NULL);
	has(part, COVERAGE_RECEIVER, "team", "slack #ops", NULL);
	has(part, COVERAGE_RECEIVER, "null", "", "it posts nowhere");
	proved(part, COVERAGE_RULE, "QueueMissing", "orders", 3 * DAY, 5);
	proved(part, COVERAGE_RULE, "Slow", "orders", 120 * DAY, 0);
	proved(part, COVERAGE_RULE, "Former", "orders", 10 * DAY, 1);
	proved(part, COVERAGE_RECEIVER, "team", "slack #old", 3 * DAY, 5);
}

/* Putting together. */

static void each_stands_where_the_stations_and_the_history_say(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");

	(void)state;
	fill(part);
	coverage_finish(&coverage);
	assert_int_equal(part->item_count, 7);
	assert_int_equal(find(part, "QueueMissing")->state, COVERAGE_PROVEN);
	assert_int_equal(find(part, "QueueMissing")->proofs, 5);
	assert_int_equal(find(part, "HealthDown")->state, COVERAGE_NEVER);
	assert_int_equal(find(part, "OldRule")->state, COVERAGE_CANNOT);
	assert_int_equal(find(part, "Slow")->state, COVERAGE_OUTDATED);
	assert_int_equal(find(part, "Former")->state, COVERAGE_GONE);
	assert_int_equal(find(part, "team")->state, COVERAGE_PROVEN);
	assert_string_equal(find(part, "team")->detail, "slack #ops"); /* as it is now */
	assert_int_equal(find(part, "null")->state, COVERAGE_CANNOT);
	assert_string_equal(part->items[0].name, "HealthDown"); /* what needs people first */
	assert_string_equal(part->items[1].name, "OldRule");
	assert_string_equal(part->items[2].name, "Slow");
	coverage_done(&coverage);
}

static void another_group_hop_or_pipeline_is_another_rule(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");
	struct coverage_item other = item_of(COVERAGE_RULE, "A", "orders");

	(void)state;
	has(part, COVERAGE_RULE, "A", "orders", NULL);
	proved(part, COVERAGE_RULE, "A", "payments", DAY, 1);
	other.last_wall_ms = other.first_wall_ms = NOW - DAY;
	other.hop = TEXT("prometheus-2");
	coverage_add_item(part, &other);
	other.hop = TEXT("prometheus");
	other.pipeline = TEXT("former");
	coverage_add_item(part, &other);
	coverage_finish(&coverage);
	assert_int_equal(part->item_count, 4);
	assert_int_equal(coverage_count(part, COVERAGE_RULE).states[COVERAGE_NEVER], 1);
	assert_int_equal(coverage_count(part, COVERAGE_RULE).states[COVERAGE_GONE], 3);
	coverage_done(&coverage);
}

static void a_proof_says_more_than_series_that_are_not_there_right_now(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");

	(void)state;
	has(part, COVERAGE_RULE, "A", "g", "its series do not exist: a_total");
	proved(part, COVERAGE_RULE, "A", "g", DAY, 1);
	has(part, COVERAGE_RULE, "B", "g", "its series do not exist: b_total");
	proved(part, COVERAGE_RULE, "B", "g", 91 * DAY, 0);
	coverage_finish(&coverage);
	assert_int_equal(find(part, "A")->state, COVERAGE_PROVEN);
	assert_int_equal(find(part, "B")->state, COVERAGE_CANNOT);
	coverage_done(&coverage);
}

static void of_two_rules_alike_one_that_can_fire_is_enough_to_be_never_proven(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");

	(void)state;
	has(part, COVERAGE_RULE, "A", "g", "its series do not exist: a_total");
	has(part, COVERAGE_RULE, "A", "g", NULL);
	coverage_finish(&coverage);
	assert_int_equal(part->item_count, 1);
	assert_int_equal(part->items[0].state, COVERAGE_NEVER);
	coverage_done(&coverage);
}

static void what_was_not_asked_is_neither_gone_nor_counted(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");
	const struct coverage_trouble trouble = {.hop = TEXT("prometheus"),
						 .text = TEXT("no answer"),
						 .kinds = {[COVERAGE_RULE] = true}};

	(void)state;
	proved(part, COVERAGE_RULE, "A", "g", DAY, 1);
	proved(part, COVERAGE_RULE, "B", "g", 100 * DAY, 0);
	has(part, COVERAGE_RECEIVER, "team", "slack #ops", NULL);
	coverage_add_trouble(part, &trouble);
	coverage_finish(&coverage);
	assert_int_equal(find(part, "A")->state, COVERAGE_PROVEN);
	assert_int_equal(find(part, "B")->state, COVERAGE_OUTDATED);
	assert_false(coverage_count(part, COVERAGE_RULE).known);
	assert_true(coverage_count(part, COVERAGE_RECEIVER).known);
	assert_int_equal(coverage_exit_code(&coverage, 0), EXIT_INCONCLUSIVE);
	coverage_done(&coverage);
}

/* Counting. */

static void gone_and_silent_receivers_do_not_count(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");
	struct coverage_count rules, receivers;

	(void)state;
	fill(part);
	coverage_finish(&coverage);
	rules = coverage_count(part, COVERAGE_RULE);
	receivers = coverage_count(part, COVERAGE_RECEIVER);
	assert_int_equal(rules.total, 4);
	assert_int_equal(rules.percent, 25);
	assert_int_equal(receivers.total, 1);
	assert_int_equal(receivers.percent, 100);
	coverage_done(&coverage);
}

static void less_than_is_required_is_a_gap(void **state)
{
	struct coverage coverage = begin();

	(void)state;
	fill(add_part(&coverage, "production"));
	coverage_finish(&coverage);
	assert_int_equal(coverage_exit_code(&coverage, 0), EXIT_PASS);
	assert_int_equal(coverage_exit_code(&coverage, 25), EXIT_PASS);
	assert_int_equal(coverage_exit_code(&coverage, 26), EXIT_GAP);
	coverage_done(&coverage);
	coverage = begin();
	(void)coverage_add_part(&coverage, "nowhere", NULL);
	coverage_finish(&coverage);
	assert_int_equal(coverage_exit_code(&coverage, 100), EXIT_PASS); /* nothing is known */
	coverage_done(&coverage);
}

/* In a terminal. */

static char *written(const struct coverage *coverage, size_t columns, size_t rows)
{
	const struct view view = {.columns = columns};
	struct buf buf = {0};

	coverage_write(&buf, &view, coverage, rows);
	return buf_take(&buf);
}

static void assert_says(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void the_table_shows_what_needs_people_first(void **state)
{
	struct coverage coverage = begin();
	char *text;

	(void)state;
	fill(add_part(&coverage, "production"));
	coverage_finish(&coverage);
	text = written(&coverage, 80, 30);
	assert_string_equal(
	    text,
	    "production (pipeline main)\n"
	    "  never       HealthDown                      orders\n"
	    "  cannot fire OldRule                         its series do not exist: old_total\n"
	    "  120 d ago   Slow                            orders\n"
	    "  3 d ago     QueueMissing                    p50 2.1 s, max 4 s of 5\n"
	    "  gone        Former                          proven last 10 d ago\n"
	    "1 of 4 rules proven in production in the last 90 days (25 %), 1 cannot fire,\n"
	    "1 gone\n"
	    "  nowhere     null                            it posts nowhere\n"
	    "  3 d ago     team                            p50 2.1 s, max 4 s of 5\n"
	    "1 of 1 receiver proven in production in the last 90 days (100 %), 1 posts\n"
	    "nowhere\n");
	free(text);
	coverage_done(&coverage);
}

static void a_name_or_a_reason_that_is_too_long_for_its_column_stays_whole(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");
	char *text;

	(void)state;
	has(part, COVERAGE_RULE, "A", "g", "its series do not exist: orders_total, failures_total");
	has(part, COVERAGE_RULE, "ThanosQueryHttpRequestQueryErrorRateHigh", "g", NULL);
	coverage_finish(&coverage);
	text = written(&coverage, 80, 30);
	assert_says(text, "  never       ThanosQueryHttpRequestQueryErrorRateHigh\n"
			  "                                              g\n");
	assert_says(text,
		    "  cannot fire A                               its series do not exist:\n"
		    "                                              orders_total, failures_total\n");
	free(text);
	coverage_done(&coverage);
}

static void what_is_proven_elsewhere_and_more_than_a_hundred_times_is_said(void **state)
{
	struct coverage coverage = begin();
	char *text;

	(void)state;
	proved(add_part(&coverage, "staging"), COVERAGE_RULE, "A", "g", 5 * HOUR, 100);
	has(&coverage.parts[0], COVERAGE_RULE, "A", "g", "its series do not exist: a");
	has(add_part(&coverage, "production"), COVERAGE_RULE, "A", "g", NULL);
	coverage_finish(&coverage);
	text = written(&coverage, 0, 0);
	assert_says(text, "p50 2.1 s, p99 4 s of 100; now its series do not exist: a\n");
	assert_says(text, "5 h ago");
	assert_says(text, " g; proven in staging\n");
	free(text);
	coverage_done(&coverage);
}

static void ten_thousand_rules_are_cut_to_what_fits_and_all_are_shown_on_demand(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");
	char *text, name[32];
	size_t lines = 0;

	(void)state;
	(void)add_part(&coverage, "staging");
	part = &coverage.parts[0];
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(name, sizeof name, "Rule%05d", (i * 7919) % 10000);
		has(part, COVERAGE_RULE, name, "g", NULL);
		if (i % 2 == 0)
			proved(part, COVERAGE_RULE, name, "g", DAY, 3);
	}
	coverage_finish(&coverage);
	assert_int_equal(part->item_count, 10000);
	text = written(&coverage, 80, 30);
	for (const char *at = text; (at = strstr(at, "Rule")) != NULL; at++)
		lines++;
	assert_int_equal(lines, 30);
	assert_says(text, "  ... and 9970 more; --all shows them\n");
	assert_says(text, "5000 of 10000 rules proven in production");
	free(text);
	text = written(&coverage, 80, 0);
	lines = 0;
	for (const char *at = text; (at = strstr(at, "Rule")) != NULL; at++)
		lines++;
	assert_int_equal(lines, 10000);
	free(text);
	coverage_done(&coverage);
}

static void foreign_names_do_no_harm_and_no_line_is_too_long(void **state)
{
	struct coverage coverage = begin();
	struct coverage_part *part = add_part(&coverage, "production");
	char longer[1001] = "", *text;

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	has(part, COVERAGE_RULE, EVIL, EVIL, NULL);
	has(part, COVERAGE_RULE, longer, longer, longer);
	proved(part, COVERAGE_RULE, EVIL, "g", DAY, 1);
	coverage_add_trouble(part,
			     &(struct coverage_trouble){.hop = TEXT(EVIL), .text = TEXT(EVIL)});
	coverage_finish(&coverage);
	text = written(&coverage, 80, 30);
	assert_false(text_has_control(text, true));
	assert_true(text_is_utf8(text));
	for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
		assert_true(plain_columns(line, false) <= 80);
	free(text);
	coverage_done(&coverage);
}

static void what_cannot_be_asked_is_said_with_its_reason(void **state)
{
	struct coverage coverage = begin();
	const struct coverage_trouble trouble = {.hop = TEXT("prometheus"),
						 .text = TEXT("connection refused"),
						 .kinds = {[COVERAGE_RULE] = true}};
	char *text;

	(void)state;
	coverage_add_trouble(add_part(&coverage, "production"), &trouble);
	proved(&coverage.parts[0], COVERAGE_RULE, "A", "g", DAY, 1);
	(void)coverage_add_part(&coverage, "nowhere", NULL);
	coverage_finish(&coverage);
	text = written(&coverage, 0, 30);
	assert_says(text, "  prometheus: not asked: connection refused\n");
	assert_says(text, "2.1 s, once\n");
	assert_says(text, "1 rule proven in production in the last 90 days; how many there are is "
			  "not known\n");
	assert_says(text, "set environments.nowhere.pipeline\n");
	free(text);
	coverage_done(&coverage);
}

/* As JSON. */

static const cJSON *item(const cJSON *object, const char *key)
{
	const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, key);

	if (found == NULL)
		fail_msg("no %s", key);
	return found;
}

static void the_json_is_one_line_with_every_field(void **state)
{
	struct coverage coverage = begin();
	const cJSON *part, *rules, *first;
	cJSON *json;
	char *line;

	(void)state;
	fill(add_part(&coverage, "production"));
	has(&coverage.parts[0], COVERAGE_RULE, EVIL, "", NULL);
	coverage_finish(&coverage);
	line = coverage_json(&coverage, 50);
	assert_null(strchr(line, '\n'));
	assert_null(strchr(line, '\033'));
	assert_true(text_is_utf8(line));
	json = cJSON_Parse(line);
	assert_string_equal(item(json, "now")->valuestring, "2026-11-21T10:00:00.000Z");
	assert_true(item(json, "since_ms")->valuedouble == 90.0 * (double)DAY);
	assert_int_equal(item(json, "exit_code")->valueint, EXIT_GAP);
	part = item(json, "environments")->child;
	assert_string_equal(item(part, "environment")->valuestring, "production");
	assert_string_equal(item(part, "pipeline")->valuestring, "main");
	assert_int_equal(cJSON_GetArraySize(item(part, "not_asked")), 0);
	rules = item(part, "rules");
	assert_int_equal(item(rules, "total")->valueint, 5);
	assert_int_equal(item(rules, "proven")->valueint, 1);
	assert_int_equal(item(rules, "never")->valueint, 2);
	assert_int_equal(item(rules, "cannot")->valueint, 1);
	assert_int_equal(item(rules, "outdated")->valueint, 1);
	assert_int_equal(item(rules, "gone")->valueint, 1);
	assert_int_equal(item(rules, "percent")->valueint, 20);
	assert_int_equal(cJSON_GetArraySize(item(part, "items")), 8);
	for (first = item(part, "items")->child;
	     strcmp(item(first, "name")->valuestring, "QueueMissing") != 0;)
		first = first->next;
	assert_string_equal(item(first, "kind")->valuestring, "rule");
	assert_string_equal(item(first, "hop")->valuestring, "prometheus");
	assert_string_equal(item(first, "pipeline")->valuestring, "main");
	assert_string_equal(item(first, "detail")->valuestring, "orders");
	assert_string_equal(item(first, "state")->valuestring, "proven");
	assert_string_equal(item(first, "last")->valuestring, "2026-11-18T10:00:00.000Z");
	assert_string_equal(item(first, "drill")->valuestring, "fd-k3q9x2m7");
	assert_int_equal(item(first, "proofs")->valueint, 5);
	assert_int_equal(item(first, "p50_ms")->valueint, 2100);
	assert_int_equal(item(first, "p99_ms")->valueint, 4000);
	assert_true(cJSON_IsNull(item(first, "cannot")));
	cJSON_Delete(json);
	free(line);
	coverage_done(&coverage);
}

/* In a chat. */

static void the_digest_is_short_and_says_what_is_new_and_what_is_missing(void **state)
{
	struct coverage coverage = begin();
	struct coverage_post texts = {.headline = {0}};
	struct coverage_part *part = add_part(&coverage, "production");
	struct chat_post post;
	char name[32];

	(void)state;
	fill(part);
	proved(part, COVERAGE_RULE, "Fresh", "g", DAY, 1);
	has(part, COVERAGE_RULE, "Fresh", "g", NULL);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof name, "Never%02d", i);
		has(part, COVERAGE_RULE, name, "g", NULL);
	}
	coverage_finish(&coverage);
	coverage_write_post(&texts, &coverage, &post);
	assert_string_equal(post.mark, "coverage");
	assert_string_equal(post.headline, "Alert coverage: 2 of 25 rules proven (8 %)");
	assert_string_equal(
	    post.body,
	    "*production*\n2 of 25 rules proven in production in the last 90 days (8 %), 1 cannot "
	    "fire, 1 gone\n1 of 1 receiver proven in production in the last 90 days (100 %), 1 "
	    "posts nowhere\nNew in the last 7 days: Fresh\nNever proven: HealthDown, Never00, "
	    "Never01, Never02, Never03 and 16 more\nProven too long ago: Slow\nCannot fire: "
	    "OldRule");
	assert_int_equal(post.tone, CHAT_GOOD);
	coverage_post_done(&texts);
	coverage_done(&coverage);
}

static void the_digest_stays_short_whatever_there_is(void **state)
{
	struct coverage coverage = begin();
	struct coverage_post texts = {.headline = {0}};
	struct chat_post post;
	char longer[1001] = "";

	(void)state;
	memset(longer, '*', sizeof longer - 1);
	for (int i = 0; i < 30; i++) {
		struct coverage_part *part = add_part(&coverage, "production");

		for (int j = 0; j < 30; j++) {
			longer[j] = 'x';
			has(part, COVERAGE_RULE, longer, "g", j % 2 == 0 ? EVIL : NULL);
			coverage_add_trouble(part, &(struct coverage_trouble){.hop = TEXT(longer),
									      .text = TEXT(EVIL)});
		}
	}
	coverage_finish(&coverage);
	coverage_write_post(&texts, &coverage, &post);
	assert_true(strlen(post.body) < 8000);
	assert_false(text_has_control(post.body, true));
	assert_null(strstr(post.body, "*b*"));
	assert_non_null(strstr(post.footer, "26 more environments"));
	assert_int_equal(post.tone, CHAT_UNSURE);
	coverage_post_done(&texts);
	coverage_done(&coverage);
}

static void ages_are_told_as_people_count_them(void **state)
{
	static const struct {
		int64_t age_ms;
		const char *text;
	} rows[] = {{-5, "just now"},         {59999, "just now"},     {60000, "1 min ago"},
		    {HOUR - 1, "59 min ago"}, {47 * HOUR, "47 h ago"}, {48 * HOUR, "2 d ago"},
		    {400 * DAY, "400 d ago"}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf buf = {0};

		coverage_add_age(&buf, NOW, NOW - rows[i].age_ms);
		assert_string_equal(buf_text(&buf), rows[i].text);
		buf_done(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_stands_where_the_stations_and_the_history_say),
	    cmocka_unit_test(another_group_hop_or_pipeline_is_another_rule),
	    cmocka_unit_test(a_proof_says_more_than_series_that_are_not_there_right_now),
	    cmocka_unit_test(of_two_rules_alike_one_that_can_fire_is_enough_to_be_never_proven),
	    cmocka_unit_test(what_was_not_asked_is_neither_gone_nor_counted),
	    cmocka_unit_test(gone_and_silent_receivers_do_not_count),
	    cmocka_unit_test(less_than_is_required_is_a_gap),
	    cmocka_unit_test(the_table_shows_what_needs_people_first),
	    cmocka_unit_test(a_name_or_a_reason_that_is_too_long_for_its_column_stays_whole),
	    cmocka_unit_test(what_is_proven_elsewhere_and_more_than_a_hundred_times_is_said),
	    cmocka_unit_test(ten_thousand_rules_are_cut_to_what_fits_and_all_are_shown_on_demand),
	    cmocka_unit_test(foreign_names_do_no_harm_and_no_line_is_too_long),
	    cmocka_unit_test(what_cannot_be_asked_is_said_with_its_reason),
	    cmocka_unit_test(the_json_is_one_line_with_every_field),
	    cmocka_unit_test(the_digest_is_short_and_says_what_is_new_and_what_is_missing),
	    cmocka_unit_test(the_digest_stays_short_whatever_there_is),
	    cmocka_unit_test(ages_are_told_as_people_count_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
