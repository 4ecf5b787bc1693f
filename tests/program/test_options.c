/* What is typed after `firedrill`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/program/options.h"

static const struct verb verb = {
    .name = "run",
    .words = "[SCENARIO...]",
    .words_max = 2,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_JSON,
    .summary = "",
    .help = "",
};

static bool parse(int argc, const char *const *argv, struct options *ret_options,
		  struct error *error)
{
	return options_parse(&verb, argc, (char *const *)argv, ret_options, error);
}

static void options_and_words_may_be_mixed(void **state)
{
	static const char *const argv[] = {"one",     "--env",         "a", "--json", "two",
					   "--env=b", "--config=x.cfg"};
	struct options options;
	struct error error = {""};

	(void)state;
	assert_true(parse(7, argv, &options, &error));
	assert_int_equal(options.word_count, 2);
	assert_string_equal(options.words[1], "two");
	assert_int_equal(options.env_count, 2);
	assert_string_equal(options.env[1], "b");
	assert_string_equal(options.config, "x.cfg");
	assert_true(options.json);
	assert_false(options.all);
	options_done(&options);
}

static void after_two_dashes_everything_is_a_word(void **state)
{
	static const char *const argv[] = {"--", "--json"};
	struct options options;
	struct error error = {""};

	(void)state;
	assert_true(parse(2, argv, &options, &error));
	assert_false(options.json);
	assert_string_equal(options.words[0], "--json");
	options_done(&options);
}

static void every_wrong_call_says_what_to_do(void **state)
{
	static const struct {
		const char *argv[4];
		int argc;
		const char *says;
	} wrong[] = {
	    {{"--nonsense"}, 1, "does not know --nonsense; see `firedrill run --help`"},
	    {{"--evn=staging"}, 1, "does not know --evn=staging: did you mean --env? see"},
	    {{"--hlep"}, 1, "does not know --hlep: did you mean --help? see"},
	    {{"--keep"}, 1, "`firedrill run` has no option --keep"},
	    {{"--env"}, 1, "--env wants a NAME"},
	    {{"--env="}, 1, "--env wants a NAME"},
	    {{"--json=yes"}, 1, "--json takes no value"},
	    {{"a", "b", "c"}, 3, "takes no word \"c\""},
	    {{"--reason", "why"}, 2, "`firedrill run` has no option --reason"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct options options;
		struct error error = {""};

		assert_false(parse(wrong[i].argc, wrong[i].argv, &options, &error));
		assert_non_null(strstr(error.text, wrong[i].says));
	}
}

static void a_reason_may_look_like_an_option(void **state)
{
	static const struct verb halt = {
	    .name = "halt", .words = "", .options = 1u << OPTION_REASON, .summary = "", .help = ""};
	static const char *const argv[] = {"--reason", "--json breaks it"};
	static const char *const nothing[] = {"--reason"};
	struct options options;
	struct error error = {""};

	(void)state;
	assert_true(options_parse(&halt, 2, (char *const *)argv, &options, &error));
	assert_string_equal(options.reason, "--json breaks it");
	options_done(&options);
	assert_false(options_parse(&halt, 1, (char *const *)nothing, &options, &error));
	assert_string_equal(error.text, "--reason wants a TEXT after it");
}

static void help_is_known_to_every_verb(void **state)
{
	static const char *const argv[] = {"-h"};
	struct options options;
	struct error error = {""};

	(void)state;
	assert_true(parse(1, argv, &options, &error));
	assert_true(options.help);
	options_done(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_and_words_may_be_mixed),
	    cmocka_unit_test(after_two_dashes_everything_is_a_word),
	    cmocka_unit_test(every_wrong_call_says_what_to_do),
	    cmocka_unit_test(a_reason_may_look_like_an_option),
	    cmocka_unit_test(help_is_known_to_every_verb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
