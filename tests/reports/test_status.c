/* What is in place, in words and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "reports/status.h"
#include "src/base/mem.h"
#include "tests/reports/check_text.h"

#define NOW  INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */
#define EVIL "\033[2Jevil\xff\nline"

static struct status *empty(void)
{
	struct status *status = mem_zalloc(sizeof *status);

	status->now_wall_ms = NOW;
	return status;
}

static struct status_fault *add_fault(struct status *status, bool busy, int64_t lease_ms)
{
	struct status_fault *fault;

	status->faults = mem_grow(status->faults, status->fault_count + 1, sizeof *status->faults);
	fault = &status->faults[status->fault_count++];
	*fault = (struct status_fault){
	    .drill = mem_dup("fd-k3q9x2m7"),
	    .scenario = mem_dup("bad-queue"),
	    .environment = mem_dup("staging"),
	    .target = mem_dup("PUT http://orders.example/admin/queue"),
	    .note = mem_dup("answered 200"),
	    .via = VIA_HTTP,
	    .state = FAULT_INJECTED,
	    .intended_wall_ms = NOW - 12000,
	    .lease_wall_ms = NOW + lease_ms,
	    .busy = busy,
	    .drilling = busy,
	};
	return fault;
}

static void set_aside(struct status_fault *fault)
{
	fault->state = FAULT_STUCK;
	fault->ack_reason = mem_dup("put right by hand");
	fault->ack_by = mem_dup("ann@ops-1");
	fault->ack_wall_ms = NOW - 60000;
}

static char *written(const struct status *status)
{
	static const struct view view = {.columns = 0};
	struct buf buf = {0};

	status_write(&buf, &view, status);
	return buf_take(&buf);
}

static void finish(struct status *status)
{
	status_done(status);
	free(status);
}

static void assert_says(struct status *status, enum exit_code code, const char *const *words)
{
	char *text = written(status);

	assert_int_equal(status_exit_code(status), code);
	for (; *words != NULL; words++) {
		if (strstr(text, *words) == NULL)
			fail_msg("\"%s\" is not in:\n%s", *words, text);
	}
	assert_false(text_has_control(text, true));
	assert_true(text_is_utf8(text));
	free(text);
	finish(status);
}

static void without_a_fault_it_says_so_and_exits_with_0(void **state)
{
	(void)state;
	assert_says(empty(), EXIT_PASS, (const char *const[]){"no fault is in place\n", NULL});
}

static void a_running_drill_s_own_fault_is_no_reason_for_exit_code_3(void **state)
{
	struct status *status = empty();

	(void)state;
	add_fault(status, true, 288000);
	assert_says(status, EXIT_PASS,
		    (const char *const[]){
			"fd-k3q9x2m7 bad-queue in staging injected, planned 12 s ago, "
			"lease ends in 4 min 48 s\n",
			"  its drill runs\n", "via http: PUT http://orders.example/admin/queue\n",
			"answered 200\n", "firedrill halt --reason", NULL});
	status = empty();
	add_fault(status, true, 288000)->state = FAULT_REVERTING;
	assert_says(status, EXIT_PASS, (const char *const[]){"  it is being put right\n", NULL});
}

static void a_fault_that_nobody_works_on_or_whose_time_is_up_gives_3(void **state)
{
	struct status *left = empty(), *overdue = empty(), *over = empty(), *kept = empty();

	(void)state;
	add_fault(left, false, 288000);
	assert_says(left, EXIT_FAULT_LEFT,
		    (const char *const[]){"nobody works on it", "firedrill revert --all",
					  "firedrill ack DRILL", NULL});
	add_fault(overdue, true, -3000);
	assert_says(
	    overdue, EXIT_FAULT_LEFT,
	    (const char *const[]){"lease ended 3 s ago", "a firedrill is putting it right", NULL});
	add_fault(over, true, 288000)->drilling = false;
	assert_says(over, EXIT_FAULT_LEFT,
		    (const char *const[]){"a firedrill is putting it right", NULL});
	add_fault(kept, false, -3000);
	kept->keeper = true;
	assert_says(kept, EXIT_FAULT_LEFT, (const char *const[]){"a guardian tries again", NULL});
}

static void what_was_set_aside_shows_by_whom_and_why_and_does_not_count(void **state)
{
	struct status *status = empty();

	(void)state;
	set_aside(add_fault(status, false, -3000));
	assert_says(status, EXIT_PASS,
		    (const char *const[]){"set aside by ann@ops-1 60 s ago: put right by hand",
					  "firedrill revert DRILL", NULL});
}

static void halted_and_frozen_come_first_with_their_reasons(void **state)
{
	struct status *status = empty();
	char *text;

	(void)state;
	status->halt_reason = mem_dup("deploy of orders");
	status->halt_by = mem_dup("ann@ops-1");
	status->halt_since_wall_ms = NOW - 240000;
	status->freezes = mem_zalloc(2 * sizeof *status->freezes);
	status->freezes[status->freeze_count++] =
	    (struct status_freeze){NULL, mem_dup("/etc/freeze"), mem_dup("release week")};
	status->freezes[status->freeze_count++] = (struct status_freeze){
	    mem_dup("production"), mem_dup("/etc/freeze-production"), mem_dup("sale")};
	text = written(status);
	assert_ptr_equal(strstr(text,
				"HALTED by ann@ops-1 for 4 min: deploy of orders; nothing new "
				"is broken until \"firedrill resume\"\n"),
			 text);
	assert_non_null(strstr(text, "FROZEN everywhere by /etc/freeze: release week;"));
	assert_non_null(strstr(text, "FROZEN in production by /etc/freeze-production: sale;"));
	assert_non_null(strstr(text, "no fault is in place\n"));
	free(text);
	finish(status);
}

