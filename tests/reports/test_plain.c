/* Foreign text made safe to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "reports/plain.h"
#include "reports/phrases.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_record.h"

static const char *shown(const char *text, struct plain how)
{
	static struct buf buf;

	buf_done(&buf);
	(void)plain_add(&buf, text, &how);
	return buf_text(&buf);
}

static void every_character_of_valid_text_is_decoded(void **state)
{
	static const struct {
		const char *text;
		uint32_t c;
		size_t size;
	} cases[] = {
	    {"A", 'A', 1},
	    {"\x7f", 0x7f, 1},
	    {"\xc2\x80", 0x80, 2},
	    {"\xdf\xbf", 0x7ff, 2},
	    {"\xe0\xa0\x80", 0x800, 3},
	    {"\xef\xbf\xbf", 0xffff, 3},
	    {"\xf0\x90\x80\x80", 0x10000, 4},
	    {"\xf4\x8f\xbf\xbf", 0x10ffff, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint32_t c = 0;

		assert_int_equal(plain_next(cases[i].text, &c), cases[i].size);
		assert_int_equal(c, cases[i].c);
	}
}

static void every_malformed_byte_becomes_one_replacement(void **state)
{
	static const char *const bad[] = {
	    "\x80",             /* a continuation alone */
	    "\xc0\xaf",         /* two ways to write "/": too long */
	    "\xe0\x9f\xbf",     /* the same in three */
	    "\xf0\x8f\xbf\xbf", /* and in four */
	    "\xed\xa0\x80",     /* half of a surrogate pair */
	    "\xf4\x90\x80\x80", /* beyond the last character */
	    "\xf8\x88\x80\x80", /* five bytes are none of UTF-8's */
	    "\xff",
	    "\xe2\x80", /* cut short by the end */
	    "\xf0\x9f\x94",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char *repaired = plain_utf8(bad[i]);
		uint32_t c = 0;

		assert_int_equal(plain_next(bad[i], &c), 1);
		assert_int_equal(c, 0xfffd);
		assert_int_equal(strlen(repaired), strlen(bad[i]) * strlen("\xef\xbf\xbd"));
		assert_true(text_is_utf8(repaired));
		free(repaired);
	}
}

static void repair_changes_nothing_else(void **state)
{
	char *repaired = plain_utf8("tab\t esc\033 line\n \xc3\xa9\xff\xf0\x9f\x94\xa5");

	(void)state;
	assert_string_equal(repaired, "tab\t esc\033 line\n \xc3\xa9\xef\xbf\xbd\xf0\x9f\x94\xa5");
	free(repaired);
	assert_null(plain_utf8(NULL));
}

static void a_text_becomes_one_line_without_control_characters(void **state)
{
	(void)state;
	assert_string_equal(shown("  a\r\n\tb\033[31mc\x7f\xc2\x9b"
				  "d \xe2\x80\xa8 ",
				  (struct plain){0}),
			    "a b [31mc d");
	assert_string_equal(shown(NULL, (struct plain){0}), "");
}

static void characters_that_turn_or_hide_text_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(shown("a\xe2\x80\xae"
				  "b\xe2\x81\xa6"
				  "c\xe2\x80\x8b"
				  "d\xef\xbb\xbf",
				  (struct plain){0}),
			    "abcd");
}

static void markup_of_the_chat_is_left_out_for_the_chat_only(void **state)
{
	(void)state;
	assert_string_equal(shown("*a* `b` <c>", (struct plain){.chat = true}), "a b <c>");
	assert_string_equal(shown("*a* `b` <c>", (struct plain){0}), "*a* `b` <c>");
}

static void a_long_text_ends_with_an_ellipsis_inside_the_limit(void **state)
{
	(void)state;
	assert_string_equal(shown("abcdef", (struct plain){.limit = 6}), "abcdef");
	assert_string_equal(shown("abcdefg", (struct plain){.limit = 6}), "abcde\xe2\x80\xa6");
	assert_string_equal(shown("abcdefg", (struct plain){.limit = 6, .ascii = true}), "abc...");
	assert_string_equal(shown("ab c", (struct plain){.limit = 3}), "ab\xe2\x80\xa6");
	assert_string_equal(shown("abcdefg", (struct plain){.limit = 1}), "\xe2\x80\xa6");
	assert_string_equal(shown("abcdefg", (struct plain){.limit = 2, .ascii = true}), "");
}

