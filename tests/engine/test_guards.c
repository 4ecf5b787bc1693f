/* The guards, one by one: what each refuses, in which words, and what satisfies it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/engine/guard.h"
#include "tests/engine/little_asserts.h"
#include "tests/engine/virtual_time.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define TARGET    "http PUT http://orders.example/"

/* What of the ledger cannot be read. */
static enum { READS_ALL, NO_HALT, NO_PAST, NO_FAULTS } trouble;

bool __real_ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt, struct error *error);
bool __wrap_ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt, struct error *error);
bool __real_ledger_past(struct ledger *ledger, const char *environment, int64_t since_wall_ms,
			struct ledger_past *ret_past, struct error *error);
bool __wrap_ledger_past(struct ledger *ledger, const char *environment, int64_t since_wall_ms,
			struct ledger_past *ret_past, struct error *error);
bool __real_ledger_visit_open(struct ledger *ledger, const char *environment,
			      ledger_visit_fn *visit, void *arg, struct error *error);
bool __wrap_ledger_visit_open(struct ledger *ledger, const char *environment,
			      ledger_visit_fn *visit, void *arg, struct error *error);

bool __wrap_ledger_halt(struct ledger *ledger, struct ledger_halt *ret_halt, struct error *error)
{
	if (trouble == NO_HALT)
		return error_set(error, "the disk is gone");
	return __real_ledger_halt(ledger, ret_halt, error);
}

bool __wrap_ledger_past(struct ledger *ledger, const char *environment, int64_t since_wall_ms,
			struct ledger_past *ret_past, struct error *error)
{
	if (trouble == NO_PAST)
		return error_set(error, "the disk is gone");
	return __real_ledger_past(ledger, environment, since_wall_ms, ret_past, error);
}

bool __wrap_ledger_visit_open(struct ledger *ledger, const char *environment,
			      ledger_visit_fn *visit, void *arg, struct error *error)
{
	if (trouble == NO_FAULTS)
		return error_set(error, "the disk is gone");
	return __real_ledger_visit_open(ledger, environment, visit, arg, error);
}

static char *words(const char *text)
{
	return (char *)(uintptr_t)text; /* only read by what is tested */
}

/* The wall clock shows that moment of November 2026, in UTC; the 21st is a Saturday. */
static void set_clock(int day, int hour, int minute)
{
	struct tm moment = {
	    .tm_year = 126, .tm_mon = 10, .tm_mday = day, .tm_hour = hour, .tm_min = minute};

	virtual_time_jump_wall((int64_t)timegm(&moment) * 1000 - clock_wall_ms());
}

static int setup(void **state)
{
	(void)little_world_setup(state);
	little_simple(*state);
	set_clock(20, 10, 0);
	trouble = READS_ALL;
	return 0;
}

/* Asks the guards, as the drill of a driver would; NULL: they let it pass. */
static const char *refusal_of(struct little_world *world, const struct fault_driver *driver,
			      const char *target)
{
	const struct drill_record record = {
	    .scenario = &world->scenario, .environment = &world->staging, .effect = driver->effect};
	static struct error error;
	bool left_before = false;

	error = (struct error){""};
	return guard_allows(&world->drill_world, &record, driver, target, &world->options,
			    &left_before, &error)
		   ? NULL
		   : error.text;
}

static const char *refusal(struct little_world *world)
{
	return refusal_of(world, fault_driver_find(VIA_HTTP), TARGET);
}

static void assert_passes(struct little_world *world)
{
	const char *text = refusal(world);

	if (text != NULL)
		fail_msg("%s", text);
}

static void assert_says(const char *text, const char *part)
{
	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in: %s", part, text != NULL ? text : "nothing");
}

/* A fault that was put in by the drill of that id, and is in that state now. */
static void put(struct little_world *world, const char *drill, enum fault_via via,
		enum fault_state state)
{
	static const enum fault_state way[] = {FAULT_INJECTING, FAULT_INJECTED, FAULT_REVERTING,
					       FAULT_UNCONFIRMED, FAULT_CLEAN};
	const struct ledger_fault fault = {
	    .drill = drill,
	    .scenario = "orders",
	    .environment = "staging",
	    .target = TARGET,
	    .via = via,
	    .recipe = "{}",
	    .note = "",
	    .intended_wall_ms = clock_wall_ms(),
	    .lease_wall_ms = clock_wall_ms() + HOUR_MS,
	};
	struct error error = {""};
	bool there = false;

