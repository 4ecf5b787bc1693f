/* The small parts: recipes read back, foreign texts made fit for a sentence, environments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probes/faults/environ.h"
#include "probes/faults/recipe.h"
#include "probes/faults/text.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define DRILL        "fd-k3q9x2m7"

static bool collect(void *arg, const char *name, const char *value)
{
	buf_addf(arg, "%s=%s;", name, value);
	return true;
}

static void what_is_written_is_read_back(void **state)
{
	char *words[] = {"one", "", "t\x01w\xc3\xb6\"\\\n"};
	struct pair pairs[] = {{"a", "1"}, {"b", ""}};
	struct buf seen = {0};
	struct error error;
	const char **texts;
	cJSON *recipe = recipe_new(VIA_EXEC, DRILL, &error);
	char *text;

	(void)state;
	recipe_add_texts(recipe, "texts", &(struct texts){words, LENGTH(words)});
	recipe_add_pairs(recipe, "pairs", &(struct pairs){pairs, LENGTH(pairs)});
	recipe_add_number(recipe, "number", 86400000);
	recipe_add_text(recipe, "nothing", NULL);
	text = recipe_take(recipe);
	recipe = recipe_read(text, VIA_EXEC, &error);
	assert_non_null(recipe);
	assert_string_equal(recipe_text(recipe, "drill"), DRILL);
	texts = recipe_texts(recipe, "texts");
	for (size_t i = 0; i < LENGTH(words); i++)
		assert_string_equal(texts[i], words[i]);
	assert_null(texts[LENGTH(words)]);
	assert_true(recipe_pairs(recipe, "pairs", collect, &seen));
	assert_string_equal(buf_text(&seen), "a=1;b=;");
	assert_int_equal(recipe_number(recipe, "number", 1, 100000000), 86400000);
	assert_int_equal(recipe_number(recipe, "number", 1, 10), 10);
	assert_int_equal(recipe_number(recipe, "texts", 7, 10), 7);
	assert_null(recipe_text(recipe, "nothing"));
	assert_null(recipe_texts(recipe, "pairs"));
	assert_true(recipe_pairs(recipe, "nothing", collect, &seen));
	assert_false(recipe_pairs(recipe, "texts", collect, &seen));
	assert_false(recipe_pairs(recipe, "number", collect, &seen));
	free(texts);
	free(text);
	buf_done(&seen);
	cJSON_Delete(recipe);
}

static void a_recipe_over_its_limit_is_refused(void **state)
{
	size_t len = 1024 * 1024 + 1;
	char *text = mem_zalloc(len + 1);
	struct error error;
	cJSON *recipe;

	(void)state;
	memset(text, ' ', len);
	memcpy(text, "{\"via\":\"none\",\"drill\":\"" DRILL "\"}", 36);
	recipe = recipe_read(text, VIA_NONE, &error);
	assert_null(recipe);
	assert_non_null(strstr(error.text, "longer"));
	text[len - 1] = '\0';
	recipe = recipe_read(text, VIA_NONE, &error);
	assert_non_null(recipe);
	cJSON_Delete(recipe);
	free(text);
}

static void a_cut_leaves_no_half_character(void **state)
{
	static const char text[] = "ab\xe2\x82\xac"
				   "cd";

	(void)state;
	assert_int_equal(text_cut(text, strlen(text), 100), 7);
	assert_int_equal(text_cut(text, strlen(text), 5), 5);
	assert_int_equal(text_cut(text, strlen(text), 4), 2);
	assert_int_equal(text_cut(text, strlen(text), 3), 2);
	assert_int_equal(text_cut(text, strlen(text), 2), 2);
	assert_int_equal(text_cut(text, strlen(text), 0), 0);
}

static void broken_utf8_and_control_characters_become_blanks(void **state)
{
	static const struct {
		const char *text, *clean;
		bool utf8;
	} cases[] = {
	    {"plain", "plain", true},
	    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", true},
	    {"\xf0\x9f\x94\xa5", "\xf0\x9f\x94\xa5", true},
	    {"a\x1b[31mb\x7f", "a [31mb ", true},
	    {"a\xff\xfe", "a  ", false},
	    {"\xc0\xaf", "  ", false},           /* overlong */
	    {"\xe0\x80\xaf", "   ", false},      /* overlong */
	    {"\xed\xa0\x80", "   ", false},      /* surrogate */
	    {"\xf4\x90\x80\x80", "    ", false}, /* beyond U+10FFFF */
	    {"\xe2\x82", "  ", false},           /* cut */
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t len = strlen(cases[i].text);

		assert_int_equal(text_is_utf8(cases[i].text, len), cases[i].utf8);
		memcpy(text, cases[i].text, len + 1);
		text_clean(text, len);
		assert_string_equal(text, cases[i].clean);
	}
	assert_false(text_is_utf8("a\0b", 3));
	assert_true(text_is_utf8("", 0));
}

