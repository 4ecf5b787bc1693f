/* Foreign bytes as text. */
#include "src/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void a_character_has_the_length_that_the_standard_gives_it(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} right[] = {
	    {"a", 1},
	    {"\303\244", 2},
	    {"\342\202\254", 3},
	    {"\355\237\277", 3},     /* the last before the surrogates */
	    {"\356\200\200", 3},     /* the first after them */
	    {"\360\237\224\245", 4}, /* a fire */
	    {"\364\217\277\277", 4}, /* the last of all */
	};

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		assert_int_equal(utf8_length(right[i].text, strlen(right[i].text)), right[i].len);
		assert_int_equal(utf8_length(right[i].text, right[i].len - 1), 0); /* cut */
	}
	assert_int_equal(utf8_length("", 1), 1); /* a NUL is a character */
	assert_int_equal(utf8_length("", 0), 0);
}

static void what_is_no_character_has_no_length(void **state)
{
	static const char *const wrong[] = {"\200",
					    "\277",
					    "\300\257",
					    "\301\277",
					    "\340\200\257",
					    "\355\240\200",
					    "\360\200\200\257",
					    "\364\220\200\200",
					    "\365\200\200\200",
					    "\377",
					    "\303a",
					    "\342\202a"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(utf8_length(wrong[i], strlen(wrong[i])), 0);
}

static void a_cut_leaves_no_half_of_a_character(void **state)
{
	static const char text[] = "a\342\202\254b";

	(void)state;
	assert_int_equal(utf8_cut(text, 5, 9), 5);
	assert_int_equal(utf8_cut(text, 5, 5), 5);
	assert_int_equal(utf8_cut(text, 5, 4), 4);
	assert_int_equal(utf8_cut(text, 5, 3), 1);
	assert_int_equal(utf8_cut(text, 5, 2), 1);
	assert_int_equal(utf8_cut(text, 5, 1), 1);
	assert_int_equal(utf8_cut(text, 5, 0), 0);
}

static void what_could_disturb_a_reader_becomes_blank(void **state)
{
	char text[] = "a\tb\033c\177d\302\233e\342\200\256f\342\200\250g\377h\303\244i\303";

	(void)state;
	utf8_clean(text, strlen(text));
	assert_string_equal(text, "a b c d  e   f   g h\303\244i ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_character_has_the_length_that_the_standard_gives_it),
	    cmocka_unit_test(what_is_no_character_has_no_length),
	    cmocka_unit_test(a_cut_leaves_no_half_of_a_character),
	    cmocka_unit_test(what_could_disturb_a_reader_becomes_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
