/* The fault drivers of the simulation.  Each step goes through the world: it may take effect at once,
 * later, or never, and the answer may be lost.  By `via`: http captures and witnesses, and compares
 * before it swaps; exec does neither; process is a copy; canary ends by itself; rabbitmq emits. */
#include <event2/event.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/alerting.h"
#include "tests/simulation/calls.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

enum step { STEP_CAPTURE, STEP_INJECT, STEP_WITNESS, STEP_REVERT, STEP_CONFIRM };

static const char *const step_names[] = {"capture", "inject", "witness", "revert", "confirm"};

struct fault_op {
	struct actor *actor;     /* borrowed */
	struct fault_op *next;   /* owned */
	struct event *timer;     /* owned */
	struct sim_drill *drill; /* borrowed */
	char *recipe;            /* owned */
	enum step step;
	uint64_t call; /* whose effect is the answer; 0: outcome is */
	enum fault_outcome outcome;
	bool looks; /* outcome is read from the target when it is answered */
	fault_done_fn *done;
	void *arg;
};

static struct actor *actor_of(const struct fault_context *context)
{
	return (struct actor *)((uintptr_t)context - offsetof(struct actor, faults));
}

/* The text behind a key of a recipe. */
static bool read_key(const char *recipe, const char *key, char *ret_text, size_t size)
{
	char pattern[24];
	const char *at;
	size_t len;

	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", key);
	at = strstr(recipe, pattern);
	ret_text[0] = '\0';
	if (at == NULL)
		return false;
	at += strlen(pattern);
	len = strcspn(at, "\"");
	(void)snprintf(ret_text, size, "%.*s", (int)len, at);
	return true;
}

static struct sim_drill *drill_of(struct sim *sim, const char *recipe)
{
	char id[ID_LEN + 1];

	return read_key(recipe, "drill", id, sizeof id) ? world_drill(sim, id) : NULL;
}

static const struct fault *fault_of(const struct fault_op *op)
{
	return &op->actor->sim->plan->scenarios[op->drill->scenario].fault;
}

/* How a step goes. */

static void answer_in(struct fault_op *op, int64_t us)
{
	const struct timeval delay = {us / 1000000, us % 1000000};

	(void)event_add(op->timer, &delay);
}

static void fail_in(struct fault_op *op, int64_t us, enum fault_outcome outcome)
{
	op->outcome = outcome;
	answer_in(op, us);
}

static struct sim_event *take_effect(struct fault_op *op, int64_t us, enum sim_event_kind kind)
{
	struct sim *sim = op->actor->sim;
	struct sim_event *event = world_plan(sim, sim->now_us + us, kind);

	event->drill = (int)(op->drill - sim->drills);
	event->target = op->drill->target;
	event->call = op->call;
	return event;
}

/* An effect with or without an answer; how often each happens is up to the plan. */
static void put_through(struct fault_op *op, enum sim_event_kind kind,
			const enum sim_count counts[4])
{
	struct sim *sim = op->actor->sim;
	const struct plan_odds *odds = &sim->plan->odds;
	int64_t latency_us = dice_between(&sim->dice, 2000, 60000);

	op->call = world_new_call(sim);
	if (!sim->healed && dice_chance(&sim->dice, odds->refuse)) {
		sim_count(sim, counts[0]);
		op->call = 0;
		fail_in(op, latency_us, FAULT_NO);
	} else if (!sim->healed && dice_chance(&sim->dice, odds->hang)) {
		sim_count(sim, counts[1]);
		op->call = 0;
		fail_in(op, SIM_STEP_US, FAULT_UNKNOWN);
	} else if (!sim->healed && dice_chance(&sim->dice, odds->half)) {
		sim_count(sim, counts[2]);
		(void)take_effect(op, latency_us, kind);
		fail_in(op, SIM_STEP_US, FAULT_UNKNOWN);
	} else if (!sim->healed && dice_chance(&sim->dice, odds->late)) {
		sim_count(sim, counts[3]);
		(void)take_effect(
		    op, dice_between(&sim->dice, latency_us, SIM_STEP_US + SIM_LANDING_US), kind);
		fail_in(op, SIM_STEP_US, FAULT_UNKNOWN);
	} else {
		(void)take_effect(op, latency_us, kind);
		op->outcome = FAULT_YES;
		answer_in(op, 2 * latency_us);
	}
}

