/* Locks between processes: one at a time, gone with the last that holds them, handed on by
 * inheritance. */
#include "src/store/locks.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/store/shelf.h"

#define NOBODY  65534
#define WRITERS 4
#define EACH    50

static struct locks *open_locks(const struct shelf *shelf)
{
	struct error error = {""};
	struct locks *locks = locks_open(shelf->path, &error);

	assert_string_equal(error.text, "");
	assert_non_null(locks);
	return locks;
}

static void path_of_locks(const struct shelf *shelf, char *ret_path, size_t size)
{
	(void)snprintf(ret_path, size, "%s-locks", shelf->path);
}

static void remove_file(const struct shelf *shelf)
{
	char path[128];

	path_of_locks(shelf, path, sizeof path);
	assert_int_equal(unlink(path), 0);
}

static void assert_take(struct locks *locks, const char *name, enum lock_result expected)
{
	struct error error = {""};

	assert_int_equal(locks_take(locks, name, &error), expected);
	assert_int_equal(error.text[0] != '\0', expected == LOCK_FAILED);
}

/* One at a time. */

static void a_name_is_held_by_one_at_a_time(void **state)
{
	struct locks *one = open_locks(*state), *two = open_locks(*state);

	assert_take(one, "environment:staging", LOCK_TAKEN);
	assert_take(one, "environment:staging", LOCK_BUSY);
	assert_take(two, "environment:staging", LOCK_BUSY);
	locks_release(two, "environment:staging"); /* not theirs */
	assert_take(two, "environment:staging", LOCK_BUSY);
	locks_release(one, "environment:staging");
	assert_take(two, "environment:staging", LOCK_TAKEN);
	locks_close(two);
	assert_take(one, "environment:staging", LOCK_TAKEN);
	locks_close(one);
	locks_close(NULL);
}

static void looking_at_a_lock_takes_nothing(void **state)
{
	struct locks *one = open_locks(*state), *two = open_locks(*state);

	assert_false(locks_is_busy(two, "keeper"));
	assert_take(one, "keeper", LOCK_TAKEN);
	assert_true(locks_is_busy(one, "keeper"));
	assert_true(locks_is_busy(two, "keeper"));
	locks_release(one, "keeper");
	assert_false(locks_is_busy(two, "keeper"));
	assert_take(one, "keeper", LOCK_TAKEN);
	locks_close(one);
	locks_close(two);
}

static void other_names_are_free(void **state)
{
	struct locks *one = open_locks(*state), *two = open_locks(*state);
	char name[32];

	for (int i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof name, "fault:fd-%08d", i);
		assert_take(i % 2 == 0 ? one : two, name, LOCK_TAKEN);
	}
	locks_release(one, "fault:fd-00000000");
	assert_take(two, "fault:fd-00000000", LOCK_TAKEN);
	assert_take(two, "fault:fd-00000002", LOCK_BUSY);
	locks_release_all(one);
	for (int i = 2; i < 500; i += 2) {
		(void)snprintf(name, sizeof name, "fault:fd-%08d", i);
		assert_take(two, name, LOCK_TAKEN);
	}
	locks_close(one);
	locks_close(two);
}

static void names_are_made_of_what_is_locked(void **state)
{
	char *names[] = {lock_name_environment("staging"), lock_name_target("http PUT x"),
			 lock_name_fault("fd-aaaaaaaa")};

	(void)state;
	assert_string_equal(names[0], "environment:staging");
	assert_string_equal(names[1], "target:http PUT x");
	assert_string_equal(names[2], "fault:fd-aaaaaaaa");
	for (size_t i = 0; i < 3; i++)
		free(names[i]);
}

/* Adds one to the number in the file, as only somebody alone can. */
static bool count_up(int fd)
{
	int number = 0;

	return pread(fd, &number, sizeof number, 0) >= 0 && (number++, true) &&
	       pwrite(fd, &number, sizeof number, 0) == sizeof number;
}

static bool count_to_each(const struct shelf *shelf)
{
	struct locks *locks = locks_open(shelf->path, NULL);
	int fd = open(shelf->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int done = 0;

	if (locks == NULL || fd < 0)
		return false;
	while (done < EACH) {
		enum lock_result result = locks_take(locks, "number", NULL);

		if (result == LOCK_FAILED || (result == LOCK_TAKEN && !count_up(fd)))
			break;
		done += result == LOCK_TAKEN;
		locks_release(locks, "number");
		(void)sched_yield();
	}
	(void)close(fd);
	locks_close(locks);
	return done == EACH;
}

static void processes_that_race_for_a_name_are_never_in_it_together(void **state)
{
	struct shelf *shelf = *state;
	pid_t pids[WRITERS];
	int number = 0, fd;

	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(count_to_each(shelf) ? 0 : 1);
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	fd = open(shelf->path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, &number, sizeof number), sizeof number);
	(void)close(fd);
	assert_int_equal(number, WRITERS * EACH);
}

