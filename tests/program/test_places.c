/* Places from the ledger: what is exactly right counts, everything else is passed over. */
#include "src/program/places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"

static struct place places[PLACES_MAX];

static void every_line_is_a_place(void **state)
{
	(void)state;
	assert_int_equal(
	    places_parse("slack C024BE91L 1700000000.000100\nmy-chat_2 G1 1.2\n", places), 2);
	assert_string_equal(places[0].chat, "slack");
	assert_string_equal(places[0].channel_id, "C024BE91L");
	assert_string_equal(places[0].ts, "1700000000.000100");
	assert_string_equal(places[1].chat, "my-chat_2");
	assert_string_equal(places[1].channel_id, "G1");
	assert_string_equal(places[1].ts, "1.2");
	assert_int_equal(places_parse("slack C1 1.2", places),
			 1); /* the last line end is missing */
}

static void nothing_is_no_place(void **state)
{
	(void)state;
	assert_int_equal(places_parse(NULL, places), 0);
	assert_int_equal(places_parse("", places), 0);
	assert_int_equal(places_parse("\n\n\n", places), 0);
}

static void a_damaged_line_is_passed_over_and_the_next_one_counts(void **state)
{
	static const char *const damaged[] = {
	    "slack C1",
	    "slack C1 ",
	    "slack  1.2",
	    " slack C1 1.2",
	    "slack C1 1.2 ",
	    "slack C1 1.2 more",
	    "slack #ops 1.2",
	    "slack C1 1,2",
	    "slack C1/../C2 1.2",
	    "sl\001ack C1 1.2",
	    "slack\tC1\t1.2",
	    "slack C1 1.2\r",
	    "slack C1 1700000000.0001000000000000000000000",
	    "slack C12345678901234567890123456789012345678901234567890123456789012345 1.2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
		char text[256];

		(void)snprintf(text, sizeof text, "%s\nslack C2 3.4\n", damaged[i]);
		if (places_parse(text, places) != 1)
			fail_msg("counted: %s", damaged[i]);
		assert_string_equal(places[0].channel_id, "C2");
	}
}

static void there_is_a_limit(void **state)
{
	struct buf text = {0};

	(void)state;
	for (int i = 0; i < 10 * PLACES_MAX; i++)
		buf_addf(&text, "slack C%d 1.2\n", i);
	assert_int_equal(places_parse(buf_text(&text), places), PLACES_MAX);
	assert_string_equal(places[PLACES_MAX - 1].channel_id, "C31");
	buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_line_is_a_place),
	    cmocka_unit_test(nothing_is_no_place),
	    cmocka_unit_test(a_damaged_line_is_passed_over_and_the_next_one_counts),
	    cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
