/* The parts of the reader that are plain numbers: pace, blind time, clocks, time stamps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel_anchor.h"
#include "probes/chats/channel_blind.h"
#include "probes/chats/channel_pace.h"
#include "probes/chats/channel_recent.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

/* Time stamps. */

static void time_stamps_are_compared_as_numbers_of_any_length(void **state)
{
	(void)state;
	assert_true(chat_ts_compare("1700000000.000100", "1700000000.000200") < 0);
	assert_true(chat_ts_compare("1700000000.000100", "999999999.999999") > 0);
	assert_int_equal(chat_ts_compare("1700000000.000100", "1700000000.0001"), 0);
	assert_int_equal(chat_ts_compare("0001.5", "1.500"), 0);
	assert_int_equal(chat_ts_compare("0", ""), 0);
	assert_int_equal(chat_ts_compare("5", "5.000"), 0);
	assert_true(chat_ts_compare("5", "5.001") < 0);
	assert_true(chat_ts_compare("9007199254740993.000001", "9007199254740993.000002") < 0);
	assert_true(chat_ts_compare("123456789012345678901234567890", "2") > 0);
}

static void time_stamps_are_times(void **state)
{
	(void)state;
	assert_int_equal(chat_ts_ms("1700000000.123456"), 1700000000123);
	assert_int_equal(chat_ts_ms("1700000000"), 1700000000000);
	assert_int_equal(chat_ts_ms("1700000000.5"), 1700000000500);
	assert_int_equal(chat_ts_ms("0"), 0);
	assert_int_equal(chat_ts_ms(""), 0);
	assert_int_equal(chat_ts_ms("never"), 0);
	assert_int_equal(chat_ts_ms("123456789012345678901234567890.1"), 0);
}

/* Pace. */

static void a_burst_goes_at_once_and_then_one_by_one(void **state)
{
	struct pace pace;

	(void)state;
	pace_init(&pace, 100, 3);
	assert_int_equal(pace_reserve(&pace, 1000), 1000);
	assert_int_equal(pace_reserve(&pace, 1000), 1000);
	assert_int_equal(pace_reserve(&pace, 1000), 1000);
	assert_int_equal(pace_reserve(&pace, 1000), 1100);
	assert_int_equal(pace_reserve(&pace, 1000), 1200);
	assert_false(pace_take(&pace, 1210));
	assert_int_equal(pace_reserve(&pace, 5000), 5000);
	assert_true(pace_take(&pace, 5000));
	assert_true(pace_take(&pace, 5000));
	assert_false(pace_take(&pace, 5000));
	assert_true(pace_take(&pace, 5100));
}

static void a_minute_never_has_more_requests_than_its_limit(void **state)
{
	struct pace pace;
	int64_t times[500];

	(void)state;
	pace_init(&pace, 60000 / (50 - 10), 10);
	for (int i = 0; i < 500; i++)
		times[i] = pace_reserve(&pace, i > 300 ? 1000000 : 0);
	for (int first = 0; first < 500; first++) {
		int count = 0;

		for (int i = first; i < 500 && times[i] < times[first] + 60000; i++)
			count++;
		assert_true(count <= 50);
	}
}

static void after_a_refusal_requests_go_one_after_the_other(void **state)
{
	struct pace pace;

	(void)state;
	pace_init(&pace, 100, 10);
	pace_refused(&pace, 1000, 30000, false);
	assert_int_equal(pace_reserve(&pace, 1001), 31000);
	assert_int_equal(pace_reserve(&pace, 1001), 31100);
	assert_int_equal(pace_reserve(&pace, 1001), 31200);
	assert_false(pace.capped);
	/* A shorter one that comes later takes nothing back. */
	pace_refused(&pace, 2000, 1000, false);
	assert_true(pace_reserve(&pace, 3001) >= 31000);
}

static void a_capped_chat_tells_its_rhythm(void **state)
{
	struct pace pace;
	int64_t at_ms;

	(void)state;
	pace_init(&pace, 100, 10);
	pace_accepted(&pace, true);
	assert_true(pace.capped);
	pace_refused(&pace, 1000, 60000, true);
	at_ms = pace_reserve(&pace, 1000);
	assert_int_equal(at_ms, 61000);
	for (int i = 0; i < 2; i++) {
		pace_accepted(&pace, true);
		at_ms += 60000;
		assert_int_equal(pace_reserve(&pace, at_ms - 50000), at_ms);
	}
	/* After three answers the normal rhythm is tried again. */
	pace_accepted(&pace, false);
	assert_true(pace.capped);
	assert_true(pace_reserve(&pace, at_ms + 1) < at_ms + 1000);
	pace_accepted(&pace, false);
	assert_false(pace.capped);
}