static void a_daemon_that_runs_is_named(void **state)
{
	struct status *status = empty();
	cJSON *object;
	char *line;

	(void)state;
	status->daemon_pid = 4711;
	status->daemon_since_wall_ms = NOW - 240000;
	status->daemon_guests = 2;
	line = status_json(status);
	object = cJSON_Parse(line);
	free(line);
	line = cJSON_PrintUnformatted(cJSON_GetObjectItem(object, "daemon"));
	assert_string_equal(
	    line,
	    "{\"pid\":4711,\"since\":\"2026-11-21T09:56:00.000Z\",\"guests\":2,\"ledger_lost\":null}");
	free(line);
	cJSON_Delete(object);
	assert_says(status, EXIT_PASS,
		    (const char *const[]){"a daemon runs: process 4711, for 4 min",
					  "the drills of 2 `firedrill run`\n", NULL});
}

static void a_daemon_without_its_ledger_leaves_open_what_is_in_place(void **state)
{
	struct status *status = empty();
	char *line;

	(void)state;
	status->daemon_pid = 4711;
	status->daemon_lost = mem_dup("it was moved or removed");
	line = status_json(status);
	assert_non_null(strstr(line, "\"ledger_lost\":\"it was moved or removed\""));
	assert_non_null(strstr(line, "\"exit_code\":3"));
	free(line);
	assert_says(status, EXIT_FAULT_LEFT,
		    (const char *const[]){"it has lost its ledger, and what it had in place is not "
					  "told here: it was moved or removed\n",
					  "no fault is in this ledger\n", NULL});
}

static void foreign_text_does_no_harm(void **state)
{
	struct status *status = empty();
	struct status_fault *fault = add_fault(status, false, 1000);

	(void)state;
	free(fault->note);
	free(fault->target);
	fault->note = mem_dup(EVIL);
	fault->target = mem_dup(EVIL);
	set_aside(fault);
	free(fault->ack_by);
	fault->ack_by = mem_dup(EVIL);
	status->halt_reason = mem_dup(EVIL);
	status->halt_by = mem_dup(EVIL);
	assert_says(status, EXIT_PASS, (const char *const[]){"evil", NULL});
}

static void a_clock_that_was_set_back_makes_no_negative_age(void **state)
{
	struct status *status = empty();
	cJSON *object;
	char *line;

	(void)state;
	add_fault(status, false, 5000)->intended_wall_ms = NOW + 60000;
	line = status_json(status);
	object = cJSON_Parse(line);
	assert_int_equal(
	    (int)cJSON_GetNumberValue(cJSON_GetObjectItem(
		cJSON_GetArrayItem(cJSON_GetObjectItem(object, "faults"), 0), "age_ms")),
	    0);
	cJSON_Delete(object);
	free(line);
	assert_says(status, EXIT_FAULT_LEFT,
		    (const char *const[]){"injected, planned 0 ms ago", NULL});
}

static const char *text_at(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void json_has_one_object_with_everything(void **state)
{
	struct status *status = empty();
	const cJSON *faults, *first, *second;
	cJSON *object;
	char *line;

	(void)state;
	status->halt_reason = mem_dup(EVIL);
	status->halt_by = mem_dup("ann@ops-1");
	status->halt_since_wall_ms = NOW;
	add_fault(status, true, 1000);
	set_aside(add_fault(status, false, -1000));
	line = status_json(status);
	assert_false(text_has_control(line, false));
	assert_true(text_is_utf8(line));
	object = cJSON_Parse(line);
	assert_string_equal(text_at(cJSON_GetObjectItem(object, "halt"), "by"), "ann@ops-1");
	assert_string_equal(text_at(cJSON_GetObjectItem(object, "halt"), "at"),
			    "2026-11-21T10:00:00.000Z");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(object, "freezes")), 0);
	faults = cJSON_GetObjectItem(object, "faults");
	first = cJSON_GetArrayItem(faults, 0);
	second = cJSON_GetArrayItem(faults, 1);
	assert_string_equal(text_at(first, "standing"), "running");
	assert_string_equal(text_at(first, "state"), "injected");
	assert_string_equal(text_at(first, "lease"), "2026-11-21T10:00:01.000Z");
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(first, "busy")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(first, "ack")));
	assert_string_equal(text_at(second, "standing"), "set-aside");
	assert_string_equal(text_at(cJSON_GetObjectItem(second, "ack"), "reason"),
			    "put right by hand");
	assert_int_equal((int)cJSON_GetNumberValue(cJSON_GetObjectItem(object, "exit_code")), 0);
	cJSON_Delete(object);
	free(line);
	finish(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_fault_it_says_so_and_exits_with_0),
	    cmocka_unit_test(a_running_drill_s_own_fault_is_no_reason_for_exit_code_3),
	    cmocka_unit_test(a_fault_that_nobody_works_on_or_whose_time_is_up_gives_3),
	    cmocka_unit_test(what_was_set_aside_shows_by_whom_and_why_and_does_not_count),
	    cmocka_unit_test(halted_and_frozen_come_first_with_their_reasons),
	    cmocka_unit_test(a_daemon_that_runs_is_named),
	    cmocka_unit_test(a_daemon_without_its_ledger_leaves_open_what_is_in_place),
	    cmocka_unit_test(foreign_text_does_no_harm),
	    cmocka_unit_test(a_clock_that_was_set_back_makes_no_negative_age),
	    cmocka_unit_test(json_has_one_object_with_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
