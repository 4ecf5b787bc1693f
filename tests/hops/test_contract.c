/* What holds for every hop driver, whatever its station. */
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

#include "src/base/mem.h"
#include "tests/hops/stand.h"
#include "tests/support/loop.h"
#include "tests/support/nobody.h"

#define SECRET       "s3cret-of-the-test"
#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static const char *const types[] = {"prometheus", "alertmanager", "grafana", "loki", "http-json"};

static int setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	stand->settings.query = stand_words("/{app=\"orders\"}");
	stand->settings.path = stand_words("data[*]");
	stand->settings.station = stand_words("log");
	(void)setenv("TEST_HOP_TOKEN", SECRET, 1);
	return 0;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, stand_teardown)

static const struct hop_driver *driver_of(size_t i)
{
	const struct hop_driver *driver = hop_driver_find(types[i]);

	assert_non_null(driver);
	return driver;
}

static void every_type_has_a_driver_and_no_other_word_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(types); i++)
		assert_string_equal(driver_of(i)->type, types[i]);
	assert_null(hop_driver_find("graphite"));
	assert_null(hop_driver_find(""));
}

/* It could not be asked, and each of its stations says so, and why. */
static void assert_not_asked(struct stand *stand, const struct hop_driver *driver, const char *why)
{
	stand_observe(stand, driver, HOP_PEAK);
	if (stand->observed[HOP_PEAK].json != NULL)
		fail_msg("%s: %s", driver->type, stand->observed[HOP_PEAK].json);
	if (strstr(stand->observed[HOP_PEAK].error, why) == NULL)
		fail_msg("%s: %s", driver->type, stand->observed[HOP_PEAK].error);
	stand_explain(stand, driver);
	assert_in_range(stand->finding_count, 1, 3);
	for (size_t i = 0; i < stand->finding_count; i++) {
		assert_int_equal(stand->findings[i].state, HOP_NOT_ASKED);
		assert_string_equal(stand->findings[i].name, "station");
		assert_true(stand->findings[i].evidence[0] != '\0');
	}
}

static void a_station_that_is_not_there_is_not_asked(void **state)
{
	struct stand *stand = *state;
	int nobody = nobody_at(stand->url, sizeof stand->url);

	for (size_t i = 0; i < LENGTH(types); i++)
		assert_not_asked(stand, driver_of(i), "could not be asked");
	(void)close(nobody);
}

static void a_station_that_never_answers_is_given_up(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, "/", "x")->hangs = true;
	stand->settings.timeout_ms = 100;
	for (size_t i = 0; i < LENGTH(types); i++)
		assert_not_asked(stand, driver_of(i), "could not be asked");
}

static void bad_answers_are_no_facts(void **state)
{
	static const struct {
		int status;
		const char *body;
	} rows[] = {
	    {401, "Unauthorized"},
	    {403, "{\"status\":\"error\"}"},
	    {404, "404 page not found"},
	    {302, ""},
	    {503, "<html>bad gateway</html>"},
	    {200, "<!doctype html><html>please log in</html>"},
	    {200, "{\"status\":\"success\""},
	    {200, "\"text\""},
	};
	struct stand *stand = *state;

	for (size_t row = 0; row < LENGTH(rows); row++) {
		stand_answers(stand, "/", "%s", rows[row].body)->status = rows[row].status;
		for (size_t i = 0; i < LENGTH(types); i++)
			assert_not_asked(stand, driver_of(i), "");
	}
}

static void a_secret_that_is_not_there_is_told_by_its_name(void **state)
{
	struct pair pairs[] = {{stand_words("Authorization"), stand_words("env:TEST_HOP_GONE")}};
	struct stand *stand = *state;

	stand->settings.headers = (struct pairs){pairs, 1};
	(void)unsetenv("TEST_HOP_GONE");
	for (size_t i = 0; i < LENGTH(types); i++)
		assert_not_asked(stand, driver_of(i), "TEST_HOP_GONE");
	assert_int_equal(stand->asked_count, 0);
}

