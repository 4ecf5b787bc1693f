/* Texts that are in use, counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "src/engine/busy.h"

static void a_text_is_busy_until_it_was_dropped_as_often_as_it_was_added(void **state)
{
	struct busy busy = {0};

	(void)state;
	assert_false(busy_has(&busy, "staging"));
	busy_drop(&busy, "staging");
	busy_add(&busy, "staging");
	busy_add(&busy, "staging");
	busy_drop(&busy, "staging");
	assert_true(busy_has(&busy, "staging"));
	assert_false(busy_has(&busy, "stagin"));
	busy_drop(&busy, "staging");
	assert_false(busy_has(&busy, "staging"));
	busy_done(&busy);
}

static void thousands_of_texts_are_told_apart(void **state)
{
	struct busy busy = {0};
	char text[32];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(text, sizeof text, "environment-%d", i);
		busy_add(&busy, text);
	}
	for (int i = 0; i < 5000; i += 2) {
		(void)snprintf(text, sizeof text, "environment-%d", i);
		busy_drop(&busy, text);
	}
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(text, sizeof text, "environment-%d", i);
		assert_int_equal(busy_has(&busy, text), i % 2);
	}
	busy_done(&busy);
	assert_false(busy_has(&busy, "environment-1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_text_is_busy_until_it_was_dropped_as_often_as_it_was_added),
	    cmocka_unit_test(thousands_of_texts_are_told_apart),
	};

	return cmocka_run_group_tests_name("busy", tests, NULL, NULL);
}
