/* The digest, in words. */
#include "reports/digest_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_record.h"

#define NOW INT64_C(1795255380000) /* 2026-11-21 */
#define DAY INT64_C(86400000)

static struct digest week(void)
{
	return (struct digest){.since_wall_ms = NOW - 7 * DAY, .now_wall_ms = NOW};
}

static void count(struct digest *digest, enum verdict verdict, size_t drills)
{
	digest->verdicts[verdict] = drills;
	digest->drills += drills;
}

static void add_gap(struct digest *digest, const char *scenario, int64_t days)
{
	digest->gaps = mem_grow(digest->gaps, digest->gap_count + 1, sizeof *digest->gaps);
	digest->gaps[digest->gap_count++] = (struct digest_gap){
	    .scenario = mem_dup(scenario),
	    .environment = mem_dup("production"),
	    .owner = mem_dup("payments"),
	    .text = mem_dup("OrdersQueueMissing never reached #ops"),
	    .first_wall_ms = NOW - days * DAY,
	    .drills = days,
	};
}

static void add_speed(struct digest *digest, const char *scenario, size_t each, int64_t p50_ms,
		      int64_t before_ms)
{
	digest->speeds = mem_grow(digest->speeds, digest->speed_count + 1, sizeof *digest->speeds);
	digest->speeds[digest->speed_count++] = (struct digest_speed){
	    mem_dup(scenario), mem_dup("staging"), each, each, p50_ms, before_ms};
}

static void add_skip(struct digest *digest, bool missed, const char *why, size_t times)
{
	digest->skips = mem_grow(digest->skips, digest->skip_count + 1, sizeof *digest->skips);
	digest->skips[digest->skip_count++] = (struct digest_skip){
	    mem_dup("night"), mem_dup("production"), mem_dup(why), missed, times};
}

