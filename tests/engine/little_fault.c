/* The fault drivers of a little world, and the alerting that notices what they do. */
#include "tests/engine/little_fault.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"

enum step { STEP_CAPTURE, STEP_INJECT, STEP_WITNESS, STEP_REVERT, STEP_CONFIRM };

static const char *const step_names[] = {"capture", "inject", "witness", "revert", "confirm"};

struct fault_op {
	struct little_world *world; /* borrowed */
	struct fault_op *next;      /* owned */
	struct event *timer;        /* owned */
	enum step step;
	char id[ID_LEN + 1];
	fault_done_fn *done;
	void *arg;
};

/* One alert of one rule for one fault. */
struct little_alert {
	struct little_world *world; /* borrowed */
	struct little_alert *next;  /* owned */
	const struct little_rule *rule;
	struct event *timer; /* owned */
	char id[ID_LEN + 1];
	char ts[CHAT_TS_SIZE]; /* "": not fired yet */
	bool over;             /* the fault is gone */
};

/* An inject that takes effect later. */
struct little_landing {
	struct little_world *world;  /* borrowed */
	struct little_landing *next; /* owned */
	struct event *timer;         /* owned */
	char id[ID_LEN + 1];
};

/* The alerting. */

static void arm(struct event *timer, int64_t ms)
{
	const struct timeval delay = {ms / 1000, ms % 1000 * 1000};

	(void)event_add(timer, &delay);
}

static char *text_of(const struct little_alert *alert, bool resolved)
{
	const char *format = alert->rule->format, *gap = strstr(format, "%s");
	int before = gap != NULL ? (int)(gap - format) : (int)strlen(format);

	return mem_printf("[%s] %.*s%s%s", resolved ? "RESOLVED" : "FIRING:1", before, format,
			  gap != NULL ? alert->id : "", gap != NULL ? gap + 2 : "");
}

static void end(struct little_alert *alert)
{
	struct chat *chat = &alert->world->chat;
	char *text = text_of(alert, true);

	switch (alert->rule->end) {
	case ENDS_NEVER:
		break;
	case ENDS_WITH_MESSAGE:
		(void)little_chat_say(chat, alert->rule->channel, NULL, text);
		break;
	case ENDS_WITH_EDIT:
		little_chat_change(chat, alert->rule->channel, alert->ts, text);
		break;
	case ENDS_WITH_REPLY:
		(void)little_chat_say(chat, alert->rule->channel, alert->ts, "Resolved, thanks.");
		break;
	}
	free(text);
}

static void on_alert(evutil_socket_t fd, short what, void *arg)
{
	struct little_alert *alert = arg;
	char *text;

	(void)fd;
	(void)what;
	if (alert->ts[0] != '\0') {
		end(alert);
		return;
	}
	text = text_of(alert, false);
	(void)snprintf(alert->ts, sizeof alert->ts, "%s",
		       little_chat_say(&alert->world->chat, alert->rule->channel, NULL, text));
	free(text);
	if (alert->over)
		arm(alert->timer, alert->rule->end_ms);
}

static void notice_fault(struct little_world *world, const char *id)
{
	for (size_t i = 0; i < LITTLE_RULES && world->rules[i].channel != NULL; i++) {
		struct little_alert *alert = mem_zalloc(sizeof *alert);

		alert->world = world;
		alert->next = world->alerts;
		alert->rule = &world->rules[i];
		alert->timer = evtimer_new(world->base, on_alert, alert);
		(void)snprintf(alert->id, sizeof alert->id, "%s", id);
		arm(alert->timer, alert->rule->after_ms);
		world->alerts = alert;
	}
}

static void notice_end(struct little_world *world, const char *id)
{
	for (struct little_alert *alert = world->alerts; alert != NULL; alert = alert->next) {
		if (alert->over || strcmp(alert->id, id) != 0)
			continue;
		alert->over = true;
		if (alert->ts[0] != '\0')
			arm(alert->timer, alert->rule->end_ms);
	}
}

/* The steps. */

static struct little_step *plan_of(struct little_world *world, enum step step)
{
	struct little_step *const plans[] = {&world->fault.capture, &world->fault.inject,
					     &world->fault.witness, &world->fault.revert,
					     &world->fault.confirm};

