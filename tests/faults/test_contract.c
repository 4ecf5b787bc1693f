/* What every fault driver promises, tried on every driver of the table. */
#include <cjson/cJSON.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "probes/child.h"
#include "src/base/mem.h"
#include "tests/faults/world.h"
#include "tests/support/loop.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define STEPS        5
#define NESTED       100000

static const char *const step_names[STEPS] = {"capture", "inject", "witness", "revert", "confirm"};

/* A working fault for each driver. Its texts live in `room`. */
struct room {
	struct fault fault;
	char url[128], queue[64];
	struct pair pair;
	char *command[4], *unset[1], *inject[4], *look[4], *revert[4], *confirm[4];
};

#define WORKER \
	"test -n \"$NEEDED\" || { echo FATAL NEEDED is not set; exit 1; }; echo ready; sleep 30"

static void fill_http(struct world *world, struct room *room)
{
	struct http_fault *http = &room->fault.http;

	(void)snprintf(room->url, sizeof room->url, "%s/value", world->service.url);
	(void)snprintf(room->queue, sizeof room->queue, "orders-%s", world->id);
	room->pair = (struct pair){"X-Token", SECRET_REF};
	http->capture = (struct http_call){.url = room->url, .headers = {&room->pair, 1}};
	http->inject =
	    (struct http_call){.url = room->url, .body = room->queue, .headers = {&room->pair, 1}};
	http->witness = (struct http_call){.url = room->url, .contains = world->id};
	http->revert = (struct http_call){
	    .url = room->url, .body = "${original}", .headers = {&room->pair, 1}};
	http->confirm = (struct http_call){.url = room->url};
}

static void fill_process(struct world *world, struct room *room)
{
	struct process_fault *process = &room->fault.process;

	(void)world;
	assert_int_equal(setenv("NEEDED", "yes", 1), 0);
	room->command[0] = "/bin/sh";
	room->command[1] = "-c";
	room->command[2] = WORKER;
	room->unset[0] = "NEEDED";
	process->command = (struct texts){room->command, 3};
	process->unset = (struct texts){room->unset, 1};
	process->ready = "ready";
	process->dies_within_ms = 45000;
}

static void fill_canary(struct world *world, struct room *room)
{
	world_monitor(world, "orders");
	room->fault.canary = (struct canary_fault){
	    .name = "orders", .mode = CANARY_STATUS, .status = 503, .polled_within_ms = 45000};
}

static void fill_rabbitmq(struct world *world, struct room *room)
{
	(void)snprintf(room->queue, sizeof room->queue, "orders-%s", world->id);
	room->fault.rabbitmq = (struct rabbitmq_fault){.url = world->service.url,
						       .user = "guest",
						       .password = SECRET_REF,
						       .vhost = "/",
						       .exchange = "amq.default",
						       .routing_key = room->queue};
}

static void command(char *argv[4], char *script, struct texts *ret_texts)
{
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	*ret_texts = (struct texts){argv, 3};
}

static void fill_exec(struct world *world, struct room *room)
{
	struct exec_fault *exec = &room->fault.exec;

	(void)snprintf(room->queue, sizeof room->queue, "/tmp/firedrill-test-%s", world->id);
	(void)remove(room->queue);
	room->pair = (struct pair){"TOKEN", SECRET_REF};
	exec->environment = (struct pairs){&room->pair, 1};
	command(room->inject, mem_printf("echo $TOKEN; touch %s", room->queue), &exec->inject);
	command(room->look, mem_printf("test -e %s", room->queue), &exec->witness);
	command(room->revert, mem_printf("rm -f %s", room->queue), &exec->revert);
	command(room->confirm, mem_printf("test ! -e %s", room->queue), &exec->confirm);
}

static void fill_none(struct world *world, struct room *room)
{
	(void)world;
	(void)room;
}

