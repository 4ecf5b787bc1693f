/* The chronicle: what of a drill goes into the history, and that nothing is lost without a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/program/chronicle.h"
#include "src/program/chronicle_entry.h"
#include "tests/program/shelf_chronicle.h"
#include "tests/reports/make_record.h"
#include "tests/store/shelf.h"

#define KEEP_DAYS 366

/* One that took place, with everything that can be seen. */
static struct made *make_seen(void)
{
	struct made *made = make_running();
	struct expectation_evidence *seen;
	struct sighting *sighting;

	sighting = make_sighting(made, 0, 2100, NULL, "[FIRING] secret-4711 OrdersQueueMissing");
	sighting->edit = true;
	sighting = make_sighting(made, 0, 2200, "#general", "the same there");
	sighting->resolved = true;
	seen = &made->record.evidence.expect[0];
	make_text(&seen->near.lacks, "orders");
	make_text(&seen->near.text, "almost it");
	seen->unread_count = 3;
	make_text(&seen->trouble, "rate limited");
	make_text(&made->record.evidence.fault_text, "PUT answered 200");
	make_text(&made->record.evidence.stop_text, "stopped by hand");
	make_over(made, VERDICT_GAP, "it never came");
	make_text(&made->record.evidence.revert_text, "GET answered secret-4711");
	make_hop(made, HOP_RULE, "prometheus", HOP_HAD_IT, 9000, "it fired");
	make_hop(made, HOP_RECEIVER, "am", HOP_NOT_ASKED, TIME_NEVER, "too many");
	make_hop(made, HOP_CHAT, NULL, HOP_LACKED_IT, TIME_NEVER, "nothing");
	made->record.origin = ORIGIN_REPEAT;
	(void)snprintf(made->record.repeats, sizeof made->record.repeats, "fd-aaaaaaaa");
	return made;
}

static bool on_drill(void *arg, const struct history_drill *drill)
{
	struct buf *text = arg;

	buf_addf(text, "%s %s %s %s %d %d\n", drill->drill, drill->origin, drill->repeats,
		 drill->verdict, (int)drill->expectations[0].within_ms,
		 (int)drill->expectation_count);
	for (size_t i = 0; i < drill->evidence_count; i++)
		buf_addf(text, "%s|%s|%d|%s|%s\n", drill->evidence[i].kind,
			 drill->evidence[i].source, drill->evidence[i].expect,
			 drill->evidence[i].wall_ms != 0 ? "at" : "-", drill->evidence[i].text);
	return true;
}

static void assert_kept(struct chronicle *chronicle, const char *drill, const char *expected)
{
	struct error error = {""};
	struct buf text = {0};
	bool found = false;

	assert_true(history_find_drill(chronicle_history(chronicle), drill, on_drill, &text, &found,
				       &error));
	assert_string_equal(buf_text(&text), expected);
	assert_int_equal(found, expected[0] != '\0');
	buf_done(&text);
}

static void all_that_was_seen_is_kept_without_secrets(void **state)
{
	const struct shelf *shelf = *state;
	struct chronicle *chronicle = shelf_chronicle(shelf, KEEP_DAYS);
	struct secrets *secrets = secrets_new();
	struct made *made = make_seen();

	assert_int_equal(setenv("CHRONICLE_SECRET", "secret-4711", 1), 0);
	assert_non_null(secret_resolve(secrets, "env:CHRONICLE_SECRET", NULL));
	chronicle_add(chronicle, &made->record, secrets, "msg=done key=secret-4711\n");
	assert_null(chronicle_trouble(chronicle));
	assert_kept(chronicle, "fd-k3q9x2m7",
		    "fd-k3q9x2m7 repeat fd-aaaaaaaa gap 90000 1\n"
		    "fault|inject|-1|-|PUT answered 200\n"
		    "fault|revert|-1|-|GET answered ***********\n"
		    "note|stopped|-1|-|stopped by hand\n"
		    "message|#ops, changed later|0|at|[FIRING] *********** OrdersQueueMissing\n"
		    "message|#general, found there instead, resolved|0|at|the same there\n"
		    "message|#ops, but without \"orders\"|0|at|almost it\n"
		    "note|#ops|0|-|3 messages more were like this; they are not kept\n"
		    "note|#ops|0|-|rate limited\n"
		    "hop|prometheus|0|at|rule had-it: it fired\n"
		    "hop|am|0|-|receiver could not tell: too many\n"
		    "hop|firedrill|0|-|chat lacked-it: nothing\n"
		    "log||-1|at|msg=done key=***********\n\n");
	made_free(made);
	secrets_free(secrets);
	chronicle_close(chronicle);
}

