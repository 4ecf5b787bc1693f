/* Looking back: what the history tells of drills, their evidence, schedules and open gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/store/history.h"
#include "tests/store/shelf.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const struct history_limits limits = {.keep_ms = 100 * DAY_MS, .bytes = HISTORY_BYTES};

static struct history *open_it(const struct shelf *shelf)
{
	struct error error = {""};
	struct history *history = history_open(shelf->path, &limits, &error);

	assert_string_equal(error.text, "");
	assert_non_null(history);
	return history;
}

static void sql(const struct shelf *shelf, const char *text)
{
	struct shelf file = *shelf;

	(void)snprintf(file.path, sizeof file.path, "%s/ledger-history", shelf->folder);
	shelf_sql(&file, text);
}

static const struct history_expectation expectations[] = {
    {.alert = "QueueMissing",
     .chat = "slack",
     .channel = "#ops",
     .finding = "delivered",
     .latency_ms = 2100,
     .within_ms = 90000,
     .resolved = "delivered",
     .resolved_latency_ms = 900},
    {.alert = "Silence",
     .chat = "slack",
     .channel = "#general",
     .finding = "missing",
     .latency_ms = -1,
     .within_ms = -1,
     .resolved_latency_ms = -1},
};

static struct history_drill drill_of(const char *id, const char *scenario, const char *environment,
				     const char *verdict, int64_t ended_wall_ms)
{
	return (struct history_drill){.drill = id,
				      .scenario = scenario,
				      .environment = environment,
				      .kind = "bad-queue-name",
				      .via = "http",
				      .origin = "hand",
				      .repeats = "",
				      .verdict = verdict,
				      .reason = "",
				      .exit_code = strcmp(verdict, "gap") == 0 ? 1 : 0,
				      .started_wall_ms = ended_wall_ms - 5000,
				      .ended_wall_ms = ended_wall_ms,
				      .report = "{\"drill\":\"x\"}",
				      .expectations = expectations,
				      .expectation_count = 2};
}

static void add(struct history *history, const struct history_drill *drill)
{
	struct error error = {""};
	bool good = history_add(history, drill, 0, &error);

	assert_string_equal(error.text, "");
	assert_true(good);
}

static void add_drill(struct history *history, const char *id, const char *scenario,
		      const char *environment, const char *verdict, int64_t ended_wall_ms)
{
	const struct history_drill drill =
	    drill_of(id, scenario, environment, verdict, ended_wall_ms);

	add(history, &drill);
}

/* Everything that is visited becomes one line of text. */

static bool on_drill(void *arg, const struct history_drill *drill)
{
	struct buf *told = arg;

	buf_addf(told, "%s(%zu,%s) ", drill->drill, drill->expectation_count,
		 drill->report != NULL ? "report" : "-");
	return true;
}

static void assert_drills(struct history *history, const struct history_filter *filter,
			  const char *expected)
{
	struct buf told = {0};

	assert_true(history_visit_drills(history, filter, false, on_drill, &told, NULL));
	assert_string_equal(buf_text(&told), expected);
	buf_done(&told);
}

static bool on_first(void *arg, const struct history_drill *drill)
{
	(void)on_drill(arg, drill);
	return false;
}

static void drills_are_told_the_newest_first_as_the_filter_asks(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	int64_t now_ms = clock_wall_ms();
	struct buf told = {0};

	add_drill(history, "fd-1", "queue", "staging", "pass", now_ms - 4000);
	add_drill(history, "fd-2", "queue", "production", "gap", now_ms - 3000);
	add_drill(history, "fd-3", "health", "staging", "gap", now_ms - 2000);
	add_drill(history, "fd-4", "queue", "staging", "pass", now_ms - 1000);
	assert_drills(history, &(struct history_filter){.scenario = NULL},
		      "fd-4(2,-) fd-3(2,-) fd-2(2,-) fd-1(2,-) ");
	assert_drills(history, &(struct history_filter){.most = 2}, "fd-4(2,-) fd-3(2,-) ");
	assert_drills(history, &(struct history_filter){.verdict = "gap"}, "fd-3(2,-) fd-2(2,-) ");
	assert_drills(history, &(struct history_filter){.verdict = "pass"}, "fd-4(2,-) fd-1(2,-) ");
	assert_drills(history, &(struct history_filter){.scenario = "queue"},
		      "fd-4(2,-) fd-2(2,-) fd-1(2,-) ");
	assert_drills(history, &(struct history_filter){.environment = "production"}, "fd-2(2,-) ");
	assert_drills(history,
		      &(struct history_filter){
			  .scenario = "queue", .environment = "production", .verdict = "gap"},
		      "fd-2(2,-) ");
	assert_drills(history,
		      &(struct history_filter){.since_wall_ms = now_ms - 3000,
					       .until_wall_ms = now_ms - 1000},
		      "fd-3(2,-) fd-2(2,-) ");
	assert_drills(history, &(struct history_filter){.scenario = "unknown"}, "");
	assert_true(history_visit_drills(history, &(struct history_filter){.most = 0}, true,
					 on_first, &told, NULL));
	assert_string_equal(buf_text(&told), "fd-4(2,report) ");
	buf_done(&told);
	history_close(history);
}