/* Blind time. */

static void outages_are_summed_within_a_window(void **state)
{
	struct blind blind = {0};

	(void)state;
	blind_failed(&blind, 1000);
	blind_failed(&blind, 1500);
	assert_int_equal(blind_between(&blind, 0, 5000, 1800), 800);
	blind_healed(&blind, 2000, 100);
	blind_failed(&blind, 3000);
	blind_healed(&blind, 3050, 100); /* too short to count */
	blind_failed(&blind, 4000);
	blind_healed(&blind, 4500, 100);
	assert_int_equal(blind_between(&blind, 0, 10000, 10000), 1500);
	assert_int_equal(blind_between(&blind, 1500, 4100, 10000), 600);
	assert_int_equal(blind_between(&blind, 2000, 4000, 10000), 0);
	assert_int_equal(blind_between(&blind, 4100, 1500, 10000), 0);
}

static void refusals_count_only_while_nothing_has_covered_them(void **state)
{
	struct blind blind = {0};

	(void)state;
	blind_slowed(&blind, 1000);
	assert_int_equal(blind_between(&blind, 0, 9000, 3000), 2000);
	blind_failed(&blind, 2000);
	assert_int_equal(blind_between(&blind, 0, 9000, 3000), 2000);
	blind_healed(&blind, 4000, 100);
	assert_int_equal(blind_between(&blind, 0, 9000, 9000), 2000);
}

static void of_many_outages_none_is_forgotten(void **state)
{
	struct blind blind = {0};

	(void)state;
	for (int i = 1; i <= 100; i++) {
		blind_failed(&blind, i * 1000);
		blind_healed(&blind, i * 1000 + 500, 100);
	}
	assert_int_equal(blind_between(&blind, 90000, 101000, 200000), 11 * 500);
	assert_true(blind_between(&blind, 0, 101000, 200000) >= 100 * 500);
	assert_true(blind_between(&blind, 0, 101000, 200000) <= 100000);
}

/* Clocks. */

static void the_anchor_with_the_shortest_round_trip_is_kept(void **state)
{
	struct anchor anchor = {0};

	(void)state;
	assert_true(anchor_note(&anchor, 500000, 1000, 1200));
	assert_int_equal(anchor_clock(&anchor, 500000), 1100);
	assert_int_equal(anchor_clock(&anchor, 499000), 100);
	assert_int_equal(anchor_wall(&anchor, 2100), 501000);
	assert_false(anchor_note(&anchor, 510000, 10900, 11800));
	assert_int_equal(anchor_clock(&anchor, 500000), 1100);
	assert_true(anchor_note(&anchor, 520000, 21090, 21100));
	assert_int_equal(anchor_clock(&anchor, 500000), 1095);
	assert_false(anchor_note(&anchor, 0, 21090, 21100));
	assert_false(anchor_note(&anchor, 530000, 30000, 29000));
}

static void an_anchor_that_is_plainly_wrong_is_replaced(void **state)
{
	struct anchor anchor = {0};

	(void)state;
	assert_true(anchor_note(&anchor, 500000, 1000, 1010));
	/* The chat's clock was set by a minute. */
	assert_true(anchor_note(&anchor, 570000, 11000, 11400));
	assert_int_equal(anchor_clock(&anchor, 570000), 11200);
}

static void an_old_anchor_gives_way(void **state)
{
	struct anchor anchor = {0};

	(void)state;
	assert_true(anchor_note(&anchor, 500000, 1000, 1010));
	assert_true(anchor_note(&anchor, 500000 + 3600000, 3601000, 3601100));
	assert_int_equal(anchor_clock(&anchor, 500000 + 3600000), 3601050);
}

