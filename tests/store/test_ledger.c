/* The ledger remembers: across closing, crashing, and other processes. */
#include "src/store/ledger.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "tests/store/shelf.h"

#define KILLS   20
#define WRITERS 4
#define EACH    25
#define TRIES   40

/* Remembering. */

static bool keep_first(void *arg, const struct ledger_fault *fault)
{
	char *text = arg;

	(void)snprintf(text, 512, "%s|%s|%s|%s|%s|%s|%s|%lld|%lld", fault->drill, fault->scenario,
		       fault->environment, via_name(fault->via), fault_state_name(fault->state),
		       fault->recipe, fault->note, (long long)fault->intended_wall_ms,
		       (long long)fault->lease_wall_ms);
	return false;
}

static void what_was_recorded_is_there_after_opening_again(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	char text[512] = "";

	assert_int_equal(shelf_count(ledger), 0);
	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_true(ledger_complete(ledger, "fd-aaaaaaaa", "{\"original\":\"\303\244\"}", NULL));
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "trying", NULL));
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTED, NULL, NULL));
	ledger_close(ledger);
	ledger = shelf_open(*state);
	assert_true(ledger_visit_open(ledger, NULL, keep_first, text, NULL));
	assert_string_equal(text, "fd-aaaaaaaa|bad-queue|staging|http|injected|"
				  "{\"original\":\"\303\244\"}|trying|1000|1700000000000");
	ledger_close(ledger);
	ledger_close(NULL);
}

static bool die_after_an_intent(struct shelf *shelf)
{
	struct ledger *ledger = ledger_open(shelf->path, NULL);
	const struct ledger_fault fault = shelf_fault("fd-aaaaaaaa");

	if (ledger != NULL && ledger_intend(ledger, &fault, NULL))
		(void)raise(SIGKILL);
	return false;
}

static void an_intent_survives_a_kill_in_the_next_instant(void **state)
{
	struct ledger *ledger;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(die_after_an_intent(*state) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	ledger = shelf_open(*state);
	assert_int_equal(shelf_count(ledger), 1);
	ledger_close(ledger);
}

/* Writes intents for ever, and says so after each. */
_Noreturn static void write_on(const struct shelf *shelf, int round, int out)
{
	struct ledger *ledger = ledger_open(shelf->path, NULL);
	char drill[32];

	for (int i = 0; ledger != NULL; i++) {
		struct ledger_fault fault = shelf_fault(drill);

		(void)snprintf(drill, sizeof drill, "fd-%d-%d", round, i);
		if (!ledger_intend(ledger, &fault, NULL) || write(out, "x", 1) != 1)
			break;
	}
	_exit(1);
}

static void every_intent_that_was_acknowledged_survives_a_kill_at_any_time(void **state)
{
	struct ledger *ledger;
	size_t said = 0, kept;

	for (int round = 0; round < KILLS; round++) {
		int pipe_ends[2];
		char byte;
		pid_t pid;

		assert_int_equal(pipe(pipe_ends), 0);
		pid = fork();
		if (pid == 0)
			write_on(*state, round, pipe_ends[1]);
		assert_true(pid > 0); /* to kill(2), -1 is everybody */
		(void)close(pipe_ends[1]);
		for (int i = 0; i <= round; i++)
			assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		said += (size_t)round + 1;
		while (read(pipe_ends[0], &byte, 1) == 1)
			said++;
		(void)close(pipe_ends[0]);
	}
	ledger = shelf_open(*state);
	kept = shelf_count(ledger);
	ledger_close(ledger);
	/* one more for each life may be written and not yet acknowledged */
	assert_in_range(kept, said, said + KILLS);
}

/* On a busy machine a second may be too short to get in between the others: then nothing was written. */
static bool is_busy(const struct error *error)
{
	return strstr(error->text, "another process is writing") != NULL;
}

static bool write_one(struct ledger *ledger, const struct ledger_fault *fault, struct error *error)
{
	int tries = 0;

	while (!ledger_intend(ledger, fault, error)) {
		if (++tries == TRIES || !is_busy(error))
			return false;
	}
	while (!ledger_advance(ledger, fault->drill, FAULT_INJECTING, "", error)) {
		if (++tries == TRIES || !is_busy(error))
			return false;
	}
	*error = (struct error){""};
	return true;
}

static bool write_many(struct shelf *shelf)
{
	struct error error = {""};
	struct ledger *ledger = ledger_open(shelf->path, &error);
	char drill[32];

	for (int i = 0; ledger != NULL && i < EACH; i++) {
		struct ledger_fault fault = shelf_fault(drill);

		(void)snprintf(drill, sizeof drill, "fd-%d-%d", (int)getpid(), i);
		if (!write_one(ledger, &fault, &error))
			break;
	}
	ledger_close(ledger);
	if (error.text[0] != '\0')
		(void)fprintf(stderr, "%s\n", error.text);
	return error.text[0] == '\0';
}

static void several_processes_may_open_and_write_at_once(void **state)
{
	struct ledger *ledger;
	pid_t pids[WRITERS];

	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(write_many(*state) ? 0 : 1);
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	ledger = shelf_open(*state);
	assert_int_equal(shelf_count(ledger), WRITERS * EACH);
	ledger_close(ledger);
}

/* Makes something in the file, and takes longer than anybody waits for one who merely writes. */
static void make_slowly(const struct shelf *shelf, int told)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(shelf->path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK ||
	    write(told, "x", 1) != 1)
		_exit(1);
	(void)poll(NULL, 0, 2500);
	_exit(sqlite3_close(db) == SQLITE_OK ? 0 : 1);
}