static void what_cannot_be_written_now_is_written_later(void **state)
{
	const struct shelf *shelf = *state;
	struct chronicle *chronicle = shelf_chronicle(shelf, KEEP_DAYS);
	struct secrets *secrets = secrets_new();
	struct made *made = make_seen();
	char *path = mem_printf("%s-history", shelf->path);
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	chronicle_add(chronicle, &made->record, secrets, NULL);
	assert_non_null(strstr(chronicle_trouble(chronicle), "1 drill is not in the history: "));
	chronicle_write(chronicle);
	assert_non_null(chronicle_trouble(chronicle));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	chronicle_write(chronicle);
	assert_null(chronicle_trouble(chronicle));
	chronicle_close(chronicle);
	chronicle = shelf_chronicle(shelf, KEEP_DAYS);
	chronicle_add(chronicle, &made->record, secrets, NULL); /* known already */
	assert_null(chronicle_trouble(chronicle));
	chronicle_close(chronicle);
	made_free(made);
	secrets_free(secrets);
	free(path);
}

static void a_history_that_cannot_be_opened_is_tried_again(void **state)
{
	const struct shelf *shelf = *state;
	struct secrets *secrets = secrets_new();
	struct made *made = make_seen();
	char *path = mem_printf("%s-history", shelf->path);
	struct chronicle *chronicle;

	assert_int_equal(mkdir(path, 0700), 0);
	chronicle = shelf_chronicle(shelf, KEEP_DAYS);
	assert_null(chronicle_history(chronicle));
	assert_non_null(strstr(chronicle_trouble(chronicle), "is not a file"));
	chronicle_add(chronicle, &made->record, secrets, NULL);
	assert_non_null(strstr(chronicle_trouble(chronicle), "1 drill is not in the history"));
	assert_int_equal(rmdir(path), 0);
	chronicle_write(chronicle);
	assert_null(chronicle_trouble(chronicle));
	assert_non_null(chronicle_history(chronicle));
	chronicle_close(chronicle);
	made_free(made);
	secrets_free(secrets);
	free(path);
}

static void too_much_that_waits_loses_its_evidence_first_and_says_so(void **state)
{
	const struct shelf *shelf = *state;
	struct secrets *secrets = secrets_new();
	struct made *made = make_seen();
	struct chronicle_entry *entry =
	    chronicle_entry_new(&made->record, secrets, "a line of its log");
	size_t whole = entry->bytes;

	(void)shelf;
	chronicle_entry_strip(entry);
	assert_in_range(entry->bytes, 1, whole - strlen("a line of its log"));
	assert_int_equal(entry->drill.evidence_count, 1);
	assert_non_null(strstr(entry->drill.evidence[0].text, "is not kept"));
	assert_string_equal(entry->drill.drill, "fd-k3q9x2m7");
	assert_string_equal(entry->drill.expectations[0].channel, "#ops");
	chronicle_entry_free(entry);
	made_free(made);
	secrets_free(secrets);
}

/* Waiting costs no time here. */
int __wrap_sqlite3_sleep(int ms);

static size_t *waits(void)
{
	static size_t count;

	return &count;
}

int __wrap_sqlite3_sleep(int ms)
{
	++*waits();
	return ms;
}

/* One who has it open for nobody else, as some do who only look into it. */
static sqlite3 *keep_for_oneself(const char *path)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE;"
				      " DELETE FROM gap; COMMIT",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	return db;
}

static void whoever_keeps_the_history_for_himself_is_not_waited_for(void **state)
{
	const struct shelf *shelf = *state;
	char *path = mem_printf("%s-history", shelf->path);
	struct chronicle *chronicle;
	sqlite3 *keeper;

	chronicle_close(shelf_chronicle(shelf, KEEP_DAYS));
	keeper = keep_for_oneself(path);
	chronicle = shelf_chronicle(shelf, KEEP_DAYS);
	assert_non_null(chronicle_trouble(chronicle));
	for (int tries = 0; tries < 3; tries++) {
		*waits() = 0;
		chronicle_write(chronicle);
		assert_true(*waits() < 10);
		assert_null(chronicle_history(chronicle));
	}
	assert_int_equal(sqlite3_close(keeper), SQLITE_OK);
	chronicle_write(chronicle);
	assert_null(chronicle_trouble(chronicle));
	chronicle_close(chronicle);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(all_that_was_seen_is_kept_without_secrets),
	    shelf_test(what_cannot_be_written_now_is_written_later),
	    shelf_test(a_history_that_cannot_be_opened_is_tried_again),
	    shelf_test(whoever_keeps_the_history_for_himself_is_not_waited_for),
	    shelf_test(too_much_that_waits_loses_its_evidence_first_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
