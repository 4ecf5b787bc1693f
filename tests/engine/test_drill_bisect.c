/* Whole drills whose gap is confirmed by probes: what is sent, when, and what it proves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/engine/bisect.h"
#include "src/engine/hops.h"
#include "tests/engine/line.h"
#include "tests/engine/little_asserts.h"

#define PROBE_MS 8000

static char *words(const char *text)
{
	return (char *)(uintptr_t)text; /* only read */
}

/* An alert that never comes; the rule had it, Alertmanager had not.  Webhook and Alertmanager bring
 * what is sent to them to #ops, after one and a half. */
static int setup(void **state)
{
	struct line *line = line_new();

	*line->rule = (struct little_hop){.name = "prom", .hop = HOP_RULE, .state = HOP_HAD_IT};
	*line->am = (struct little_hop){
	    .name = "am", .type = "little-am", .hop = HOP_ALERTMANAGER, .state = HOP_LACKED_IT};
	line->am->alert.world = line->world;
	line->am->alert.text = "[FIRING:1] QueueMissing";
	line->am->alert.after_ms = 1500;
	line->am->alert.labels = "{\"alertname\":\"QueueMissing\"}";
	(void)little_expect(line->world, "#ops", "QueueMissing", true);
	little_hops_use(&line->hops, line->world);
	line->webhook.after_ms = 1500;
	line->hooks[0] =
	    (struct webhook_settings){words("slack"), words("#ops"), words("env:HOOK")};
	line->hops.pipeline.bisect.webhooks = line->hooks;
	line->hops.pipeline.bisect.webhook_count = 1;
	line->hops.pipeline.bisect.alertmanager = true;
	line->hops.pipeline.bisect.within_ms = PROBE_MS;
	line->world->staging.bisect = true;
	line->world->drill_world.webhooks = &little_webhook_driver;
	line->world->drill_world.webhook_context = &line->webhook.context;
	*state = line;
	return 0;
}

static void assert_gap(const struct drill_record *record, const char *after, const char *before,
		       bool confirmed)
{
	const struct gap *gap = &record->judgement.gap;

	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_finding(record, 0, FINDING_MISSING);
	assert_true(gap->found);
	assert_string_equal(gap->after, after);
	assert_string_equal(gap->before, before);
	assert_int_equal(gap->confirmed, confirmed);
}

static const struct probe_told *assert_probe(const struct drill_record *record, size_t n,
					     enum hop hop, enum probe_result result)
{
	const struct probe_told *probe = &record->evidence.probes[n];

	assert_true(n < record->evidence.probe_count);
	assert_int_equal(probe->hop, hop);
	assert_string_equal(probe_result_name(probe->result), probe_result_name(result));
	return probe;
}

static void assert_nothing_sent(const struct line *line)
{
	assert_int_equal(line->webhook.posted, 0);
	assert_int_equal(line->am->alert.sent, 0);
}

/* What they prove. */

static void both_arrive_so_it_was_lost_before_alertmanager(void **state)
{
	struct line *line = *state;
	const struct drill_record *record = little_run(line->world);
	const struct probe_told *first, *second;

	assert_gap(record, "rule", "alertmanager", true);
	first = assert_probe(record, 0, HOP_RECEIVER, PROBE_ARRIVED);
	second = assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_ARRIVED);
	assert_in_range(first->latency_ms, 1400, 1600);
	assert_true(second->at_ms > first->at_ms);
	assert_true(first->at_ms >= record->evidence.reverted_ms);
	assert_non_null(strstr(record->judgement.gap.probes,
			       "confirmed: a probe sent by the webhook arrived after 1."));
	assert_non_null(strstr(record->judgement.gap.probes,
			       ", an alert sent straight to Alertmanager arrived after 1."));
	assert_int_equal(line->am->alert.ended, 1);
}

static void they_are_marked_as_drills_and_carry_the_id(void **state)
{
	struct line *line = *state;
	const struct drill_record *record = little_run(line->world);
	char id[32];

	assert_string_equal(line->webhook.url, "env:HOOK");
	assert_memory_equal(line->webhook.text, "[DRILL] fd-", 11);
	(void)snprintf(id, sizeof id, "%s-p1 ", record->id);
	assert_non_null(strstr(line->webhook.text, id));
	assert_non_null(strstr(line->webhook.text, "no action needed"));
	(void)snprintf(id, sizeof id, "%s-p2", record->id);
	assert_string_equal(line->am->alert.id, id);
	assert_memory_equal(line->am->alert.summary, "[DRILL] fd-", 11);
	assert_string_equal(line->am->alert.given, line->am->alert.labels);
	assert_in_range(line->am->alert.ends_after_ms, PROBE_MS, BISECT_ENDS_MS);
}

