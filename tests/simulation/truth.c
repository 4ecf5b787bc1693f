/* A verdict against what really happened. */
#include "tests/simulation/truth.h"

#include <inttypes.h>
#include <string.h>

#include "tests/simulation/alerting.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

#define SLACK_US 1000000 /* between the chat's clock and ours, and for the ends of a read */
#define POLL_US  1100000 /* how exactly a time is known without a message of our own */

/* One expectation of one drill, and the time that it is about. */
struct question {
	struct sim *sim;                           /* borrowed */
	const struct sim_drill *drill;             /* borrowed */
	const struct drill_record *record;         /* borrowed */
	const struct expectation *expect;          /* borrowed; resolved */
	const struct expectation_finding *finding; /* borrowed */
	int channel;
	bool has_nonce;
	int64_t from_us, deadline_us, last_us, reverted_us;
};

/* What was there. */

static bool is_alert_for(const struct question *q, const struct sim_message *message)
{
	if (message->kind != MESSAGE_ALERT)
		return false;
	for (size_t i = 0; i < q->expect->match.count; i++) {
		if (strstr(message->text, q->expect->match.list[i]) == NULL)
			return false;
	}
	return true;
}

/* Alerts posted in a channel (-1: in any other than the expected one) between two times; how many,
 * and the first. */
static int count_alerts(const struct question *q, bool elsewhere, int64_t from_us, int64_t to_us,
			const struct sim_message **ret_first)
{
	int count = 0;

	*ret_first = NULL;
	for (int i = 0; i < q->sim->message_count; i++) {
		const struct sim_message *message = &q->sim->messages[i];

		if ((message->channel == q->channel) == elsewhere || message->at_us < from_us ||
		    message->at_us > to_us || !is_alert_for(q, message))
			continue;
		count++;
		if (*ret_first == NULL)
			*ret_first = message;
	}
	return count;
}

/* A resolved message after the first alert, or after the last one. */
static bool has_resolved(const struct question *q, bool after_last, int64_t until_us)
{
	int64_t after_us = -1;
	bool found = false;

	for (int i = 0; i < q->sim->message_count; i++) {
		const struct sim_message *message = &q->sim->messages[i];

		if (message->channel == q->channel && is_alert_for(q, message) &&
		    message->at_us >= q->from_us - SLACK_US && message->at_us <= until_us &&
		    (after_last || after_us < 0))
			after_us = message->at_us;
	}
	for (int i = 0; i < q->sim->message_count && after_us >= 0; i++) {
		const struct sim_message *message = &q->sim->messages[i];

		found =
		    found || (message->channel == q->channel && is_alert_for(q, message) &&
			      message->resolved_us >= after_us && message->resolved_us <= until_us);
	}
	return found;
}

/* What was said about it. */

static void lie(const struct question *q, const char *why)
{
	sim_break(q->sim, 2, "%s finds %s in #%s %s, but %s (%.150s)", q->drill->id,
		  q->expect->alert, plan_channels[q->channel], finding_name(q->finding->finding),
		  why, q->finding->text != NULL ? q->finding->text : "");
}

static void check_arrived(const struct question *q)
{
	const struct sim_message *first;
	int count =
	    count_alerts(q, false, q->from_us - SLACK_US, q->deadline_us + SLACK_US, &first);
	int64_t settle_us = q->expect->settle_ms * 1000;

	if (count == 0) {
		lie(q, "it never came in time");
		return;
	}
	if (q->has_nonce && first->drill != (int)(q->drill - q->sim->drills))
		lie(q, "it is another drill's");
	if (q->expect->contains.count > 0 && first->alert == ALERT_LACKING)
		lie(q, "its text is lacking");
	if (q->expect->at_most > 0 && settle_us > 0 &&
	    count_alerts(q, false, first->at_us, first->at_us + settle_us - SLACK_US - POLL_US,
			 &first) > q->expect->at_most)
		lie(q, "it came more often");
	if (q->expect->resolved_ms > 0 &&
	    !has_resolved(q, false, q->reverted_us + q->expect->resolved_ms * 1000 + SLACK_US))
		lie(q, "no resolved message followed in time");
}

/* Was the fault there for as long as its alert was waited for?  A fault that cannot be looked at any
 * more is taken for one that stayed: that it is stuck is told above all else. */
