/* The hop type "http-json": any JSON over HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/hops/stand.h"

#define SECRET  "s3cret-of-the-test"
#define OUR_OWN "{\"name\":\"OrdersQueueMissing\",\"queue\":\"orders-" STAND_DRILL "\"}"
#define OTHERS  "{\"name\":\"DiskFull\",\"host\":\"a\"}"

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	stand->settings.path = stand_words("data[*]");
	stand->settings.station = stand_words("alertmanager");
	(void)setenv("TEST_HOP_TOKEN", SECRET, 1);
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

static void shows(struct stand *stand, enum hop_time time, const char *items)
{
	(void)stand_answers(stand, "/", "{\"data\":[%s]}", items);
	stand_observe(stand, &hop_http_json, time);
}

static void explain(struct stand *stand)
{
	stand_explain(stand, &hop_http_json);
	assert_int_equal(stand->finding_count, 1);
}

static void what_holds_every_text_had_it(void **state)
{
	struct stand *stand = *state;

	shows(stand, HOP_BEFORE, OTHERS);
	shows(stand, HOP_PEAK, OTHERS "," OUR_OWN);
	shows(stand, HOP_AFTER, OTHERS);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, "when the watch ended, it shows", NULL);
	assert_non_null(strstr(stand->findings[0].evidence, STAND_DRILL));
}

static void what_came_only_later_had_it_too(void **state)
{
	struct stand *stand = *state;

	shows(stand, HOP_PEAK, OTHERS);
	shows(stand, HOP_AFTER, OUR_OWN);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, "after the fault was taken out", NULL);
}

static void other_things_are_not_it(void **state)
{
	struct stand *stand = *state;

	shows(stand, HOP_PEAK, OTHERS);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "1 things are at data[*]", NULL);
	shows(stand, HOP_PEAK, "");
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "0 things", "nothing reached");
}

static void a_name_without_the_id_says_that_the_id_was_dropped(void **state)
{
	struct stand *stand = *state;

	shows(stand, HOP_PEAK, OTHERS ",{\"name\":\"OrdersQueueMissing\",\"queue\":\"\"}");
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "one comes near, but does not carry",
		   "the drill id did not come this far");
}

static void texts_spread_over_several_things_do_not_count(void **state)
{
	struct stand *stand = *state;

	shows(stand, HOP_PEAK, "\"OrdersQueueMissing\",\"" STAND_DRILL "\"");
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, NULL, NULL);
}

static void without_an_id_only_what_is_new_counts(void **state)
{
	struct stand *stand = *state;

	stand->want.has_nonce = false;
	stand->want.needle_count = 1;
	shows(stand, HOP_PEAK, OUR_OWN);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "not known whether it was there",
		   NULL);
	shows(stand, HOP_BEFORE, OUR_OWN);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "was there before the fault", NULL);
	shows(stand, HOP_BEFORE, OTHERS);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
}

static void absence_after_the_fault_proves_nothing(void **state)
{
	struct stand *stand = *state;

	shows(stand, HOP_AFTER, OTHERS);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "only after the fault was taken out",
		   NULL);
	stand_answers(stand, "/", "down")->status = 503;
	stand_observe(stand, &hop_http_json, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, NULL, NULL);
}

static void nobody_asked_is_said(void **state)
{
	struct stand *stand = *state;

	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "was not asked", NULL);
}

static void what_is_not_json_or_has_no_list_is_not_asked(void **state)
{
	static const struct {
		int status;
		const char *body, *says;
	} rows[] = {
	    {200, "<html>please log in</html>", "a page for people"},
	    {200, "hello", "is not what type \"http-json\" answers, \"hello\""},
	    {200, "", "is not what type"},
	    {200, "{\"data\":[1,2", "is not what type"},
	    {200, "{\"data\":[]} trailing", "is not what type"},
	    {200, "{\"items\":[]}", "no list at data[*]: is `path` right?"},
	    {200, "{\"data\":\"text\"}", "no list at data[*]"},
	    {401, "{}", "answered 401"},
	    {302, "", "it sends us elsewhere"},
	    {404, "", "is the path prefix of `url` right?"},
	};
	struct stand *stand = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		stand_answers(stand, "/", "%s", rows[i].body)->status = rows[i].status;
		stand_observe(stand, &hop_http_json, HOP_PEAK);
		assert_null(stand->observed[HOP_PEAK].json);
		explain(stand);
		stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, rows[i].says, NULL);
	}
}

static void an_empty_list_of_a_go_program_is_empty(void **state)
{
	struct stand *stand = *state;

	(void)stand_answers(stand, "/", "{\"data\":null}");
	stand_observe(stand, &hop_http_json, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_LACKED_IT, "0 things", NULL);
}

static void a_path_may_go_deep(void **state)
{
	struct stand *stand = *state;

	stand->settings.path = stand_words("groups[*]['my.rules'][*].alerts[0]");
	(void)stand_answers(stand, "/",
			    "{\"groups\":[{},{\"my.rules\":[{\"alerts\":[]},{\"alerts\":[%s]}]}]}",
			    OUR_OWN);
	stand_observe(stand, &hop_http_json, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
}

static void quotes_unicode_and_numbers_match_as_they_are_read(void **state)
{
	static const char *const needles[] = {"caf\u00e9 \"x\"", "code=42", STAND_DRILL};
	struct stand *stand = *state;

	stand->want.needles = needles;
	stand->want.needle_count = 3;
	shows(stand, HOP_PEAK,
	      "{\"a\":\"caf\\u00e9 \\\"x\\\"\",\"code\":42,\"n\":null,\"d\":\"" STAND_DRILL "\"}");
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
}

static void the_query_is_put_behind_the_url_and_headers_are_sent(void **state)
{
	struct pair pairs[] = {{stand_words("Authorization"), stand_words("env:TEST_HOP_TOKEN")}};
	struct stand *stand = *state;

	stand->settings.headers = (struct pairs){pairs, 1};
	stand->settings.query = stand_words("/alerts?active=true");
	shows(stand, HOP_PEAK, "\"" SECRET "\"");
	assert_string_equal(stand->asked[0], "/alerts?active=true");
	assert_string_equal(stand->authorization, SECRET);
	assert_null(strstr(stand->observed[HOP_PEAK].json, SECRET));
	assert_int_equal(stand->observed[HOP_PEAK].requests, 1);
}

static void an_id_behind_much_text_is_found(void **state)
{
	struct stand *stand = *state;
	char *much = mem_zalloc(20001);

	memset(much, 'x', 20000);
	(void)stand_answers(
	    stand, "/",
	    "{\"data\":[{\"name\":\"OrdersQueueMissing\",\"text\":\"%s " STAND_DRILL "\"}]}", much);
	free(much);
	stand_observe(stand, &hop_http_json, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_HAD_IT, NULL, NULL);
}

static void too_much_to_look_at_is_not_absence(void **state)
{
	struct stand *stand = *state;
	struct buf items = {0};

	for (int i = 0; i < 20000; i++)
		buf_addf(&items, "%s{\"name\":\"some other alert number %d\"}", i > 0 ? "," : "",
			 i);
	shows(stand, HOP_PEAK, items.data);
	buf_done(&items);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "more than can be looked at", NULL);
}

static void its_clock_is_compared_with_ours(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, "/", "{\"data\":[]}")->date = "Fri, 31 Dec 1999 23:59:59 GMT";
	stand_observe(stand, &hop_http_json, HOP_PEAK);
	assert_true(stand->observed[HOP_PEAK].ahead_ms < -1000LL * 86400 * 365 * 20);
	shows(stand, HOP_PEAK, "");
	assert_int_equal(stand->observed[HOP_PEAK].ahead_ms, 0);
}

static void on_never(void *arg, const struct hop_observation *observation)
{
	(void)observation;
	*(bool *)arg = true;
}

static void after_cancel_nothing_is_told(void **state)
{
	struct stand *stand = *state;
	bool told = false;
	struct hop_op *op;

	stand->settings.type = stand_words("http-json");
	op = hop_http_json.observe(&stand->context, &stand->settings, on_never, &told);
	hop_http_json.cancel(op);
	hop_http_json.cancel(NULL);
	shows(stand, HOP_PEAK, ""); /* the sentinel */
	assert_false(told);
}

