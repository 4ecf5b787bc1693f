/* Files that are no ledger, or not ours, or damaged: refused, left as they are, and said so. */
#include "src/store/ledger.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/store/shelf.h"

#define NOBODY 65534

/* Places in the header of a database: https://www.sqlite.org/fileformat.html#the_database_header */
#define AT_USER_VERSION   60
#define AT_APPLICATION_ID 68

static void overwrite(const char *path, off_t at, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, at), (ssize_t)len);
	(void)close(fd);
}

/* A ledger with a hundred faults, closed. */
static void make_ledger(const struct shelf *shelf)
{
	struct ledger *ledger = shelf_open(shelf);
	char drill[32];

	for (int i = 0; i < 100; i++) {
		(void)snprintf(drill, sizeof drill, "fd-%d", i);
		shelf_intend(ledger, drill);
	}
	ledger_close(ledger);
}

static size_t read_all(const char *path, char *ret_data, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, ret_data, size);

	(void)close(fd);
	return len > 0 ? (size_t)len : 0;
}

static void assert_refused_and_untouched(const struct shelf *shelf, const char *expected)
{
	static char before[1 << 17], after[1 << 17];
	size_t len = read_all(shelf->path, before, sizeof before);

	shelf_assert_refused(shelf->path, expected);
	assert_int_equal(read_all(shelf->path, after, sizeof after), len);
	assert_memory_equal(before, after, len);
}

static void a_ledger_of_a_newer_firedrill_is_refused(void **state)
{
	struct shelf *shelf = *state;

	make_ledger(shelf);
	overwrite(shelf->path, AT_USER_VERSION, "\0\0\0\003", 4);
	assert_refused_and_untouched(shelf, "newer firedrill");
	overwrite(shelf->path, AT_USER_VERSION, "\0\0\0\002", 4);
	ledger_close(shelf_open(shelf));
}

static void a_ledger_without_a_version_is_refused(void **state)
{
	struct shelf *shelf = *state;

	make_ledger(shelf);
	overwrite(shelf->path, AT_USER_VERSION, "\0\0\0\0", 4);
	assert_refused_and_untouched(shelf, "look at every environment");
	overwrite(shelf->path, AT_USER_VERSION, "\377\377\377\377", 4);
	assert_refused_and_untouched(shelf, "look at every environment");
}

static void a_database_of_another_program_is_refused(void **state)
{
	struct shelf *shelf = *state;

	make_ledger(shelf);
	overwrite(shelf->path, AT_APPLICATION_ID, "\0\0\0\0", 4);
	assert_refused_and_untouched(shelf, "another program");
}

static void a_file_that_is_no_database_is_refused(void **state)
{
	struct shelf *shelf = *state;

	overwrite(shelf->path, 0, "{\"not\": \"a database\"}\n", 22);
	assert_refused_and_untouched(shelf, "is not a ledger");
}

static bool count_fault(void *arg, const struct ledger_fault *fault)
{
	size_t *count = arg;

	assert_string_equal(fault->environment, "staging");
	assert_int_equal(fault->state, FAULT_INTENT);
	(*count)++;
	return true;
}

static void faults_on_both_sides_of_a_bad_page_can_still_be_listed(void **state)
{
	static const char rubbish[4096] = "rubbish";
	struct shelf *shelf = *state;
	struct stat about;
	size_t before = 0, after = 0;

	make_ledger(shelf);
	assert_int_equal(ledger_salvage(shelf->path, count_fault, &before), 100);
	assert_int_equal(before, 100);
	assert_int_equal(stat(shelf->path, &about), 0);
	for (off_t at = 4096; at < about.st_size && after == 0; at += 4096) {
		char page[4096];
		int fd = open(shelf->path, O_RDONLY | O_CLOEXEC);

		assert_int_equal(pread(fd, page, sizeof page, at), (ssize_t)sizeof page);
		(void)close(fd);
		overwrite(shelf->path, at, rubbish, sizeof rubbish);
		if (ledger_salvage(shelf->path, count_fault, &after) == 100)
			after = 0; /* no page of the table's rows */
		overwrite(shelf->path, at, after > 0 ? rubbish : page, sizeof page);
	}
	assert_in_range(after, 1, 99);
	shelf_assert_refused(shelf->path, "look at every environment");
}

