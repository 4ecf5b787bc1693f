/* The details in the thread of a drill's message, and messages made of hostile texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "reports/message.h"
#include "tests/reports/posted.h"

static void details_tell_phases_fault_control_and_every_message(void **state)
{
	struct made *made = make_missing();
	struct posted posted;

	(void)state;
	(void)make_sighting(made, 0, -12000, NULL, "[FIRING:1] OrdersQueueMissing of before");
	(void)make_sighting(made, 0, 2100, "#general", "[FIRING:1]\nOrdersQueueMissing");
	make_sighting(made, 0, 93000, NULL, "over")->resolved = true;
	made->record.evidence.expect[0].sightings[2].edit = true;
	posted = write_post(made, true);
	assert_string_equal(posted.headline, "[DRILL] Details of fd-k3q9x2m7");
	posted_done(&posted);
	assert_line(made, true,
		    "*Phases*: guard 12 ms, baseline 628 ms, announce 390 ms, record 12 ms, inject "
		    "138 ms, witness 140 ms, watch 89.8 s, revert 120 ms, confirm 130 ms, recovery "
		    "30 s, explain 10 ms, report 390 ms");
	assert_line(made, true,
		    "*Fault*: PUT https://orders.example/admin/queue answered 200; orders_up says "
		    "\"degraded\"; a witness saw that it really was broken");
	assert_line(made, true,
		    "*Put back*: GET https://orders.example/admin/queue says \"orders\" again");
	assert_line(made, true,
		    "*How sure* about #ops: the drill's own message was read back, so it could be "
		    "read");
	assert_line(made, true,
		    "*Seen* 10:00:47 UTC, 12 s before the fault, in #ops: [FIRING:1] "
		    "OrdersQueueMissing of before "
		    "https://acme.slack.com/archives/C024BE91L/p1795255261000100");
	assert_line(made, true,
		    "*Seen* 10:01:01 UTC, 2.1 s after the fault, in #general: [FIRING:1] "
		    "OrdersQueueMissing "
		    "https://acme.slack.com/archives/C024BE91L/p1795255261000100");
	assert_line(
	    made, true,
	    "*Seen* 10:02:32 UTC, 93 s after the fault, in #ops, resolved, by an edit: over "
	    "https://acme.slack.com/archives/C024BE91L/p1795255261000100");
	made_free(made);
}

static void details_of_a_control_drill_claim_no_witness(void **state)
{
	struct made *made = make_missing();

	(void)state;
	made->scenario.fault.kind = KIND_NONE;
	assert_line(made, true, "*Fault*: nothing was broken in this control drill");
	made_free(made);
}

static void details_say_when_the_control_was_weaker(void **state)
{
	struct made *made = make_missing();
	struct expectation_evidence *expect = &made->record.evidence.expect[0];

	(void)state;
	expect->control_seen = false;
	expect->control_wanted = false;
	expect->blind_ms = 3000;
	expect->has_nonce = false;
	expect->before_count = 2;
	make_text(&expect->trouble, "Slack allows this token 15 messages a minute");
	assert_line(
	    made, true,
	    "*How sure* about #ops: no announcement was posted there: only successful reads "
	    "prove that it was readable; nothing could be read for 3 s; alerts there do not "
	    "carry the drill's id; 2 of the same in the time before the drill; Slack allows "
	    "this token 15 messages a minute");
	assert_line(made, true, "*Seen*: no message that matches");
	expect->control_wanted = true;
	made->record.evidence.witnessed = WITNESS_NOT_ASKED;
	make_text(&made->record.evidence.fault_text, NULL);
	assert_line(made, true,
		    "*Fault*: no witness was asked; that it was in place is the driver's own word");
	made_free(made);
}

static void details_count_what_they_leave_out(void **state)
{
	struct made *made = make_missing();
	struct posted posted;

	(void)state;
	for (int64_t i = 0; i < 100; i++)
		(void)make_sighting(made, 0, i * 100, NULL, "[FIRING:1] OrdersQueueMissing");
	made->record.evidence.expect[0].unread_count = 7;
	posted = write_post(made, true);
	assert_non_null(strstr(posted.body, "\nand 9"));
	assert_non_null(strstr(posted.body, " more messages"));
	posted_done(&posted);
	made_free(made);
}

static void a_refused_drill_has_no_details(void **state)
{
	struct message_writer *writer = message_writer_new();
	struct made *made = make_running();
	struct chat_post post;

	(void)state;
	make_refused(made, "production is protected");
	assert_false(message_write_details(writer, &made->record, &post));
	made_free(made);
	message_writer_free(writer);
}

/* Texts from outside. */

