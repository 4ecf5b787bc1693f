/* Thousands of random calls, through two that have the ledger open, against a ledger in memory:
 * what is allowed, what is kept, what is read. */
#include "src/store/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/store/shelf.h"

#define STEPS   1500
#define SEEDS   2
#define DRILLS  24
#define LEDGERS 2

static const char *const environments[] = {"staging", "production"};

struct model_fault {
	enum fault_state state; /* FAULT_ABSENT: not there */
	int64_t seq, changed, injecting, ack_ms;
	enum fault_via via;
	int environment, recipe, note, ack; /* numbers that stand for texts; ack 0: none */
	bool ended;
};

struct model {
	struct ledger *ledgers[LEDGERS]; /* owned */
	struct model_fault faults[DRILLS];
	int64_t seq, halt_ms;
	int halt; /* 0: not halted */
	unsigned seed, step;
	uint64_t random;
};

/* The world: a clock that jumps, a disk that forgets nothing and costs nothing. */
static int64_t now;

int64_t __wrap_clock_wall_ms(void);

int64_t __wrap_clock_wall_ms(void)
{
	return now;
}

int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int fsync(int fd)
{
	(void)fd;
	return 0;
}

/* splitmix64: https://prng.di.unimi.it/splitmix64.c */
static unsigned dice(struct model *model, unsigned sides)
{
	uint64_t x = model->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((x ^ x >> 31) % sides);
}