static void a_ledger_whose_start_was_overwritten_is_refused(void **state)
{
	struct shelf *shelf = *state;

	make_ledger(shelf);
	overwrite(shelf->path, 0, "XXXXXXXXXXXXXXXX", 16);
	assert_refused_and_untouched(shelf, "look at every environment");
}

static void a_damaged_ledger_is_refused_and_says_what_to_look_at(void **state)
{
	struct shelf *shelf = *state;
	char garbage[4096];

	make_ledger(shelf);
	memset(garbage, 0xa5, sizeof garbage);
	overwrite(shelf->path, 4096, garbage, sizeof garbage);
	assert_refused_and_untouched(shelf, "look at every environment");
}

static void half_a_ledger_is_refused(void **state)
{
	struct shelf *shelf = *state;

	make_ledger(shelf);
	assert_int_equal(truncate(shelf->path, 6000), 0);
	assert_refused_and_untouched(shelf, "damaged");
}

static void every_page_of_garbage_is_an_error_and_never_a_crash(void **state)
{
	struct shelf *shelf = *state;
	char garbage[512];
	struct stat about;

	make_ledger(shelf);
	assert_int_equal(stat(shelf->path, &about), 0);
	for (size_t i = 0; i < sizeof garbage; i++)
		garbage[i] = (char)(i * 37 + 11);
	for (off_t at = 0; at + (off_t)sizeof garbage <= about.st_size; at += 1024) {
		char saved[sizeof garbage];
		struct error error = {""};
		struct ledger *ledger;
		int fd = open(shelf->path, O_RDONLY | O_CLOEXEC);

		assert_int_equal(pread(fd, saved, sizeof saved, at), (ssize_t)sizeof saved);
		(void)close(fd);
		overwrite(shelf->path, at, garbage, sizeof garbage);
		ledger = ledger_open(shelf->path, &error);
		/* what no check can see, such as letters within a text, opens */
		assert_int_equal(ledger == NULL, error.text[0] != '\0');
		ledger_close(ledger);
		overwrite(shelf->path, at, saved, sizeof saved);
	}
	ledger_close(shelf_open(shelf));
}

/* Writes other letters over every place of a word in the file. */
static void replace(const char *path, const char *word, const char *other)
{
	static char data[1 << 17];
	size_t len = read_all(path, data, sizeof data);
	char *at = data;

	while ((at = memmem(at, len - (size_t)(at - data), word, strlen(word))) != NULL) {
		overwrite(path, at - data, other, strlen(other));
		at += strlen(word);
	}
}

struct seen {
	char good[64], bad[64], why[512];
};

static bool keep_good(void *arg, const struct ledger_fault *fault)
{
	struct seen *seen = arg;

	(void)strncat(seen->good, fault->drill, sizeof seen->good - strlen(seen->good) - 1);
	return true;
}

static bool keep_bad(void *arg, const struct ledger_unreadable *unreadable)
{
	struct seen *seen = arg;

	(void)strncat(seen->bad, unreadable->fault->drill,
		      sizeof seen->bad - strlen(seen->bad) - 1);
	(void)snprintf(seen->why, sizeof seen->why, "%s", unreadable->why);
	assert_int_equal(unreadable->fault->via, VIA_COUNT);
	return true;
}

/* Two faults, the first of them in a state that nobody knows. */
static struct ledger *open_half_read(struct shelf *shelf)
{
	struct error error = {""};
	struct ledger *ledger = shelf_open(shelf);