static void check_bit(const struct question *q)
{
	enum fault_via via = q->sim->plan->scenarios[q->drill->scenario].fault.via;

	if (via == VIA_NONE || via == VIA_RABBITMQ)
		return;
	if (q->drill->first_in_us < 0)
		lie(q, "the fault was never in place");
	else if (q->drill->first_in_us > q->from_us + SIM_STEP_US)
		lie(q, "the fault came late");
	else if (q->drill->taken_by_others && q->record->evidence.fault_state != FAULT_STUCK)
		lie(q, "somebody else had taken the fault out");
}

static void check_missing(const struct question *q)
{
	const struct sim_message *first;

	if (count_alerts(q, false, q->from_us, q->last_us - SLACK_US, &first) > 0)
		lie(q, "it was there");
	check_bit(q);
}

static void check_wrong_channel(const struct question *q)
{
	const struct sim_message *first;

	if (count_alerts(q, false, q->from_us, q->last_us - SLACK_US, &first) > 0)
		lie(q, "it was there");
	if (count_alerts(q, true, q->from_us - 2 * SLACK_US, q->sim->now_us, &first) == 0)
		lie(q, "it was in no other channel");
}

static void check_late(const struct question *q)
{
	const struct sim_message *first;

	if (count_alerts(q, false, q->from_us, q->deadline_us - SLACK_US, &first) > 0)
		lie(q, "it came in time");
	else if (count_alerts(q, false, q->from_us, q->sim->now_us, &first) == 0)
		lie(q, "it never came");
}

static void check_several(const struct question *q)
{
	const struct sim_message *first;

	if (count_alerts(q, false, q->from_us - SLACK_US, q->sim->now_us, &first) <=
	    q->expect->at_most)
		lie(q, "it did not come so often");
}

static void check_unreadable(const struct question *q)
{
	const struct sim_message *first;
	bool lacking = false;

	for (int i = 0; i < q->sim->message_count; i++) {
		const struct sim_message *message = &q->sim->messages[i];

		if (message->channel == q->channel && is_alert_for(q, message) &&
		    message->alert == ALERT_LACKING)
			lacking = true;
	}
	if (!lacking ||
	    count_alerts(q, false, q->from_us - SLACK_US, q->deadline_us + SLACK_US, &first) == 0)
		lie(q, "it had its text");
}

static void check_never(const struct question *q, bool came)
{
	const struct sim_message *first;
	int64_t slack_us = came ? SLACK_US : -SLACK_US;

	if ((count_alerts(q, false, q->from_us - slack_us, q->deadline_us + slack_us, &first) >
	     0) != came &&
	    !(came && q->has_nonce &&
	      count_alerts(q, false, q->from_us - slack_us, q->sim->now_us, &first) > 0))
		lie(q, came ? "it never came" : "it came");
	if (!came && evidence_is_held_for(&q->record->evidence, q->expect))
		check_bit(q);
}

static void check_finding(const struct question *q)
{
	static const enum sim_count counts[FINDING_COUNT] = {
	    [FINDING_UNKNOWN] = COUNT_UNKNOWN,
	    [FINDING_DELIVERED] = COUNT_DELIVERED,
	    [FINDING_SILENT] = COUNT_SILENT,
	    [FINDING_LATE] = COUNT_LATE,
	    [FINDING_MISSING] = COUNT_MISSING,
	    [FINDING_DUPLICATE] = COUNT_DUPLICATE,
	    [FINDING_WRONG_CHANNEL] = COUNT_WRONG_CHANNEL,
	    [FINDING_UNREADABLE] = COUNT_UNREADABLE,
	    [FINDING_UNRESOLVED] = COUNT_UNRESOLVED,
	    [FINDING_UNEXPECTED] = COUNT_UNEXPECTED,
	};

	sim_count(q->sim, counts[q->finding->finding]);
	switch (q->finding->finding) {
	case FINDING_UNKNOWN:
	case FINDING_COUNT:
		break;
	case FINDING_DELIVERED:
		check_arrived(q);
		break;
	case FINDING_SILENT:
		check_never(q, false);
		break;
	case FINDING_LATE:
		check_late(q);
		break;
	case FINDING_MISSING:
		check_missing(q);
		break;
	case FINDING_DUPLICATE:
		check_several(q);
		break;
	case FINDING_WRONG_CHANNEL:
		check_wrong_channel(q);
		break;
	case FINDING_UNREADABLE:
		check_unreadable(q);
		break;
	case FINDING_UNRESOLVED:
		if (has_resolved(q, true,
				 q->reverted_us + q->expect->resolved_ms * 1000 - SLACK_US))
			lie(q, "it was resolved in time");
		break;
	case FINDING_UNEXPECTED:
		check_never(q, true);
		break;
	}
}