/* Dying. */

/* A process that says "x" once it holds what it should, and does what it is told by one byte. */
struct other {
	pid_t pid;
	int from, to;
};

static char wait_for_order(int in, int out)
{
	char order = 0;

	return write(out, "x", 1) == 1 && read(in, &order, 1) == 1 ? order : 0;
}

static struct other start_other(void (*live)(const struct shelf *shelf, int in, int out),
				const struct shelf *shelf)
{
	struct other other;
	int from[2], to[2];
	char byte;

	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	other = (struct other){.pid = fork(), .from = from[0], .to = to[1]};
	assert_true(other.pid >= 0);
	if (other.pid == 0) {
		(void)close(to[1]);
		live(shelf, to[0], from[1]);
		_exit(1);
	}
	(void)close(from[1]);
	(void)close(to[0]);
	assert_int_equal(read(other.from, &byte, 1), 1);
	return other;
}

static void end_other(const struct other *other)
{
	(void)kill(other->pid, SIGKILL);
	assert_int_equal(waitpid(other->pid, NULL, 0), other->pid);
	(void)close(other->from);
	(void)close(other->to);
}

static void live_with_a_lock(const struct shelf *shelf, int in, int out)
{
	struct locks *locks = locks_open(shelf->path, NULL);

	if (locks != NULL && locks_take(locks, "environment:staging", NULL) == LOCK_TAKEN)
		(void)wait_for_order(in, out);
}

static void a_lock_ends_with_its_process_however_it_ends(void **state)
{
	struct locks *locks = open_locks(*state);
	struct other other = start_other(live_with_a_lock, *state);

	assert_take(locks, "environment:staging", LOCK_BUSY);
	end_other(&other);
	assert_take(locks, "environment:staging", LOCK_TAKEN);
	locks_close(locks);
}

/* Inheriting, as the guardian does. */

static void live_as_guardian(int fd, int in, int out)
{
	struct locks *locks = locks_adopt(fd, NULL);

	if (locks == NULL || fcntl(fd, F_GETFD) != FD_CLOEXEC)
		return;
	if (wait_for_order(in, out) != 't')
		return;
	/* what the dead one held is ours */
	if (locks_take(locks, "fault:fd-aaaaaaaa", NULL) != LOCK_TAKEN)
		return;
	if (wait_for_order(in, out) != 'r')
		return;
	locks_release_all(locks);
	(void)wait_for_order(in, out);
}

/* The one in between dies; its child goes on with the same open file, and takes no order before that. */
static void live_with_a_guardian(const struct shelf *shelf, int in, int out)
{
	struct locks *locks = locks_open(shelf->path, NULL);
	int fd, life[2];
	char byte;

	if (locks == NULL || locks_take(locks, "environment:staging", NULL) != LOCK_TAKEN ||
	    locks_take(locks, "fault:fd-aaaaaaaa", NULL) != LOCK_TAKEN ||
	    pipe2(life, O_CLOEXEC) != 0)
		return;
	locks_show(locks, "drill:fd-aaaaaaaa");
	fd = dup(locks_fd(locks));
	if (fork() == 0) {
		(void)close(life[1]);
		locks_close(locks);               /* unlocks nothing */
		if (read(life[0], &byte, 1) == 0) /* the order to die is not ours to read */
			live_as_guardian(fd, in, out);
		_exit(1);
	}
	(void)wait_for_order(in, out); /* to die */
	_exit(0);
}

static void tell(const struct other *other, char order)
{
	char byte;

	assert_int_equal(write(other->to, &order, 1), 1);
	assert_int_equal(read(other->from, &byte, 1), 1);
}

static void what_a_dead_process_held_stays_locked_while_its_heir_lives(void **state)
{
	struct locks *locks = open_locks(*state);
	struct other other = start_other(live_with_a_guardian, *state);
	int status;

	assert_true(locks_is_busy(locks, "drill:fd-aaaaaaaa"));
	tell(&other, 'd');
	assert_int_equal(waitpid(other.pid, &status, 0), other.pid);
	assert_int_equal(status, 0);
	assert_false(locks_is_busy(locks, "drill:fd-aaaaaaaa"));
	assert_take(locks, "environment:staging", LOCK_BUSY);
	tell(&other, 't');
	assert_take(locks, "environment:staging", LOCK_BUSY);
	assert_take(locks, "fault:fd-aaaaaaaa", LOCK_BUSY);
	tell(&other, 'r');
	assert_take(locks, "environment:staging", LOCK_TAKEN);
	assert_take(locks, "fault:fd-aaaaaaaa", LOCK_TAKEN);
	(void)close(other.to); /* the heir ends */
	(void)close(other.from);
	locks_close(locks);
}