static void (*const fills[VIA_COUNT])(struct world *, struct room *) = {
    [VIA_NONE] = fill_none,     [VIA_HTTP] = fill_http,         [VIA_PROCESS] = fill_process,
    [VIA_CANARY] = fill_canary, [VIA_RABBITMQ] = fill_rabbitmq, [VIA_EXEC] = fill_exec,
};

static void room_done(struct room *room)
{
	if (room->fault.via != VIA_EXEC)
		return;
	(void)remove(room->queue);
	free(room->inject[2]);
	free(room->look[2]);
	free(room->revert[2]);
	free(room->confirm[2]);
}

/* Nothing of the fault is to be seen in the world. */
static bool is_clean(const struct world *world, const struct room *room)
{
	switch (room->fault.via) {
	case VIA_HTTP:
		return strcmp(world->service.value, "orders") == 0;
	case VIA_PROCESS:
		return child_signal_marked(world->id, 0) == 0;
	case VIA_CANARY:
		return world->canaries == NULL ||
		       canary_host_breaker(world->canaries, "orders") == NULL;
	case VIA_EXEC:
		return access(room->queue, F_OK) != 0;
	case VIA_RABBITMQ:
	case VIA_NONE:
	case VIA_COUNT:
		break;
	}
	return true;
}

static fault_start_fn *step_of(const struct fault_driver *driver, size_t step)
{
	fault_start_fn *const steps[STEPS] = {driver->capture, driver->inject, driver->witness,
					      driver->revert, driver->confirm};

	return steps[step];
}

/* One promise, tried on one driver with a fresh world. */
typedef void promise_fn(struct world *world, const struct fault_driver *driver, struct room *room,
			char **recipe);

static void for_every_driver(promise_fn *promise)
{
	for (int via = 0; via < VIA_COUNT; via++) {
		const struct fault_driver *driver = fault_driver_find((enum fault_via)via);
		struct room room = {.fault.via = (enum fault_via)via};
		struct world world;
		char *recipe;

		print_message("           ... via %s\n", driver->name);
		world_start(&world, NULL);
		fills[via](&world, &room);
		recipe = world_plan(&world, driver, &room.fault);
		promise(&world, driver, &room, &recipe);
		free(recipe);
		world_stop(&world);
		room_done(&room);
	}
}

/* Runs capture, if there is one, and puts the completed recipe in place of the planned one. */
static void capture(struct world *world, const struct fault_driver *driver, char **recipe)
{
	struct ended ended = {0};

	if (driver->capture == NULL)
		return;
	assert_int_equal(world_step(world, driver->capture, *recipe, &ended), FAULT_YES);
	assert_non_null(ended.recipe);
	free(*recipe);
	*recipe = mem_dup(ended.recipe);
	ended_done(&ended);
}

static void expect_step(struct world *world, fault_start_fn *start, const char *recipe,
			enum fault_outcome outcome)
{
	struct ended ended = {0};

	if (start == NULL)
		return;
	if (world_step(world, start, recipe, &ended) != outcome)
		fail_msg("outcome %d: %s", (int)ended.outcome, ended.text);
	assert_null(strstr(ended.text, SECRET));
	ended_done(&ended);
}

static void tell_story(struct world *world, const struct fault_driver *driver, struct room *room,
		       char **recipe)
{
	capture(world, driver, recipe);
	assert_null(strstr(*recipe, SECRET));
	expect_step(world, driver->inject, *recipe, FAULT_YES);
	expect_step(world, driver->witness, *recipe, FAULT_YES);
	expect_step(world, driver->revert, *recipe, FAULT_YES);
	expect_step(world, driver->confirm, *recipe, FAULT_YES);
	assert_true(is_clean(world, room));
}

static void every_driver_breaks_and_puts_right(void **state)
{
	(void)state;
	for_every_driver(tell_story);
}

