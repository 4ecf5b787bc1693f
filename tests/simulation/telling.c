/* What a life of firedrill asks of its world, and what it tells. */
#include "tests/simulation/telling.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/store/messages.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/calls.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/rows.h"
#include "tests/simulation/world.h"

/* The longest pause between two tries, a look, and the try itself. */
#define TRY_US ((SETTLER_PAUSE_MAX_MS + 180000) * INT64_C(1000))

/* What a drill asks of its world. */

static struct channels *open_chat(void *arg, const char *name, struct error *error)
{
	struct actor *actor = arg;

	(void)name;
	(void)error;
	return actor->channels;
}

static void write_post(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	static char body[400]; /* valid until the next call, as asked for */
	const struct evidence *evidence = &record->evidence;
	const char *stage = record->phase >= PHASE_REPORT ? verdict_name(record->judgement.verdict)
							  : phase_name(record->phase);

	(void)arg;
	(void)snprintf(body, sizeof body, "%s %.90s %.90s %.90s", record->scenario->expect[0].alert,
		       evidence->fault_text != NULL ? evidence->fault_text : "",
		       evidence->revert_text != NULL ? evidence->revert_text : "",
		       evidence->stop_text != NULL ? evidence->stop_text : "");
	*ret_post = (struct chat_post){.mark = record->id, .headline = stage, .body = body};
}

static bool write_details(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	(void)arg;
	*ret_post = (struct chat_post){
	    .mark = record->id,
	    .headline = "details",
	    .body = record->judgement.text,
	};
	return true;
}

static bool hold(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		 struct error *error)
{
	struct sim *sim = ((struct actor *)arg)->sim;
	struct sim_drill *drill = world_drill(sim, record->id);

	(void)lease_wall_ms;
	calls_point("hold");
	if (!sim->healed && dice_chance(&sim->dice, sim->plan->odds.no_guardian)) {
		sim_count(sim, COUNT_HOLDS_REFUSED);
		return error_set(error, "there is no guardian");
	}
	drill->held = true;
	return true;
}

static void release(void *arg, const struct drill_record *record)
{
	struct sim *sim = ((struct actor *)arg)->sim;
	struct sim_drill *drill = world_drill(sim, record->id);

	if (drill->held && drill->tried && world_may_be_in_place(sim, drill) &&
	    record->evidence.fault_state != FAULT_STUCK)
		sim_break(sim, 1, "%s lets go of its guardian while its fault may be in place",
			  drill->id);
	drill->held = false;
}

static void changed(void *arg, const struct drill_record *record)
{
	struct sim *sim = ((struct actor *)arg)->sim;
	const char *at = strchr(record->scenario->fault.http.inject.url, '/');
	int environment = plan_environment(sim->plan, record->environment->name);

	if (world_drill(sim, record->id) == NULL) {
		struct sim_drill *drill = world_new_drill(
		    sim, record->id, atoi(strrchr(at, '/') + 1), environment, atoi(at + 1));

		if (drill == NULL) {
			sim_break(sim, 6, "the simulation has no room for more drills");
			return;
		}
		sim_count(sim, COUNT_DRILLS);
		sim_trace(sim, "%s is %s in %s via %s", record->id, record->scenario->name,
			  record->environment->name, via_name(record->scenario->fault.via));
	}
	if (record->phase_ms[record->phase] == clock_ms())
		sim_trace(sim, "%s %s", record->id, phase_name(record->phase));
}

/* What a life tells. */

static void count_refusal(struct sim *sim, const char *text)
{
	static const struct {
		const char *guard;
		enum sim_count count;
	} guards[] = {
	    {"guard effect:", COUNT_GUARD_EFFECT},      {"guard halt:", COUNT_GUARD_HALT},
	    {"guard freeze:", COUNT_GUARD_FREEZE},      {"guard protected:", COUNT_GUARD_PROTECTED},
	    {"guard effect_limit:", COUNT_GUARD_LIMIT}, {"guard targets:", COUNT_GUARD_TARGETS},
	    {"guard hours:", COUNT_GUARD_HOURS},        {"guard spacing:", COUNT_GUARD_SPACING},
	    {"guard drills_per_day:", COUNT_GUARD_DAY}, {"guard leftover:", COUNT_GUARD_LEFTOVER},
	    {"guard lock:", COUNT_GUARD_LOCK},          {"guard stop_when:", COUNT_GUARD_STOP_WHEN},
	};

	for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
		if (strncmp(text, guards[i].guard, strlen(guards[i].guard)) == 0)
			sim_count(sim, guards[i].count);
	}
}