static void a_message_that_is_taken_and_never_shows_is_lost_behind_the_receiver(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->webhook.loses = true;
	line->am->state = HOP_HAD_IT;
	record = little_run(line->world);
	assert_gap(record, "receiver", "chat", true);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_LOST);
	assert_int_equal(record->evidence.probe_count, 1);
	assert_non_null(strstr(record->evidence.probes[0].text, "it answered 200: ok"));
	assert_int_equal(line->am->alert.sent, 0);
	assert_string_equal(record->judgement.gap.probes,
			    "confirmed: a probe sent by the webhook did not arrive");
}

static void a_message_that_is_refused_confirms_it_at_once(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->webhook.result = WEBHOOK_REFUSED;
	line->am->state = HOP_HAD_IT;
	record = little_run(line->world);
	assert_gap(record, "receiver", "chat", true);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_REFUSED);
	assert_true(record->phase_ms[PHASE_REPORT] - record->evidence.probes[0].at_ms < 200);
}

static void a_receiver_whose_posts_fail_agrees_with_a_message_that_is_refused(void **state)
{
	struct line *line = *state;

	line->webhook.result = WEBHOOK_REFUSED;
	line->rule->hop = HOP_ALERTMANAGER;
	line->am->hop = HOP_RECEIVER;
	assert_gap(little_run(line->world), "alertmanager", "receiver", true);
}

static void an_alert_that_is_lost_from_alertmanager_on(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->alert.world = NULL;
	line->am->state = HOP_HAD_IT;
	record = little_run(line->world);
	assert_gap(record, "alertmanager", "chat", true);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_LOST);
	assert_non_null(strstr(record->judgement.gap.probes,
			       " s, an alert sent straight to Alertmanager did not "
			       "arrive"));
	assert_int_equal(line->am->alert.ended, 1);
}

static void without_stations_that_know_the_probes_draw_the_gap_narrower(void **state)
{
	struct line *line = *state;

	line->rule->refuses = line->am->refuses = true;
	assert_gap(little_run(line->world), "emission", "alertmanager", true);
}

static void an_alert_with_guessed_labels_that_arrives_draws_nothing_narrower(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->rule->refuses = line->am->refuses = true;
	line->am->alert.labels = NULL;
	record = little_run(line->world);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_ARRIVED);
	assert_gap(record, "emission", "chat", false);
	assert_non_null(strstr(record->judgement.gap.probes, "may have gone another way"));
}

static void an_alert_with_guessed_labels_that_arrives_agrees_with_the_stations(void **state)
{
	struct line *line = *state;

	line->am->alert.labels = NULL;
	assert_gap(little_run(line->world), "rule", "alertmanager", true);
}

static void without_a_webhook_the_alert_is_sent_all_the_same(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hops.pipeline.bisect.webhook_count = 0;
	record = little_run(line->world);
	assert_gap(record, "rule", "alertmanager", true);
	(void)assert_probe(record, 0, HOP_ALERTMANAGER, PROBE_ARRIVED);
	assert_int_equal(record->evidence.probe_count, 1);
}

static void a_webhook_of_another_channel_is_not_used(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->hooks[0].channel = words("#ops-staging");
	record = little_run(line->world);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_SKIPPED);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_ARRIVED);
	assert_int_equal(line->webhook.posted, 0);
}

/* What they do not prove. */

static void what_arrives_though_stations_say_otherwise_is_told_with_care(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->hop = HOP_RECEIVER;
	line->rule->hop = HOP_ALERTMANAGER;
	record = little_run(line->world);
	assert_gap(record, "alertmanager", "receiver", false);
	assert_non_null(strstr(record->judgement.gap.probes, "not confirmed: "));
	assert_non_null(strstr(record->judgement.gap.probes, "it was another alert, later"));
}

static void a_second_break_behind_the_gap_is_told_as_one_more(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->webhook.loses = true;
	record = little_run(line->world);
	assert_gap(record, "rule", "alertmanager", false);
	assert_non_null(strstr(record->judgement.gap.probes, "more is broken"));
}

static void a_message_that_could_not_be_posted_proves_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->webhook.result = WEBHOOK_UNSENT;
	line->hops.pipeline.bisect.alertmanager = false;
	record = little_run(line->world);
	assert_gap(record, "rule", "alertmanager", false);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_UNKNOWN);
	assert_null(record->judgement.gap.probes);
}

