/* What must hold when a fault is put in or taken out, and when a drill is over: each check compares what
 * firedrill does and says with what the world knows. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "src/base/id.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/alerting.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/rows.h"
#include "tests/simulation/truth.h"
#include "tests/simulation/world.h"

#define POLL_US  1000000            /* LIFE_HALT_POLL_MS, and a turn */
#define DRILL_US INT64_C(900000000) /* no drill takes longer, whatever fails */
#define DAY_MS   INT64_C(86400000)
#define HOUR_MS  INT64_C(3600000)

void promise_text(struct sim *sim, const char *what, const char *text)
{
	sim_count(sim, COUNT_PROMISE_5);
	if (text != NULL && strstr(text, SIM_SECRET) != NULL)
		sim_break(sim, 5, "the secret is in %s: %.200s", what, text);
}

/* Promise 1: durable before anything is touched, and alone. */

static void check_rows(struct actor *actor, const struct sim_drill *drill)
{
	struct sim *sim = actor->sim;
	const char *environment = sim->plan->environments[drill->environment].name;
	bool emits = sim->plan->scenarios[drill->scenario].fault.via == VIA_RABBITMQ ||
		     sim->plan->scenarios[drill->scenario].fault.via == VIA_NONE;
	const struct row *own;
	struct rows rows;
	char target[16];

	(void)snprintf(target, sizeof target, "sim-%d", drill->target);
	rows_read(actor->ledger, &rows);
	own = rows_find(&rows, drill->id);
	if (own == NULL || own->state != FAULT_INJECTING)
		sim_break(sim, 1, "%s is injected, and the ledger says %s", drill->id,
			  own == NULL ? "nothing" : fault_state_name(own->state));
	for (int i = 0; i < rows.count && !emits; i++) {
		const struct row *row = &rows.list[i];

		if (row == own || row->acked)
			continue;
		if (strcmp(row->environment, environment) == 0 || strcmp(row->target, target) == 0)
			sim_break(sim, 4, "%s is injected in %s while the fault of %s is %s",
				  drill->id, environment, row->drill, fault_state_name(row->state));
	}
}

/* What is not synced may be gone with the power. */
static void check_durable(struct sim *sim, const struct sim_drill *drill)
{
	if (!disk_is_durable(&sim->disk))
		sim_break(sim, 1, "%s is injected, and the ledger is not on the disk yet",
			  drill->id);
}

/* Promise 3: announced in every watched channel, and read back. */
static void check_announced(struct sim *sim, const struct sim_drill *drill)
{
	const struct scenario *scenario = &sim->plan->scenarios[drill->scenario];

	sim_count(sim, COUNT_PROMISE_3);
	if (!sim->plan->config.report.announce)
		return;
	for (size_t i = 0; i < scenario->expect_count; i++) {
		bool found = false;

		if (scenario->expect[i].never)
			continue;
		for (int j = 0; j < sim->message_count; j++) {
			const struct sim_message *message = &sim->messages[j];

			if (message->kind == MESSAGE_OURS && message->shown &&
			    message->channel == alerting_channel(sim, drill, (int)i) &&
			    strcmp(message->mark, drill->id) == 0)
				found = true;
		}
		if (!found)
			sim_break(sim, 3, "%s is injected before its message was read back in #%s",
				  drill->id, plan_channels[alerting_channel(sim, drill, (int)i)]);
	}
}

/* Promise 4: the guards, by a second opinion. */

static bool has_clock_doubt(const struct sim *sim, int64_t since_us)
{
	return sim->jumped_us >= 0 && sim->jumped_us >= since_us;
}

static void check_hours(struct sim *sim, const struct sim_drill *drill)
{
	int64_t wall_ms = (sim->now_us + sim->wall_us) / 1000;
	int hour = (int)(wall_ms % DAY_MS / HOUR_MS);
	int from = sim->plan->hour_from[drill->environment];

	if (from < 0 || has_clock_doubt(sim, sim->life.started_us))
		return;
	if (hour < from || hour >= sim->plan->hour_to[drill->environment])
		sim_break(sim, 4, "%s is injected at %02d:xx, outside %02d:00-%02d:00", drill->id,
			  hour, from, sim->plan->hour_to[drill->environment]);
}

/* Earlier faults of this environment: how many today, and how long ago the last one was touched. */
static void check_spacing(struct sim *sim, const struct sim_drill *drill)
{
	const struct environment *environment = &sim->plan->environments[drill->environment];
	int64_t wall_ms = (sim->now_us + sim->wall_us) / 1000;
	int today = 0;

	for (int i = 0; i < sim->drill_count; i++) {
		const struct sim_drill *other = &sim->drills[i];

		if (!other->tried || other == drill || other->environment != drill->environment ||
		    sim->plan->scenarios[other->scenario].fault.via == VIA_NONE ||
		    has_clock_doubt(sim, other->inject_us))
			continue;
		today += other->wall_ms / DAY_MS == wall_ms / DAY_MS ? 1 : 0;
		if (sim->now_us - other->touched_us < environment->spacing_ms * 1000)
			sim_break(sim, 4,
				  "%s is injected %" PRId64 " ms after %s, spacing is %" PRId64,
				  drill->id, (sim->now_us - other->touched_us) / 1000, other->id,
				  environment->spacing_ms);
	}
	if (environment->drills_per_day > 0 && today >= environment->drills_per_day)
		sim_break(sim, 4, "%s is number %d of today, %d are allowed", drill->id, today + 1,
			  environment->drills_per_day);
}