/* After a resume drills run again. */
static void check_lifted(struct sim *sim, const struct drill_record *record)
{
	const char *text = record->judgement.text;
	int64_t started_us = sim->boot_us + record->started_ms * 1000;

	if (sim->lifted_us < 0 || sim->lifted_us > started_us)
		return;
	if (strncmp(text, "guard halt: everything is halted", 32) == 0 ||
	    strncmp(text, "halted by", 9) == 0)
		sim_break(sim, 6, "%s is halted %" PRId64 " ms after a resume", record->id,
			  (started_us - sim->lifted_us) / 1000);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	static const enum sim_count counts[VERDICT_COUNT] = {
	    [VERDICT_PASS] = COUNT_PASS,       [VERDICT_GAP] = COUNT_GAP,
	    [VERDICT_FLAKY] = COUNT_PASS,      [VERDICT_INCONCLUSIVE] = COUNT_INCONCLUSIVE,
	    [VERDICT_REFUSED] = COUNT_REFUSED, [VERDICT_ABORTED] = COUNT_ABORTED,
	};
	struct actor *actor = arg;
	struct sim *sim = actor->sim;
	const struct judgement *judgement = &record->judgement;

	sim_trace(sim, "%s is %s %s (exit %d), fault %s: %.200s", record->id,
		  verdict_name(judgement->verdict), reason_name(judgement->reason),
		  (int)judgement->exit_code, fault_state_name(record->evidence.fault_state),
		  judgement->text);
	sim_count(sim, counts[judgement->verdict]);
	if (judgement->verdict == VERDICT_REFUSED)
		count_refusal(sim, judgement->text);
	if (record->evidence.stop == STOP_CONDITION)
		sim_count(sim, COUNT_STOPPED_BY_CONDITION);
	if (record->evidence.stop == STOP_REAL_ALERT)
		sim_count(sim, COUNT_STOPPED_BY_REAL_ALERT);
	if (record->evidence.fault_state != FAULT_ABSENT &&
	    record->evidence.fault_state != FAULT_CLEAN && world_drill(sim, record->id) != NULL)
		world_drill(sim, record->id)->settled_us = sim->now_us;
	check_lifted(sim, record);
	promise_record(actor, record);
}

/* What the program does in the chat. */
static void correct_messages(struct actor *actor, const struct settled *settled)
{
	for (size_t i = 0; i < settled->message_count; i++)
		(void)messages_forget(actor->ledger, &settled->messages[i], NULL);
}

static void note_try(struct sim *sim, struct sim_drill *drill, const struct settled *settled)
{
	bool again = sim->life.stays && drill->settled_us >= sim->life.started_us;

	if (again && settled->tries > 1 && settled->how == SETTLED_BEGUN)
		sim_count(sim, COUNT_TRIED_AGAIN);
	if (again && settled->tries > 1 && settled->how == SETTLED_CLEAN)
		sim_count(sim, COUNT_HEALED);
	drill->settled_us = sim->now_us;
}

void telling_settled(void *arg, const struct settled *settled)
{
	static const char *const hows[] = {"is about to be settled", "was settled", "is stuck",
					   "is somebody else's to settle",
					   "left its messages only"};
	struct actor *actor = arg;
	struct sim *sim = actor->sim;
	struct sim_drill *drill = world_drill(sim, settled->drill);

	sim_trace(sim, "%s %s: %.200s", settled->drill, hows[settled->how], settled->text);
	promise_text(sim, "what was settled", settled->text);
	if (settled->how == SETTLED_BUSY)
		sim->life.had_busy = true;
	if (drill != NULL)
		note_try(sim, drill, settled);
	if (settled->how == SETTLED_STUCK)
		sim_count(sim, COUNT_STUCK);
	if (settled->how == SETTLED_CLEAN || settled->how == SETTLED_UNTOLD)
		correct_messages(actor, settled);
	if (settled->how != SETTLED_CLEAN)
		return;
	sim_count(sim, COUNT_FAULTS_SETTLED);
	if (drill != NULL && drill->tried && world_may_be_in_place(sim, drill))
		sim_break(sim, 1, "%s is said to be settled, and it is not", settled->drill);
}