static void a_message_without_an_answer_proves_something_only_when_it_arrives(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->webhook.hangs = true;
	line->webhook.loses = true;
	record = little_run(line->world);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_UNKNOWN);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_ARRIVED);
	assert_int_equal(line->webhook.in_flight, 0);
}

static void an_unsure_message_that_arrives_has_arrived(void **state)
{
	struct line *line = *state;

	line->webhook.result = WEBHOOK_UNSURE;
	(void)assert_probe(little_run(line->world), 0, HOP_RECEIVER, PROBE_ARRIVED);
}

static void an_alertmanager_that_takes_none_confirms_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->alert.refusal = "nobody listens";
	record = little_run(line->world);
	assert_gap(record, "rule", "alertmanager", false);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_REFUSED);
	assert_non_null(strstr(record->judgement.gap.probes, "was not taken"));
	assert_int_equal(line->am->alert.ended, 1); /* it may have been, after all */
}

static void an_alert_that_is_held_back_longer_than_is_waited_is_not_lost(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->alert.world = NULL;
	line->am->alert.held_ms = 300000;
	record = little_run(line->world);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_UNKNOWN);
	assert_non_null(strstr(record->evidence.probes[1].text, "may hold it back for 5 min"));
}

static void an_alert_with_guessed_labels_that_is_lost_proves_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->alert.world = NULL;
	line->am->alert.labels = NULL;
	record = little_run(line->world);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_UNKNOWN);
	assert_gap(record, "rule", "alertmanager", false);
}

static void an_alert_whose_id_is_dropped_is_not_lost(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->alert.drops_id = true;
	record = little_run(line->world);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_UNKNOWN);
	assert_non_null(strstr(record->evidence.probes[1].text, "the template drops"));
}

static void a_channel_that_cannot_be_read_proves_nothing(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_EXPLAIN);
	while (line->webhook.posted == 0)
		little_pass(line->world, 5);
	little_channel(&line->world->chat, "ops")->reading =
	    (struct little_trouble){.times = -1, .result = CHAT_RETRY};
	record = little_run(line->world);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_UNKNOWN);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_UNKNOWN);
	assert_false(record->judgement.gap.confirmed);
	assert_finding(record, 0, FINDING_MISSING); /* that was read before */
}

/* What must not be sent. */

static void nothing_is_sent_where_it_is_not_allowed(void **state)
{
	struct line *line = *state;

	line->world->staging.bisect = false;
	assert_gap(little_run(line->world), "rule", "alertmanager", false);
	assert_nothing_sent(line);
	assert_int_equal(drill_record(line->world->drills[0].drill)->evidence.probe_count, 0);
}

static void nothing_is_sent_when_nothing_is_missing(void **state)
{
	struct line *line = *state;

	(void)little_rule(line->world, "ops", LITTLE_QUEUE);
	assert_outcome(little_run(line->world), VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_nothing_sent(line);
}

static void nothing_is_sent_for_a_late_alert_or_one_in_another_channel(void **state)
{
	struct line *line = *state;

	(void)little_rule(line->world, "general", LITTLE_QUEUE);
	assert_finding(little_run(line->world), 0, FINDING_WRONG_CHANNEL);
	assert_nothing_sent(line);
}

static void nothing_is_sent_while_a_freeze_file_is_there(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_REVERT);
	line->world->staging.freeze = line->world->file; /* the ledger's, which is there */
	record = little_run(line->world);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_SKIPPED);
	assert_int_equal(record->evidence.probe_count, 1);
	assert_nothing_sent(line);
	assert_gap(record, "rule", "alertmanager", false);
}

static void nothing_is_sent_while_everything_is_halted(void **state)
{
	struct line *line = *state;
	struct error error = {""};
	const struct drill_record *record;

	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_REVERT);
	assert_true(ledger_set_halt(line->world->ledger, "an outage", "joe", &error));
	record = little_run(line->world);
	(void)assert_probe(record, 0, HOP_RECEIVER, PROBE_SKIPPED);
	assert_non_null(strstr(record->evidence.probes[0].text, "an outage"));
	assert_nothing_sent(line);
}

static void nothing_is_sent_while_the_fault_may_still_be_in_place(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	little_answers(&line->world->fault.revert, FAULT_NO, -1);
	record = little_run(line->world);
	assert_int_equal(record->evidence.fault_state, FAULT_STUCK);
	assert_outcome(record, VERDICT_GAP, REASON_NONE, EXIT_FAULT_LEFT);
	assert_nothing_sent(line);
}