/* One drill. */

static bool on_whole(void *arg, const struct history_drill *drill)
{
	struct buf *told = arg;

	buf_addf(told, "%s %s %s %s %s %s %s %d", drill->drill, drill->scenario, drill->environment,
		 drill->kind, drill->via, drill->origin, drill->repeats, drill->exit_code);
	for (size_t i = 0; i < drill->expectation_count; i++)
		buf_addf(told, "; %s %s %d %d %s", drill->expectations[i].alert,
			 drill->expectations[i].finding, (int)drill->expectations[i].latency_ms,
			 (int)drill->expectations[i].within_ms,
			 drill->expectations[i].resolved != NULL ? drill->expectations[i].resolved
								 : "-");
	for (size_t i = 0; i < drill->proof_count; i++)
		buf_addf(told, "; proof %s %s %s %s", drill->proofs[i].kind, drill->proofs[i].hop,
			 drill->proofs[i].name, drill->proofs[i].detail);
	for (size_t i = 0; i < drill->evidence_count; i++)
		buf_addf(told, "; %s %s %d %d %s", drill->evidence[i].kind,
			 drill->evidence[i].source, drill->evidence[i].expect,
			 (int)drill->evidence[i].wall_ms, drill->evidence[i].text);
	buf_addf(told, "; %s", drill->report);
	return true;
}

