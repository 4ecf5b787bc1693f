/* The alerting: watches the targets and posts to the chat, or fails to. */
#include "tests/simulation/alerting.h"

#include <stdio.h>
#include <string.h>

#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

static const struct expectation *expectation(const struct sim *sim, const struct sim_drill *drill,
					     int i)
{
	return &sim->plan->expect[drill->scenario][i];
}

int alerting_channel(const struct sim *sim, const struct sim_drill *drill, int i)
{
	const struct expectation *expect = expectation(sim, drill, i);

	return plan_channel(expect->channel[0] == '$'
				? sim->plan->variables[drill->scenario][drill->environment][1].value
				: expect->channel);
}

static void plan_alert(struct sim *sim, struct sim_drill *drill, int i)
{
	const struct plan_odds *odds = &sim->plan->odds;
	const struct expectation *expect = expectation(sim, drill, i);
	int64_t within_us = expect->within_ms * 1000;
	struct sim_event *event;
	bool late = dice_chance(&sim->dice, odds->alert_late);
	int64_t delay_us = late ? within_us + dice_between(&sim->dice, 0, expect->grace_ms * 1500)
				: dice_between(&sim->dice, 200000, within_us * 8 / 10);

	if (!sim->healed && dice_chance(&sim->dice, odds->alert_lost)) {
		sim_count(sim, COUNT_ALERTS_LOST);
		return;
	}
	for (int times = dice_chance(&sim->dice, odds->alert_twice) ? 2 : 1; times > 0; times--) {
		event = world_plan(sim, sim->now_us + delay_us, EVENT_ALERT);
		event->drill = (int)(drill - sim->drills);
		event->expect = i;
		event->channel = alerting_channel(sim, drill, i);
		if (times == 2)
			sim_count(sim, COUNT_ALERTS_TWICE);
		if (late)
			sim_count(sim, COUNT_ALERTS_LATE);
		if (dice_chance(&sim->dice, odds->alert_elsewhere)) {
			event->channel = plan_channel("general");
			sim_count(sim, COUNT_ALERTS_ELSEWHERE);
		}
		if (dice_chance(&sim->dice, odds->alert_lacking)) {
			event->alert = ALERT_LACKING;
			sim_count(sim, COUNT_ALERTS_UNREADABLE);
		}
		delay_us += dice_between(&sim->dice, 100000, 4000000);
	}
}

void alerting_raise(struct sim *sim, struct sim_drill *drill)
{
	for (size_t i = 0; i < sim->plan->scenarios[drill->scenario].expect_count; i++) {
		if (!expectation(sim, drill, (int)i)->never)
			plan_alert(sim, drill, (int)i);
	}
}

void alerting_post(struct sim *sim, const struct sim_event *event)
{
	const struct sim_drill *drill = &sim->drills[event->drill];
	struct sim_message *message;
	char text[200];

	if (!world_is_in_place(sim, drill) && drill->first_in_us >= 0 &&
	    dice_chance(&sim->dice, 70))
		return; /* it was over before the rule fired */
	(void)snprintf(text, sizeof text, "[FIRING:1] %s (%s)%s",
		       expectation(sim, drill, event->expect)->match.list[0], drill->id,
		       event->alert == ALERT_LACKING ? "" : "\nrunbook: https://wiki.example/x");
	message = world_say(sim, MESSAGE_ALERT, event->channel, NULL, text);
	message->drill = event->drill;
	message->expect = event->expect;
	message->alert = event->alert;
	sim_count(sim, COUNT_ALERTS);
	sim_trace(sim, "alert of %s in #%s: %s", drill->id, plan_channels[event->channel], text);
	if (!world_is_in_place(sim, drill)) {
		struct sim_event *end = world_plan(
		    sim, sim->now_us + dice_between(&sim->dice, 300000, 3000000), EVENT_RESOLVED);

		end->message = (int)(message - sim->messages);
	}
}

void alerting_resolve(struct sim *sim, const struct sim_event *event)
{
	struct sim_message *alert = &sim->messages[event->message], *message;
	char text[sizeof alert->text];

	if (alert->resolved_us >= 0)
		return;
	if (dice_chance(&sim->dice, sim->plan->odds.resolved_lost)) {
		sim_count(sim, COUNT_RESOLVED_LOST);
		return;
	}
	alert->resolved_us = sim->now_us;
	(void)snprintf(text, sizeof text, "[RESOLVED] %s", alert->text + strlen("[FIRING:1] "));
	sim_count(sim, COUNT_RESOLVED);
	sim_trace(sim, "resolved of %s in #%s", sim->drills[alert->drill].id,
		  plan_channels[alert->channel]);
	if (dice_chance(&sim->dice, 30)) { /* by an edit */
		(void)snprintf(alert->text, sizeof alert->text, "%s", text);
		world_write_ts(sim->now_us + sim->chat_us, alert->edited_ts);
		return;
	}
	message = world_say(sim, MESSAGE_RESOLVED, alert->channel, NULL, text);
	message->drill = alert->drill;
	message->expect = alert->expect;
}

void alerting_end(struct sim *sim, int drill)
{
	for (int i = 0; i < sim->message_count; i++) {
		const struct sim_message *message = &sim->messages[i];
		struct sim_event *event;

		if (message->kind != MESSAGE_ALERT || message->drill != drill ||
		    message->resolved_us >= 0)
			continue;
		event = world_plan(sim, sim->now_us + dice_between(&sim->dice, 300000, 6000000),
				   EVENT_RESOLVED);
		event->message = i;
	}
}