static void begin_inject(struct fault_op *op, bool is_dead)
{
	static const enum sim_count counts[] = {COUNT_INJECT_REFUSED, COUNT_INJECT_HANGS,
						COUNT_INJECT_HALF, COUNT_INJECT_LATE};
	struct sim *sim = op->actor->sim;
	enum fault_via via = fault_of(op)->via;

	promise_inject(op->actor, op->drill);
	op->drill->tried = true;
	op->drill->inject_us = sim->now_us;
	op->drill->wall_ms = (sim->now_us + sim->wall_us) / 1000;
	sim_count(sim, COUNT_INJECTS);
	if (is_dead)
		fail_in(op, 40000, FAULT_NO);
	else if (via == VIA_NONE || via == VIA_RABBITMQ) {
		if (via == VIA_RABBITMQ)
			alerting_raise(sim, op->drill);
		fail_in(op, 5000, FAULT_YES);
	} else if (via == VIA_HTTP && !sim->healed &&
		   dice_chance(&sim->dice, sim->plan->odds.no_effect)) {
		sim_count(sim, COUNT_NO_EFFECT);
		fail_in(op, 20000, FAULT_YES);
	} else {
		put_through(op, EVENT_INJECT, counts);
	}
}

static void begin_revert(struct fault_op *op, bool is_dead)
{
	static const enum sim_count counts[] = {COUNT_REVERT_REFUSED, COUNT_REVERT_HANGS,
						COUNT_REVERT_HALF, COUNT_REVERT_LATE};
	struct sim *sim = op->actor->sim;
	char original[48];

	promise_revert(op->actor, op->drill);
	if (op->drill->revert_us < 0)
		op->drill->revert_us = sim->now_us;
	sim_count(sim, COUNT_REVERTS);
	if (is_dead)
		fail_in(op, 40000, FAULT_UNKNOWN);
	else if (fault_of(op)->via == VIA_HTTP &&
		 !read_key(op->recipe, "original", original, sizeof original))
		fail_in(op, 1000, FAULT_YES); /* nothing was captured, so nothing was put in */
	else if (fault_of(op)->via == VIA_HTTP && strcmp(original, op->drill->original) != 0)
		sim_break(sim, 1, "%s would set its target to %s, and it was %s", op->drill->id,
			  original, op->drill->original);
	else
		put_through(op, EVENT_REVERT, counts);
}

static void begin_look(struct fault_op *op, bool is_dead)
{
	struct sim *sim = op->actor->sim;
	bool confirms = op->step == STEP_CONFIRM, captures = op->step == STEP_CAPTURE;

	if (confirms)
		sim_count(sim, COUNT_CONFIRMS);
	op->looks = !is_dead;
	if (is_dead) {
		fail_in(op, 40000, FAULT_UNKNOWN);
		return;
	}
	if (!sim->healed && dice_chance(&sim->dice, captures ? sim->plan->odds.capture_fails
							     : sim->plan->odds.confirm_fails)) {
		sim_count(sim, captures ? COUNT_CAPTURE_FAILED : COUNT_CONFIRM_FAILED);
		op->looks = false;
		fail_in(op, dice_chance(&sim->dice, 50) ? 30000 : SIM_STEP_US, FAULT_UNKNOWN);
		return;
	}
	answer_in(op, dice_between(&sim->dice, 2000, 80000));
}

static void begin(struct fault_op *op)
{
	struct sim *sim = op->actor->sim;
	enum fault_via via = fault_of(op)->via;
	bool is_dead = via != VIA_NONE && via != VIA_RABBITMQ &&
		       world_has_trouble(sim, TROUBLE_DEAD, op->drill->target);

	if (is_dead)
		sim_count(sim, COUNT_TARGET_DEAD);
	switch (op->step) {
	case STEP_INJECT:
		begin_inject(op, is_dead);
		break;
	case STEP_REVERT:
		begin_revert(op, is_dead);
		break;
	case STEP_CAPTURE:
	case STEP_WITNESS:
	case STEP_CONFIRM:
		begin_look(op, is_dead);
		break;
	}
}

