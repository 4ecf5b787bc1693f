/* Tests of what is no configuration at all: syntax, size, bytes, nesting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/scenarios/texts.h"
#include "scenarios/form.h"
#include "scenarios/nearest.h"
#include "src/base/buf.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static const struct spoilt spoilt[] = {
    {NULL,
     "state",
     {{1, "state", "after a key comes \"=\" and its value, but here is the end of the file"}}},
    {NULL, "state \"x\";", {{1, "state", "after a key comes \"=\""}}},
    {NULL,
     "state = ;",
     {{1, "state", "a value such as \"text\", 1 or true must come here, but here is ;"}}},
    {NULL, "\n\nstate = x;", {{3, "state", "a text stands in quotes: write \"x\""}}},
    {NULL, "chats = { a = { poll = 90s; }; };", {{1, "chats.a.poll", "write \"90s\""}}},
    {NULL, "state = 1.2.3;", {{1, "state", "write \"1.2.3\""}}},
    {NULL, "state = 123456789012;", {{1, "state", "this number is too large"}}},
    {NULL, "state = 0x123456789;", {{1, "state", "write \"0x123456789\""}}},
    {NULL,
     "state = \"x\";;",
     {{1, "", "a key such as name = \"value\"; must come here, but here is ;"}}},
    {NULL, "5 = 5;", {{1, "", "a key such as"}}},
    {NULL, "}", {{1, "", "but here is }"}}},
    {NULL,
     "chats = {\n a = 1;\n",
     {{3, "chats", "a key or the group's closing } must come here, but here is the end"}}},
    {NULL, "chats = { ) };", {{1, "chats", "but here is )"}}},
    {NULL, "a = [ 1, 2", {{1, "a", "a comma or the closing ] must come here"}}},
    {NULL, "a = [ 1, ];", {{1, "a", "after a comma comes one more member"}}},
    {NULL,
     "a = [ 1, \"x\" ];",
     {{1, "a", "all members of [ ] must be of one type, but here is \"x\""}}},
    {NULL, "a = [ { } ];", {{1, "a", "a list of groups stands in ( )"}}},
    {NULL, "a = ( 1 2 );", {{1, "a", "a comma or the closing )"}}},
    {NULL,
     "a = \"x\n\ny\nb = \"c\";",
     {{4, "", "never ends: close it with a quote \" (or is a quote missing in line 1?)"}}},
    {NULL, "a = \"x;\nb = \"c\";\nd = \"\";", {{3, "", "(or is a quote missing in line 1?)"}}},
    {NULL, "a = \"x;\nb = \"c\";\nd = \"\"; e = \"", {{2, "c", "(is a quote missing in line 1?)"}}},
    {NULL, "a = 1; /* b", {{1, "", "the comment that begins here never ends: close it with */"}}},
    {NULL, "a = \"\\x00\";", {{1, "a", "a text cannot hold the byte 0"}}},
    {NULL, "a = 1; @include \"x\"", {{1, "", "must stand at the beginning of a line"}}},
    {NULL, "@include x", {{1, "", "must stand at the beginning of a line"}}},
    {NULL, "@include \"\"", {{1, "@include", "the path must stand in quotes on this line"}}},
    {NULL,
     "a = 1;\n@include \"x\n\"",
     {{2, "@include", "the path must stand in quotes on this line"}, {3, "", "never ends"}}},
    {NULL, "a = \xc3\xa9;", {{1, "a", "but here is \xc3\xa9"}}},
    {NULL, "a = 1;\nb = \"\xff\";", {{2, "", "not UTF-8"}}},
    {NULL, "a = 1;\nb = \"\xed\xa0\x80\";", {{2, "", "not UTF-8"}}},
    {NULL,
     "state = \"\\xff\";\nchats = { };\nenvironments = { };",
     {{1, "state", "check its \\x escapes"},
      {2, "chats", "is empty"},
      {3, "environments", "is empty"}}},
    {NULL,
     "a = 1;\nb = 2; b = 3;\na = 4;",
     {{2, "b", "is given twice: take one out; the first is in x.cfg, line 2"},
      {3, "a", "the first is in x.cfg, line 1"}}},
    {NULL, "c = ( { a = 1; a = 2; }, { a = 1; } );", {{1, "c[0].a", "is given twice"}}},
};

static const struct spoilt numbers[] = {
    {"0x", "0x", {{1, "state", "write \"0x\""}}},
    {"0x", "1e", {{1, "state", "write \"1e\""}}},
    {"0x", "-", {{1, "state", "a value such as"}}},
    {"0x", "+1.5e-3", {{1, "state", "must be a path, but this is a number with a point"}}},
    {"0x", "1e5", {{1, "state", "this is a number with a point"}}},
    {"0x", ".5", {{1, "state", "this is a number with a point"}}},
    {"0x", "0xFFL", {{1, "state", "this is a number:"}}},
    {"0x", "-12LL", {{1, "state", "this is a number:"}}},
    {"0x", "5-3", {{1, "state", "write \"5-3\""}}},
};

static void numbers_are_told_from_what_only_looks_like_one(void **state)
{
	char *text = text_with("state = 0x; GOOD", "GOOD",
			       "chats = { a = { type = \"slack\"; token = \"env:A\"; }; };"
			       "environments = { b = { }; };");

	(void)state;
	assert_spoilt(text, numbers, LENGTH(numbers), NULL);
	free(text);
}