static void on_halted(void *arg, const char *reason, const char *by)
{
	sim_trace(((struct actor *)arg)->sim, "sees that %s halted everything: %s", by, reason);
}

static void on_resumed(void *arg)
{
	struct sim *sim = ((struct actor *)arg)->sim;

	sim_count(sim, COUNT_SEEN_RESUMED);
	sim_trace(sim, "sees that it was resumed");
}

/* What is stuck is tried again as long as the life stays. */
static void check_tried_again(struct actor *actor)
{
	struct sim *sim = actor->sim;
	struct rows rows;

	rows_read(actor->ledger, &rows);
	for (int i = 0; i < rows.count && !sim->life.had_disk_trouble; i++) {
		const struct sim_drill *drill = world_drill(sim, rows.list[i].drill);
		int64_t since_us = sim->life.started_us;

		if (drill == NULL || rows.list[i].acked || rows.list[i].state == FAULT_INTENT ||
		    (sim->life.locked_drill >= 0 && drill == &sim->drills[sim->life.locked_drill]))
			continue;
		if (drill->settled_us > since_us)
			since_us = drill->settled_us;
		if (sim->life.closed_us - since_us > TRY_US)
			sim_break(sim, 1, "%s is stuck, and was not tried again for %" PRId64 " s",
				  drill->id, (sim->life.closed_us - since_us) / 1000000);
	}
}

static void on_over(void *arg, enum exit_code worst)
{
	struct sim *sim = ((struct actor *)arg)->sim;

	if (sim->life.stays && sim->life.closed_us < 0)
		sim_break(sim, 6, "a life that stays is over, and nobody closed it");
	if (sim->life.stays)
		check_tried_again(arg);
	sim->life.worst = (int)worst;
	sim->life.over = true;
	sim_trace(sim, "the life is over with exit code %d", (int)worst);
	if (worst == EXIT_FAULT_LEFT)
		sim_count(sim, COUNT_EXIT_3);
}

/* Exit code 3 if and only if something is not clean and not set aside. */
void telling_check_exit(struct actor *actor, const struct rows *rows)
{
	struct sim *sim = actor->sim;
	bool left = false;

	for (int i = 0; i < rows->count; i++)
		left = left || (!rows->list[i].acked && rows->list[i].state != FAULT_INTENT);
	if (!rows->readable || sim->life.had_busy ||
	    (sim->life.stays && sim->life.locked_drill >= 0) ||
	    (!left && sim->life.had_disk_trouble))
		return; /* a ledger that could not be written or read is a reason, too */
	if (left != (sim->life.worst == EXIT_FAULT_LEFT))
		sim_break(sim, 1, "the exit code is %d, and %s", sim->life.worst,
			  left ? "the ledger has open faults" : "the ledger has no open fault");
}

/* All of it. */

void telling_init(struct actor *actor, struct drill_world *ret_drills, struct life_world *ret_life)
{
	*ret_drills = (struct drill_world){
	    .base = actor->base,
	    .config = &actor->sim->plan->config,
	    .faults = &actor->faults,
	    .conditions = &sim_conditions,
	    .condition_context = &actor->conditions,
	    .ledger = actor->ledger,
	    .locks = actor->locks,
	    .secrets = actor->secrets,
	    .chat = open_chat,
	    .write_post = write_post,
	    .write_details = write_details,
	    .hold = hold,
	    .release = release,
	    .changed = changed,
	    .arg = actor,
	};
	*ret_life = (struct life_world){
	    .drills = ret_drills,
	    .finished = on_finished,
	    .settled = telling_settled,
	    .halted = on_halted,
	    .resumed = on_resumed,
	    .done = on_over,
	    .arg = actor,
	};
}