static void record_is_whole(struct world *world, const struct fault_driver *driver,
			    struct room *room, char **recipe)
{
	(void)world;
	(void)recipe;
	assert_ptr_equal(driver, fault_driver_find(driver->via));
	assert_string_equal(driver->name, via_name(room->fault.via));
	assert_true(driver->effect < EFFECT_IRREVERSIBLE);
	assert_non_null(driver->plan);
	assert_non_null(driver->describe);
	assert_non_null(driver->target);
	assert_non_null(driver->inject);
	assert_non_null(driver->cancel);
	assert_true((driver->revert == NULL) == (driver->confirm == NULL));
	assert_true((driver->revert == NULL) == (driver->effect == EFFECT_EMISSION));
	driver->cancel(NULL);
}

static void every_driver_is_a_whole_record(void **state)
{
	(void)state;
	for_every_driver(record_is_whole);
}

/* Runs every step once more with nothing else happening, then looks for a second call. */
static void count_calls(struct world *world, const struct fault_driver *driver, struct room *room,
			char **recipe)
{
	struct ended ended[STEPS] = {0};

	(void)room;
	capture(world, driver, recipe);
	for (size_t step = 0; step < STEPS; step++) {
		if (step_of(driver, step) != NULL)
			(void)world_step(world, step_of(driver, step), *recipe, &ended[step]);
	}
	world_wait(world, 150);
	for (size_t step = 0; step < STEPS; step++) {
		assert_int_equal(ended[step].calls, step_of(driver, step) != NULL ? 1 : 0);
		ended_done(&ended[step]);
	}
}

static void done_is_called_exactly_once_and_never_from_inside_start(void **state)
{
	(void)state;
	for_every_driver(count_calls); /* world_step looks that start itself does not call */
}

/* Cancels each step at once, and again after ever more turns of the loop; then a control step of the
 * same driver ends as usual while the cancelled ones stay silent. */
static void cancel_step(struct world *world, const struct fault_driver *driver,
			fault_start_fn *start, const char *recipe)
{
	struct ended silent = {0}, control = {0};

	for (int turns = 0; turns<10; turns += turns> 2 ? 3 : 1) {
		struct fault_op *op = start(&world->context, recipe, world_on_done, &silent);

		for (int i = 0; i < turns && silent.calls == 0; i++)
			(void)event_base_loop(world->base, EVLOOP_NONBLOCK);
		if (silent.calls == 0)
			driver->cancel(op);
		ended_done(&silent);
	}
	(void)world_step(world, start, recipe, &control);
	world_wait(world, 50);
	assert_int_equal(silent.calls, 0);
	assert_int_equal(control.calls, 1);
	ended_done(&silent);
	ended_done(&control);
}

static void cancel_all(struct world *world, const struct fault_driver *driver, struct room *room,
		       char **recipe)
{
	struct ended ended = {0};

	(void)room;
	*recipe = recipe_with_number(*recipe, "poll_ms", 100);
	for (size_t step = 0; step < STEPS; step++) {
		if (step_of(driver, step) == NULL)
			continue;
		cancel_step(world, driver, step_of(driver, step), *recipe);
		if (driver->revert != NULL)
			(void)world_step(world, driver->revert, *recipe, &ended);
	}
	ended_done(&ended);
}

static void done_is_never_called_after_cancel(void **state)
{
	(void)state;
	for_every_driver(cancel_all);
}

static void revert_first(struct world *world, const struct fault_driver *driver, struct room *room,
			 char **recipe)
{
	expect_step(world, driver->revert, *recipe, FAULT_YES);
	expect_step(world, driver->confirm, *recipe, FAULT_YES);
	assert_true(is_clean(world, room));
	capture(world, driver, recipe);
	expect_step(world, driver->revert, *recipe, FAULT_YES);
	expect_step(world, driver->confirm, *recipe, FAULT_YES);
	assert_true(is_clean(world, room));
}

static void revert_before_inject_is_safe(void **state)
{
	(void)state;
	for_every_driver(revert_first);
}