static void assert_found(struct history *history, const char *name, const char *expected)
{
	struct error error = {""};
	struct buf told = {0};
	bool found = false;

	assert_true(history_find_drill(history, name, on_whole, &told, &found, &error));
	if (!found)
		buf_adds(&told, error.text);
	if (strstr(buf_text(&told), expected) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", expected, buf_text(&told));
	buf_done(&told);
}

static void one_drill_is_told_with_all_that_is_kept_of_it(void **state)
{
	static const struct history_evidence evidence[] = {
	    {"message", "#ops", 0, 1234, "QueueMissing\nis firing"},
	    {"log", "", -1, 0, "at=1 what=done"},
	};
	static const struct history_proof proof = {
	    0, "main", "rule", "prometheus", "QueueMissing", "orders", 5, 2100};
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	struct history_drill drill =
	    drill_of("fd-bbbbbbbb", "queue", "staging", "gap", clock_wall_ms());

	drill.origin = "repeat";
	drill.repeats = "fd-aaaaaaaa";
	drill.evidence = evidence;
	drill.evidence_count = 2;
	drill.proofs = &proof;
	drill.proof_count = 1;
	add_drill(history, "fd-aaaaaaaa", "queue", "staging", "gap", clock_wall_ms());
	add(history, &drill);
	assert_found(history, "fd-bbbbbbbb",
		     "fd-bbbbbbbb queue staging bad-queue-name http repeat fd-aaaaaaaa 1;"
		     " QueueMissing delivered 2100 90000 delivered; Silence missing -1 -1 -;"
		     " proof rule prometheus QueueMissing orders;"
		     " message #ops 0 1234 QueueMissing\nis firing; log  -1 0 at=1 what=done;"
		     " {\"drill\":\"x\"}");
	history_close(history);
}

static void a_drill_is_found_by_a_beginning_that_only_it_has(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	char *endless = mem_zalloc(1000);

	add_drill(history, "fd-abcd", "s", "e", "pass", 1);
	add_drill(history, "fd-abce", "s", "e", "pass", 2);
	add_drill(history, "fd-abc", "s", "e", "pass", 3);
	assert_found(history, "fd-abcd", "fd-abcd s e");
	assert_found(history, "fd-abc", "fd-abc s e"); /* all of it: not the beginning of others */
	assert_found(history, "fd-ab", "several drills begin with fd-ab, such as fd-abc and ");
	assert_found(history, "fd-x", "there is no drill fd-x");
	assert_found(history, "", "no drill");
	assert_found(history, "fd-abc%", "there is no drill");
	memset(endless, 'a', 999);
	assert_found(history, endless, "no drill");
	free(endless);
	history_close(history);
}

/* Evidence that is too much. */

static void evidence_that_is_too_long_is_cut_and_that_is_said(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	char *text = mem_zalloc(HISTORY_EVIDENCE_BYTES + 3);
	struct history_evidence evidence[40];
	struct history_drill drill = drill_of("fd-a", "s", "e", "gap", 1);

	memset(text, 'x', HISTORY_EVIDENCE_BYTES - 1);
	memcpy(text + HISTORY_EVIDENCE_BYTES - 1, "\xe2\x82\xac", 3); /* must not be torn */
	for (size_t i = 0; i < 40; i++)
		evidence[i] = (struct history_evidence){"message", "#ops", 0, 1, text};
	evidence[39] = (struct history_evidence){"log", "", -1, 0, "the end"};
	drill.evidence = evidence;
	drill.evidence_count = 40;
	add(history, &drill);
	assert_found(history, "fd-a", "xxx\n[3 bytes more are not kept]; message");
	/* The first 16 texts make 256 KiB; no more of them, but what is short still fits. */
	assert_found(history, "fd-a", "not kept]; note  -1 0 24 more of what it saw is not kept");
	free(text);
	history_close(history);
}

/* How a scenario ended last. */

static bool on_last(void *arg, const struct history_last *last)
{
	buf_addf(arg, "%s %s %s %s %s %lld %lld; ", last->scenario, last->environment, last->drill,
		 last->verdict, last->passed_drill, (long long)last->ended_wall_ms,
		 (long long)last->passed_wall_ms);
	return true;
}

static void assert_last(struct history *history, const char *expected)
{
	struct buf told = {0};

	assert_true(history_visit_last(history, on_last, &told, NULL));
	assert_string_equal(buf_text(&told), expected);
	buf_done(&told);
}

static void of_each_scenario_the_last_drill_and_the_last_pass_are_at_hand(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);

	add_drill(history, "fd-1", "queue", "staging", "gap", 10);
	assert_last(history, "queue staging fd-1 gap  10 0; ");
	add_drill(history, "fd-2", "queue", "staging", "flaky", 20);
	add_drill(history, "fd-3", "queue", "staging", "gap", 30);
	assert_last(history, "queue staging fd-3 gap fd-2 30 20; ");
	add_drill(history, "fd-0", "queue", "staging", "pass", 15); /* written late */
	assert_last(history, "queue staging fd-3 gap fd-2 30 20; ");
	add_drill(history, "fd-4", "queue", "production", "pass", 5);
	assert_last(history,
		    "queue production fd-4 pass fd-4 5 5; queue staging fd-3 gap fd-2 30 20; ");
	history_close(history);
}

static void a_time_far_ahead_is_a_wrong_clock_s_and_stays_no_last_drill(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	int64_t now_ms = clock_wall_ms();
	char *expected =
	    mem_printf("s e fd-2 pass fd-2 %lld %lld; ", (long long)now_ms, (long long)now_ms);

	add_drill(history, "fd-1", "s", "e", "pass", now_ms + 900 * DAY_MS);
	add_drill(history, "fd-2", "s", "e", "pass", now_ms);
	assert_last(history, expected);
	free(expected);
	history_close(history);
}

static bool on_latency(void *arg, const struct history_latency *latency)
{
	buf_addf(arg, "%s %s %s %s %s %lld %lld %lld; ", latency->environment, latency->drill,
		 latency->alert, latency->channel, latency->finding, (long long)latency->wall_ms,
		 (long long)latency->latency_ms, (long long)latency->within_ms);
	return true;
}