	shelf_intend(ledger, "fd-aaaaaaaa");
	shelf_intend(ledger, "fd-bbbbbbbb");
	assert_true(ledger_advance(ledger, "fd-bbbbbbbb", FAULT_INJECTING, "", &error));
	ledger_close(ledger);
	replace(shelf->path, "intent{", "ind\nnt{"); /* before the recipe in its row */
	return shelf_open(shelf);
}

static void a_fault_in_a_state_that_we_do_not_know_is_not_overlooked(void **state)
{
	struct ledger *ledger = open_half_read(*state);
	struct seen seen = {.good = ""};
	struct error error = {""};

	assert_false(ledger_visit_open(ledger, NULL, keep_good, &seen, &error));
	assert_string_equal(seen.good, "fd-bbbbbbbb"); /* all the same */
	assert_non_null(strstr(error.text, "row of fd-aaaaaaaa cannot be read (state \"ind?nt\")"));
	seen.good[0] = error.text[0] = '\0';
	assert_true(ledger_visit_all(ledger, keep_good, keep_bad, &seen, &error));
	assert_string_equal(seen.good, "fd-bbbbbbbb");
	assert_string_equal(seen.bad, "fd-aaaaaaaa");
	assert_non_null(strstr(seen.why, "`firedrill ack fd-aaaaaaaa"));
	assert_false(ledger_advance(ledger, "fd-aaaaaaaa", FAULT_CLEAN, "", &error));
	assert_non_null(strstr(error.text, "look at every environment"));
	ledger_close(ledger);
}

static void a_fault_that_we_cannot_read_can_be_set_aside_by_a_person(void **state)
{
	struct ledger *ledger = open_half_read(*state);
	struct seen seen = {.good = ""};
	struct error error = {""};

	assert_false(ledger_ack(ledger, "fd-bbbbbbbb", "looked at", "anna", &error));
	assert_true(ledger_ack(ledger, "fd-aaaaaaaa", "looked at", "anna", &error));
	assert_true(ledger_visit_open(ledger, NULL, keep_good, &seen, &error));
	assert_string_equal(seen.good, "fd-bbbbbbbb");
	assert_true(ledger_visit_all(ledger, NULL, keep_bad, &seen, &error));
	assert_string_equal(seen.bad, "fd-aaaaaaaa");
	ledger_close(ledger);
}

static void an_empty_file_becomes_a_ledger(void **state)
{
	struct shelf *shelf = *state;

	overwrite(shelf->path, 0, "", 0);
	make_ledger(shelf);
}

static void a_folder_is_no_ledger(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(mkdir(shelf->path, 0700), 0);
	shelf_assert_refused(shelf->path, "is not a file");
}

static void a_ledger_below_a_file_says_which_folder_is_wrong(void **state)
{
	struct shelf *shelf = *state;
	char path[128], folder[128];
	struct error error = {""};

	overwrite(shelf->path, 0, "x", 1);
	(void)snprintf(path, sizeof path, "%s/ledger", shelf->path);
	shelf_assert_refused(path, "Not a directory");
	(void)snprintf(path, sizeof path, "%s/deeper/ledger", shelf->path);
	(void)snprintf(folder, sizeof folder, "the folder %s/deeper of the ledger", shelf->path);
	assert_null(ledger_open(path, &error));
	assert_non_null(strstr(error.text, folder));
}