static void revert_twice(struct world *world, const struct fault_driver *driver, struct room *room,
			 char **recipe)
{
	capture(world, driver, recipe);
	expect_step(world, driver->inject, *recipe, FAULT_YES);
	expect_step(world, driver->revert, *recipe, FAULT_YES);
	expect_step(world, driver->revert, *recipe, FAULT_YES);
	expect_step(world, driver->confirm, *recipe, FAULT_YES);
	assert_true(is_clean(world, room));
}

static void revert_twice_is_safe(void **state)
{
	(void)state;
	for_every_driver(revert_twice);
}

static void revert_in_next_life(struct world *world, const struct fault_driver *driver,
				struct room *room, char **recipe)
{
	capture(world, driver, recipe);
	expect_step(world, driver->inject, *recipe, FAULT_YES);
	world_restart(world, false);
	expect_step(world, driver->revert, *recipe, FAULT_YES);
	expect_step(world, driver->confirm, *recipe, FAULT_YES);
	assert_true(is_clean(world, room));
}

static void revert_needs_nothing_but_the_recipe(void **state)
{
	(void)state;
	for_every_driver(revert_in_next_life);
}

static void plan_twice(struct world *world, const struct fault_driver *driver, struct room *room,
		       char **recipe)
{
	char *again = world_plan(world, driver, &room->fault);
	struct error error = {.text = ""};

	assert_string_equal(*recipe, again);
	free(again);
	assert_null(strstr(*recipe, SECRET));
	assert_int_equal(world->service.log_count, 0);
	assert_true(is_clean(world, room));
	assert_null(driver->plan(&room->fault, "not a drill", &error));
	assert_true(error.text[0] != '\0');
}

static void planning_is_pure_and_holds_no_secret(void **state)
{
	(void)state;
	for_every_driver(plan_twice);
}

/* The same scenario's fault in two drills, and once more after what was there has been captured. */
static void target_twice(struct world *world, const struct fault_driver *driver, struct room *room,
			 char **recipe)
{
	struct room other = {.fault.via = room->fault.via};
	char *target = driver->target(*recipe), *second, *third, *again;

	assert_int_equal(target[0] == '\0', driver->effect == EFFECT_EMISSION);
	assert_true(strlen(target) <= 500);
	assert_null(strstr(target, world->id));
	assert_null(strstr(target, SECRET));
	capture(world, driver, recipe);
	world->service.log_count = 0;
	second = driver->target(*recipe);
	assert_string_equal(target, second);
	id_new(world->id);
	if (driver->via != VIA_CANARY)
		fills[driver->via](world, &other);
	else
		other = *room;
	again = world_plan(world, driver, &other.fault);
	third = driver->target(again);
	assert_string_equal(target, third);
	assert_int_equal(world->service.log_count, 0);
	room_done(&other);
	free(again);
	free(third);
	free(second);
	free(target);
}

static void every_drill_that_changes_the_same_thing_has_the_same_target(void **state)
{
	(void)state;
	for_every_driver(target_twice);
}

static void end_twice(struct world *world, const struct fault_driver *driver, struct room *room,
		      char **recipe)
{
	if (driver->end_inject == NULL)
		return;
	driver->end_inject("");
	driver->end_inject("{\"via\":17}");
	driver->end_inject(*recipe);
	capture(world, driver, recipe);
	expect_step(world, driver->inject, *recipe, FAULT_YES);
	driver->end_inject(*recipe);
	driver->end_inject(*recipe);
	expect_step(world, driver->revert, *recipe, FAULT_YES);
	expect_step(world, driver->confirm, *recipe, FAULT_YES);
	assert_true(is_clean(world, room));
}

static void ending_an_inject_is_safe_at_any_time(void **state)
{
	(void)state;
	for_every_driver(end_twice);
}

struct told {
	bool steps[STEPS];
	size_t last;
	bool in_order, has_secret;
};