static void a_station_that_never_answers_is_given_up(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, "/", "x")->hangs = true;
	stand->settings.timeout_ms = 100;
	stand_observe(stand, &hop_http_json, HOP_PEAK);
	explain(stand);
	stand_says(stand, 0, HOP_ALERTMANAGER, HOP_NOT_ASKED, "could not be asked", NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(what_holds_every_text_had_it),
	    test(what_came_only_later_had_it_too),
	    test(other_things_are_not_it),
	    test(a_name_without_the_id_says_that_the_id_was_dropped),
	    test(texts_spread_over_several_things_do_not_count),
	    test(without_an_id_only_what_is_new_counts),
	    test(absence_after_the_fault_proves_nothing),
	    test(nobody_asked_is_said),
	    test(what_is_not_json_or_has_no_list_is_not_asked),
	    test(an_empty_list_of_a_go_program_is_empty),
	    test(a_path_may_go_deep),
	    test(quotes_unicode_and_numbers_match_as_they_are_read),
	    test(the_query_is_put_behind_the_url_and_headers_are_sent),
	    test(an_id_behind_much_text_is_found),
	    test(too_much_to_look_at_is_not_absence),
	    test(its_clock_is_compared_with_ours),
	    test(after_cancel_nothing_is_told),
	    test(a_station_that_never_answers_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