static void the_chat_counts_characters_as_it_escapes_them(void **state)
{
	(void)state;
	assert_string_equal(shown("a&b", (struct plain){.limit = 7, .chat = true}), "a&b");
	assert_string_equal(shown("a&b", (struct plain){.limit = 6, .chat = true}),
			    "a\xe2\x80\xa6");
	assert_string_equal(
	    shown("\xc3\xa9\xc3\xa9\xc3\xa9", (struct plain){.limit = 3, .chat = true}),
	    "\xc3\xa9\xc3\xa9\xc3\xa9");
}

static void wide_characters_count_as_two_columns(void **state)
{
	(void)state;
	assert_int_equal(plain_columns("\xe6\x97\xa5\xe6\x9c\xac", false), 4);
	assert_int_equal(plain_columns("e\xcc\x81", false), 1); /* with a combining accent */
	assert_string_equal(
	    shown("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", (struct plain){.limit = 5}),
	    "\xe6\x97\xa5\xe6\x9c\xac\xe2\x80\xa6");
}

static void without_utf8_everything_is_ascii(void **state)
{
	char *hostile = make_hostile(10);

	(void)state;
	assert_string_equal(
	    shown("a \xe2\x80\x93 \xe2\x80\x9cq\xe2\x80\x9d \xc2\xb7 \xc3\xa9\xe2\x80\xa6",
		  (struct plain){.ascii = true}),
	    "a - \"q\" - ?...");
	for (const char *c = shown(hostile, (struct plain){.ascii = true}); *c != '\0'; c++)
		assert_in_range((unsigned char)*c, 0x20, 0x7e);
	free(hostile);
}

static void hostile_text_of_any_length_is_harmless_within_its_limit(void **state)
{
	char *hostile = make_hostile(100000);

	(void)state;
	for (size_t limit = 1; limit < 200; limit++) {
		const char *text = shown(hostile, (struct plain){.limit = limit, .chat = true});

		assert_true(text_is_utf8(text));
		assert_false(text_has_control(text, false));
		assert_in_range(text_escaped_len(text), 0, limit);
		assert_null(strpbrk(text, "*`"));
	}
	free(hostile);
}

static void spans_of_time_read_as_people_say_them(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {{0, "0 ms"},       {850, "850 ms"},        {1000, "1 s"},
		     {2149, "2.1 s"},   {90000, "90 s"},        {119999, "119.9 s"},
		     {120000, "2 min"}, {250000, "4 min 10 s"}, {-5, "0 ms"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf buf = {0};

		phrase_span(&buf, cases[i].ms);
		assert_string_equal(buf_text(&buf), cases[i].text);
		buf_done(&buf);
	}
}

static void a_channel_has_its_hash_and_an_id_has_none(void **state)
{
	static const struct {
		const char *channel, *text;
	} cases[] = {
	    {"#ops", "#ops"}, {"ops", "#ops"}, {"C024BE91L", "C024BE91L"}, {NULL, "the chat"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf buf = {0};

		phrase_channel(&buf, cases[i].channel);
		assert_string_equal(buf_text(&buf), cases[i].text);
		buf_done(&buf);
	}
}

static void every_phase_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < PHASE_COUNT; i++)
		assert_true(strlen(phrase_phase((enum phase)i)) > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_character_of_valid_text_is_decoded),
	    cmocka_unit_test(every_malformed_byte_becomes_one_replacement),
	    cmocka_unit_test(repair_changes_nothing_else),
	    cmocka_unit_test(a_text_becomes_one_line_without_control_characters),
	    cmocka_unit_test(characters_that_turn_or_hide_text_are_left_out),
	    cmocka_unit_test(markup_of_the_chat_is_left_out_for_the_chat_only),
	    cmocka_unit_test(a_long_text_ends_with_an_ellipsis_inside_the_limit),
	    cmocka_unit_test(the_chat_counts_characters_as_it_escapes_them),
	    cmocka_unit_test(wide_characters_count_as_two_columns),
	    cmocka_unit_test(without_utf8_everything_is_ascii),
	    cmocka_unit_test(hostile_text_of_any_length_is_harmless_within_its_limit),
	    cmocka_unit_test(spans_of_time_read_as_people_say_them),
	    cmocka_unit_test(a_channel_has_its_hash_and_an_id_has_none),
	    cmocka_unit_test(every_phase_has_words),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
