/* The world: targets, the chat, and what happens by itself. */
#include "tests/simulation/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "probes/faults/fault.h"
#include "tests/simulation/alerting.h"
#include "tests/simulation/plan.h"

#define BAD       "bad-"
#define GOOD      "good"
#define WEEK_US   INT64_C(604800000000)
#define MONDAY_US INT64_C(1772409600000000) /* 2026-03-02 00:00 UTC */
#define START_US  INT64_C(1000000000)
#define BOOTED_US INT64_C(900000000)

void world_init(struct sim *sim, uint64_t seed, const struct plan *plan)
{
	/* Without a message of its own firedrill takes the two for one (GUESS_MS, channel_anchor.c). */
	int64_t skew_us = plan->config.report.announce ? 90000000 : 200000;
	char path[96];

	sim->seed = seed;
	sim->plan = plan;
	sim->dice = (struct dice){seed * 2 + 1};
	sim->names = (struct dice){seed * 2};
	sim->now_us = START_US;
	sim->boot_us = BOOTED_US;
	sim->wall_us = MONDAY_US + dice_between(&sim->dice, 0, WEEK_US) - START_US;
	sim->chat_us = sim->wall_us + dice_between(&sim->dice, -skew_us, skew_us);
	sim->jumped_us = -1;
	sim->healed = false;
	sim->window_count = sim->event_count = sim->message_count = sim->drill_count = 0;
	sim->serial = 0;
	sim->last_ts_us = 0;
	sim->halted_us = sim->lifted_us = -1;
	sim->meddle_serial = 0;
	for (int i = 0; i < 4; i++)
		sim->frozen_us[i] = -1;
	for (int i = 0; i < SIM_TARGETS; i++)
		(void)snprintf(sim->targets[i].value, sizeof sim->targets[i].value, GOOD);
	sim->life = (struct sim_life){0};
	sim->broken = 0;
	sim->hash = UINT64_C(0xcbf29ce484222325);
	sim->trace_len = 0;
	sim->trace[0] = '\0';
	(void)snprintf(path, sizeof path, "%s/ledger", sim->folder);
	disk_init(&sim->disk, path);
}

/* Troubles. */

bool world_had_trouble(const struct sim *sim, enum sim_trouble trouble, int which, int64_t from_us,
		       int64_t to_us)
{
	for (int i = 0; i < sim->window_count; i++) {
		const struct sim_window *window = &sim->windows[i];

		if (window->trouble == trouble && window->which == which &&
		    window->from_us <= to_us && from_us < window->to_us)
			return true;
	}
	return false;
}

bool world_has_trouble(const struct sim *sim, enum sim_trouble trouble, int which)
{
	return world_had_trouble(sim, trouble, which, sim->now_us, sim->now_us);
}

void world_add_trouble(struct sim *sim, enum sim_trouble trouble, int which, int64_t from_us,
		       int64_t to_us)
{
	int kept = 0;

	for (int i = 0; i < sim->window_count; i++) { /* what is long over is forgotten */
		if (sim->windows[i].to_us > sim->now_us - 7200000000)
			sim->windows[kept++] = sim->windows[i];
	}
	sim->window_count = kept;
	if (sim->window_count == SIM_WINDOWS)
		return;
	sim->windows[sim->window_count++] = (struct sim_window){trouble, which, from_us, to_us};
}

/* Drills. */

struct sim_drill *world_drill(struct sim *sim, const char *id)
{
	for (int i = sim->drill_count; i > 0; i--) {
		if (strncmp(sim->drills[i - 1].id, id, ID_LEN) == 0)
			return &sim->drills[i - 1];
	}
	return NULL;
}

struct sim_drill *world_new_drill(struct sim *sim, const char *id, int scenario, int environment,
				  int target)
{
	struct sim_drill *drill = &sim->drills[sim->drill_count];

	if (sim->drill_count == SIM_DRILLS)
		return NULL;
	sim->drill_count++;
	*drill = (struct sim_drill){
	    .scenario = scenario,
	    .environment = environment,
	    .target = target,
	    .inject_us = -1,
	    .first_in_us = -1,
	    .first_out_us = -1,
	    .lands_until_us = -1,
	    .revert_us = -1,
	    .touched_us = -1,
	    .settled_us = -1,
	};
	(void)snprintf(drill->id, sizeof drill->id, "%s", id);
	return drill;
}

bool world_is_in_place(const struct sim *sim, const struct sim_drill *drill)
{
	const char *value = sim->targets[drill->target].value;

	return strncmp(value, BAD, strlen(BAD)) == 0 && strcmp(value + strlen(BAD), drill->id) == 0;
}

bool world_may_be_in_place(const struct sim *sim, const struct sim_drill *drill)
{
	if (world_is_in_place(sim, drill))
		return true;
	for (int i = 0; i < sim->event_count; i++) {
		if (sim->events[i].kind == EVENT_INJECT &&
		    &sim->drills[sim->events[i].drill] == drill)
			return true;
	}
	return false;
}

/* The chat. */