static void on_call(void *arg, const struct fault_call *call)
{
	struct told *told = arg;
	size_t step = 0;

	while (step < STEPS && strcmp(step_names[step], call->step) != 0)
		step++;
	if (step == STEPS || step < told->last || call->text[0] == '\0')
		told->in_order = false;
	else
		told->steps[step] = true;
	told->last = step;
	told->has_secret |= strstr(call->text, SECRET) != NULL;
}

static void describe(struct world *world, const struct fault_driver *driver, struct room *room,
		     char **recipe)
{
	struct told told = {.in_order = true};

	driver->describe(*recipe, on_call, &told);
	assert_true(told.in_order);
	assert_false(told.has_secret);
	for (size_t step = 0; step < STEPS; step++)
		assert_int_equal(told.steps[step], step_of(driver, step) != NULL);
	assert_int_equal(world->service.log_count, 0);
	assert_true(is_clean(world, room));
}

static void describe_tells_every_step_in_order_and_touches_nothing(void **state)
{
	(void)state;
	for_every_driver(describe);
}

/* Every step with a recipe that is none: a text says why, and nothing is taken for clean. */
static void try_garbage(struct world *world, const struct fault_driver *driver, const char *garbage)
{
	struct told told = {.in_order = true};
	struct ended ended = {0};
	char *target;

	driver->describe(garbage, on_call, &told);
	target = driver->target(garbage);
	assert_true(strlen(target) <= 500);
	free(target);
	for (size_t step = 0; step < STEPS; step++) {
		if (step_of(driver, step) == NULL)
			continue;
		(void)world_step(world, step_of(driver, step), garbage, &ended);
		assert_int_equal(ended.outcome, step < 2 ? FAULT_NO : FAULT_UNKNOWN);
		assert_null(ended.recipe);
	}
	ended_done(&ended);
}

static void feed_garbage(struct world *world, const struct fault_driver *driver, struct room *room,
			 char **recipe)
{
	static const char *const garbage[] = {
	    "",
	    " ",
	    "{",
	    "null",
	    "[]",
	    "17",
	    "\"text\"",
	    "{}",
	    "{\"via\":17}",
	    "{\"via\":\"kubernetes\",\"drill\":\"fd-k3q9x2m7\"}",
	    "\xff\xfe{\"via\"",
	    "{\"via\":\"http\"}",
	};
	char *deep = mem_zalloc(NESTED + 1), *other;

	for (size_t i = 0; i < LENGTH(garbage); i++)
		try_garbage(world, driver, garbage[i]);
	memset(deep, '[', NESTED);
	try_garbage(world, driver, deep);
	free(deep);
	for (size_t len = 0; len < strlen(*recipe); len += 7) {
		char *cut = mem_dup_n(*recipe, len);

		try_garbage(world, driver, cut);
		free(cut);
	}
	other = mem_printf("{\"via\":\"%s\",\"drill\":\"\"}", driver->name);
	try_garbage(world, driver, other);
	free(other);
	other = mem_printf("%s trailing", *recipe);
	try_garbage(world, driver, other);
	free(other);
	assert_int_equal(world->service.log_count, 0);
	assert_true(is_clean(world, room));
}

static void a_recipe_that_is_garbage_is_refused_with_a_reason(void **state)
{
	(void)state;
	for_every_driver(feed_garbage);
}

/* Each value of the recipe, one after the other, of another type or missing. Nothing crashes, each
 * step ends once with a text. */