/* As somebody who may not write here; root may always. */
static bool become_nobody(void)
{
	return geteuid() != 0 || setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static bool is_refused_as_nobody(const struct shelf *shelf)
{
	struct error error = {""};

	return become_nobody() && ledger_open(shelf->path, &error) == NULL &&
	       strstr(error.text, shelf->path) != NULL && strstr(error.text, "owner") != NULL;
}

static bool open_in_a_folder_of_others(struct shelf *shelf)
{
	return is_refused_as_nobody(shelf);
}

static void a_folder_we_may_not_write_is_refused(void **state)
{
	struct shelf *shelf = *state;

	assert_int_equal(chmod(shelf->folder, 0555), 0);
	shelf_apart(open_in_a_folder_of_others, shelf);
	assert_int_equal(chmod(shelf->folder, 0700), 0);
}

static void a_file_we_may_only_read_is_refused(void **state)
{
	struct shelf *shelf = *state;

	make_ledger(shelf);
	assert_int_equal(chmod(shelf->folder, 0755), 0);
	assert_int_equal(chmod(shelf->path, 0444), 0);
	shelf_apart(open_in_a_folder_of_others, shelf);
}

static void what_root_makes_in_a_folder_of_somebody_else_is_theirs(void **state)
{
	struct shelf *shelf = *state;
	struct stat about;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(shelf->folder, NOBODY, NOBODY), 0);
	ledger_close(shelf_open(shelf));
	assert_int_equal(stat(shelf->path, &about), 0);
	assert_int_equal(about.st_uid, NOBODY);
	assert_int_equal(about.st_gid, NOBODY);
	assert_int_equal(about.st_mode & 0777, 0600);
}

/* The owner of a folder that leads to the ledger tries to have root make the file in a folder of root's,
 * and to be given it there. */
static struct {
	bool on;
	char link[128], to[128];
} swap;

static int swapped(int fd)
{
	if (swap.on && fd >= 0) {
		assert_int_equal(unlink(swap.link), 0);
		assert_int_equal(symlink(swap.to, swap.link), 0);
		swap.on = false;
	}
	return fd;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	int fd = __real_open(path, flags, 0600);

	return (flags & O_CREAT) != 0 ? swapped(fd) : fd;
}

static void what_root_makes_in_its_own_folder_is_nobody_elses(void **state)
{
	struct shelf *shelf = *state;
	char path[160], roots[160], made[200];
	struct error error = {""};
	struct stat about;

	if (geteuid() != 0)
		skip();
	(void)snprintf(roots, sizeof roots, "%s/roots", shelf->folder);
	(void)snprintf(swap.to, sizeof swap.to, "%s/theirs", shelf->folder);
	(void)snprintf(swap.link, sizeof swap.link, "%s/link", shelf->folder);
	(void)snprintf(path, sizeof path, "%s/link/ledger", shelf->folder);
	(void)snprintf(made, sizeof made, "%s/ledger", roots);
	assert_int_equal(mkdir(roots, 0700), 0);
	assert_int_equal(mkdir(swap.to, 0700), 0);
	assert_int_equal(chown(swap.to, NOBODY, NOBODY), 0);
	assert_int_equal(symlink(roots, swap.link), 0);
	swap.on = true;
	ledger_close(ledger_open(path, &error));
	assert_false(swap.on);
	assert_int_equal(stat(made, &about), 0);
	assert_int_equal(about.st_uid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(a_ledger_of_a_newer_firedrill_is_refused),
	    shelf_test(a_ledger_without_a_version_is_refused),
	    shelf_test(a_database_of_another_program_is_refused),
	    shelf_test(a_file_that_is_no_database_is_refused),
	    shelf_test(faults_on_both_sides_of_a_bad_page_can_still_be_listed),
	    shelf_test(a_ledger_whose_start_was_overwritten_is_refused),
	    shelf_test(a_damaged_ledger_is_refused_and_says_what_to_look_at),
	    shelf_test(half_a_ledger_is_refused),
	    shelf_test(every_page_of_garbage_is_an_error_and_never_a_crash),
	    shelf_test(a_fault_in_a_state_that_we_do_not_know_is_not_overlooked),
	    shelf_test(a_fault_that_we_cannot_read_can_be_set_aside_by_a_person),
	    shelf_test(an_empty_file_becomes_a_ledger),
	    shelf_test(a_folder_is_no_ledger),
	    shelf_test(a_ledger_below_a_file_says_which_folder_is_wrong),
	    shelf_test(a_folder_we_may_not_write_is_refused),
	    shelf_test(a_file_we_may_only_read_is_refused),
	    shelf_test(what_root_makes_in_a_folder_of_somebody_else_is_theirs),
	    shelf_test(what_root_makes_in_its_own_folder_is_nobody_elses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