static void one_that_another_process_is_making_is_waited_for(void **state)
{
	struct shelf *shelf = *state;
	struct ledger *ledger;
	int pipe_ends[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(pipe_ends), 0);
	pid = fork();
	if (pid == 0)
		make_slowly(shelf, pipe_ends[1]);
	assert_true(pid > 0);
	(void)close(pipe_ends[1]);
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	(void)close(pipe_ends[0]);
	ledger = shelf_open(shelf);
	assert_int_equal(shelf_count(ledger), 0);
	ledger_close(ledger);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The lock of the one writer: https://www.sqlite.org/walformat.html#the_wal_index_file_format */
#define WRITE_LOCK_AT 120

static bool take_write_lock(const char *path)
{
	const struct flock lock = {.l_type = F_WRLCK, .l_start = WRITE_LOCK_AT, .l_len = 1};
	char index[128];
	int fd;

	(void)snprintf(index, sizeof index, "%s-shm", path);
	fd = open(index, O_RDWR | O_CLOEXEC);
	return fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0;
}

static void a_process_that_never_stops_writing_is_an_error_and_not_a_wait_for_ever(void **state)
{
	struct shelf *shelf = *state;
	struct ledger *ledger = shelf_open(shelf);
	const struct ledger_fault fault = shelf_fault("fd-bbbbbbbb");
	struct error error = {""};
	int pipe_ends[2];
	char byte;
	pid_t pid;

	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_int_equal(pipe(pipe_ends), 0);
	pid = fork();
	if (pid == 0) {
		if (take_write_lock(shelf->path) && write(pipe_ends[1], "x", 1) == 1)
			(void)pause();
		_exit(1);
	}
	assert_true(pid > 0);
	(void)close(pipe_ends[1]);
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	assert_false(ledger_intend(ledger, &fault, &error));
	assert_non_null(strstr(error.text, "another process is writing"));
	assert_int_equal(shelf_count(ledger), 1); /* reading goes on */
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(pipe_ends[0]);
	assert_true(ledger_intend(ledger, &fault, NULL));
	ledger_close(ledger);
}

static void two_that_are_open_see_what_the_other_writes(void **state)
{
	struct ledger *one = shelf_open(*state), *two = shelf_open(*state);

	shelf_intend(one, "fd-aaaaaaaa");
	assert_true(ledger_advance(two, "fd-aaaaaaaa", FAULT_CLEAN, "", NULL));
	assert_int_equal(shelf_count(one), 0);
	assert_false(ledger_advance(one, "fd-aaaaaaaa", FAULT_INJECTING, "", NULL));
	ledger_close(one);
	ledger_close(two);
}

/* Moving on. */

#define STATE(name) (1U << FAULT_##name)

/* What may follow each state, as sets. */
static const unsigned may_follow[FAULT_STATE_COUNT] = {
    [FAULT_INTENT] = STATE(INJECTING) | STATE(REVERTING) | STATE(CLEAN) | STATE(STUCK),
    [FAULT_INJECTING] = STATE(INJECTED) | STATE(REVERTING) | STATE(STUCK),
    [FAULT_INJECTED] = STATE(REVERTING) | STATE(STUCK),
    [FAULT_REVERTING] = STATE(REVERTING) | STATE(UNCONFIRMED) | STATE(STUCK),
    [FAULT_UNCONFIRMED] = STATE(REVERTING) | STATE(CLEAN) | STATE(STUCK),
    [FAULT_STUCK] = STATE(REVERTING) | STATE(STUCK),
};

/* The shortest way from an intent to each state. */
static const enum fault_state way_to[FAULT_STATE_COUNT][3] = {
    [FAULT_INJECTING] = {FAULT_INJECTING},
    [FAULT_INJECTED] = {FAULT_INJECTING, FAULT_INJECTED},
    [FAULT_REVERTING] = {FAULT_REVERTING},
    [FAULT_UNCONFIRMED] = {FAULT_REVERTING, FAULT_UNCONFIRMED},
    [FAULT_CLEAN] = {FAULT_REVERTING, FAULT_UNCONFIRMED, FAULT_CLEAN},
    [FAULT_STUCK] = {FAULT_STUCK},
};

static bool keep_state(void *arg, const struct ledger_fault *fault)
{
	*(enum fault_state *)arg = fault->state;
	return true;
}

static void assert_step(const struct shelf *shelf, enum fault_state from, enum fault_state to)
{
	struct ledger *ledger = shelf_open(shelf);
	struct error error = {""};
	char drill[32], text[48];
	enum fault_state now = FAULT_CLEAN;
	bool moved, right = (may_follow[from] & (1U << to)) != 0;

	(void)snprintf(drill, sizeof drill, "fd-%d-%d", (int)from, (int)to);
	shelf_intend(ledger, drill);
	for (int i = 0; i < 3 && way_to[from][i] != FAULT_ABSENT; i++)
		assert_true(ledger_advance(ledger, drill, way_to[from][i], "", NULL));
	moved = ledger_advance(ledger, drill, to, "", &error);
	if (moved != right)
		fail_msg("from %s to %s", fault_state_name(from), fault_state_name(to));
	(void)snprintf(text, sizeof text, "is %s and cannot become %s", fault_state_name(from),
		       fault_state_name(to));
	assert_true(moved || strstr(error.text, text) != NULL);
	assert_true(ledger_visit_open(ledger, NULL, keep_state, &now, NULL));
	assert_int_equal(now, moved ? to : from);
	if (now != FAULT_CLEAN) {
		assert_true(ledger_advance(ledger, drill, FAULT_REVERTING, "", NULL));
		assert_true(ledger_advance(ledger, drill, FAULT_UNCONFIRMED, "", NULL));
		assert_true(ledger_advance(ledger, drill, FAULT_CLEAN, "", NULL));
	}
	ledger_close(ledger);
}

static void a_fault_moves_only_where_it_makes_sense(void **state)
{
	for (int from = FAULT_INTENT; from < FAULT_STATE_COUNT; from++) {
		for (int to = FAULT_ABSENT; to < FAULT_STATE_COUNT; to++)
			assert_step(*state, (enum fault_state)from, (enum fault_state)to);
	}
}

static void a_fault_that_was_never_recorded_cannot_move(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct error error = {""};

	for (int to = FAULT_ABSENT; to < FAULT_STATE_COUNT; to++)
		assert_false(
		    ledger_advance(ledger, "fd-nnnnnnnn", (enum fault_state)to, "", &error));
	assert_non_null(strstr(error.text, "fd-nnnnnnnn is absent"));
	assert_false(ledger_complete(ledger, "fd-nnnnnnnn", "{}", &error));
	ledger_close(ledger);
}

static void a_drill_has_one_fault(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	const struct ledger_fault fault = shelf_fault("fd-aaaaaaaa");
	struct error error = {""};

	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_false(ledger_intend(ledger, &fault, &error));
	assert_string_not_equal(error.text, "");
	assert_int_equal(shelf_count(ledger), 1);
	ledger_close(ledger);
}

static void a_recipe_is_completed_before_the_injection_only(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct error error = {""};
	char text[512] = "";

	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_true(ledger_complete(ledger, "fd-aaaaaaaa", "whole", NULL));
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "", NULL));
	assert_false(ledger_complete(ledger, "fd-aaaaaaaa", "forged", &error));
	assert_non_null(strstr(error.text, "fd-aaaaaaaa"));
	assert_true(ledger_visit_open(ledger, NULL, keep_first, text, NULL));
	assert_non_null(strstr(text, "|whole|"));
	ledger_close(ledger);
}