static void an_alert_that_could_do_harm_is_not_sent(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->alert.harm = "rule 1 of `inhibit_rules` may let it hold back real ones";
	record = little_run(line->world);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_SKIPPED);
	assert_non_null(strstr(record->evidence.probes[1].text, "`inhibit_rules`"));
	assert_int_equal(line->am->alert.sent, 0);
	assert_int_equal(line->am->alert.ended, 0);
}

static void after_a_near_miss_no_alert_is_sent_that_nobody_would_recognise(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_RECOVERY);
	little_pass(line->world, 500);
	(void)little_chat_say(&line->world->chat, "ops", NULL, "[FIRING:1] QueueMissing");
	record = little_run(line->world);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_SKIPPED);
	assert_int_equal(line->am->alert.sent, 0);
}

/* Time, and the end. */

static void the_revert_does_not_wait_for_probes(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->webhook.loses = true;
	record = little_run(line->world);
	assert_restored(line->world, record);
	assert_true(record->evidence.reverted_ms < record->evidence.probes[0].at_ms);
}

static void both_together_take_no_longer_than_twice_the_time(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->webhook.hangs = true;
	line->webhook.loses = true;
	line->am->alert.world = NULL;
	record = little_run(line->world);
	assert_int_equal(record->evidence.probe_count, 2);
	assert_true(record->phase_ms[PHASE_REPORT] - record->evidence.probes[0].at_ms <=
		    2 * PROBE_MS + 50);
}

static void stop_during(struct line *line)
{
	const struct drill_record *record;

	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_EXPLAIN);
	while (line->am->alert.sent == 0)
		little_pass(line->world, 50);
	little_pass(line->world, 100);
	drill_stop(line->world->drills[0].drill, "stopped by the test");
	little_pass(line->world, 10);
	record = drill_record(line->world->drills[0].drill);
	assert_true(record->phase >= PHASE_REPORT);
	assert_int_equal(line->am->alert.ended, 1);
}

static void a_stop_in_the_middle_ends_the_alert_at_once(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->am->alert.world = NULL;
	stop_during(line);
	record = little_run(line->world);
	assert_outcome(record, VERDICT_ABORTED, REASON_NONE, EXIT_ABORTED);
	(void)assert_probe(record, 1, HOP_ALERTMANAGER, PROBE_UNKNOWN);
	assert_int_equal(line->am->alert.sent, 1);
}

static void a_drill_is_done_only_when_its_alert_is_ended(void **state)
{
	struct line *line = *state;

	line->am->alert.world = NULL;
	line->am->alert.hangs = true;
	stop_during(line);
	little_pass(line->world, 2000);
	assert_int_equal(line->am->in_flight, 1);
	assert_int_equal(drill_record(line->world->drills[0].drill)->phase, PHASE_REPORT);
	(void)little_run(line->world); /* the report's limit ends the wait */
	assert_int_equal(line->am->in_flight, 1);
	drill_free(line->world->drills[0].drill);
	line->world->drills[0].drill = NULL;
	assert_int_equal(line->am->in_flight, 0);
}

static void a_drill_can_be_freed_while_a_probe_is_on_its_way(void **state)
{
	struct line *line = *state;

	line->webhook.hangs = true;
	line->webhook.loses = true;
	(void)little_start(line->world);
	little_run_until_phase(line->world, PHASE_EXPLAIN);
	while (line->webhook.posted == 0)
		little_pass(line->world, 50);
	assert_int_equal(line->webhook.in_flight, 1);
	drill_free(line->world->drills[0].drill);
	line->world->drills[0].drill = NULL;
	assert_int_equal(line->webhook.in_flight, 0);
}

/* Nobody takes a probe for an alert. */

static void a_probe_is_never_the_drills_own_alert_nor_a_near_miss(void **state)
{
	struct line *line = *state;
	const struct drill_record *record = little_run(line->world);

	assert_finding(record, 0, FINDING_MISSING);
	assert_int_equal(record->evidence.expect[0].sighting_count, 0);
	assert_null(record->evidence.expect[0].near.lacks);
}