static void a_program_that_we_start_inherits_no_lock(void **state)
{
	struct locks *locks = open_locks(*state), *other = open_locks(*state);
	char *const argv[] = {(char *)"cat", NULL};
	char *const none[] = {NULL};
	posix_spawn_file_actions_t actions;
	int in[2], out[2];
	char byte = 'x';
	pid_t pid;

	assert_take(locks, "environment:staging", LOCK_TAKEN);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, in[0], 0), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out[1], 1), 0);
	assert_int_equal(posix_spawn(&pid, "/bin/cat", &actions, NULL, argv, none), 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(write(in[1], &byte, 1), 1);
	assert_int_equal(read(out[0], &byte, 1), 1); /* it is cat by now */
	locks_close(locks);
	assert_take(other, "environment:staging", LOCK_TAKEN);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(out[0]);
	(void)close(out[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	locks_close(other);
}

static void only_a_file_of_locks_is_adopted(void **state)
{
	struct locks *locks = open_locks(*state);
	struct error error = {""};
	int ends[2], fd = dup(locks_fd(locks));

	remove_file(*state);
	assert_null(locks_adopt(fd, &error));
	assert_non_null(strstr(error.text, "moved or removed"));
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* taken over all the same */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_null(locks_adopt(ends[0], &error));
	assert_non_null(strstr(error.text, "is not a file"));
	(void)close(ends[1]);
	locks_close(locks);
}

/* The file. */

static void a_file_that_was_removed_is_made_anew_when_nothing_is_held(void **state)
{
	struct locks *one = open_locks(*state), *two = open_locks(*state), *three;

	assert_take(one, "keeper", LOCK_TAKEN);
	locks_release(one, "keeper");
	remove_file(*state);
	three = open_locks(*state);
	assert_take(three, "keeper", LOCK_TAKEN);
	assert_take(one, "keeper", LOCK_BUSY);
	assert_take(two, "keeper", LOCK_BUSY);
	assert_take(one, "fault:fd-aaaaaaaa", LOCK_TAKEN);
	assert_take(two, "fault:fd-aaaaaaaa", LOCK_BUSY);
	locks_close(one);
	locks_close(two);
	locks_close(three);
}

static void what_is_shown_after_that_is_seen_in_the_new_file(void **state)
{
	struct locks *one = open_locks(*state), *two;

	locks_show(one, "drill:fd-aaaaaaaa");
	locks_hide(one, "drill:fd-aaaaaaaa");
	remove_file(*state);
	assert_take(one, "fault:fd-bbbbbbbb", LOCK_TAKEN);
	locks_show(one, "drill:fd-bbbbbbbb");
	two = open_locks(*state);
	assert_true(locks_is_busy(two, "drill:fd-bbbbbbbb"));
	locks_close(one);
	locks_close(two);
}

static void a_file_that_was_removed_while_in_use_locks_nothing_more(void **state)
{
	struct locks *one = open_locks(*state), *two = open_locks(*state);
	struct error error = {""};

	assert_take(one, "environment:staging", LOCK_TAKEN);
	remove_file(*state);
	assert_int_equal(locks_take(one, "fault:fd-aaaaaaaa", &error), LOCK_FAILED);
	assert_non_null(strstr(error.text, "moved or removed"));
	/* who has the removed file open still sees what is held in it */
	assert_take(two, "environment:staging", LOCK_BUSY);
	locks_release(one, "environment:staging");
	assert_take(one, "fault:fd-aaaaaaaa", LOCK_TAKEN);
	assert_take(two, "fault:fd-aaaaaaaa", LOCK_BUSY);
	locks_close(one);
	locks_close(two);
}

static void a_link_to_a_ledger_leads_to_the_locks_of_that_ledger(void **state)
{
	struct shelf *shelf = *state, other = *shelf;
	struct locks *one, *two;

	ledger_close(shelf_open(shelf));
	(void)snprintf(other.path, sizeof other.path, "%s/other", shelf->folder);
	assert_int_equal(symlink(shelf->path, other.path), 0);
	one = open_locks(shelf);
	two = open_locks(&other);
	assert_take(one, "keeper", LOCK_TAKEN);
	assert_take(two, "keeper", LOCK_BUSY);
	locks_close(one);
	locks_close(two);
}

static void the_file_and_its_folders_are_for_our_eyes_only(void **state)
{
	struct shelf *shelf = *state;
	struct stat about;
	mode_t before = umask(0);
	char path[128];

	(void)snprintf(shelf->path, sizeof shelf->path, "%s/a/ledger", shelf->folder);
	locks_close(open_locks(shelf));
	path_of_locks(shelf, path, sizeof path);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(about.st_size, 0);
	(void)snprintf(path, sizeof path, "%s/a", shelf->folder);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	(void)umask(before);
}

static void assert_refused(const struct shelf *shelf, const char *expected)
{
	struct error error = {""};

	assert_null(locks_open(shelf->path, &error));
	if (strstr(error.text, expected) == NULL || strstr(error.text, shelf->path) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, expected);
}

static void what_is_not_a_file_is_refused(void **state)
{
	struct shelf *shelf = *state;
	char path[128];

	path_of_locks(shelf, path, sizeof path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(shelf, "Is a directory");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(shelf, "is not a file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_refused(shelf, "symbolic links");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_refused(shelf, "symbolic links");
}

static bool open_as_nobody(const struct shelf *shelf, const char *expected)
{
	struct error error = {""};

	return (geteuid() != 0 || setresuid(NOBODY, NOBODY, NOBODY) == 0) &&
	       locks_open(shelf->path, &error) == NULL && strstr(error.text, expected) != NULL &&
	       strstr(error.text, shelf->path) != NULL;
}

static bool open_the_file_of_another(struct shelf *shelf)
{
	return open_as_nobody(shelf, geteuid() == 0 ? "belongs to somebody else" : "");
}

static bool open_where_we_may_not_write(struct shelf *shelf)
{
	return open_as_nobody(shelf, "check the owner and the mode");
}

static void a_file_of_somebody_else_is_refused(void **state)
{
	struct shelf *shelf = *state;
	char path[128];

	if (geteuid() != 0)
		skip();
	path_of_locks(shelf, path, sizeof path);
	locks_close(open_locks(shelf));
	assert_int_equal(chmod(shelf->folder, 0755), 0);
	assert_int_equal(chmod(path, 0666), 0);
	shelf_apart(open_the_file_of_another, shelf);
}

static void a_folder_we_may_not_write_is_refused(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(chmod(shelf->folder, 0555), 0);
	shelf_apart(open_where_we_may_not_write, shelf);
	assert_int_equal(chmod(shelf->folder, 0700), 0);
}

static void what_root_makes_belongs_to_the_owner_of_the_ledger(void **state)
{
	struct shelf *shelf = *state;
	struct stat about;
	char path[128];

	if (geteuid() != 0)
		skip();
	path_of_locks(shelf, path, sizeof path);
	ledger_close(shelf_open(shelf));
	assert_int_equal(chown(shelf->path, NOBODY, NOBODY), 0);
	locks_close(open_locks(shelf));
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_uid, NOBODY);
	locks_close(open_locks(shelf)); /* and is no hindrance to root */
}

/* The owner of the ledger has given it the name that the locks have. */
static void a_file_of_roots_is_not_given_away_by_another_name_of_it(void **state)
{
	struct shelf *shelf = *state;
	char path[128], other[128];
	struct stat about;

	if (geteuid() != 0)
		skip();
	path_of_locks(shelf, path, sizeof path);
	(void)snprintf(other, sizeof other, "%s/roots", shelf->folder);
	ledger_close(shelf_open(shelf));
	assert_int_equal(chown(shelf->path, NOBODY, NOBODY), 0);
	locks_close(open_locks(shelf));
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(chown(other, 0, 0), 0);
	assert_int_equal(link(other, path), 0);
	locks_close(open_locks(shelf));
	assert_int_equal(stat(other, &about), 0);
	assert_int_equal(about.st_uid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(a_name_is_held_by_one_at_a_time),
	    shelf_test(looking_at_a_lock_takes_nothing),
	    shelf_test(other_names_are_free),
	    shelf_test(names_are_made_of_what_is_locked),
	    shelf_test(processes_that_race_for_a_name_are_never_in_it_together),
	    shelf_test(a_lock_ends_with_its_process_however_it_ends),
	    shelf_test(what_a_dead_process_held_stays_locked_while_its_heir_lives),
	    shelf_test(a_program_that_we_start_inherits_no_lock),
	    shelf_test(only_a_file_of_locks_is_adopted),
	    shelf_test(a_file_that_was_removed_is_made_anew_when_nothing_is_held),
	    shelf_test(what_is_shown_after_that_is_seen_in_the_new_file),
	    shelf_test(a_file_that_was_removed_while_in_use_locks_nothing_more),
	    shelf_test(a_link_to_a_ledger_leads_to_the_locks_of_that_ledger),
	    shelf_test(the_file_and_its_folders_are_for_our_eyes_only),
	    shelf_test(what_is_not_a_file_is_refused),
	    shelf_test(a_file_of_somebody_else_is_refused),
	    shelf_test(a_folder_we_may_not_write_is_refused),
	    shelf_test(what_root_makes_belongs_to_the_owner_of_the_ledger),
	    shelf_test(a_file_of_roots_is_not_given_away_by_another_name_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
