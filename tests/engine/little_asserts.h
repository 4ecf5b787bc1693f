/* What tests of whole drills assert. */
#ifndef TESTS_ENGINE_LITTLE_ASSERTS_H
#define TESTS_ENGINE_LITTLE_ASSERTS_H

#include "tests/engine/little_world.h"

/* Each of the words stands in the story, in this order; one space between two. */
void assert_story(const struct little_world *world, const char *words);
void assert_not_in_story(const struct little_world *world, const char *word);
void assert_outcome(const struct drill_record *record, enum verdict verdict, enum reason reason,
		    enum exit_code exit_code);
void assert_finding(const struct drill_record *record, size_t i, enum finding finding);

/* No fault, no step that goes on, and the ledger says so. */
void assert_restored(struct little_world *world, const struct drill_record *record);
void assert_nothing_touched(struct little_world *world, const struct drill_record *record);
void assert_unobservable(const struct drill_record *record, const char *because);

#endif
