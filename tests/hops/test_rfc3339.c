/* Times as other machines write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probes/hops/rfc3339.h"
#include "src/base/clock.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static void good_times_are_read_to_the_millisecond(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
	    {"2000-01-01T00:00:00Z", 946684800000},
	    {"2000-02-29T12:34:56.789Z", 951827696789},
	    {"2000-03-01T00:00:00.000Z", 951868800000},
	    {"2026-11-21T10:00:00.123456789+01:00", 1795251600123},
	    {"2026-11-21T10:00:00-05:30", 1795275000000},
	    {"2026-12-31t23:59:60z", 1798761600000}, /* a leap second */
	    {"9999-12-31T23:59:59.9Z", 253402300799900},
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_true(rfc3339_read(rows[i].text, &ms));
		assert_int_equal(ms, rows[i].ms);
	}
}

static void what_we_write_is_read_back(void **state)
{
	int64_t ms;
	char text[32];

	(void)state;
	for (int64_t wall = 63072000000; wall < 4102444800000; wall += 86399999 * 7) {
		clock_rfc3339(wall, text, sizeof text);
		assert_true(rfc3339_read(text, &ms));
		assert_int_equal(ms, wall);
	}
}

static void never_and_nonsense_are_no_times(void **state)
{
	static const char *const texts[] = {"",
					    "0001-01-01T00:00:00Z",
					    "1970-12-31T23:59:59Z",
					    "2026-11-21",
					    "2026-11-21T10:00:00",
					    "2026-11-21T10:00Z",
					    "2026-13-01T00:00:00Z",
					    "2026-00-01T00:00:00Z",
					    "2026-01-32T00:00:00Z",
					    "2026-01-01T24:00:00Z",
					    "2026-01-01T00:60:00Z",
					    "2026-01-01T00:00:00.Z",
					    "2026-01-01T00:00:00ZZ",
					    "2026-01-01T00:00:00+1:00",
					    "2026-01-01T00:00:00+24:00",
					    "20260-01-01T00:00:00Z",
					    "-026-01-01T00:00:00Z"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		assert_false(rfc3339_read(texts[i], &ms));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_times_are_read_to_the_millisecond),
	    cmocka_unit_test(what_we_write_is_read_back),
	    cmocka_unit_test(never_and_nonsense_are_no_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