/* The answer. */

static enum fault_outcome look(struct fault_op *op)
{
	const struct sim *sim = op->actor->sim;
	const char *value = sim->targets[op->drill->target].value;
	char original[48];

	switch (op->step) {
	case STEP_CAPTURE:
		break;
	case STEP_WITNESS:
		return world_is_in_place(sim, op->drill) || fault_of(op)->via == VIA_NONE
			   ? FAULT_YES
			   : FAULT_NO;
	case STEP_CONFIRM:
		if (world_is_in_place(sim, op->drill))
			return FAULT_NO;
		if (read_key(op->recipe, "original", original, sizeof original))
			return strcmp(value, original) == 0 ? FAULT_YES : FAULT_NO;
		break;
	case STEP_INJECT:
	case STEP_REVERT:
		break;
	}
	return FAULT_YES;
}

static void free_op(struct fault_op *op)
{
	struct fault_op **at = &op->actor->fault_ops;

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
	event_free(op->timer);
	free(op->recipe);
	free(op);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	static const char *const outcomes[] = {"yes", "no", "unknown", "conflict"};
	struct fault_op *op = arg;
	struct sim *sim = op->actor->sim;
	struct fault_result result = {.outcome = op->outcome};
	const struct sim_call *call = world_call(sim, op->call);
	fault_done_fn *done = op->done;
	void *done_arg = op->arg;
	const char *secret;
	struct error error;
	char *text, *recipe = NULL;

	(void)fd;
	(void)what;
	calls_point(step_names[op->step]);
	if (op->looks)
		result.outcome = look(op);
	else if (call != NULL && call->happened && op->outcome == FAULT_YES)
		result.outcome = (enum fault_outcome)call->outcome;
	result.gone = call != NULL && call->gone;
	if (result.outcome == FAULT_CONFLICT)
		sim_count(sim, COUNT_REVERT_CONFLICT);
	if (op->call != 0)
		world_give_up_call(sim, op->call);
	op->drill->touched_us = sim->now_us;
	secret = secret_resolve(op->actor->secrets, SIM_SECRET_REF, &error);
	text = mem_printf("%s at sim-%d with key %s: %s", step_names[op->step], op->drill->target,
			  secret != NULL ? secret : "-", outcomes[result.outcome]);
	secret_mask(op->actor->secrets, text);
	result.text = text;
	if (op->step == STEP_CAPTURE && result.outcome == FAULT_YES) {
		memcpy(op->drill->original, sim->targets[op->drill->target].value,
		       sizeof op->drill->original);
		recipe = mem_printf("%.*s,\"original\":\"%s\"}", (int)strlen(op->recipe) - 1,
				    op->recipe, op->drill->original);
		result.recipe = recipe;
	}
	sim_trace(sim, "%s %s -> %s", op->drill->id, step_names[op->step],
		  outcomes[result.outcome]);
	free_op(op);
	done(done_arg, &result);
	free(text);
	free(recipe);
}

static struct fault_op *start(const struct fault_context *context, const char *recipe,
			      enum step step, fault_done_fn *done, void *arg)
{
	struct actor *actor = actor_of(context);
	struct fault_op *op = mem_zalloc(sizeof *op);

	*op = (struct fault_op){
	    .actor = actor,
	    .next = actor->fault_ops,
	    .timer = evtimer_new(actor->base, on_timer, op),
	    .drill = drill_of(actor->sim, recipe),
	    .recipe = mem_dup(recipe),
	    .step = step,
	    .done = done,
	    .arg = arg,
	};
	actor->fault_ops = op;
	if (op->drill == NULL) {
		sim_break(actor->sim, 1, "a step of a drill that nobody knows: %.200s", recipe);
		_Exit(SIM_BROKEN);
	}
	calls_point(step_names[step]);
	sim_trace(actor->sim, "%s %s at target %d", op->drill->id, step_names[step],
		  op->drill->target);
	op->drill->touched_us = actor->sim->now_us;
	begin(op);
	calls_point(step_names[step]);
	return op;
}

static struct fault_op *sim_capture(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_CAPTURE, done, arg);
}