static void latencies_of_a_scenario_are_told_the_oldest_first(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	struct history_drill drill = drill_of("fd-2", "queue", "staging", "pass", 20);
	struct buf told = {0};

	drill.expectation_count = 1;
	add(history, &drill);
	drill.drill = "fd-1";
	drill.environment = "production";
	drill.ended_wall_ms = 10;
	add(history, &drill);
	drill.drill = "fd-3";
	drill.scenario = "other";
	add(history, &drill);
	assert_true(history_visit_latencies(history, "queue", NULL, 0, on_latency, &told, NULL));
	assert_string_equal(buf_text(&told),
			    "production fd-1 QueueMissing #ops delivered 10 2100 90000; "
			    "staging fd-2 QueueMissing #ops delivered 20 2100 90000; ");
	buf_done(&told);
	assert_true(
	    history_visit_latencies(history, "queue", "staging", 20, on_latency, &told, NULL));
	assert_string_equal(buf_text(&told),
			    "staging fd-2 QueueMissing #ops delivered 20 2100 90000; ");
	buf_done(&told);
	assert_true(
	    history_visit_latencies(history, "queue", "staging", 21, on_latency, &told, NULL));
	assert_string_equal(buf_text(&told), "");
	history_close(history);
}

/* Schedules. */

#define AT INT64_C(4102444800000) /* 2100: nothing of it is old */

static bool on_planned(void *arg, const struct history_planned *planned)
{
	buf_addf(arg, "%s %s %lld; ", planned->scenario, planned->environment,
		 (long long)planned->wall_ms);
	return true;
}

static bool on_missed(void *arg, const struct history_missed *missed)
{
	buf_addf(arg, "%s %s %s %lld %lld %lld; ", missed->scenario, missed->environment,
		 missed->why, (long long)missed->first_wall_ms, (long long)missed->last_wall_ms,
		 (long long)missed->count);
	return true;
}

static void planned_starts_are_kept_one_for_a_scenario_and_missed_ones_all(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	struct history_missed missed = {"queue",  "staging", "firedrill was not running",
					AT + 100, AT + 300,  3};
	struct history_missed more = missed;
	struct history_start starts[] = {{{"queue", "staging", 1000}, NULL},
					 {{"queue", "staging", 2000}, &more}};
	struct buf told = {0};

	assert_true(history_add_starts(history, starts, 1, 0, NULL));
	starts[0].planned.wall_ms = 2000;
	assert_true(history_add_starts(history, starts, 1, 0, NULL));
	assert_true(history_visit_planned(history, on_planned, &told, NULL));
	assert_string_equal(buf_text(&told), "queue staging 2000; ");
	buf_done(&told);
	more.why = "still waiting";
	more.last_wall_ms = AT + 400;
	starts[0].missed = &missed;
	assert_true(history_add_starts(history, starts, 2, 0, NULL));
	assert_true(history_visit_missed(history, 0, on_missed, &told, NULL));
	assert_string_equal(
	    buf_text(&told),
	    "queue staging still waiting 4102444800100 4102444800400 3; "
	    "queue staging firedrill was not running 4102444800100 4102444800300 3; ");
	buf_done(&told);
	assert_true(history_visit_missed(history, AT + 301, on_missed, &told, NULL));
	assert_string_equal(buf_text(&told),
			    "queue staging still waiting 4102444800100 4102444800400 3; ");
	buf_done(&told);
	history_close(history);
}

/* Gaps. */

static bool on_gap(void *arg, const struct history_gap *gap)
{
	buf_addf(arg, "%s %s %s %s %lld %lld %lld %s %s %s %s %s %s; ", gap->scenario,
		 gap->environment, gap->first_drill, gap->last_drill, (long long)gap->first_wall_ms,
		 (long long)gap->last_wall_ms, (long long)gap->drills, gap->finding, gap->text,
		 gap->chat, gap->channel, gap->channel_id, gap->ts);
	return true;
}

static void assert_gaps(struct history *history, const char *expected)
{
	struct buf told = {0};

	assert_true(history_visit_gaps(history, on_gap, &told, NULL));
	assert_string_equal(buf_text(&told), expected);
	buf_done(&told);
}