	return plans[step];
}

static bool on_row(void *arg, const struct ledger_fault *fault)
{
	struct fault_op *op = arg;

	if (strcmp(fault->drill, op->id) == 0)
		buf_addf(&op->world->story, "%s/%s ", step_names[op->step],
			 fault_state_name(fault->state));
	return true;
}

static void free_op(struct fault_op *op)
{
	struct fault_op **at = &op->world->fault.ops;

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
	plan_of(op->world, op->step)->in_flight--;
	event_free(op->timer);
	free(op);
}

static enum fault_outcome outcome_of(struct little_world *world, const struct fault_op *op)
{
	struct little_step *plan = plan_of(world, op->step);

	if (op->id[0] == '\0')
		return FAULT_NO; /* a damaged recipe */
	if (op->step >= STEP_REVERT && clock_ms() < world->fault.dead_until_ms)
		return FAULT_UNKNOWN;
	if (plan->times != 0) {
		plan->times -= plan->times > 0 ? 1 : 0;
		return plan->outcome;
	}
	if (op->step == STEP_CONFIRM && world->fault.in_place)
		return FAULT_NO;
	return FAULT_YES;
}

static void on_op(evutil_socket_t fd, short what, void *arg)
{
	struct fault_op *op = arg;
	struct little_world *world = op->world;
	fault_done_fn *done = op->done;
	void *done_arg = op->arg;
	char text[64], recipe[64];
	struct fault_result result = {.outcome = outcome_of(world, op), .text = text};

	(void)fd;
	(void)what;
	(void)snprintf(text, sizeof text, "%s came to %d", step_names[op->step],
		       (int)result.outcome);
	(void)snprintf(recipe, sizeof recipe, "{\"complete\":\"%s\"}", op->id);
	if (op->step == STEP_CAPTURE && result.outcome == FAULT_YES)
		result.recipe = recipe;
	result.gone = plan_of(world, op->step)->gone_at == plan_of(world, op->step)->calls;
	if (op->step == STEP_REVERT && result.outcome == FAULT_YES) {
		world->fault.in_place = false;
		notice_end(world, op->id);
	}
	free_op(op);
	done(done_arg, &result);
}

static void take_effect(struct little_world *world, const char *id)
{
	world->fault.in_place = true;
	notice_fault(world, id);
}

static void on_landing(evutil_socket_t fd, short what, void *arg)
{
	struct little_landing *landing = arg;

	(void)fd;
	(void)what;
	take_effect(landing->world, landing->id);
}

static void land_later(struct little_world *world, const char *id)
{
	struct little_landing *landing = mem_zalloc(sizeof *landing);

	landing->world = world;
	landing->next = world->fault.landings;
	landing->timer = evtimer_new(world->base, on_landing, landing);
	(void)snprintf(landing->id, sizeof landing->id, "%s", id);
	arm(landing->timer, world->fault.inject.lands_after_ms);
	world->fault.landings = landing;
}

static struct fault_op *start(const struct fault_context *context, const char *recipe,
			      enum step step, fault_done_fn *done, void *arg)
{
	struct little_world *world =
	    (struct little_world *)((uintptr_t)context - offsetof(struct little_world, faults));
	struct little_step *plan = plan_of(world, step);
	struct fault_op *op = mem_zalloc(sizeof *op);
	const char *id = id_find(recipe, strlen(recipe));
	struct error error = {""};

	op->world = world;
	op->next = world->fault.ops;
	op->timer = evtimer_new(world->base, on_op, op);
	op->step = step;
	op->done = done;
	op->arg = arg;
	if (id != NULL)
		memcpy(op->id, id, ID_LEN);
	world->fault.ops = op;
	plan->calls++;
	plan->in_flight++;
	if (!ledger_visit_open(world->ledger, NULL, on_row, op, &error))
		buf_adds(&world->story, "unreadable-ledger ");
	if (step == STEP_INJECT && plan->lands_after_ms > 0)
		land_later(world, op->id);
	else if (step == STEP_INJECT && (plan->times == 0 || plan->outcome == FAULT_UNKNOWN))
		take_effect(world, op->id);
	if (!plan->hangs)
		arm(op->timer, plan->takes_ms);
	return op;
}

