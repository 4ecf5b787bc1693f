/* Tests of the table of keys itself, and of what is printed from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "scenarios/keys.h"
#include "scenarios/load.h"
#include "src/base/duration.h"

static void every_key_says_what_it_does_and_what_holds_without_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys_all[i];

		assert_non_null(key->help);
		assert_true(strlen(key->path) < KEY_PATH_SIZE - 4);
		assert_true(key->required + (key->standard != NULL) + (key->otherwise != NULL) ==
			    1);
		assert_non_null(key_example(key));
		if (key->type == KEY_CHOICE || key->type == KEY_WORD)
			assert_non_null(key->word);
	}
}

static void every_default_is_in_its_own_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys_all[i];
		int64_t value = 0;
		int word = 0;

		if (key->standard == NULL)
			continue;
		if (key->type == KEY_DURATION)
			assert_true(duration_parse(key->standard, &value, NULL));
		else if (key->type == KEY_INTEGER)
			value = atoi(key->standard);
		else if (key_is_text(key->type))
			value = (int64_t)strlen(key->standard);
		else
			value = key->min;
		assert_in_range(value, key->min, key->max);
		while (key->word != NULL && strcmp(key->word(word), key->standard) != 0)
			word++;
	}
}

static void no_key_is_there_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < keys_count; i++) {
		for (size_t k = i + 1; k < keys_count; k++) {
			const struct key *a = &keys_all[i], *b = &keys_all[k];

			assert_false(a->file == b->file && a->bound == b->bound &&
				     a->via == b->via && strcmp(a->path, b->path) == 0);
		}
	}
}

/* Every key can be reached from the top of its file. */
static size_t count_below(enum key_file file, const char *prefix)
{
	const struct key *key = NULL;
	size_t count = 0;

	while ((key = keys_next(file, KEYS_ANY_VIA, prefix, key)) != NULL) {
		char inner[KEY_PATH_SIZE];

		count++;
		if (key->type != KEY_GROUP && key->type != KEY_LIST && key->type != KEY_NAMED)
			continue;
		key_prefix(key, inner);
		count += count_below(file, inner);
	}
	return count;
}

static void every_key_stands_in_a_group_that_is_there(void **state)
{
	size_t count = count_below(KEYS_CONFIG, "") + count_below(KEYS_SCENARIO, "");

	(void)state;
	/* the keys in the http groups are counted once more for exec's keys of the same name, which
	 * have no keys inside, so nothing is counted twice */
	assert_int_equal(count, keys_count);
}

static char *printed(void (*print)(FILE *))
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	print(out);
	(void)fclose(out);
	return text;
}

static void help_and_reference_name_every_key(void **state)
{
	char *help = printed(keys_print_help), *page = printed(keys_print_reference);

	(void)state;
	for (size_t i = 0; i < keys_count; i++) {
		const struct key *key = &keys_all[i];
		bool repeated = key->bound && key->via == VIA_HTTP &&
				strstr(key->path + strlen("fault."), ".") != NULL;

		if (repeated)
			continue; /* the steps of http have the same keys, printed once */
		assert_non_null(strstr(help, key->path));
		if (key->type != KEY_VARIABLE)
			assert_non_null(strstr(page, key_name(key)));
		assert_non_null(strstr(page, key->help));
	}
	free(help);
	free(page);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_key_says_what_it_does_and_what_holds_without_it),
	    cmocka_unit_test(every_default_is_in_its_own_range),
	    cmocka_unit_test(no_key_is_there_twice),
	    cmocka_unit_test(every_key_stands_in_a_group_that_is_there),
	    cmocka_unit_test(help_and_reference_name_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