static void try_replacement(struct world *world, const struct fault_driver *driver,
			    const char *recipe, const char *key, const char *value)
{
	struct told told = {.in_order = true};
	cJSON *object = cJSON_Parse(recipe);
	struct ended ended = {0};
	char *text;

	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	if (value[0] != '\0')
		(void)cJSON_AddItemToObject(object, key, cJSON_Parse(value));
	text = cJSON_PrintUnformatted(object);
	driver->describe(text, on_call, &told);
	free(driver->target(text));
	for (size_t step = 0; step < STEPS; step++) {
		if (step_of(driver, step) == NULL || (driver->via == VIA_CANARY && step == 2))
			continue; /* waits for the monitor as long as the recipe says */
		(void)world_step(world, step_of(driver, step), text, &ended);
		assert_int_equal(ended.calls, 1);
	}
	ended_done(&ended);
	free(text);
	cJSON_Delete(object);
}

static void bend(struct world *world, const struct fault_driver *driver, struct room *room,
		 char **recipe)
{
	static const char *const others[] = {"",   "null",      "17",         "{}",
					     "[]", "[[\"a\"]]", "{\"url\":5}"};
	struct ended ended = {0};
	cJSON *object, *item;

	*recipe = recipe_with_number(*recipe, "poll_ms", 1);
	capture(world, driver, recipe);
	object = cJSON_Parse(*recipe);
	cJSON_ArrayForEach(item, object)
	{
		for (size_t i = 0; i < LENGTH(others) && strstr(item->string, "_ms") == NULL; i++)
			try_replacement(world, driver, *recipe, item->string, others[i]);
	}
	cJSON_Delete(object);
	if (driver->revert != NULL)
		assert_int_equal(world_step(world, driver->revert, *recipe, &ended), FAULT_YES);
	ended_done(&ended);
	assert_true(is_clean(world, room));
}

static void a_recipe_with_one_damaged_part_harms_nobody(void **state)
{
	(void)state;
	for_every_driver(bend);
}

/* A reference that cannot be resolved: nothing is sent; what may be in place stays unknown. */
static void lose_secret(struct world *world, const struct fault_driver *driver, struct room *room,
			char **recipe)
{
	struct ended ended = {0};

	(void)room;
	if (strstr(*recipe, SECRET_REF) == NULL)
		return;
	capture(world, driver, recipe);
	world_restart(world, false);
	world->service.log_count = 0;
	assert_int_equal(unsetenv(SECRET_NAME), 0);
	assert_int_equal(world_step(world, driver->inject, *recipe, &ended), FAULT_NO);
	assert_non_null(strstr(ended.text, SECRET_NAME));
	if (driver->revert != NULL) {
		assert_int_equal(world_step(world, driver->revert, *recipe, &ended), FAULT_UNKNOWN);
		assert_non_null(strstr(ended.text, SECRET_NAME));
	}
	assert_int_equal(world->service.log_count, 0);
	assert_int_equal(setenv(SECRET_NAME, SECRET, 1), 0);
	ended_done(&ended);
}

static void without_its_secret_a_step_touches_nothing_and_names_it(void **state)
{
	(void)state;
	for_every_driver(lose_secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_driver_is_a_whole_record),
	    cmocka_unit_test(every_driver_breaks_and_puts_right),
	    cmocka_unit_test(done_is_called_exactly_once_and_never_from_inside_start),
	    cmocka_unit_test(done_is_never_called_after_cancel),
	    cmocka_unit_test(revert_before_inject_is_safe),
	    cmocka_unit_test(revert_twice_is_safe),
	    cmocka_unit_test(revert_needs_nothing_but_the_recipe),
	    cmocka_unit_test(planning_is_pure_and_holds_no_secret),
	    cmocka_unit_test(every_drill_that_changes_the_same_thing_has_the_same_target),
	    cmocka_unit_test(ending_an_inject_is_safe_at_any_time),
	    cmocka_unit_test(describe_tells_every_step_in_order_and_touches_nothing),
	    cmocka_unit_test(a_recipe_that_is_garbage_is_refused_with_a_reason),
	    cmocka_unit_test(a_recipe_with_one_damaged_part_harms_nobody),
	    cmocka_unit_test(without_its_secret_a_step_touches_nothing_and_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