static void add_proof(struct digest *digest, const char *scenario, int64_t passed_wall_ms)
{
	digest->proofs = mem_grow(digest->proofs, digest->proof_count + 1, sizeof *digest->proofs);
	digest->proofs[digest->proof_count++] =
	    (struct digest_proof){mem_dup(scenario), mem_dup("staging"), passed_wall_ms};
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void a_quiet_week_is_one_line(void **state)
{
	struct digest_writer *writer = digest_writer_new();
	struct digest digest = week();
	struct chat_post post, details;

	(void)state;
	count(&digest, VERDICT_PASS, 41);
	add_proof(&digest, "fresh", NOW - DAY);
	digest_write(writer, &digest, &post, &details);
	assert_string_equal(post.headline,
			    "firedrill, the last 7 days: 41 drills: 41 pass, no open gaps");
	assert_null(post.body);
	assert_int_equal(post.tone, CHAT_GOOD);
	assert_false(post.loud);
	assert_string_equal(post.footer, "2026-11-14 to 2026-11-21");
	assert_non_null(details.headline);
	digest_done(&digest);
	digest_writer_free(writer);
}

static void a_week_without_drills_proves_nothing_and_says_so(void **state)
{
	struct digest_writer *writer = digest_writer_new();
	struct digest digest = week();
	struct chat_post post, details;

	(void)state;
	digest_write(writer, &digest, &post, &details);
	assert_string_equal(post.headline, "firedrill, the last 7 days: 0 drills");
	assert_has(post.body, "so nothing was proven");
	assert_int_equal(post.tone, CHAT_UNSURE);
	assert_null(details.headline);
	digest_writer_free(writer);
}

static void one_that_comes_late_says_so_though_all_is_well(void **state)
{
	struct digest_writer *writer = digest_writer_new();
	struct digest digest = week();
	struct chat_post post, details;

	(void)state;
	count(&digest, VERDICT_PASS, 40);
	digest.due_wall_ms = NOW - DAY;
	digest.late = mem_dup("firedrill was not running");
	digest_write(writer, &digest, &post, &details);
	assert_string_equal(post.body, "*Late*: it was due at 2026-11-20 10:03 UTC, when firedrill "
				       "was not running");
	assert_int_equal(post.tone, CHAT_GOOD);
	digest_done(&digest);
	digest_writer_free(writer);
}

static void what_needs_people_comes_first(void **state)
{
	struct digest_writer *writer = digest_writer_new();
	struct digest digest = week();
	struct chat_post post, details;

	(void)state;
	count(&digest, VERDICT_PASS, 30);
	count(&digest, VERDICT_GAP, 4);
	count(&digest, VERDICT_REFUSED, 2);
	add_gap(&digest, "young", 1);
	add_gap(&digest, "old", 9);
	digest.gaps[0].gone = true;
	add_skip(&digest, false, "outside the hours", 2);
	add_skip(&digest, true, "firedrill was not running", 7);
	add_speed(&digest, "slower", 9, 9000, 3000);
	add_speed(&digest, "slow", 9, 60000, 59000);
	add_speed(&digest, "few", 2, 30000, 1000);
	add_proof(&digest, "stale", NOW - 40 * DAY);
	add_proof(&digest, "never", 0);
	digest.rules = 12;
	digest.receivers = 1;
	digest_write(writer, &digest, &post, &details);
	assert_has(post.headline, "36 drills: 30 pass, 4 gap, 2 refused");
	assert_has(post.headline, "2 gaps open");
	assert_int_equal(post.tone, CHAT_BAD);
	assert_int_equal(strncmp(post.body,
				 "*Open gap*: OrdersQueueMissing never reached #ops (old "
				 "in production), since 2026-11-12, found by 9 drills, "
				 "owner payments\n*Open gap*: ",
				 60),
			 0);
	assert_has(post.body, "(young in production), since 2026-11-20, found by 1 drill, owner "
			      "payments; its scenario is not in the configuration any more");
	assert_has(post.body,
		   "*Slower than before*: slower in staging: 9 s, was 3 s (median of 9)\n");
	assert_null(strstr(post.body, "*Slower than before*: few"));
	assert_has(post.body, "*Slowest*: slow in staging: 60 s, was 59 s (median of 9)");
	assert_has(post.body, "*Missed*: night in production, 7 times: firedrill was not running\n"
			      "*Refused*: night in production, 2 times: outside the hours\n");
	assert_has(post.body, "*Never passed*: never in staging\n"
			      "*Oldest proof*: stale in staging, 40 d ago\n");
	assert_has(post.body, "*Proven in the last 90 days*: 12 rules, 1 receiver");
	assert_has(details.body, "*Slowest*: few in staging");
	digest_done(&digest);
	digest_writer_free(writer);
}

static void a_flood_of_hostile_names_fits_a_chat(void **state)
{
	struct digest_writer *writer = digest_writer_new();
	struct digest digest = week();
	char *hostile = make_hostile(2000);
	struct chat_post post, details;

	(void)state;
	for (int64_t i = 1; i <= 500; i++) {
		add_gap(&digest, hostile, i);
		add_speed(&digest, hostile, 9, 100000 + i, 1000);
		add_skip(&digest, i % 2 == 0, hostile, 3);
		add_proof(&digest, hostile, i);
	}
	count(&digest, VERDICT_GAP, 500);
	digest_write(writer, &digest, &post, &details);
	assert_in_range(text_escaped_len(post.body), 1, 6000);
	assert_in_range(text_escaped_len(details.body), 1, 9000);
	assert_has(post.body, "and 497 more");
	assert_true(text_is_utf8(post.body));
	assert_true(text_is_utf8(details.body));
	assert_false(text_has_control(post.body, true));
	digest_done(&digest);
	free(hostile);
	digest_writer_free(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_quiet_week_is_one_line),
	    cmocka_unit_test(a_week_without_drills_proves_nothing_and_says_so),
	    cmocka_unit_test(one_that_comes_late_says_so_though_all_is_well),
	    cmocka_unit_test(what_needs_people_comes_first),
	    cmocka_unit_test(a_flood_of_hostile_names_fits_a_chat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