static struct fault_op *little_capture(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_CAPTURE, done, arg);
}

static struct fault_op *little_inject(const struct fault_context *context, const char *recipe,
				      fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_INJECT, done, arg);
}

static struct fault_op *little_witness(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_WITNESS, done, arg);
}

static struct fault_op *little_revert(const struct fault_context *context, const char *recipe,
				      fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_REVERT, done, arg);
}

static struct fault_op *little_confirm(const struct fault_context *context, const char *recipe,
				       fault_done_fn *done, void *arg)
{
	return start(context, recipe, STEP_CONFIRM, done, arg);
}

static void little_cancel(struct fault_op *op)
{
	if (op != NULL)
		free_op(op);
}

static char *little_plan(const struct fault *fault, const char *drill, struct error *error)
{
	if (fault->http.inject.url == NULL && fault->via == VIA_HTTP) {
		(void)error_set(error, "nothing to ask for");
		return NULL;
	}
	return mem_printf("{\"drill\":\"%s\",\"url\":\"%s\"}", drill,
			  fault->http.inject.url != NULL ? fault->http.inject.url : "");
}

static char *little_target(const char *recipe)
{
	static const char key[] = "\"url\":\"";
	const char *at = strstr(recipe, key);

	if (at == NULL)
		return mem_dup("");
	at += sizeof key - 1;
	return mem_dup_n(at, strcspn(at, "\""));
}

static char *little_no_target(const char *recipe)
{
	(void)recipe;
	return mem_dup("");
}

static int ended_injects;

static void little_end_inject(const char *recipe)
{
	(void)recipe;
	ended_injects++;
}

int little_ended_injects(void)
{
	return ended_injects;
}

static const struct fault_driver little_http = {
    .name = "http",
    .via = VIA_HTTP,
    .effect = EFFECT_MUTATION,
    .plan = little_plan,
    .target = little_target,
    .end_inject = little_end_inject,
    .capture = little_capture,
    .inject = little_inject,
    .witness = little_witness,
    .revert = little_revert,
    .confirm = little_confirm,
    .cancel = little_cancel,
};

static const struct fault_driver little_exec = {
    .name = "exec",
    .via = VIA_EXEC,
    .effect = EFFECT_COPY,
    .plan = little_plan,
    .target = little_target,
    .inject = little_inject,
    .revert = little_revert,
    .confirm = little_confirm,
    .cancel = little_cancel,
};

static const struct fault_driver little_none = {
    .name = "none",
    .via = VIA_NONE,
    .effect = EFFECT_EMISSION,
    .plan = little_plan,
    .target = little_no_target,
    .inject = little_inject,
    .witness = little_witness,
    .cancel = little_cancel,
};

static const struct fault_driver little_irreversible = {
    .name = "process",
    .via = VIA_PROCESS,
    .effect = EFFECT_IRREVERSIBLE,
    .plan = little_plan,
    .target = little_target,
    .inject = little_inject,
    .revert = little_revert,
    .confirm = little_confirm,
    .cancel = little_cancel,
};

/* The engine's only way to its drivers. */
const struct fault_driver *fault_driver_find(enum fault_via via)
{
	switch (via) {
	case VIA_NONE:
	case VIA_CANARY:
	case VIA_RABBITMQ:
	case VIA_COUNT:
		return &little_none;
	case VIA_PROCESS:
		return &little_irreversible;
	case VIA_EXEC:
		return &little_exec;
	case VIA_HTTP:
		return &little_http;
	}
	return &little_none;
}

void little_faults_done(struct little_world *world)
{
	while (world->fault.ops != NULL)
		free_op(world->fault.ops);
	while (world->fault.landings != NULL) {
		struct little_landing *landing = world->fault.landings;

		world->fault.landings = landing->next;
		event_free(landing->timer);
		free(landing);
	}
	while (world->alerts != NULL) {
		struct little_alert *alert = world->alerts;

		world->alerts = alert->next;
		event_free(alert->timer);
		free(alert);
	}
}