void world_write_ts(int64_t chat_us, char ret_ts[CHAT_TS_SIZE])
{
	(void)snprintf(ret_ts, CHAT_TS_SIZE, "%" PRId64 ".%06d", chat_us / 1000000,
		       (int)(chat_us % 1000000));
}

struct sim_message *world_find(struct sim *sim, int channel, const char *ts)
{
	for (int i = 0; i < sim->message_count; i++) {
		if (sim->messages[i].channel == channel && strcmp(sim->messages[i].ts, ts) == 0)
			return &sim->messages[i];
	}
	return NULL;
}

struct sim_message *world_say(struct sim *sim, enum sim_message_kind kind, int channel,
			      const char *thread_ts, const char *text)
{
	struct sim_message *message, *parent;

	if (sim->message_count == SIM_MESSAGES)
		return &sim->messages[SIM_MESSAGES - 1];
	message = &sim->messages[sim->message_count++];
	*message = (struct sim_message){.kind = kind,
					.channel = channel,
					.drill = -1,
					.expect = -1,
					.at_us = sim->now_us,
					.resolved_us = -1};
	sim->last_ts_us = sim->now_us + sim->chat_us > sim->last_ts_us ? sim->now_us + sim->chat_us
								       : sim->last_ts_us + 1;
	message->ts_us = sim->last_ts_us;
	world_write_ts(sim->last_ts_us, message->ts);
	if (thread_ts != NULL)
		(void)snprintf(message->thread_ts, sizeof message->thread_ts, "%s", thread_ts);
	(void)snprintf(message->text, sizeof message->text, "%s", text);
	parent = thread_ts != NULL ? world_find(sim, channel, thread_ts) : NULL;
	if (parent != NULL)
		memcpy(parent->latest_reply, message->ts, sizeof message->ts);
	return message;
}

/* Events. */

struct sim_event *world_plan(struct sim *sim, int64_t at_us, enum sim_event_kind kind)
{
	struct sim_event *event;

	if (sim->event_count == SIM_EVENTS) { /* cannot be, with the numbers of a plan */
		sim_break(sim, 6, "the simulation has no room for more events");
		sim->event_count--;
	}
	event = &sim->events[sim->event_count++];
	*event = (struct sim_event){.at_us = at_us, .kind = kind, .message = -1};
	return event;
}

uint64_t world_new_call(struct sim *sim)
{
	sim->serial++;
	sim->calls[sim->serial % SIM_CALLS] = (struct sim_call){.serial = sim->serial};
	return sim->serial;
}

static struct sim_call *find_call(const struct sim *sim, uint64_t serial)
{
	const struct sim_call *call = &sim->calls[serial % SIM_CALLS];

	return serial != 0 && call->serial == serial ? (struct sim_call *)(uintptr_t)call : NULL;
}

const struct sim_call *world_call(const struct sim *sim, uint64_t serial)
{
	return find_call(sim, serial);
}

void world_give_up_call(struct sim *sim, uint64_t serial)
{
	int64_t latest_us = sim->now_us + SIM_LANDING_US;

	for (int i = 0; i < sim->event_count; i++) {
		struct sim_event *event = &sim->events[i];

		if (event->call == serial && event->at_us > latest_us)
			event->at_us = latest_us;
	}
}

void world_give_up_all(struct sim *sim)
{
	int64_t latest_us = sim->now_us + SIM_LANDING_US;

	for (int i = 0; i < sim->event_count; i++) {
		struct sim_event *event = &sim->events[i];

		if (event->call != 0 && event->at_us > latest_us)
			event->at_us = latest_us;
	}
}

bool world_drop_inject(struct sim *sim, const struct sim_drill *drill)
{
	int kept = 0, had = sim->event_count;

	for (int i = 0; i < had; i++) {
		if (sim->events[i].kind != EVENT_INJECT ||
		    &sim->drills[sim->events[i].drill] != drill)
			sim->events[kept++] = sim->events[i];
	}
	sim->event_count = kept;
	return kept < had;
}

/* Targets. */

static void come_in(struct sim *sim, struct sim_drill *drill)
{
	const struct plan_odds *odds = &sim->plan->odds;
	int64_t hold_us = sim->plan->scenarios[drill->scenario].fault.hold_at_most_ms * 1000;

	if (drill->first_in_us < 0)
		drill->first_in_us = sim->now_us;
	if (drill->revert_us >= 0)
		sim_count(sim, COUNT_LANDED_AFTER_REVERT);
	alerting_raise(sim, drill);
	if (!sim->healed && dice_chance(&sim->dice, odds->meddle)) {
		struct sim_event *event = world_plan(
		    sim, sim->now_us + dice_between(&sim->dice, 100000, hold_us / 2), EVENT_MEDDLE);

		event->drill = (int)(drill - sim->drills);
		event->target = drill->target;
	}
	if (!sim->healed && dice_chance(&sim->dice, odds->real_alert)) {
		struct sim_event *event =
		    world_plan(sim, sim->now_us + dice_between(&sim->dice, 100000, hold_us / 4),
			       EVENT_REAL_ALERT);

		event->drill = (int)(drill - sim->drills);
		event->channel = alerting_channel(sim, drill, 0);
	}
	if (sim->plan->scenarios[drill->scenario].fault.via == VIA_CANARY) {
		struct sim_event *event = world_plan(sim, sim->now_us + hold_us, EVENT_EXPIRE);

		event->drill = (int)(drill - sim->drills);
		event->target = drill->target;
	}
}

