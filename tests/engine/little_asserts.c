/* What tests of whole drills assert. */
#include "tests/engine/little_asserts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

void assert_story(const struct little_world *world, const char *words)
{
	const char *at = buf_text(&world->story);

	while (words[0] != '\0') {
		size_t len = strcspn(words, " ");
		char word[64];

		(void)snprintf(word, sizeof word, "%.*s ", (int)len, words);
		at = strstr(at, word);
		if (at == NULL) {
			fail_msg("%s is not, or not there, in: %s", word, buf_text(&world->story));
			return;
		}
		at += len + 1;
		words += len + (words[len] == ' ' ? 1 : 0);
	}
}

void assert_not_in_story(const struct little_world *world, const char *word)
{
	if (strstr(buf_text(&world->story), word) != NULL)
		fail_msg("%s is in: %s", word, buf_text(&world->story));
}

void assert_outcome(const struct drill_record *record, enum verdict verdict, enum reason reason,
		    enum exit_code exit_code)
{
	const struct judgement *judgement = &record->judgement;

	if (judgement->verdict != verdict || judgement->reason != reason ||
	    judgement->exit_code != exit_code)
		fail_msg("%s %s (exit %d): %s", verdict_name(judgement->verdict),
			 reason_name(judgement->reason), (int)judgement->exit_code,
			 judgement->text != NULL ? judgement->text : "");
}

void assert_finding(const struct drill_record *record, size_t i, enum finding finding)
{
	const struct expectation_finding *found = &record->judgement.findings[i];

	if (found->finding != finding)
		fail_msg("%s: %s", finding_name(found->finding), found->text);
}

void assert_nothing_touched(struct little_world *world, const struct drill_record *record)
{
	assert_int_equal(world->fault.inject.calls, 0);
	assert_int_equal(world->fault.revert.calls, 0);
	assert_false(record->evidence.inject_tried);
	assert_true(record->evidence.fault_state == FAULT_ABSENT ||
		    record->evidence.fault_state == FAULT_CLEAN);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
}

void assert_restored(struct little_world *world, const struct drill_record *record)
{
	assert_false(world->fault.in_place);
	assert_true(world->fault.revert.calls > 0);
	assert_true(world->fault.confirm.calls > 0);
	assert_int_equal(record->evidence.fault_state, FAULT_CLEAN);
	assert_int_equal(little_ledger_state(world), FAULT_CLEAN);
	assert_null(world->fault.ops);
}

void assert_unobservable(const struct drill_record *record, const char *because)
{
	assert_outcome(record, VERDICT_INCONCLUSIVE, REASON_UNOBSERVABLE, EXIT_INCONCLUSIVE);
	if (strstr(record->judgement.text, because) == NULL)
		fail_msg("%s", record->judgement.text);
}