static void a_gap_is_open_until_it_is_closed(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	struct history_gap gap = {"queue",   "staging", "fd-1",  "fd-1", 1,       1,     1,
				  "missing", "lost",    "slack", "#ops", "C0123", "17.5"};

	assert_true(history_put_gap(history, &gap, 0, NULL));
	assert_gaps(history, "queue staging fd-1 fd-1 1 1 1 missing lost slack #ops C0123 17.5; ");
	gap.last_drill = "fd-2";
	gap.last_wall_ms = 9;
	gap.drills = 2;
	gap.finding = "late";
	assert_true(history_put_gap(history, &gap, 0, NULL));
	assert_gaps(history, "queue staging fd-1 fd-2 1 9 2 late lost slack #ops C0123 17.5; ");
	assert_true(history_close_gap(history, "queue", "production", 0, NULL));
	assert_true(history_close_gap(history, "queue", "staging", 0, NULL));
	assert_gaps(history, "");
	history_close(history);
}

/* Retention. */

static void what_is_old_goes_with_its_drills_but_no_gap_that_is_open(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	int64_t now_ms = clock_wall_ms();
	char *text = mem_printf(
	    "INSERT INTO gap VALUES ('s', 'e', 'fd-1', 'fd-1', 1, 1, 1, 'missing', '', '', '', '',"
	    " '');"
	    "INSERT INTO last VALUES ('gone', 'e', 'fd-1', 'pass', '', 1, 1, 'fd-1');"
	    "INSERT INTO planned VALUES ('yearly', 'e', %lld), ('gone', 'e', %lld);"
	    "INSERT INTO missed VALUES (1, 's', 'e', 'old', 1, %lld, 1), (2, 's', 'e', 'new', 1,"
	    " %lld, 1)",
	    (long long)(now_ms - 370 * DAY_MS), (long long)(now_ms - 410 * DAY_MS),
	    (long long)(now_ms - 101 * DAY_MS), (long long)(now_ms - 99 * DAY_MS));
	struct buf told = {0};

	sql(shelf, text);
	add_drill(history, "fd-2", "s", "e", "gap", now_ms);
	assert_gaps(history, "s e fd-1 fd-1 1 1 1 missing     ; ");
	assert_true(history_visit_missed(history, 0, on_missed, &told, NULL));
	assert_non_null(strstr(buf_text(&told), "s e new"));
	assert_null(strstr(buf_text(&told), "s e old"));
	buf_done(&told);
	assert_true(history_visit_planned(history, on_planned, &told, NULL));
	assert_non_null(strstr(buf_text(&told), "yearly"));
	assert_null(strstr(buf_text(&told), "gone"));
	buf_done(&told);
	assert_true(history_visit_last(history, on_last, &told, NULL));
	assert_null(strstr(buf_text(&told), "gone"));
	buf_done(&told);
	free(text);
	history_close(history);
}

/* Two processes. */

static void writing_waits_no_longer_than_it_may(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history = open_it(shelf);
	const struct history_missed missed = {"s", "e", "why", 1, 1, 1};
	const struct history_start start = {{"s", "e", 1}, &missed};
	const struct history_gap gap = {"s", "e", "", "", 0, 0, 0, "", "", "", "", "", ""};
	char *path = mem_printf("%s-history", shelf->path);
	struct error error = {""};
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_false(history_add_starts(history, &start, 1, 0, &error));
	assert_non_null(strstr(error.text, "another process"));
	assert_false(history_put_gap(history, &gap, 0, &error));
	assert_false(history_close_gap(history, "s", "e", 0, &error));
	assert_gaps(history, ""); /* reading goes on */
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_true(history_put_gap(history, &gap, 0, NULL));
	free(path);
	history_close(history);
}

/* A file of version 1. */

