/* Planned starts on their way into the history: what was begun at once, what was missed soon, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <event2/event.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/program/chronicle.h"
#include "src/program/serve/planned.h"
#include "src/store/history.h"
#include "tests/program/shelf_chronicle.h"
#include "tests/store/shelf.h"

#define MANY      2400 /* twelve slices */
#define KEEP_DAYS 366000
#define AT        INT64_C(4102444800000) /* nothing of it is old */

struct planning {
	struct event_base *base;
	struct chronicle *chronicle;
	struct planned *planned;
	struct event *other; /* something else that the loop has to do, once a turn */
	size_t turns;
};

static void on_other(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now;
	struct planning *planning = arg;

	(void)fd;
	(void)what;
	planning->turns++;
	(void)event_add(planning->other, &now);
}

static void begin(struct planning *planning, const struct shelf *shelf)
{
	*planning = (struct planning){.base = event_base_new(),
				      .chronicle = shelf_chronicle(shelf, KEEP_DAYS)};
	planning->planned = planned_new(planning->base, planning->chronicle);
	planning->other = evtimer_new(planning->base, on_other, planning);
	on_other(-1, 0, planning);
}

static void end(struct planning *planning)
{
	planned_free(planning->planned);
	chronicle_close(planning->chronicle);
	event_free(planning->other);
	event_base_free(planning->base);
}

static void miss(struct planning *planning, const char *scenario, int64_t after_ms)
{
	planned_missed(planning->planned,
		       &(struct planner_missed){.scenario = scenario,
						.environment = "staging",
						.first_wall_ms = AT + after_ms,
						.last_wall_ms = AT + after_ms,
						.count = 1,
						.why = "firedrill was not running"});
}

static void miss_many(struct planning *planning)
{
	char scenario[16];

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(scenario, sizeof scenario, "s%d", i);
		miss(planning, scenario, 1000);
	}
}

static void start(struct planning *planning, const char *scenario, int64_t after_ms)
{
	planned_begun(planning->planned, &(struct planner_due){.scenario = scenario,
							       .environment = "staging",
							       .planned_wall_ms = AT + after_ms});
}

static void live(struct planning *planning)
{
	while (!planned_is_written(planning->planned))
		assert_int_equal(event_base_loop(planning->base, EVLOOP_ONCE), 0);
}

/* What the history knows. */

static bool on_planned(void *arg, const struct history_planned *planned)
{
	buf_addf(arg, "%s %lld; ", planned->scenario, (long long)(planned->wall_ms - AT));
	return true;
}

static bool on_missed(void *arg, const struct history_missed *missed)
{
	size_t *count = arg;

	*count += (size_t)missed->count;
	return true;
}

static char *known(struct planning *planning)
{
	struct buf text = {0};

	assert_true(
	    history_visit_planned(chronicle_history(planning->chronicle), on_planned, &text, NULL));
	return buf_take(&text);
}

static void assert_known(struct planning *planning, const char *expected)
{
	char *text = known(planning);

	assert_string_equal(text, expected);
	free(text);
}

static void assert_missed(struct planning *planning, size_t expected)
{
	size_t count = 0;

	assert_true(history_visit_missed(chronicle_history(planning->chronicle), 0, on_missed,
					 &count, NULL));
	assert_int_equal(count, expected);
}

static void very_many_are_written_each_once_while_the_loop_goes_on(void **state)
{
	struct planning planning;
	size_t before;

	begin(&planning, *state);
	miss_many(&planning);
	assert_false(planned_is_written(planning.planned));
	before = planning.turns;
	live(&planning);
	assert_true(planning.turns > before + 10);
	assert_missed(&planning, MANY);
	end(&planning);
}

static void what_begins_is_known_at_once_with_what_was_missed_of_it_before(void **state)
{
	struct planning planning;

	begin(&planning, *state);
	miss_many(&planning);
	start(&planning, "s1711", 2000);
	start(&planning, "new", 3000);
	assert_known(&planning, "s1711 2000; new 3000; ");
	assert_missed(&planning, 1);
	live(&planning);
	assert_missed(&planning, MANY);
	start(&planning, "s1711", 4000);
	miss(&planning, "s1711", 5000);
	miss(&planning, "new", 5000);
	live(&planning);
	assert_missed(&planning, MANY + 2);
	end(&planning);
}

static void an_end_writes_all_that_is_left(void **state)
{
	struct planning planning;
	struct error error = {""};

	begin(&planning, *state);
	miss_many(&planning);
	assert_true(planned_write(planning.planned, 1000, &error));
	assert_true(planned_is_written(planning.planned));
	assert_missed(&planning, MANY);
	end(&planning);
}

static void while_another_process_writes_they_wait_in_their_order(void **state)
{
	const struct shelf *shelf = *state;
	char *path = mem_printf("%s-history", shelf->path);
	struct planning planning;
	struct error error = {""};
	sqlite3 *db = NULL;

	begin(&planning, shelf);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	miss(&planning, "a", 1000);
	miss(&planning, "b", 1000);
	start(&planning, "a", 2000);
	start(&planning, "b", 2000);
	start(&planning, "a", 3000);
	assert_false(planned_write(planning.planned, 0, &error));
	assert_non_null(strstr(error.text, "another process"));
	assert_known(&planning, "");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	live(&planning);
	assert_known(&planning, "b 2000; a 3000; ");
	assert_missed(&planning, 2);
	free(path);
	end(&planning);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(very_many_are_written_each_once_while_the_loop_goes_on),
	    shelf_test(what_begins_is_known_at_once_with_what_was_missed_of_it_before),
	    shelf_test(an_end_writes_all_that_is_left),
	    shelf_test(while_another_process_writes_they_wait_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