static void a_secret_is_sent_and_never_repeated(void **state)
{
	struct pair pairs[] = {{stand_words("Authorization"), stand_words("env:TEST_HOP_TOKEN")}};
	struct stand *stand = *state;

	stand->settings.headers = (struct pairs){pairs, 1};
	stand_answers(stand, "/", "you sent " SECRET)->status = 400;
	for (size_t i = 0; i < LENGTH(types); i++) {
		stand->authorization[0] = '\0';
		assert_not_asked(stand, driver_of(i), "");
		assert_string_equal(stand->authorization, SECRET);
		assert_null(strstr(stand->observed[HOP_PEAK].error, SECRET));
		for (size_t k = 0; k < stand->finding_count; k++)
			assert_null(strstr(stand->findings[k].evidence, SECRET));
	}
}

static void a_path_prefix_is_kept(void **state)
{
	struct stand *stand = *state;
	size_t len = strlen(stand->url);

	(void)snprintf(stand->url + len, sizeof stand->url - len, "/a/prefix/");
	for (size_t i = 0; i < LENGTH(types); i++) {
		stand->asked_count = 0;
		stand_observe(stand, driver_of(i), HOP_PEAK);
		assert_true(stand->asked_count > 0);
		for (size_t k = 0; k < stand->asked_count; k++)
			assert_int_equal(strncmp(stand->asked[k], "/a/prefix/", 10), 0);
	}
}

static void on_never(void *arg, const struct hop_observation *observation)
{
	(void)observation;
	*(bool *)arg = true;
}

static void after_cancel_nothing_is_told(void **state)
{
	struct stand *stand = *state;

	for (size_t i = 0; i < LENGTH(types); i++) {
		const struct hop_driver *driver = driver_of(i);
		bool told = false;
		struct hop_op *op;

		stand->settings.type = stand_words(types[i]);
		op = driver->observe(&stand->context, &stand->settings, on_never, &told);
		assert_non_null(op);
		driver->cancel(op);
		driver->cancel(NULL);
		stand_observe(stand, driver, HOP_PEAK); /* the sentinel */
		assert_false(told);
	}
}

static bool has_asked(void *arg)
{
	return ((const struct stand *)arg)->asked_count > 0;
}

static void cancel_in_the_middle_frees_everything(void **state)
{
	struct stand *stand = *state;

	stand_answers(stand, "/", "x")->hangs = true;
	for (size_t i = 0; i < LENGTH(types); i++) {
		const struct hop_driver *driver = driver_of(i);
		bool told = false;
		struct hop_op *op;

		stand->settings.type = stand_words(types[i]);
		stand->asked_count = 0;
		op = driver->observe(&stand->context, &stand->settings, on_never, &told);
		loop_until_true(stand->base, has_asked, stand);
		driver->cancel(op);
		assert_false(told);
	}
}

static void without_observations_nothing_is_guessed(void **state)
{
	struct stand *stand = *state;

	for (size_t i = 0; i < LENGTH(types); i++) {
		stand_explain(stand, driver_of(i));
		assert_in_range(stand->finding_count, 1, 3);
		for (size_t k = 0; k < stand->finding_count; k++)
			assert_int_equal(stand->findings[k].state, HOP_NOT_ASKED);
	}
}

/* Observations are texts that were kept: what is not one is like none. */
static void observations_that_cannot_be_read_prove_nothing(void **state)
{
	static const char *const texts[] = {"", "null", "[]", "{}", "\"x\"", "{\"rules\":[]}", "{"};
	struct stand *stand = *state;

	for (size_t text = 0; text < LENGTH(texts); text++) {
		free(stand_words(stand->observed[HOP_PEAK].json));
		stand->observed[HOP_PEAK].json = mem_dup(texts[text]);
		stand->made[HOP_PEAK] = true;
		for (size_t i = 0; i < LENGTH(types); i++) {
			stand_explain(stand, driver_of(i));
			assert_true(stand->finding_count > 0);
			for (size_t k = 0; k < stand->finding_count; k++)
				assert_int_not_equal(stand->findings[k].state, HOP_HAD_IT);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    test(every_type_has_a_driver_and_no_other_word_has),
	    test(a_station_that_is_not_there_is_not_asked),
	    test(a_station_that_never_answers_is_given_up),
	    test(bad_answers_are_no_facts),
	    test(a_secret_that_is_not_there_is_told_by_its_name),
	    test(a_secret_is_sent_and_never_repeated),
	    test(a_path_prefix_is_kept),
	    test(after_cancel_nothing_is_told),
	    test(cancel_in_the_middle_frees_everything),
	    test(without_observations_nothing_is_guessed),
	    test(observations_that_cannot_be_read_prove_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