static void another_drill_in_the_channel_takes_no_probe_for_its_alert(void **state)
{
	struct line *line = *state;
	const struct drill_record *other;

	line->world->expect[0].match.count = 1; /* no nonce: whatever is called so is its alert */
	line->world->expect[0].within_ms = 30000;
	other = little_start(line->world);
	little_run_until_phase(line->world, PHASE_WATCH);
	little_pass(line->world, 1000);
	(void)little_chat_say(&line->world->chat, "ops", NULL,
			      "[FIRING:1] QueueMissing (fd-abcd1234-p2)");
	little_run_until_phase(line->world, PHASE_EXPLAIN);
	assert_int_equal(other->evidence.expect[0].sighting_count, 0);
	assert_int_equal(other->evidence.stop, STOP_NONE);
	assert_finding(little_run(line->world), 0, FINDING_MISSING);
}

static void a_probe_of_before_does_not_confound_the_next_drill(void **state)
{
	struct line *line = *state;
	const struct drill_record *record;

	line->world->expect[0].match.count = 1;
	(void)little_chat_say(&line->world->chat, "ops", NULL,
			      "[FIRING:1] QueueMissing (fd-abcd1234-p2)");
	(void)little_rule(line->world, "ops", "QueueMissing");
	little_pass(line->world, 1000);
	record = little_run(line->world);
	assert_outcome(record, VERDICT_PASS, REASON_NONE, EXIT_PASS);
	assert_int_equal(record->evidence.expect[0].before_count, 0);
}

#define IN_LINE(test) cmocka_unit_test_setup_teardown(test, setup, line_unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_LINE(both_arrive_so_it_was_lost_before_alertmanager),
	    IN_LINE(they_are_marked_as_drills_and_carry_the_id),
	    IN_LINE(a_message_that_is_taken_and_never_shows_is_lost_behind_the_receiver),
	    IN_LINE(a_message_that_is_refused_confirms_it_at_once),
	    IN_LINE(a_receiver_whose_posts_fail_agrees_with_a_message_that_is_refused),
	    IN_LINE(an_alert_that_is_lost_from_alertmanager_on),
	    IN_LINE(without_stations_that_know_the_probes_draw_the_gap_narrower),
	    IN_LINE(an_alert_with_guessed_labels_that_arrives_draws_nothing_narrower),
	    IN_LINE(an_alert_with_guessed_labels_that_arrives_agrees_with_the_stations),
	    IN_LINE(without_a_webhook_the_alert_is_sent_all_the_same),
	    IN_LINE(a_webhook_of_another_channel_is_not_used),
	    IN_LINE(what_arrives_though_stations_say_otherwise_is_told_with_care),
	    IN_LINE(a_second_break_behind_the_gap_is_told_as_one_more),
	    IN_LINE(a_message_that_could_not_be_posted_proves_nothing),
	    IN_LINE(a_message_without_an_answer_proves_something_only_when_it_arrives),
	    IN_LINE(an_unsure_message_that_arrives_has_arrived),
	    IN_LINE(an_alertmanager_that_takes_none_confirms_nothing),
	    IN_LINE(an_alert_that_is_held_back_longer_than_is_waited_is_not_lost),
	    IN_LINE(an_alert_with_guessed_labels_that_is_lost_proves_nothing),
	    IN_LINE(an_alert_whose_id_is_dropped_is_not_lost),
	    IN_LINE(a_channel_that_cannot_be_read_proves_nothing),
	    IN_LINE(nothing_is_sent_where_it_is_not_allowed),
	    IN_LINE(nothing_is_sent_when_nothing_is_missing),
	    IN_LINE(nothing_is_sent_for_a_late_alert_or_one_in_another_channel),
	    IN_LINE(nothing_is_sent_while_a_freeze_file_is_there),
	    IN_LINE(nothing_is_sent_while_everything_is_halted),
	    IN_LINE(nothing_is_sent_while_the_fault_may_still_be_in_place),
	    IN_LINE(an_alert_that_could_do_harm_is_not_sent),
	    IN_LINE(after_a_near_miss_no_alert_is_sent_that_nobody_would_recognise),
	    IN_LINE(the_revert_does_not_wait_for_probes),
	    IN_LINE(both_together_take_no_longer_than_twice_the_time),
	    IN_LINE(a_stop_in_the_middle_ends_the_alert_at_once),
	    IN_LINE(a_drill_is_done_only_when_its_alert_is_ended),
	    IN_LINE(a_drill_can_be_freed_while_a_probe_is_on_its_way),
	    IN_LINE(a_probe_is_never_the_drills_own_alert_nor_a_near_miss),
	    IN_LINE(another_drill_in_the_channel_takes_no_probe_for_its_alert),
	    IN_LINE(a_probe_of_before_does_not_confound_the_next_drill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