static void without_an_anchor_our_wall_clock_is_used(void **state)
{
	struct anchor anchor = {0};
	int64_t now_ms = clock_ms(), wall_ms = clock_wall_ms();

	(void)state;
	assert_true(llabs(anchor_clock(&anchor, wall_ms) - now_ms) < 100);
	assert_true(llabs(anchor_wall(&anchor, now_ms) - wall_ms) < 100);
}

/* Remembered messages. */

static struct record *add(struct recent *recent, long number, size_t len)
{
	char *text = mem_zalloc(len + 1);
	struct chat_message message = {.text = text, .text_len = len};
	char *ts = mem_printf("%ld.000001", number);
	struct record *record;

	memset(text, 'x', len);
	message.ts = ts;
	record = recent_add(recent, &message);
	free(ts);
	free(text);
	return record;
}

static void remembered_messages_are_found_by_time_stamp(void **state)
{
	struct recent recent = {0};

	(void)state;
	(void)add(&recent, 30, 5);
	(void)add(&recent, 10, 5);
	(void)add(&recent, 20, 5);
	assert_string_equal(recent_find(&recent, "20.000001")->ts, "20.000001");
	assert_null(recent_find(&recent, "20.000002"));
	assert_null(recent_find(&recent, "5"));
	assert_int_equal(recent_after(&recent, "10.000001"), 1);
	assert_int_equal(recent_after(&recent, "0"), 0);
	recent_done(&recent);
}

static void the_memory_has_limits_and_knows_what_it_forgot(void **state)
{
	struct recent recent = {0};
	struct follow *follow = mem_zalloc(sizeof *follow);
	LIST_HEAD(, follow) follows;

	(void)state;
	LIST_INIT(&follows);
	recent_reached(&recent, "1");
	follow_add(add(&recent, 10, 100), NULL, follow);
	LIST_INSERT_HEAD(&follows, follow, of_watch);
	for (long i = 0; i < RECENT_MESSAGES + 10; i++)
		(void)add(&recent, 1000 + i, 10);
	recent_trim(&recent, "");
	assert_int_equal(recent.count, RECENT_MESSAGES + 1);
	assert_non_null(recent_find(&recent, "10.000001")); /* somebody follows it */
	assert_null(recent_find(&recent, "10.000001")->text);
	assert_null(recent_find(&recent, "1000.000001"));
	assert_string_equal(recent.reach, "1009.000001");
	recent_trim(&recent, "2000.5");
	assert_null(recent_find(&recent, "2000.000001"));
	assert_string_equal(recent.reach, "2000.000001");
	recent_reached(&recent, "500");
	assert_string_equal(recent.reach, "2000.000001");
	recent_done(&recent);
	assert_true(LIST_EMPTY(&follows));
}

static void the_bytes_of_remembered_texts_are_limited(void **state)
{
	struct recent recent = {0};

	(void)state;
	for (long i = 0; i < 100; i++)
		(void)add(&recent, 1000 + i, 256 << 10);
	recent_trim(&recent, "");
	assert_true(recent.bytes <= RECENT_BYTES);
	assert_int_equal(recent.count, 16);
	assert_non_null(recent_find(&recent, "1099.000001"));
	recent_done(&recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(time_stamps_are_compared_as_numbers_of_any_length),
	    cmocka_unit_test(time_stamps_are_times),
	    cmocka_unit_test(a_burst_goes_at_once_and_then_one_by_one),
	    cmocka_unit_test(a_minute_never_has_more_requests_than_its_limit),
	    cmocka_unit_test(after_a_refusal_requests_go_one_after_the_other),
	    cmocka_unit_test(a_capped_chat_tells_its_rhythm),
	    cmocka_unit_test(outages_are_summed_within_a_window),
	    cmocka_unit_test(refusals_count_only_while_nothing_has_covered_them),
	    cmocka_unit_test(of_many_outages_none_is_forgotten),
	    cmocka_unit_test(the_anchor_with_the_shortest_round_trip_is_kept),
	    cmocka_unit_test(an_anchor_that_is_plainly_wrong_is_replaced),
	    cmocka_unit_test(an_old_anchor_gives_way),
	    cmocka_unit_test(without_an_anchor_our_wall_clock_is_used),
	    cmocka_unit_test(remembered_messages_are_found_by_time_stamp),
	    cmocka_unit_test(the_memory_has_limits_and_knows_what_it_forgot),
	    cmocka_unit_test(the_bytes_of_remembered_texts_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