static void quotations_mask_before_they_cut(void **state)
{
	struct secrets *secrets = secrets_new();
	struct buf out = {0};
	struct error error;

	(void)state;
	assert_int_equal(setenv("FIREDRILL_TEST_SECRET", "hush-hush", 1), 0);
	assert_non_null(secret_resolve(secrets, "env:FIREDRILL_TEST_SECRET", &error));
	text_quote(&out, secrets, "0123456789hush-hush", 19, 14);
	assert_string_equal(buf_text(&out), "\"0123456789****...\"");
	buf_done(&out);
	text_quote_end(&out, secrets, "hush-hush0123456789\n\n", 21, 14);
	assert_string_equal(buf_text(&out), "\"...****0123456789\"");
	buf_done(&out);
	text_quote(&out, secrets, "a\0hush-hush", 11, 100);
	assert_string_equal(buf_text(&out), "\"a *********\"");
	buf_done(&out);
	text_quote(&out, secrets, "no\n such\r\n", 10, 100);
	assert_string_equal(buf_text(&out), "\"no  such\"");
	buf_done(&out);
	text_quote_end(&out, secrets, "", 0, 10);
	assert_string_equal(buf_text(&out), "\"\"");
	buf_done(&out);
	secrets_free(secrets);
}

static void a_command_is_told_as_one_would_type_it(void **state)
{
	static const char *const argv[] = {"run", "a b", "", "c", NULL};
	struct buf out = {0};

	(void)state;
	text_add_command(&out, argv, 100);
	assert_string_equal(buf_text(&out), "run 'a b' '' c");
	buf_done(&out);
	text_add_command(&out, argv, 5);
	assert_string_equal(buf_text(&out), "run '...");
	buf_done(&out);
}

static void an_environment_is_built_name_by_name(void **state)
{
	struct environ env = {0};

	(void)state;
	assert_null(environ_list(&env)[0]);
	environ_set(&env, "A", "1");
	environ_set(&env, "AB", "2");
	environ_set(&env, "A", "3");
	assert_string_equal(environ_list(&env)[0], "AB=2");
	assert_string_equal(environ_list(&env)[1], "A=3");
	assert_null(environ_list(&env)[2]);
	environ_unset(&env, "A");
	environ_unset(&env, "Z");
	assert_int_equal(env.count, 1);
	assert_true(environ_is_name("A"));
	assert_false(environ_is_name(""));
	assert_false(environ_is_name("A=B"));
	environ_done(&env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(a_recipe_over_its_limit_is_refused),
	    cmocka_unit_test(a_cut_leaves_no_half_character),
	    cmocka_unit_test(broken_utf8_and_control_characters_become_blanks),
	    cmocka_unit_test(quotations_mask_before_they_cut),
	    cmocka_unit_test(a_command_is_told_as_one_would_type_it),
	    cmocka_unit_test(an_environment_is_built_name_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
