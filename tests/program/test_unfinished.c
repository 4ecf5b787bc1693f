/* Drills whose firedrill ended before it wrote what became of them: what of them comes into the history,
 * and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/program/chronicle.h"
#include "src/program/unfinished.h"
#include "src/store/history.h"
#include "src/store/locks.h"
#include "tests/program/shelf_chronicle.h"
#include "tests/reports/make_record.h"
#include "tests/store/shelf.h"

#define DRILL     "fd-k3q9x2m7"
#define KEEP_DAYS 366000 /* nothing is forgotten */

/* One that dies with its drill, and one that comes after it. */
struct lives {
	struct chronicle *first, *second;
	struct ledger *ledger;
	struct locks *locks;
	struct made *made;
	struct buf told;
};

/* The drill has begun. Its process is as good as dead: nobody has its lock. */
static void begin(struct lives *lives, const struct shelf *shelf)
{
	struct error error = {""};

	*lives = (struct lives){.first = shelf_chronicle(shelf, KEEP_DAYS), .made = make_running()};
	chronicle_begin(lives->first, &lives->made->record);
	assert_null(chronicle_trouble(lives->first));
	lives->second = shelf_chronicle(shelf, KEEP_DAYS);
	lives->ledger = shelf_open(shelf);
	lives->locks = locks_open(shelf->path, &error);
	assert_non_null(lives->locks);
}

static void end(struct lives *lives)
{
	locks_close(lives->locks);
	ledger_close(lives->ledger);
	chronicle_close(lives->second);
	chronicle_close(lives->first);
	made_free(lives->made);
	buf_done(&lives->told);
}

static void advance(struct lives *lives, enum fault_state state)
{
	assert_true(ledger_advance(lives->ledger, DRILL, state, "told so", NULL));
}

static void break_it(struct lives *lives)
{
	shelf_intend(lives->ledger, DRILL);
	advance(lives, FAULT_INJECTING);
	advance(lives, FAULT_INJECTED);
}

static void put_right(struct lives *lives)
{
	advance(lives, FAULT_REVERTING);
	advance(lives, FAULT_UNCONFIRMED);
	advance(lives, FAULT_CLEAN);
}

static void on_told(void *arg, const struct history_drill *drill)
{
	buf_addf(arg, "%s %s %s %s %d; ", drill->drill, drill->scenario, drill->origin,
		 drill->verdict, drill->exit_code);
}

static bool look(struct lives *lives)
{
	return unfinished_write(lives->second, lives->ledger, lives->locks, on_told, &lives->told);
}

static bool on_drill(void *arg, const struct history_drill *drill)
{
	buf_addf(arg, "%s %d %zu:", drill->verdict, drill->exit_code, drill->expectation_count);
	for (size_t i = 0; i < drill->evidence_count; i++)
		buf_addf(arg, " %s %s %s", drill->evidence[i].source,
			 drill->evidence[i].wall_ms > 0 ? "at" : "-", drill->evidence[i].text);
	buf_addf(arg, " %s", drill->report != NULL ? drill->report : "-");
	return true;
}

static void assert_kept(struct lives *lives, const char *expected, const char *in_report)
{
	struct error error = {""};
	struct buf text = {0};
	bool found = false;

	assert_true(history_find_drill(chronicle_history(lives->second), DRILL, on_drill, &text,
				       &found, &error));
	assert_true(found);
	assert_non_null(strstr(buf_text(&text), expected));
	assert_non_null(strstr(buf_text(&text), in_report));
	buf_done(&text);
}

static void assert_nothing_told(struct lives *lives)
{
	assert_string_equal(buf_text(&lives->told), "");
}

static void one_that_was_put_right_is_aborted_and_told_once(void **state)
{
	struct lives lives;

	begin(&lives, *state);
	break_it(&lives);
	put_right(&lives);
	assert_true(look(&lives));
	assert_true(look(&lives));
	assert_string_equal(buf_text(&lives.told), DRILL " orders-bad-queue hand aborted 6; ");
	assert_kept(&lives, "aborted 6 0: inject at was begun revert at told so {",
		    "\"its firedrill ended before it could write what came of it: its fault was "
		    "put right\"");
	end(&lives);
}

static void one_whose_fault_is_stuck_is_told_as_left(void **state)
{
	struct lives lives;

	begin(&lives, *state);
	break_it(&lives);
	advance(&lives, FAULT_STUCK);
	assert_true(look(&lives));
	assert_kept(&lives, "aborted 3 0: ", "its fault is not confirmed as put right");
	assert_kept(&lives, "aborted 3 0: ", "\"state\":\"stuck\"");
	end(&lives);
}

static void one_that_had_broken_nothing_says_so(void **state)
{
	struct lives lives;

	begin(&lives, *state);
	shelf_intend(lives.ledger, DRILL);
	advance(&lives, FAULT_CLEAN);
	assert_true(look(&lives));
	assert_kept(&lives, "aborted 6 0: {", "nothing had been broken");
	end(&lives);
}

static void one_that_died_before_its_fault_was_written_down_says_so(void **state)
{
	struct lives lives;

	begin(&lives, *state);
	assert_true(look(&lives));
	assert_kept(&lives, "aborted 6 0: {", "the ledger has no fault of it");
	end(&lives);
}

static void one_that_lives_or_is_worked_on_is_left_alone(void **state)
{
	struct lives lives;
	struct locks *guardian;

	begin(&lives, *state);
	guardian = locks_open(((struct shelf *)*state)->path, NULL);
	assert_int_equal(locks_take(guardian, "fault:" DRILL, NULL), LOCK_TAKEN);
	assert_false(look(&lives));
	break_it(&lives);
	assert_false(look(&lives));
	locks_release(guardian, "fault:" DRILL);
	assert_false(look(&lives)); /* it is in place: to be settled first */
	assert_nothing_told(&lives);
	put_right(&lives);
	assert_true(look(&lives));
	assert_string_equal(buf_text(&lives.told), DRILL " orders-bad-queue hand aborted 6; ");
	locks_close(guardian);
	end(&lives);
}

static void a_drill_of_this_process_is_never_one_of_them(void **state)
{
	struct secrets *secrets = secrets_new();
	struct lives lives;

	begin(&lives, *state);
	assert_true(unfinished_write(lives.first, lives.ledger, lives.locks, on_told, &lives.told));
	assert_nothing_told(&lives);
	make_over(lives.made, VERDICT_GAP, "it never came");
	chronicle_add(lives.first, &lives.made->record, secrets, NULL);
	assert_false(chronicle_knows(lives.first, DRILL));
	assert_true(look(&lives));
	assert_nothing_told(&lives);
	assert_kept(&lives, "gap 1 1:", "it never came");
	secrets_free(secrets);
	end(&lives);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(one_that_was_put_right_is_aborted_and_told_once),
	    shelf_test(one_whose_fault_is_stuck_is_told_as_left),
	    shelf_test(one_that_had_broken_nothing_says_so),
	    shelf_test(one_that_died_before_its_fault_was_written_down_says_so),
	    shelf_test(one_that_lives_or_is_worked_on_is_left_alone),
	    shelf_test(a_drill_of_this_process_is_never_one_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