static void check_environment(struct sim *sim, const struct sim_drill *drill,
			      const struct fault_driver *driver)
{
	const struct environment *environment = &sim->plan->environments[drill->environment];
	const struct texts *targets = &environment->targets;
	char target[16];

	(void)snprintf(target, sizeof target, "sim-%d", drill->target);
	if (environment->protected_ && !sim->life.permitted &&
	    !(sim->life.scheduled &&
	      sim->plan->in[drill->scenario][drill->environment].schedule != NULL))
		sim_break(sim, 4, "%s is injected in a protected environment", drill->id);
	if (driver->effect > environment->effect_limit || driver->effect == EFFECT_IRREVERSIBLE)
		sim_break(sim, 4, "%s is injected over the effect limit", drill->id);
	if (targets->count > 0 && driver->confirm != NULL && strcmp(targets->list[0], target) != 0)
		sim_break(sim, 4, "%s changes %s, which is not allowed", drill->id, target);
	if (sim->life.locked_environment == drill->environment ||
	    (sim->life.locked_target == drill->target && driver->confirm != NULL))
		sim_break(sim, 4, "%s is injected while another process holds its place",
			  drill->id);
}

static void check_guards(struct sim *sim, const struct sim_drill *drill)
{
	enum fault_via via = sim->plan->scenarios[drill->scenario].fault.via;

	sim_count(sim, COUNT_PROMISE_4);
	if (sim->halted_us >= 0 && sim->now_us > sim->halted_us + POLL_US)
		sim_break(sim, 4, "%s is injected %" PRId64 " ms after a halt", drill->id,
			  (sim->now_us - sim->halted_us) / 1000);
	for (int i = 0; i < 4; i++) {
		const char *file =
		    i == 0 ? sim->plan->config.freeze : sim->plan->environments[i - 1].freeze;

		if (file != NULL && sim->frozen_us[i] >= 0 &&
		    sim->now_us > sim->frozen_us[i] + 2 * SIM_STEP_US &&
		    (i == 0 || i - 1 == drill->environment))
			sim_break(sim, 4, "%s is injected while %s is there", drill->id, file);
	}
	check_environment(sim, drill, fault_driver_find(via));
	check_hours(sim, drill);
	if (via == VIA_NONE)
		return;
	check_spacing(sim, drill);
	for (int i = 0; i < sim->drill_count && via != VIA_RABBITMQ; i++) {
		const struct sim_drill *other = &sim->drills[i];

		if (other != drill && !other->acked &&
		    (other->environment == drill->environment || other->target == drill->target) &&
		    world_is_in_place(sim, other))
			sim_break(sim, 4, "%s is injected while the fault of %s is in place",
				  drill->id, other->id);
	}
}

void promise_inject(struct actor *actor, struct sim_drill *drill)
{
	if (!drill->held)
		sim_break(actor->sim, 1, "%s is injected, and no guardian holds it", drill->id);
	if (drill->tried)
		sim_break(actor->sim, 1, "%s is injected twice", drill->id);
	check_rows(actor, drill);
	check_durable(actor->sim, drill);
	check_announced(actor->sim, drill);
	check_guards(actor->sim, drill);
}

void promise_revert(struct actor *actor, struct sim_drill *drill)
{
	struct sim *sim = actor->sim;

	if (sim->life.locked_drill >= 0 && drill == &sim->drills[sim->life.locked_drill])
		sim_break(sim, 1, "%s is reverted while another process works on it", drill->id);
}

/* When a drill is over. */

static void check_texts(struct sim *sim, const struct drill_record *record)
{
	const struct evidence *evidence = &record->evidence;

	promise_text(sim, "a record", evidence->fault_text);
	promise_text(sim, "a record", evidence->revert_text);
	promise_text(sim, "a record", evidence->stop_text);
	promise_text(sim, "a record", evidence->ledger_problem);
	promise_text(sim, "a record", record->judgement.text);
	promise_text(sim, "a record", record->judgement.gap.evidence);
	promise_text(sim, "a record", record->report_problem);
	for (size_t i = 0; i < record->judgement.finding_count; i++)
		promise_text(sim, "a record", record->judgement.findings[i].text);
}

static void check_end(struct sim *sim, const struct drill_record *record,
		      const struct sim_drill *drill)
{
	bool refused = record->judgement.verdict == VERDICT_REFUSED;
	int64_t took_us = sim->now_us - sim->boot_us - record->started_ms * 1000;

	sim_count(sim, COUNT_PROMISE_6);
	if (took_us > DRILL_US)
		sim_break(sim, 6, "%s took %" PRId64 " s", drill->id, took_us / 1000000);
	if (refused && drill->tried)
		sim_break(sim, 4, "%s was refused after it was injected", drill->id);
	if (record->evidence.fault_state == FAULT_CLEAN && drill->tried &&
	    world_may_be_in_place(sim, drill))
		sim_break(sim, 1, "%s says that it is clean, and it is not", drill->id);
	if (drill->tried && drill->revert_us < 0 &&
	    fault_driver_find(sim->plan->scenarios[drill->scenario].fault.via)->revert != NULL)
		sim_break(sim, 1, "%s is over and was never reverted", drill->id);
}

void promise_record(struct actor *actor, const struct drill_record *record)
{
	struct sim *sim = actor->sim;
	const struct sim_drill *drill = world_drill(sim, record->id);

	if (drill == NULL) {
		sim_break(sim, 6, "a drill that nobody knows is over: %s", record->id);
		return;
	}
	check_texts(sim, record);
	check_end(sim, record, drill);
	truth_check(sim, drill, record);
}