static void what_libconfig_cannot_read_is_told_with_its_line_and_remedy(void **state)
{
	(void)state;
	assert_spoilt("", spoilt, LENGTH(spoilt), NULL);
}

/* The text's only mistake says this. */
static void assert_says(const char *text, const char *says)
{
	struct mistakes mistakes = {0};

	assert_null(load_config_text("x.cfg", text, &mistakes));
	assert_int_equal(mistakes.count, 1);
	if (strstr(mistakes.list[0].text, says) == NULL)
		mistakes_print(&mistakes, stderr);
	assert_non_null(strstr(mistakes.list[0].text, says));
	mistakes_done(&mistakes);
}

static char *repeated(const char *text, size_t times)
{
	struct buf buf = {0};

	for (size_t i = 0; i < times; i++)
		buf_adds(&buf, text);
	return buf_take(&buf);
}

static void nesting_has_a_limit(void **state)
{
	static const char *const openings[] = {"a={", "a=({"};

	(void)state;
	for (size_t i = 0; i < LENGTH(openings); i++) {
		char *deep = repeated(openings[i], 100000);

		assert_says(deep, "more than 16 groups and lists");
		free(deep);
	}
}

static void lists_inside_each_other_have_a_limit(void **state)
{
	char *deep = repeated("(", 100000), *text = text_with("a = DEEP", "DEEP", deep);

	(void)state;
	assert_says(text, "more than 16 groups and lists");
	free(text);
	free(deep);
}

static void groups_and_lists_have_a_largest_size(void **state)
{
	char *many = repeated("1,", 2000), *text = text_with("a = ( MANY 1 );", "MANY", many);
	struct buf keys = {0};

	(void)state;
	assert_says(text, "more than 1000 members in one list");
	for (int i = 0; i < 2000; i++)
		buf_addf(&keys, "k%d=1;", i);
	assert_says(buf_text(&keys), "more than 512 keys in one group");
	buf_done(&keys);
	free(text);
	free(many);
}

static void a_file_larger_than_a_mebibyte_is_refused(void **state)
{
	char *text = repeated("# 4567890123456\n", 65537);

	(void)state;
	assert_says(text, "larger than 1 MiB");
	free(text);
}

static void everything_that_libconfig_offers_can_be_written(void **state)
{
	struct mistakes mistakes = {0};
	struct config *config = load_config_text(
	    "x.cfg",
	    "\xef\xbb\xbf# a comment\r\n"
	    "state : \"a\" \"b\"\n\t\"c\\\"\\\\\\n\\x41\\d\" // another\n"
	    "chats = { slack = { type = \"slack\", token = \"env:T\"; poll = \"1s\" } },\n"
	    "environments = { staging = { protected = FALSE; variables = { a = \"two\nlines\"; }; "
	    "}; }"
	    " /* last */ # no newline",
	    &mistakes);

	(void)state;
	mistakes_print(&mistakes, stderr);
	assert_non_null(config);
	assert_string_equal(config->state, "abc\"\\\nA\\d");
	assert_string_equal(config->environments[0].variables.list[0].value, "two\nlines");
	config_free(config);
}

static void utf8_is_told_from_other_bytes(void **state)
{
	static const char *const good[] = {"",
					   "a",
					   "\xc3\xa9",
					   "\xe2\x82\xac",
					   "\xf0\x9f\x94\xa5",
					   "\xf4\x8f\xbf\xbf",
					   "\xee\x80\x80"};
	static const char *const bad[] = {
	    "\x80",     "\xc3",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80",
	    "\xe2\x82", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
	    "\xff",     "a\xe2\x28\xa1"};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++)
		assert_true(form_is_utf8(good[i], strlen(good[i]), NULL));
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_false(form_is_utf8(bad[i], strlen(bad[i]), NULL));
}

static void the_nearest_word_is_found_and_no_other(void **state)
{
	static const char *const words[] = {"url",    "method",       "headers",
					    "status", "hold_at_most", "in"};

	(void)state;
	assert_string_equal(nearest("ulr", words, LENGTH(words)), "url");
	assert_string_equal(nearest("URL", words, LENGTH(words)), "url");
	assert_string_equal(nearest("methods", words, LENGTH(words)), "method");
	assert_string_equal(nearest("hold-at-most", words, LENGTH(words)), "hold_at_most");
	assert_string_equal(nearest("it", words, LENGTH(words)), "in");
	assert_null(nearest("body", words, LENGTH(words)));
	assert_null(nearest("expectation", words, LENGTH(words)));
	assert_null(nearest("", words, 0));
	assert_null(
	    nearest("a-word-that-is-longer-than-any-key-could-be-because-nobody-would-type-that",
		    words, LENGTH(words)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_libconfig_cannot_read_is_told_with_its_line_and_remedy),
	    cmocka_unit_test(numbers_are_told_from_what_only_looks_like_one),
	    cmocka_unit_test(nesting_has_a_limit),
	    cmocka_unit_test(lists_inside_each_other_have_a_limit),
	    cmocka_unit_test(groups_and_lists_have_a_largest_size),
	    cmocka_unit_test(a_file_larger_than_a_mebibyte_is_refused),
	    cmocka_unit_test(everything_that_libconfig_offers_can_be_written),
	    cmocka_unit_test(utf8_is_told_from_other_bytes),
	    cmocka_unit_test(the_nearest_word_is_found_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