	assert_true(ledger_intend(world->ledger, &fault, &error));
	for (size_t i = 0; i < sizeof way / sizeof way[0] && !there && state <= FAULT_CLEAN; i++) {
		assert_true(ledger_advance(world->ledger, drill, way[i], "", &error));
		there = way[i] == state;
	}
	if (state == FAULT_STUCK) {
		assert_true(ledger_advance(world->ledger, drill, FAULT_INJECTING, "", &error));
		assert_true(ledger_advance(world->ledger, drill, FAULT_STUCK, "", &error));
	}
}

/* effect, halt, freeze, protected */

static void what_cannot_be_taken_out_again_is_refused_whatever_is_allowed(void **state)
{
	struct little_world *world = *state;
	const struct fault_driver *driver = fault_driver_find(VIA_PROCESS);

	world->staging.effect_limit = EFFECT_IRREVERSIBLE;
	world->options.allow_protected = true;
	assert_says(refusal_of(world, driver, TARGET), "guard effect: an irreversible fault");
}

static void while_halted_nothing_runs_and_after_resume_it_does(void **state)
{
	struct little_world *world = *state;
	struct error error = {""};

	assert_true(ledger_set_halt(world->ledger, "the cluster moves", "anna", &error));
	assert_says(refusal(world), "guard halt: everything is halted by anna since Fri "
				    "2026-11-20 10:00: the cluster moves; ");
	assert_says(refusal(world), "run `firedrill resume`");
	assert_says(refusal_of(world, fault_driver_find(VIA_NONE), ""), "guard halt: ");
	assert_true(ledger_lift_halt(world->ledger, &error));
	assert_passes(world);
}