/* Reading. */

static bool list_drills(void *arg, const struct ledger_fault *fault)
{
	char *text = arg;

	(void)strcat(text, fault->drill + 3);
	return strlen(text) < 3;
}

static void open_faults_come_oldest_first_by_environment_and_until_told_to_stop(void **state)
{
	struct ledger *ledger = shelf_open(*state);
	struct ledger_fault production = shelf_fault("fd-x");
	char all[8] = "", of_one[8] = "", of_none[8] = "";

	shelf_intend(ledger, "fd-c");
	shelf_intend(ledger, "fd-b");
	production.environment = "production";
	assert_true(ledger_intend(ledger, &production, NULL));
	shelf_intend(ledger, "fd-a");
	assert_true(ledger_advance(ledger, "fd-b", FAULT_CLEAN, "", NULL));
	shelf_intend(ledger, "fd-d");
	assert_true(ledger_visit_open(ledger, NULL, list_drills, all, NULL));
	assert_string_equal(all, "cxa"); /* told to stop */
	assert_true(ledger_visit_open(ledger, "production", list_drills, of_one, NULL));
	assert_string_equal(of_one, "x");
	assert_true(ledger_visit_open(ledger, "qa", list_drills, of_none, NULL));
	assert_string_equal(of_none, "");
	ledger_close(ledger);
}