/* A real alert of the service, or a condition of stop_when, ends the drill in time. */

static void check_real_alerts(struct sim *sim, const struct sim_drill *drill,
			      const struct scenario *scenario)
{
	int64_t polls_us = 2 * sim->plan->chat.poll_ms * 1000 + 2 * SLACK_US;

	if (scenario->service.count == 0 || sim->plan->chat_per_minute < 600)
		return;
	for (int i = 0; i < sim->message_count; i++) {
		const struct sim_message *message = &sim->messages[i];
		int64_t due_us = message->at_us + polls_us;
		bool watched = false;

		for (size_t j = 0; j < scenario->expect_count; j++)
			watched =
			    watched || alerting_channel(sim, drill, (int)j) == message->channel;
		if (message->kind != MESSAGE_REAL || !watched ||
		    message->at_us < drill->inject_us || drill->revert_us <= due_us ||
		    world_had_trouble(sim, TROUBLE_CHAT, 0, message->at_us - polls_us, due_us) ||
		    world_had_trouble(sim, TROUBLE_CHAT_HANGS, 0, message->at_us - SIM_STEP_US,
				      due_us) ||
		    world_had_trouble(sim, TROUBLE_CHAT_SLOW, 0, message->at_us - polls_us, due_us))
			continue;
		sim_break(sim, 3, "%s went on for %" PRId64 " ms after a real alert", drill->id,
			  (drill->revert_us - message->at_us) / 1000);
	}
}

static void check_conditions(struct sim *sim, const struct sim_drill *drill,
			     const struct scenario *scenario)
{
	const struct stop_condition *condition = scenario->stop_when;

	for (int i = 0; i < sim->window_count && condition != NULL; i++) {
		const struct sim_window *window = &sim->windows[i];
		int64_t from_us =
		    window->from_us > drill->inject_us ? window->from_us : drill->inject_us;
		int64_t due_us =
		    from_us + condition->every_ms * 1000 * (condition->times + 1) + SLACK_US;

		if ((window->trouble == TROUBLE_CONDITION || window->trouble == TROUBLE_UNASKED) &&
		    window->to_us > due_us && drill->revert_us > due_us)
			sim_break(sim, 3, "%s went on although a condition of stop_when was met",
				  drill->id);
	}
}

/* A signal and a halt take out at once what is in place. */
static void check_stop(struct sim *sim, const struct sim_drill *drill)
{
	const int64_t since_us[] = {sim->life.stopped_us, sim->halted_us};

	for (int i = 0; i < 2; i++) {
		if (since_us[i] >= drill->inject_us && since_us[i] >= sim->life.started_us &&
		    drill->revert_us > since_us[i] + 2 * SLACK_US)
			sim_break(sim, 4, "%s went on for %" PRId64 " ms after %s", drill->id,
				  (drill->revert_us - since_us[i]) / 1000,
				  i == 0 ? "a signal to stop" : "a halt");
	}
}

static struct question ask(struct sim *sim, const struct sim_drill *drill,
			   const struct drill_record *record, size_t i)
{
	const struct evidence *evidence = &record->evidence;
	const struct expectation *expect = evidence->expect[i].expect;
	struct question q = {
	    .sim = sim,
	    .drill = drill,
	    .record = record,
	    .expect = expect,
	    .finding = &record->judgement.findings[i],
	    .channel = alerting_channel(sim, drill, (int)i),
	    .has_nonce = evidence->expect[i].has_nonce,
	    .from_us = evidence->inject_started_ms * 1000 + sim->boot_us,
	    .deadline_us = (evidence->injected_ms + expect->within_ms) * 1000 + sim->boot_us,
	    .reverted_us = evidence->reverted_ms < 0 /* nobody knows when, if at all */
			       ? sim->now_us
			       : evidence->reverted_ms * 1000 + sim->boot_us,
	};

	q.last_us = q.deadline_us + expect->grace_ms * 1000;
	return q;
}

void truth_check(struct sim *sim, const struct sim_drill *drill, const struct drill_record *record)
{
	bool stopped = record->evidence.stop != STOP_NONE;

	sim_count(sim, COUNT_PROMISE_2);
	if (!record->evidence.inject_tried)
		return;
	check_stop(sim, drill);
	check_real_alerts(sim, drill, record->scenario);
	check_conditions(sim, drill, record->scenario);
	for (size_t i = 0; i < record->judgement.finding_count && !stopped; i++) {
		struct question q = ask(sim, drill, record, i);

		check_finding(&q);
	}
}