static const char version_1[] =
    "CREATE TABLE drill (seq INTEGER PRIMARY KEY, drill TEXT NOT NULL UNIQUE,"
    " scenario TEXT NOT NULL, environment TEXT NOT NULL, kind TEXT NOT NULL, via TEXT NOT NULL,"
    " verdict TEXT NOT NULL, reason TEXT NOT NULL, exit_code INTEGER NOT NULL,"
    " started_wall_ms INTEGER NOT NULL, ended_wall_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX drill_by_end ON drill (ended_wall_ms);"
    "CREATE INDEX drill_by_scenario ON drill (scenario, environment, ended_wall_ms);"
    "CREATE TABLE report (drill INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;"
    "CREATE TABLE expectation (drill INTEGER NOT NULL, number INTEGER NOT NULL,"
    " alert TEXT NOT NULL, chat TEXT NOT NULL, channel TEXT NOT NULL, finding TEXT NOT NULL,"
    " latency_ms INTEGER NOT NULL, resolved TEXT, resolved_latency_ms INTEGER NOT NULL,"
    " PRIMARY KEY (drill, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE item (seq INTEGER PRIMARY KEY, environment TEXT NOT NULL,"
    " pipeline TEXT NOT NULL, kind TEXT NOT NULL, hop TEXT NOT NULL, name TEXT NOT NULL,"
    " detail TEXT NOT NULL, first_wall_ms INTEGER NOT NULL, last_wall_ms INTEGER NOT NULL,"
    " last_drill TEXT NOT NULL,"
    " UNIQUE (environment, pipeline, kind, hop, name, detail)) STRICT;"
    "CREATE INDEX item_by_last ON item (last_wall_ms);"
    "CREATE TABLE proof (item INTEGER NOT NULL, wall_ms INTEGER NOT NULL, drill INTEGER NOT NULL,"
    " number INTEGER NOT NULL, latency_ms INTEGER NOT NULL,"
    " PRIMARY KEY (item, wall_ms, drill, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX proof_by_drill ON proof (drill);"
    "INSERT INTO drill VALUES"
    " (1, 'fd-a', 'queue', 'staging', 'none', 'http', 'pass', '', 0, 5, 10),"
    " (2, 'fd-b', 'queue', 'staging', 'none', 'http', 'gap', '', 1, 15, 20),"
    " (3, 'fd-c', 'queue', 'production', 'none', 'http', 'gap', '', 1, 25, 30);"
    "INSERT INTO report SELECT seq, '{\"drill\":\"' || drill || '\"}' FROM drill;"
    "INSERT INTO expectation SELECT seq, 0, 'A', 'slack', '#ops', 'delivered', 7, NULL, -1"
    " FROM drill;"
    "PRAGMA application_id = 1180977267; PRAGMA user_version = 1";

static void a_file_of_version_1_keeps_all_that_is_in_it(void **state)
{
	const struct shelf *shelf = *state;
	struct history *history;

	sql(shelf, version_1);
	history = open_it(shelf);
	assert_last(history,
		    "queue production fd-c gap  30 0; queue staging fd-b gap fd-a 20 10; ");
	assert_drills(history, &(struct history_filter){.verdict = "gap"}, "fd-c(1,-) fd-b(1,-) ");
	assert_found(history, "fd-b",
		     "fd-b queue staging none http hand  1; A delivered 7 -1 -; {\"drill\"");
	add_drill(history, "fd-d", "queue", "staging", "pass", 40);
	history_close(history);
	history = open_it(shelf); /* not once more */
	assert_last(history,
		    "queue production fd-c gap  30 0; queue staging fd-d pass fd-d 40 40; ");
	history_close(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(drills_are_told_the_newest_first_as_the_filter_asks),
	    shelf_test(one_drill_is_told_with_all_that_is_kept_of_it),
	    shelf_test(a_drill_is_found_by_a_beginning_that_only_it_has),
	    shelf_test(evidence_that_is_too_long_is_cut_and_that_is_said),
	    shelf_test(of_each_scenario_the_last_drill_and_the_last_pass_are_at_hand),
	    shelf_test(a_time_far_ahead_is_a_wrong_clock_s_and_stays_no_last_drill),
	    shelf_test(latencies_of_a_scenario_are_told_the_oldest_first),
	    shelf_test(planned_starts_are_kept_one_for_a_scenario_and_missed_ones_all),
	    shelf_test(a_gap_is_open_until_it_is_closed),
	    shelf_test(what_is_old_goes_with_its_drills_but_no_gap_that_is_open),
	    shelf_test(writing_waits_no_longer_than_it_may),
	    shelf_test(a_file_of_version_1_keeps_all_that_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