static bool write_meanwhile(void *arg, const struct ledger_fault *fault)
{
	assert_false(ledger_advance(arg, fault->drill, FAULT_CLEAN, "", NULL));
	return true;
}

static void nothing_is_written_while_faults_are_visited(void **state)
{
	struct ledger *ledger = shelf_open(*state);

	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_true(ledger_visit_open(ledger, NULL, write_meanwhile, ledger, NULL));
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_CLEAN, "", NULL));
	ledger_close(ledger);
}

/* Limits. */

static bool measure_note(void *arg, const struct ledger_fault *fault)
{
	*(size_t *)arg = strlen(fault->note);
	return true;
}

static void what_is_too_long_is_cut_or_refused(void **state)
{
	static char recipe[(1U << 20) + 2], name[258], note[10000];
	struct ledger *ledger = shelf_open(*state);
	struct ledger_fault fault = shelf_fault("fd-aaaaaaaa");
	size_t len = 0;

	memset(recipe, 'x', sizeof recipe - 1);
	memset(name, 'x', sizeof name - 1);
	memset(note, 'x', sizeof note - 1);
	fault.recipe = recipe;
	assert_false(ledger_intend(ledger, &fault, NULL));
	recipe[sizeof recipe - 2] = '\0';
	assert_true(ledger_intend(ledger, &fault, NULL));
	recipe[sizeof recipe - 2] = 'x';
	assert_false(ledger_complete(ledger, "fd-aaaaaaaa", recipe, NULL));
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_STUCK, note, NULL));
	assert_true(ledger_visit_open(ledger, NULL, measure_note, &len, NULL));
	assert_int_equal(len, 4096);
	fault = shelf_fault(name);
	assert_false(ledger_intend(ledger, &fault, NULL));
	fault = shelf_fault("");
	assert_false(ledger_intend(ledger, &fault, NULL));
	assert_int_equal(shelf_count(ledger), 1);
	ledger_close(ledger);
}

/* The file. */