static struct fault_op *sim_inject(const struct fault_context *context, const char *recipe,
				   fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_INJECT, done, arg);
}

static struct fault_op *sim_witness(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_WITNESS, done, arg);
}

static struct fault_op *sim_revert(const struct fault_context *context, const char *recipe,
				   fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_REVERT, done, arg);
}

static struct fault_op *sim_confirm(const struct fault_context *context, const char *recipe,
				    fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_CONFIRM, done, arg);
}

/* What it set off may still happen, for a while. */
static void sim_cancel(struct fault_op *op)
{
	if (op == NULL)
		return;
	sim_trace(op->actor->sim, "%s %s is cancelled", op->drill->id, step_names[op->step]);
	if (op->call != 0)
		world_give_up_call(op->actor->sim, op->call);
	free_op(op);
}

void actor_faults_done(struct actor *actor)
{
	while (actor->fault_ops != NULL)
		sim_cancel(actor->fault_ops);
}

/* What needs no world. */

static char *sim_plan(const struct fault *fault, const char *drill, struct error *error)
{
	if (fault->http.inject.url == NULL) {
		(void)error_set(error, "nothing to break");
		return NULL;
	}
	return mem_printf("{\"drill\":\"%s\",\"at\":\"%s\",\"via\":\"%s\",\"key\":\"%s\"}", drill,
			  fault->http.inject.url, via_name(fault->via), fault->http.inject.body);
}

static void sim_describe(const char *recipe, fault_call_fn *tell, void *arg)
{
	const struct fault_call call = {"inject", recipe};

	tell(arg, &call);
}

static char *target_name(const char *recipe)
{
	char at[64];

	if (!read_key(recipe, "at", at, sizeof at) || strchr(at, '/') == NULL)
		return mem_dup("");
	return mem_printf("sim-%d", atoi(strchr(at, '/') + 1));
}

static char *no_target(const char *recipe)
{
	(void)recipe;
	return mem_dup("");
}

/* Its process is ended, so it will not come any more. */
static void end_inject(const char *recipe)
{
	struct sim *sim = calls_sim();
	const struct sim_drill *drill = drill_of(sim, recipe);

	if (drill != NULL && world_drop_inject(sim, drill))
		sim_count(sim, COUNT_INJECT_ENDED);
}

#define STEPS    .plan = sim_plan, .describe = sim_describe, .inject = sim_inject, .cancel = sim_cancel
#define RESTORES .revert = sim_revert, .confirm = sim_confirm, .target = target_name

static const struct fault_driver drivers[VIA_COUNT] = {
    [VIA_NONE] =
	{.name = "none", .via = VIA_NONE, .effect = EFFECT_EMISSION, STEPS, .target = no_target},
    [VIA_HTTP] = {.name = "http",
		  .via = VIA_HTTP,
		  .effect = EFFECT_MUTATION,
		  STEPS,
		  RESTORES,
		  .capture = sim_capture,
		  .witness = sim_witness},
    [VIA_PROCESS] = {.name = "process",
		     .via = VIA_PROCESS,
		     .effect = EFFECT_COPY,
		     STEPS,
		     RESTORES,
		     .witness = sim_witness,
		     .end_inject = end_inject},
    [VIA_CANARY] = {.name = "canary",
		    .via = VIA_CANARY,
		    .effect = EFFECT_SELF_EXPIRING,
		    STEPS,
		    RESTORES,
		    .ends_by_itself = "its time is over"},
    [VIA_RABBITMQ] = {.name = "rabbitmq",
		      .via = VIA_RABBITMQ,
		      .effect = EFFECT_EMISSION,
		      STEPS,
		      .target = no_target},
    [VIA_EXEC] = {.name = "exec", .via = VIA_EXEC, .effect = EFFECT_MUTATION, STEPS, RESTORES},
};

static const struct fault_driver irreversible = {
    .name = "exec", .via = VIA_EXEC, .effect = EFFECT_IRREVERSIBLE, STEPS, RESTORES};

/* The engine's only way to its drivers. */
const struct fault_driver *fault_driver_find(enum fault_via via)
{
	return via == VIA_EXEC && calls_sim()->plan->irreversible ? &irreversible : &drivers[via];
}
