/* A machine without libical: UTC works, everything else says what to install. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/calendar/hours.h"
#include "src/calendar/schedule.h"
#include "src/calendar/zone.h"

static int loads; /* how often a library was asked for */

void *__wrap_dlopen(const char *name, int flags);

void *__wrap_dlopen(const char *name, int flags)
{
	(void)name;
	(void)flags;
	loads++;
	return NULL;
}

static void another_zone_than_utc_says_what_to_install(void **state)
{
	struct error error = {""};
	int minutes = 7;

	(void)state;
	assert_false(zone_offset("Europe/Berlin", 0, &minutes, &error));
	assert_int_equal(minutes, 7);
	assert_non_null(strstr(error.text, "libical3"));
	assert_non_null(strstr(error.text, "zone = \"UTC\""));
}

static void hours_in_such_a_zone_are_never_allowed(void **state)
{
	const char *const texts[] = {"daily 00:00-24:00"};
	struct error error = {""};
	bool inside = true;

	(void)state;
	assert_false(hours_include(texts, 1, "Europe/Berlin", 1000, &inside, &error));
	assert_non_null(strstr(error.text, "libical3"));
	assert_int_equal(hours_next(texts, 1, "Europe/Berlin", 1000), -1);
	assert_int_equal(hours_end(texts, 1, "Europe/Berlin", 1000), 1000);
}

static void utc_loads_nothing(void **state)
{
	char text[ZONE_TIME_SIZE];
	int64_t start_ms = -1;
	int minutes = 7;

	(void)state;
	loads = 0;
	assert_true(zone_offset("UTC", 0, &minutes, NULL));
	assert_int_equal(minutes, 0);
	assert_true(zone_day_start("UTC", 90000000, &start_ms, NULL));
	assert_int_equal(start_ms, 86400000);
	zone_format("UTC", 0, text);
	assert_string_equal(text, "Thu 1970-01-01 00:00");
	assert_int_equal(loads, 0);
}

static void schedules_in_utc_need_nothing(void **state)
{
	struct error error = {""};

	(void)state;
	loads = 0;
	assert_true(schedule_check("0 10 * * Tue", &error));
	assert_true(schedule_check("@every 6h", &error));
	assert_true(schedule_check("RRULE:FREQ=MONTHLY;BYDAY=2TU", &error));
	assert_int_equal(loads, 0);
}

static void schedules_in_another_zone_say_what_to_install(void **state)
{
	struct schedule_ask ask = {.when = "0 10 * * Tue", .zone = "Europe/Berlin"};
	struct calendar *calendar = calendar_new();
	struct error error = {""};

	(void)state;
	assert_null(schedule_new(calendar, &ask, &error));
	assert_non_null(strstr(error.text, "libical3"));
	calendar_free(calendar);
}

static void a_name_that_is_no_zone_loads_nothing(void **state)
{
	int minutes = 7;

	(void)state;
	loads = 0;
	assert_false(zone_offset("../../etc/passwd", 0, &minutes, NULL));
	assert_int_equal(loads, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(another_zone_than_utc_says_what_to_install),
	    cmocka_unit_test(hours_in_such_a_zone_are_never_allowed),
	    cmocka_unit_test(utc_loads_nothing),
	    cmocka_unit_test(schedules_in_utc_need_nothing),
	    cmocka_unit_test(schedules_in_another_zone_say_what_to_install),
	    cmocka_unit_test(a_name_that_is_no_zone_loads_nothing),
	};

	return cmocka_run_group_tests_name("zone without libical", tests, NULL, NULL);
}
