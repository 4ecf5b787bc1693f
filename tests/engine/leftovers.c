/* What earlier lives left in the ledger of a little world. */
#include "tests/engine/leftovers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/messages.h"

static void advance_to(struct little_world *world, const char *drill, enum fault_state state)
{
	struct error error = {""};

	for (enum fault_state next = FAULT_INJECTING; next <= state; next++) {
		if (next == FAULT_CLEAN || (state == FAULT_STUCK && next == FAULT_UNCONFIRMED))
			continue;
		if (!ledger_advance(world->ledger, drill, next, "left", &error))
			fail_msg("%s", error.text);
	}
}

void leave(struct little_world *world, const struct leftover *leftover)
{
	char *recipe = mem_printf("{\"drill\":\"%s\"}", leftover->drill);
	char *target = mem_printf("the target of %s", leftover->drill);
	const struct ledger_fault fault = {
	    .drill = leftover->drill,
	    .scenario = "orders",
	    .environment = leftover->environment != NULL ? leftover->environment : "staging",
	    .target = leftover->target != NULL ? leftover->target : target,
	    .via = leftover->via != VIA_NONE ? leftover->via : VIA_HTTP,
	    .recipe = leftover->recipe != NULL ? leftover->recipe : recipe,
	    .note = "",
	    .intended_wall_ms = clock_wall_ms(),
	    .lease_wall_ms = clock_wall_ms() + HOLD_MS,
	};
	struct error error = {""};

	if (!ledger_intend(world->ledger, &fault, &error))
		fail_msg("%s", error.text);
	advance_to(world, leftover->drill,
		   leftover->state != FAULT_ABSENT ? leftover->state : FAULT_INJECTING);
	world->fault.in_place = leftover->state != FAULT_INTENT;
	free(recipe);
	free(target);
}

struct find_state {
	const char *drill;
	enum fault_state state;
};

static bool on_row(void *arg, const struct ledger_fault *fault)
{
	struct find_state *find = arg;

	if (strcmp(fault->drill, find->drill) == 0)
		find->state = fault->state;
	return true;
}

enum fault_state state_of(struct little_world *world, const char *drill)
{
	struct find_state find = {drill, FAULT_CLEAN};
	struct error error = {""};

	assert_true(ledger_visit_open(world->ledger, NULL, on_row, &find, &error));
	return find.state;
}

void log_told(void *arg, const struct settled *settled)
{
	static const char *const words[] = {[SETTLED_BEGUN] = "begun",
					    [SETTLED_CLEAN] = "clean",
					    [SETTLED_STUCK] = "stuck",
					    [SETTLED_BUSY] = "busy",
					    [SETTLED_UNTOLD] = "untold"};
	struct settled_log *log = arg;

	buf_addf(&log->story, "%s:%s ", words[settled->how], settled->drill);
	(void)snprintf(log->text, sizeof log->text, "%s", settled->text);
	for (size_t i = 0; i < settled->message_count; i++)
		buf_addf(&log->messages, "%s %s ", settled->messages[i].channel,
			 settled->messages[i].ts);
	(void)snprintf(log->target, sizeof log->target, "%s", settled->target);
	log->found = settled->found;
	log->tries = settled->tries;
	log->took_ms = settled->took_ms;
}

void log_rest(void *arg)
{
	struct settled_log *log = arg;

	if ((size_t)log->rests < sizeof log->rest_ms / sizeof log->rest_ms[0])
		log->rest_ms[log->rests] = clock_ms();
	log->rests++;
	buf_adds(&log->story, "rest ");
}

void log_done(void *arg, const char *error)
{
	struct settled_log *log = arg;

	log->dones++;
	log->done_ms = clock_ms();
	(void)snprintf(log->error, sizeof log->error, "%s", error != NULL ? error : "");
	buf_adds(&log->story, "done ");
	if (log->frees) {
		settler_free(log->settler);
		log->settler = NULL;
	}
}