static char *write_freeze(struct little_world *world, const char *name, const char *text)
{
	static char path[80];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", world->folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void while_a_freeze_file_is_there_nothing_is_broken(void **state)
{
	struct little_world *world = *state;
	char *path = write_freeze(world, "freeze", "black friday\nsecond line\n");

	world->config.freeze = path;
	assert_says(refusal(world), "guard freeze: ");
	assert_says(refusal(world), "/freeze is there (black friday); when the freeze is over, "
				    "remove it");
	assert_says(refusal_of(world, fault_driver_find(VIA_NONE), ""), "guard freeze: ");
	world->config.freeze = NULL;
	world->staging.freeze = path;
	assert_says(refusal(world), "guard freeze: ");
	assert_int_equal(unlink(path), 0);
	assert_passes(world);
}

static void a_freeze_file_that_cannot_be_looked_at_counts_as_there(void **state)
{
	struct little_world *world = *state;
	char *path = write_freeze(world, "file", "");
	char inside[100];

	(void)snprintf(inside, sizeof inside, "%s/freeze", path);
	world->staging.freeze = inside; /* in a folder that is none */
	assert_says(refusal(world), "guard freeze: ");
	world->staging.freeze = NULL;
	assert_int_equal(unlink(path), 0);
}

static void a_protected_place_wants_permission_by_hand_or_a_schedule(void **state)
{
	struct little_world *world = *state;

	world->staging.protected_ = true;
	assert_says(refusal(world), "guard protected: staging is a protected environment; if you "
				    "mean it, run again with --allow-protected");
	assert_says(refusal_of(world, fault_driver_find(VIA_NONE), ""), "guard protected: ");
	world->options.allow_protected = true;
	assert_passes(world);
	world->options = (struct drill_options){.origin = ORIGIN_SCHEDULE};
	assert_says(refusal(world), "in = { staging = { schedule = ");
	world->scenario.in[0].schedule = words("0 10 * * Tue");
	assert_passes(world);
	world->options.origin = ORIGIN_HAND; /* by hand, the schedule is no permission */
	assert_says(refusal(world), "--allow-protected");
	world->scenario.in[0].schedule = NULL;
}

static void a_fault_reaches_no_further_than_its_place_allows(void **state)
{
	struct little_world *world = *state;

	world->staging.effect_limit = EFFECT_COPY;
	assert_says(
	    refusal(world),
	    "guard effect_limit: this fault is a mutation, and staging allows at most copy; "
	    "use a milder driver or set effect_limit = \"mutation\" for the environment");
	assert_null(refusal_of(world, fault_driver_find(VIA_EXEC), TARGET));
	world->staging.effect_limit = EFFECT_MUTATION;
	assert_passes(world);
}

/* targets */

static void only_what_is_on_the_list_is_changed(void **state)
{
	struct little_world *world = *state;
	char *patterns[] = {words("* http://pay*"), words("process *")};

	world->staging.targets = (struct texts){patterns, 2};
	assert_says(refusal(world), "guard targets: \"" TARGET "\" is not among the targets of "
				    "staging, which are \"* http://pay*\", \"process *\"");
	assert_says(refusal(world), "add it to `targets` of the environment");
	patterns[1] = words("http PUT *orders.example*"); /* '*' goes over '/' */
	assert_passes(world);
}

static void what_changes_nothing_needs_no_place_on_the_list(void **state)
{
	struct little_world *world = *state;
	const struct fault_driver *http = fault_driver_find(VIA_HTTP);
	char *patterns[] = {words("pay*")};

	world->staging.targets = (struct texts){patterns, 1};
	assert_null(refusal_of(world, http, ""));
	assert_says(refusal_of(world, http, NULL),
		    "guard targets: \"what is changed, which is not");
	assert_null(refusal_of(world, fault_driver_find(VIA_NONE), TARGET));
}

/* hours */

static void set_hours(struct little_world *world, const char *text, const char *zone)
{
	static char *hours[1];

	hours[0] = words(text);
	world->staging.hours = (struct texts){hours, 1};
	world->staging.zone = words(zone);
}

static void outside_of_the_hours_it_says_when_they_begin(void **state)
{
	struct little_world *world = *state;

	set_hours(world, "Mon-Fri 09:00-17:00", "Europe/Berlin");
	assert_passes(world);
	set_clock(21, 13, 3);
	assert_says(refusal(world),
		    "guard hours: it is Sat 2026-11-21 14:03 in Europe/Berlin, allowed are Mon-Fri "
		    "09:00-17:00: next from Mon 2026-11-23 09:00; wait until then, or change "
		    "`hours` of staging");
	assert_says(refusal_of(world, fault_driver_find(VIA_NONE), ""), "guard hours: ");
	set_clock(23, 8, 0);
	assert_passes(world);
}

static void a_fault_that_could_outlast_the_hours_is_refused(void **state)
{
	struct little_world *world = *state;

	set_hours(world, "Mon-Fri 09:00-17:00", NULL);
	world->scenario.fault.hold_at_most_ms = 30 * MINUTE_MS;
	set_clock(20, 16, 30);
	assert_passes(world);
	set_clock(20, 16, 31);
	assert_says(refusal(world), "guard hours: it is Fri 2026-11-20 16:31 in UTC, and the fault "
				    "may be held for 30 min");
	assert_says(refusal(world), "but the hours end at Fri 2026-11-20 17:00");
	assert_says(refusal(world), "run it earlier, or make hold_at_most shorter than 29 min");
	assert_null(refusal_of(world, fault_driver_find(VIA_NONE), "")); /* holds nothing */
}

static void a_night_between_two_days_of_hours_is_no_time_for_a_fault(void **state)
{
	struct little_world *world = *state;

	set_hours(world, "daily 09:00-17:00", "UTC");
	world->scenario.fault.hold_at_most_ms = DAY_MS;
	set_clock(20, 10, 0);
	assert_says(refusal(world), "the hours end at Fri 2026-11-20 17:00");
	set_hours(world, "daily 00:00-24:00", "UTC");
	assert_passes(world);
}

static void hours_in_a_zone_that_is_gone_are_never_allowed(void **state)
{
	struct little_world *world = *state;

	set_hours(world, "daily 00:00-24:00", "Mars/Base");
	assert_says(refusal(world), "guard hours: \"Mars/Base\" is no time zone");
}

static void over_while_announcing(struct little_world *world, struct drill *drill)
{
	(void)world;
	if (drill_record(drill)->phase == PHASE_ANNOUNCE)
		set_clock(20, 17, 0);
}

static void the_guards_are_asked_again_right_before_the_fault(void **state)
{
	struct little_world *world = *state;
	const struct drill_record *record;

	set_hours(world, "Mon-Fri 09:00-17:00", "UTC");
	set_clock(20, 16, 59);
	world->scenario.fault.hold_at_most_ms = 30000;
	world->look = over_while_announcing;
	record = little_run(world);
	assert_outcome(record, VERDICT_REFUSED, REASON_NONE, EXIT_REFUSED);
	assert_says(record->judgement.text, "guard hours: ");
	assert_nothing_touched(world, record);
}

/* spacing, drills_per_day */

static void between_two_faults_lies_the_least_time(void **state)
{
	struct little_world *world = *state;

	world->staging.spacing_ms = 10 * MINUTE_MS;
	assert_passes(world);
	put(world, "fd-aaaaaaaa", VIA_HTTP, FAULT_CLEAN);
	virtual_time_jump_wall(6 * MINUTE_MS + 40000);
	assert_says(refusal(world),
		    "guard spacing: the last fault in staging ended at Fri 2026-11-20 10:00 (UTC), "
		    "and 10 min must lie between two; wait 3 min 20 s, or change `spacing`");
	assert_null(refusal_of(world, fault_driver_find(VIA_NONE), ""));
	virtual_time_jump_wall(3 * MINUTE_MS + 20000);
	assert_passes(world);
}

static void a_fault_that_ended_in_the_future_counts_as_ended_now(void **state)
{
	struct little_world *world = *state;

	world->staging.spacing_ms = 10 * MINUTE_MS;
	put(world, "fd-aaaaaaaa", VIA_HTTP, FAULT_CLEAN);
	virtual_time_jump_wall(-DAY_MS);
	assert_says(refusal(world), "guard spacing: ");
	assert_says(refusal(world), "in the future, so look whether this machine's clock is right; "
				    "wait 10 min");
}

static void control_drills_and_other_places_do_not_count(void **state)
{
	struct little_world *world = *state;

	world->staging.spacing_ms = HOUR_MS;
	world->staging.drills_per_day = 1;
	put(world, "fd-aaaaaaaa", VIA_NONE, FAULT_CLEAN);
	assert_passes(world);
	put(world, "fd-bbbbbbbb", VIA_HTTP, FAULT_CLEAN);
	world->staging.name = words("production");
	assert_passes(world);
}

static void a_day_has_its_number_of_faults_from_midnight_to_midnight_there(void **state)
{
	struct little_world *world = *state;

	world->staging.drills_per_day = 2;
	world->staging.zone = words("Europe/Berlin");
	set_clock(20, 22, 30); /* 23:30 there */
	put(world, "fd-aaaaaaaa", VIA_HTTP, FAULT_CLEAN);
	put(world, "fd-bbbbbbbb", VIA_EXEC, FAULT_CLEAN);
	assert_says(refusal(world), "guard drills_per_day: 2 of 2 faults were put in in staging "
				    "today (it is Fri 2026-11-20 23:30 in Europe/Berlin); wait "
				    "until midnight there, or raise `drills_per_day`");
	assert_null(refusal_of(world, fault_driver_find(VIA_NONE), ""));
	world->options.repeats = "fd-cccccccc";
	assert_says(refusal(world), "guard drills_per_day: 2 of 2 faults were put in in staging "
				    "today (it is Fri 2026-11-20 23:30 in Europe/Berlin), so that "
				    "the gap of fd-cccccccc is not confirmed; wait until midnight");
	set_clock(20, 22, 59);
	assert_says(refusal(world), "guard drills_per_day: ");
	set_clock(20, 23, 0);
	assert_passes(world);
}

/* leftover */

static void a_fault_that_was_set_aside_blocks_nothing(void **state)
{
	struct little_world *world = *state;
	struct error error = {""};

	put(world, "fd-aaaaaaaa", VIA_HTTP, FAULT_STUCK);
	assert_says(refusal(world),
		    "guard leftover: the fault of drill fd-aaaaaaaa in staging is "
		    "stuck and not confirmed reverted; run `firedrill status`, then "
		    "`firedrill revert fd-aaaaaaaa`, or set it aside with "
		    "`firedrill ack`");
	assert_true(ledger_ack(world->ledger, "fd-aaaaaaaa", "host is gone", "anna", &error));
	assert_passes(world);
	put(world, "fd-bbbbbbbb", VIA_HTTP, FAULT_INJECTED);
	assert_says(refusal(world), "fd-bbbbbbbb");
}

static void a_fault_that_another_place_left_in_the_same_target_is_in_the_way(void **state)
{
	struct little_world *world = *state;
	const struct fault_driver *http = fault_driver_find(VIA_HTTP);

	put(world, "fd-aaaaaaaa", VIA_HTTP, FAULT_STUCK);
	world->staging.name = words("production");
	assert_says(refusal(world), "guard leftover: the fault of drill fd-aaaaaaaa in staging "
				    "changes the same target, is stuck and not confirmed reverted");
	assert_null(refusal_of(world, http, "http PUT http://other.example/"));
	assert_null(refusal_of(world, http, ""));
}

static void a_drill_that_leaves_nothing_trips_over_nothing_that_was_left(void **state)
{
	static const struct fault_driver emission = {
	    .name = "rabbitmq", .via = VIA_RABBITMQ, .effect = EFFECT_EMISSION};
	struct little_world *world = *state;
	char *patterns[] = {words("pay*")};

	put(world, "fd-aaaaaaaa", VIA_HTTP, FAULT_STUCK);
	assert_null(refusal_of(world, &emission, TARGET));
	/* the other guards count for it as for every fault */
	world->staging.drills_per_day = 1;
	assert_says(refusal_of(world, &emission, TARGET), "guard drills_per_day: ");
	world->staging.drills_per_day = 0;
	world->staging.targets = (struct texts){patterns, 1};
	assert_says(refusal_of(world, &emission, TARGET), "guard targets: ");
	set_hours(world, "Sat 09:00-17:00", "UTC");
	world->staging.targets.count = 0;
	assert_says(refusal_of(world, &emission, TARGET), "guard hours: ");
}

/* The order, and telling. */

static void of_several_the_first_in_their_order_says_no(void **state)
{
	struct little_world *world = *state;
	struct error error = {""};

	put(world, "fd-aaaaaaaa", VIA_HTTP, FAULT_STUCK);
	world->staging.drills_per_day = 1;
	assert_says(refusal(world), "guard drills_per_day: ");
	world->staging.spacing_ms = HOUR_MS;
	assert_says(refusal(world), "guard spacing: ");
	set_hours(world, "Sat 09:00-17:00", "UTC");
	assert_says(refusal(world), "guard hours: ");
	world->staging.effect_limit = EFFECT_COPY;
	assert_says(refusal(world), "guard effect_limit: ");
	world->staging.protected_ = true;
	assert_says(refusal(world), "guard protected: ");
	assert_true(ledger_set_halt(world->ledger, "stop", "anna", &error));
	assert_says(refusal(world), "guard halt: ");
}

static void what_the_ledger_cannot_tell_lets_nothing_pass(void **state)
{
	struct little_world *world = *state;

	assert_passes(world);
	trouble = NO_HALT;
	assert_says(refusal(world), "guard halt: the disk is gone");
	trouble = NO_FAULTS;
	assert_says(refusal(world), "guard leftover: the disk is gone");
	trouble = NO_PAST;
	assert_passes(world); /* nobody asked for spacing */
	world->staging.drills_per_day = 1;
	assert_says(refusal(world), "guard drills_per_day: the disk is gone");
	world->staging.spacing_ms = HOUR_MS;
	assert_says(refusal(world), "guard spacing: the disk is gone");
}

struct told {
	char text[4000];
	size_t answers[3];
};

static void on_told(void *arg, const struct guard_told *told)
{
	struct told *all = arg;
	size_t len = strlen(all->text);

	all->answers[told->answer]++;
	(void)snprintf(all->text + len, sizeof all->text - len, "%s: %s\n", told->name, told->text);
}

static struct told describe(struct little_world *world, enum fault_via via, struct ledger *ledger)
{
	const struct guard_case asked = {
	    .config = &world->config,
	    .scenario = &world->scenario,
	    .environment = &world->staging,
	    .driver = fault_driver_find(via),
	    .target = TARGET,
	    .now_wall_ms = clock_wall_ms(),
	    .ledger = ledger,
	};
	struct told told = {.text = ""};

	guard_describe(&asked, on_told, &told);
	return told;
}

static void without_a_ledger_the_rules_are_told_and_what_can_be_told_is(void **state)
{
	struct little_world *world = *state;
	struct told told;

	world->staging.spacing_ms = HOUR_MS;
	world->staging.drills_per_day = 3;
	world->staging.effect_limit = EFFECT_COPY;
	set_hours(world, "Mon-Fri 09:00-17:00", "Europe/Berlin");
	told = describe(world, VIA_HTTP, NULL);
	assert_int_equal(told.answers[GUARD_REFUSES], 1);
	assert_int_equal(told.answers[GUARD_LATER], 5);
	assert_int_equal(told.answers[GUARD_PASSES], 5);
	assert_says(told.text, "effect_limit: this fault is a mutation, and staging allows");
	assert_says(told.text, "protected: staging is not protected\n");
	assert_says(told.text, "targets: anything may be changed; this changes \"" TARGET "\"\n");
	assert_says(told.text, "hours: Mon-Fri 09:00-17:00 in Europe/Berlin, where it is Fri "
			       "2026-11-20 11:00; held for at most 30.0 s\n");
	assert_says(told.text, "spacing: 1 h 0 min after the end of the fault before\n");
	assert_says(told.text, "drills_per_day: at most 3 from midnight to midnight in Europe");
	assert_says(told.text, "lock: one drill at a time in staging");
}

static void with_the_ledger_only_the_lock_is_asked_later(void **state)
{
	struct little_world *world = *state;
	struct told told = describe(world, VIA_HTTP, world->ledger);

	assert_int_equal(told.answers[GUARD_LATER], 1);
	assert_int_equal(told.answers[GUARD_PASSES], 10);
}

static void a_control_drill_is_told_only_of_its_own_guards(void **state)
{
	struct little_world *world = *state;
	struct told told = describe(world, VIA_NONE, world->ledger);

	assert_null(strstr(told.text, "spacing"));
	assert_null(strstr(told.text, "targets"));
	assert_non_null(strstr(told.text, "halt"));
	assert_int_equal(told.answers[GUARD_PASSES], 6);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, little_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(what_cannot_be_taken_out_again_is_refused_whatever_is_allowed),
	    IN_WORLD(while_halted_nothing_runs_and_after_resume_it_does),
	    IN_WORLD(while_a_freeze_file_is_there_nothing_is_broken),
	    IN_WORLD(a_freeze_file_that_cannot_be_looked_at_counts_as_there),
	    IN_WORLD(a_protected_place_wants_permission_by_hand_or_a_schedule),
	    IN_WORLD(a_fault_reaches_no_further_than_its_place_allows),
	    IN_WORLD(only_what_is_on_the_list_is_changed),
	    IN_WORLD(what_changes_nothing_needs_no_place_on_the_list),
	    IN_WORLD(outside_of_the_hours_it_says_when_they_begin),
	    IN_WORLD(a_fault_that_could_outlast_the_hours_is_refused),
	    IN_WORLD(a_night_between_two_days_of_hours_is_no_time_for_a_fault),
	    IN_WORLD(hours_in_a_zone_that_is_gone_are_never_allowed),
	    IN_WORLD(the_guards_are_asked_again_right_before_the_fault),
	    IN_WORLD(between_two_faults_lies_the_least_time),
	    IN_WORLD(a_fault_that_ended_in_the_future_counts_as_ended_now),
	    IN_WORLD(control_drills_and_other_places_do_not_count),
	    IN_WORLD(a_day_has_its_number_of_faults_from_midnight_to_midnight_there),
	    IN_WORLD(a_fault_that_was_set_aside_blocks_nothing),
	    IN_WORLD(a_fault_that_another_place_left_in_the_same_target_is_in_the_way),
	    IN_WORLD(a_drill_that_leaves_nothing_trips_over_nothing_that_was_left),
	    IN_WORLD(of_several_the_first_in_their_order_says_no),
	    IN_WORLD(what_the_ledger_cannot_tell_lets_nothing_pass),
	    IN_WORLD(without_a_ledger_the_rules_are_told_and_what_can_be_told_is),
	    IN_WORLD(with_the_ledger_only_the_lock_is_asked_later),
	    IN_WORLD(a_control_drill_is_told_only_of_its_own_guards),
	};

	return cmocka_run_group_tests_name("guards", tests, NULL, NULL);
}