static mode_t mode_of(const char *folder, const char *name)
{
	struct stat about = {0};
	char path[256];

	(void)snprintf(path, sizeof path, "%s%s", folder, name);
	assert_int_equal(stat(path, &about), 0);
	return about.st_mode & 0777;
}

static void the_file_and_its_folders_are_made_for_our_eyes_only(void **state)
{
	struct shelf *shelf = *state;
	mode_t before = umask(0);
	struct ledger *ledger;

	(void)snprintf(shelf->path, sizeof shelf->path, "%s/a/b/ledger", shelf->folder);
	ledger = shelf_open(shelf);
	shelf_intend(ledger, "fd-aaaaaaaa");
	assert_int_equal(mode_of(shelf->folder, "/a"), 0700);
	assert_int_equal(mode_of(shelf->folder, "/a/b"), 0700);
	assert_int_equal(mode_of(shelf->path, ""), 0600);
	assert_int_equal(mode_of(shelf->path, "-wal"), 0600);
	assert_int_equal(mode_of(shelf->path, "-shm"), 0600);
	ledger_close(ledger);
	(void)umask(before);
}

static void a_ledger_that_was_moved_away_is_not_written(void **state)
{
	struct shelf *shelf = *state;
	struct ledger *ledger = shelf_open(shelf);
	const struct ledger_fault fault = shelf_fault("fd-bbbbbbbb");
	struct error error = {""};
	char elsewhere[128];

	shelf_intend(ledger, "fd-aaaaaaaa");
	(void)snprintf(elsewhere, sizeof elsewhere, "%s-old", shelf->path);
	assert_int_equal(rename(shelf->path, elsewhere), 0);
	assert_false(ledger_intend(ledger, &fault, &error));
	assert_non_null(strstr(error.text, "moved or removed"));
	assert_false(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "", NULL));
	assert_int_equal(rename(elsewhere, shelf->path), 0);
	assert_true(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_INJECTING, "", NULL));
	ledger_close(ledger);
}

/* The newest rows are there: without it the next one to open the ledger would not know them. */
static void a_ledger_whose_log_was_moved_away_is_not_written(void **state)
{
	struct shelf *shelf = *state;
	const struct ledger_fault fault = shelf_fault("fd-bbbbbbbb");
	struct error error = {""};
	struct ledger *ledger;
	char log[128], elsewhere[128];

	ledger_close(shelf_open(shelf));
	ledger = shelf_open(shelf);
	(void)snprintf(log, sizeof log, "%s-wal", shelf->path);
	(void)snprintf(elsewhere, sizeof elsewhere, "%s-old", shelf->path);
	assert_int_equal(rename(log, elsewhere), 0);
	assert_false(ledger_intend(ledger, &fault, &error));
	assert_non_null(strstr(error.text, "moved or removed"));
	assert_int_equal(rename(elsewhere, log), 0);
	assert_true(ledger_intend(ledger, &fault, &error));
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(what_was_recorded_is_there_after_opening_again),
	    shelf_test(an_intent_survives_a_kill_in_the_next_instant),
	    shelf_test(every_intent_that_was_acknowledged_survives_a_kill_at_any_time),
	    shelf_test(several_processes_may_open_and_write_at_once),
	    shelf_test(one_that_another_process_is_making_is_waited_for),
	    shelf_test(a_process_that_never_stops_writing_is_an_error_and_not_a_wait_for_ever),
	    shelf_test(two_that_are_open_see_what_the_other_writes),
	    shelf_test(a_fault_moves_only_where_it_makes_sense),
	    shelf_test(a_fault_that_was_never_recorded_cannot_move),
	    shelf_test(a_drill_has_one_fault),
	    shelf_test(a_recipe_is_completed_before_the_injection_only),
	    shelf_test(open_faults_come_oldest_first_by_environment_and_until_told_to_stop),
	    shelf_test(nothing_is_written_while_faults_are_visited),
	    shelf_test(what_is_too_long_is_cut_or_refused),
	    shelf_test(the_file_and_its_folders_are_made_for_our_eyes_only),
	    shelf_test(a_ledger_that_was_moved_away_is_not_written),
	    shelf_test(a_ledger_whose_log_was_moved_away_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