static struct made *make_hostile_record(char *hostile, size_t expectations)
{
	struct made *made = make_running();

	made->scenario.name = hostile;
	made->scenario.summary = hostile;
	made->scenario.owner = hostile;
	made->scenario.runbook = hostile;
	made->environment.name = hostile;
	made->record.ends_by_itself = hostile;
	for (size_t i = 0; i < expectations; i++) {
		(void)make_expectation(made, hostile, hostile);
		make_text(&made->record.evidence.expect[i].trouble, hostile);
		for (int64_t j = 0; j < 20; j++) {
			struct sighting *sighting = make_sighting(made, i, j, hostile, hostile);

			make_text(&sighting->permalink, hostile);
			make_text(&sighting->lacks, hostile);
		}
	}
	make_text(&made->record.evidence.fault_text, hostile);
	make_text(&made->record.evidence.stop_text, hostile);
	return made;
}

static void details_have_a_line_for_each_station_that_was_asked_or_could_not_be(void **state)
{
	struct made *made = make_running();

	(void)state;
	(void)make_expectation(made, "OrdersHealthDown", "#general");
	make_over(made, VERDICT_GAP, "OrdersQueueMissing never arrived in #ops");
	make_hop(made, HOP_EMISSION, NULL, HOP_HAD_IT, 0, "said above already");
	make_hop(made, HOP_RULE, "prometheus", HOP_HAD_IT, 31000, "it fires");
	make_hop(made, HOP_ALERTMANAGER, "am-1", HOP_LACKED_IT, TIME_NEVER, "");
	make_hop(made, HOP_RECEIVER, "am-1", HOP_NOT_ASKED, TIME_NEVER, "it answered 503");
	assert_line(made, true, "*rule*: prometheus had OrdersQueueMissing after 31 s: it fires");
	assert_line(made, true, "*alertmanager*: am-1 did not have OrdersQueueMissing");
	assert_line(made, true, "*receiver*: am-1 could not tell: it answered 503");
	made_free(made);
}

static void hostile_texts_never_break_a_message_or_its_size(void **state)
{
	static const size_t lengths[] = {0, 50, 5000};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		for (size_t finding = 0; finding < FINDING_COUNT; finding++) {
			for (size_t verdict = 0; verdict < VERDICT_COUNT; verdict++) {
				char *hostile = make_hostile(lengths[i]);
				struct made *made = make_hostile_record(hostile, 10);
				struct posted posted = write_post(made, false);

				posted_done(&posted);
				make_over(made, (enum verdict)verdict, hostile);
				make_text(&made->record.evidence.revert_text, hostile);
				for (size_t j = 0; j < made->record.judgement.finding_count; j++)
					(void)make_finding(made, j, (enum finding)finding,
							   INT64_C(99999999999), hostile);
				make_gap(made, "emission", "chat", hostile);
				make_cause(made, hostile, hostile);
				for (size_t j = 0; j < 8; j++)
					make_hop(made, HOP_RULE, hostile, HOP_HAD_IT, 1000,
						 hostile);
				if (finding % 2 == 0)
					make_stuck(made, hostile);
				posted = write_post(made, false);
				posted_done(&posted);
				if (verdict != VERDICT_REFUSED) {
					posted = write_post(made, true);
					posted_done(&posted);
				}
				made_free(made);
				free(hostile);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(details_tell_phases_fault_control_and_every_message),
	    cmocka_unit_test(details_of_a_control_drill_claim_no_witness),
	    cmocka_unit_test(details_say_when_the_control_was_weaker),
	    cmocka_unit_test(details_count_what_they_leave_out),
	    cmocka_unit_test(a_refused_drill_has_no_details),
	    cmocka_unit_test(details_have_a_line_for_each_station_that_was_asked_or_could_not_be),
	    cmocka_unit_test(hostile_texts_never_break_a_message_or_its_size),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