#define CHECK(model, condition)                                                        \
	do {                                                                           \
		if (!(condition))                                                      \
			fail_msg("seed %u, step %u: %s", (model)->seed, (model)->step, \
				 #condition);                                          \
	} while (0)

static struct ledger *any_ledger(struct model *model)
{
	return model->ledgers[dice(model, LEDGERS)];
}

static void text_of(int number, char *ret_text, size_t size)
{
	ret_text[0] = '\0';
	if (number != 0)
		(void)snprintf(ret_text, size, "text %d", number);
}

/* The rules, written a second time. */
static bool is_allowed(enum fault_state from, enum fault_state to)
{
	if (from == FAULT_ABSENT || from == FAULT_CLEAN)
		return false;
	if (to == FAULT_STUCK || to == FAULT_REVERTING)
		return true;
	return (from == FAULT_INTENT && (to == FAULT_INJECTING || to == FAULT_CLEAN)) ||
	       (from == FAULT_INJECTING && to == FAULT_INJECTED) ||
	       (from == FAULT_REVERTING && to == FAULT_UNCONFIRMED) ||
	       (from == FAULT_UNCONFIRMED && to == FAULT_CLEAN);
}

/* The calls. */

static void try_intend(struct model *model, struct model_fault *fault, const char *drill)
{
	struct ledger_fault wanted = shelf_fault(drill);
	int environment = (int)dice(model, 2);
	enum fault_via via = (enum fault_via)dice(model, VIA_COUNT);
	bool ok;

	wanted.environment = environments[environment];
	wanted.via = via;
	wanted.recipe = "";
	ok = ledger_intend(any_ledger(model), &wanted, NULL);
	CHECK(model, ok == (fault->state == FAULT_ABSENT));
	if (ok)
		*fault = (struct model_fault){.state = FAULT_INTENT,
					      .seq = ++model->seq,
					      .changed = now,
					      .via = via,
					      .environment = environment};
}

static void try_complete(struct model *model, struct model_fault *fault, const char *drill)
{
	int recipe = 1 + (int)dice(model, 1000);
	char text[32];
	bool ok;

	text_of(recipe, text, sizeof text);
	ok = ledger_complete(any_ledger(model), drill, text, NULL);
	CHECK(model, ok == (fault->state == FAULT_INTENT));
	if (ok)
		fault->recipe = recipe;
}

static void try_advance(struct model *model, struct model_fault *fault, const char *drill)
{
	enum fault_state to = (enum fault_state)dice(model, FAULT_STATE_COUNT);
	int note = (int)dice(model, 1000); /* 0: the former one stays */
	char text[32];
	bool ok;

	text_of(note, text, sizeof text);
	ok = ledger_advance(any_ledger(model), drill, to, note != 0 ? text : NULL, NULL);
	CHECK(model, ok == is_allowed(fault->state, to));
	if (!ok)
		return;
	fault->state = to;
	fault->changed = now;
	fault->note = note != 0 ? note : fault->note;
	fault->injecting = to == FAULT_INJECTING ? now : fault->injecting;
	fault->ended = fault->ended || to == FAULT_INJECTED;
	fault->ack = 0;
	fault->ack_ms = 0;
}

static void try_ack(struct model *model, struct model_fault *fault, const char *drill)
{
	int ack = 1 + (int)dice(model, 1000);
	char text[32];
	bool ok;

	text_of(ack, text, sizeof text);
	ok = ledger_ack(any_ledger(model), drill, text, "anna", NULL);
	CHECK(model, ok == (fault->state == FAULT_STUCK));
	if (ok) {
		fault->ack = ack;
		fault->ack_ms = now;
	}
}

static void try_halt(struct model *model)
{
	int halt = (int)dice(model, 3);
	char text[32];

	text_of(halt, text, sizeof text);
	if (halt == 0) {
		CHECK(model, ledger_lift_halt(any_ledger(model), NULL));
	} else {
		CHECK(model, ledger_set_halt(any_ledger(model), text, "ben", NULL));
		model->halt_ms = model->halt == 0 ? now : model->halt_ms;
	}
	model->halt = halt;
}

static void reopen(struct model *model, const struct shelf *shelf)
{
	unsigned at = dice(model, LEDGERS);

	ledger_close(model->ledgers[at]);
	model->ledgers[at] = shelf_open(shelf);
}

/* Reading: the same, in the same order. */

struct reading {
	struct model *model;
	int environment; /* -1: all */
	int64_t last_seq;
	size_t count;
};

static bool check_one(void *arg, const struct ledger_fault *fault)
{
	struct reading *reading = arg;
	struct model *model = reading->model;
	int at = atoi(fault->drill + 3);
	const struct model_fault *known = &model->faults[at];
	char text[32];

	CHECK(model, known->state == fault->state && known->state != FAULT_CLEAN);
	CHECK(model, known->seq > reading->last_seq);
	CHECK(model, strcmp(fault->environment, environments[known->environment]) == 0);
	CHECK(model, reading->environment < 0 || reading->environment == known->environment);
	CHECK(model, fault->via == known->via && fault->changed_wall_ms == known->changed);
	CHECK(model, fault->injecting_wall_ms == known->injecting);
	CHECK(model, fault->inject_ended == known->ended);
	text_of(known->recipe, text, sizeof text);
	CHECK(model, strcmp(fault->recipe, text) == 0);
	text_of(known->note, text, sizeof text);
	CHECK(model, strcmp(fault->note, text) == 0);
	text_of(known->ack, text, sizeof text);
	CHECK(model, (fault->ack_reason != NULL) == (known->ack != 0));
	CHECK(model, fault->ack_reason == NULL || strcmp(fault->ack_reason, text) == 0);
	CHECK(model, fault->ack_wall_ms == known->ack_ms);
	reading->last_seq = known->seq;
	reading->count++;
	return true;
}

static void check_open(struct model *model)
{
	struct reading reading = {.model = model, .environment = (int)dice(model, 3) - 1};
	size_t expected = 0;

	for (size_t i = 0; i < DRILLS; i++) {
		const struct model_fault *fault = &model->faults[i];

		expected += fault->state != FAULT_ABSENT && fault->state != FAULT_CLEAN &&
			    (reading.environment < 0 || fault->environment == reading.environment);
	}
	CHECK(model,
	      ledger_visit_open(any_ledger(model),
				reading.environment < 0 ? NULL : environments[reading.environment],
				check_one, &reading, NULL));
	CHECK(model, reading.count == expected);
}

static void check_past(struct model *model)
{
	int environment = (int)dice(model, 2);
	int64_t since = now - dice(model, 100000);
	struct ledger_past past = {0}, expected = {.last_wall_ms = -1};

	for (size_t i = 0; i < DRILLS; i++) {
		const struct model_fault *fault = &model->faults[i];

		if (fault->injecting == 0 || fault->via == VIA_NONE ||
		    fault->environment != environment)
			continue;
		expected.count += fault->injecting >= since;
		if (fault->changed > expected.last_wall_ms)
			expected.last_wall_ms = fault->changed;
	}
	CHECK(model, ledger_past(any_ledger(model), environments[environment], since, &past, NULL));
	CHECK(model, past.count == expected.count);
	CHECK(model, past.last_wall_ms == expected.last_wall_ms);
}

static void check_halt(struct model *model)
{
	struct ledger_halt halt = {0};
	char text[32];

	text_of(model->halt, text, sizeof text);
	CHECK(model, ledger_halt(any_ledger(model), &halt, NULL));
	CHECK(model, halt.halted == (model->halt != 0));
	CHECK(model, !halt.halted || strcmp(halt.reason, text) == 0);
	CHECK(model, !halt.halted || halt.since_wall_ms == model->halt_ms);
	ledger_halt_done(&halt);
}

static void take_step(struct model *model, const struct shelf *shelf)
{
	unsigned at = dice(model, DRILLS);
	struct model_fault *fault = &model->faults[at];
	char drill[16];

	(void)snprintf(drill, sizeof drill, "fd-%u", at);
	now += dice(model, 3) * 500;
	switch (dice(model, 40)) {
	case 0:
		reopen(model, shelf);
		break;
	case 1:
		now += ((int64_t)dice(model, 3) - 1) * 40 * 86400000; /* over a month, or back */
		break;
	case 2:
	case 3:
		try_halt(model);
		break;
	case 4:
	case 5:
	case 6:
		try_complete(model, fault, drill);
		break;
	case 7:
	case 8:
	case 9:
	case 10:
		try_ack(model, fault, drill);
		break;
	case 11:
	case 12:
		try_intend(model, fault, drill);
		break;
	default:
		try_advance(model, fault, drill);
	}
	check_open(model);
	check_past(model);
	check_halt(model);
}

/* What is clean makes room for new drills, under the same names. */
static void forget_some(struct model *model, const struct shelf *shelf)
{
	for (int i = 0; i < DRILLS; i++) {
		char sql[64];

		if (model->faults[i].state != FAULT_CLEAN || dice(model, 2) == 0)
			continue;
		(void)snprintf(sql, sizeof sql, "DELETE FROM fault WHERE drill = 'fd-%d'", i);
		shelf_sql(shelf, sql);
		model->faults[i] = (struct model_fault){.state = FAULT_ABSENT};
	}
}

static void the_ledger_does_what_a_simple_one_does(void **state)
{
	struct shelf *shelf = *state;

	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct model model = {.seed = seed, .random = seed};

		now = INT64_C(1790000000000);
		for (size_t i = 0; i < LEDGERS; i++)
			model.ledgers[i] = shelf_open(shelf);
		for (model.step = 0; model.step < STEPS; model.step++) {
			take_step(&model, shelf);
			if (model.step % 200 == 199)
				forget_some(&model, shelf);
		}
		for (size_t i = 0; i < LEDGERS; i++)
			ledger_close(model.ledgers[i]);
		assert_int_equal(unlink(shelf->path), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(the_ledger_does_what_a_simple_one_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