static struct sim_drill *drill_of_value(struct sim *sim, const char *value)
{
	return strncmp(value, BAD, strlen(BAD)) == 0 ? world_drill(sim, value + strlen(BAD)) : NULL;
}

void world_set(struct sim *sim, int target, const char *value, const struct sim_drill *by)
{
	char *now = sim->targets[target].value;
	struct sim_drill *before = drill_of_value(sim, now), *after = drill_of_value(sim, value);

	if (strcmp(now, value) == 0)
		return;
	sim_trace(sim, "target %d: %s -> %s", target, now, value);
	(void)snprintf(now, sizeof sim->targets[target].value, "%s", value);
	if (before != NULL) {
		if (before->first_out_us < 0)
			before->first_out_us = sim->now_us;
		if (before != by && before->revert_us < 0)
			before->taken_by_others = true;
		alerting_end(sim, (int)(before - sim->drills));
	}
	if (after != NULL)
		come_in(sim, after);
}

void world_repair(struct sim *sim, const struct sim_drill *drill)
{
	if (!world_is_in_place(sim, drill) || drill->acked)
		world_set(sim, drill->target, drill->original[0] != '\0' ? drill->original : GOOD,
			  NULL);
}

/* Compare and swap; a driver that captures nothing cannot compare, and sets it in any case. */
static void revert(struct sim *sim, const struct sim_event *event)
{
	const struct sim_drill *drill = &sim->drills[event->drill];
	struct sim_call *call = find_call(sim, event->call);
	const char *value = sim->targets[event->target].value;
	bool compares = sim->plan->scenarios[drill->scenario].fault.via == VIA_HTTP;
	bool ours = world_is_in_place(sim, drill);
	const char *original = compares ? drill->original : GOOD;
	bool good = strcmp(value, original) == 0;

	if (call != NULL) {
		call->happened = true;
		call->outcome = ours || good || !compares ? FAULT_YES : FAULT_CONFLICT;
		call->gone = !ours;
	}
	if (ours || !compares)
		world_set(sim, event->target, original, drill);
}

static void happen(struct sim *sim, const struct sim_event *event)
{
	struct sim_drill *drill = &sim->drills[event->drill];
	struct sim_call *call = find_call(sim, event->call);
	char value[48];

	switch (event->kind) {
	case EVENT_INJECT:
		(void)snprintf(value, sizeof value, BAD "%s", drill->id);
		world_set(sim, event->target, value, drill);
		if (call != NULL) {
			call->happened = true;
			call->outcome = FAULT_YES;
		}
		break;
	case EVENT_REVERT:
		revert(sim, event);
		break;
	case EVENT_MEDDLE:
		if (!world_is_in_place(sim, drill))
			break;
		drill->meddled = true;
		(void)snprintf(value, sizeof value, "other-%d", ++sim->meddle_serial);
		sim_count(sim, COUNT_MEDDLED);
		world_set(sim, event->target, dice_chance(&sim->dice, 30) ? GOOD : value, NULL);
		break;
	case EVENT_ALERT:
		alerting_post(sim, event);
		break;
	case EVENT_RESOLVED:
		alerting_resolve(sim, event);
		break;
	case EVENT_REAL_ALERT:
		if (!world_is_in_place(sim, drill))
			break;
		sim_count(sim, COUNT_REAL_ALERTS);
		world_say(sim, MESSAGE_REAL, event->channel, NULL,
			  "[FIRING:1] PaymentsAreSlow checkout is slow, really")
		    ->drill = event->drill;
		sim_trace(sim, "a real alert in #%s", plan_channels[event->channel]);
		break;
	case EVENT_EXPIRE:
		if (!world_is_in_place(sim, drill))
			break;
		sim_count(sim, COUNT_ENDED_BY_ITSELF);
		world_set(sim, event->target, GOOD, NULL);
		break;
	}
}

/* The first of those that are due; -1: none. */
static int next_due(const struct sim *sim, int64_t until_us)
{
	int first = -1;

	for (int i = 0; i < sim->event_count; i++) {
		if (sim->events[i].at_us <= until_us &&
		    (first < 0 || sim->events[i].at_us < sim->events[first].at_us))
			first = i;
	}
	return first;
}

void world_pass(struct sim *sim, int64_t us)
{
	int64_t until_us = sim->now_us + us;
	int i;

	while ((i = next_due(sim, until_us)) >= 0) {
		struct sim_event event = sim->events[i];

		sim->event_count--;
		memmove(&sim->events[i], &sim->events[i + 1],
			(size_t)(sim->event_count - i) * sizeof event);
		if (event.at_us > sim->now_us)
			sim->now_us = event.at_us;
		happen(sim, &event);
	}
	sim->now_us = until_us;
}
