/* The freeze file: there or not, whatever it is, and never waited for. */
#include "src/store/freeze.h"

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

static void write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	(void)close(fd);
}

static void assert_reason(const char *path, const char *expected)
{
	char *reason = freeze_reason(path);

	assert_non_null(reason);
	assert_string_equal(reason, expected);
	free(reason);
}

static void assert_there(const char *path, const char *part)
{
	char *reason = freeze_reason(path);

	assert_non_null(reason);
	if (strstr(reason, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", reason, part);
	free(reason);
}

static void without_the_file_nothing_is_frozen(void **state)
{
	struct shelf *shelf = *state;
	char path[128];

	assert_null(freeze_reason(shelf->path));
	(void)snprintf(path, sizeof path, "%s/no/folder/freeze", shelf->folder);
	assert_null(freeze_reason(path));
}

static void the_reason_is_the_first_line_made_printable(void **state)
{
	static const struct {
		const char *text, *reason;
	} files[] = {
	    {"Black Friday\n", "Black Friday"},
	    {"Black Friday, until Monday\r\nask anna\n", "Black Friday, until Monday"},
	    {"\n\n  sp\303\244t \n", "sp\303\244t"},
	    {"\357\273\277with a mark", "with a mark"},
	    {"a\033[31mb\007c\302\233d\177e", "a [31mb c  d e"},
	    {"a\377b\300\257c\355\240\200d", "a b  c   d"},
	    {"right\342\200\256left", "right   left"},
	    {"", "the file gives no reason"},
	    {" \t\r\n \n", "the file gives no reason"},
	    {"\001\002", "the file gives no reason"},
	};
	struct shelf *shelf = *state;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		write_file(shelf->path, files[i].text, strlen(files[i].text));
		assert_reason(shelf->path, files[i].reason);
	}
	write_file(shelf->path, "a\0b", 3);
	assert_reason(shelf->path, "a");
}

static void a_long_reason_is_cut_between_two_characters(void **state)
{
	struct shelf *shelf = *state;
	char text[1000], expected[201];

	memset(text, 'x', sizeof text);
	memset(expected, 'x', sizeof expected);
	expected[200] = '\0';
	write_file(shelf->path, text, sizeof text);
	assert_reason(shelf->path, expected);
	memcpy(text + 198, "\342\202\254", 3); /* its last byte would be the 201st */
	expected[198] = '\0';
	write_file(shelf->path, text, sizeof text);
	assert_reason(shelf->path, expected);
	memset(text, ' ', sizeof text);
	write_file(shelf->path, text, sizeof text);
	assert_reason(shelf->path, "the file gives no reason");
	write_file(shelf->path, text, 200);
	assert_reason(shelf->path, "the file gives no reason");
}

static void what_cannot_be_read_counts_as_there(void **state)
{
	struct shelf *shelf = *state;
	char below[128];

	assert_int_equal(mkfifo(shelf->path, 0600), 0); /* nobody ever writes into it */
	assert_there(shelf->path, "not a file");
	assert_int_equal(unlink(shelf->path), 0);
	assert_int_equal(mkdir(shelf->path, 0700), 0);
	assert_there(shelf->path, "not a file");
	assert_int_equal(rmdir(shelf->path), 0);
	assert_int_equal(symlink("nowhere", shelf->path), 0);
	assert_there(shelf->path, "cannot be read (No such file");
	assert_int_equal(unlink(shelf->path), 0);
	assert_int_equal(symlink(shelf->path, shelf->path), 0);
	assert_there(shelf->path, "cannot be read (Too many levels");
	assert_int_equal(unlink(shelf->path), 0);
	write_file(shelf->path, "x", 1);
	(void)snprintf(below, sizeof below, "%s/freeze", shelf->path);
	assert_there(below, "cannot be looked at (Not a directory");
	assert_there("/dev/null", "not a file");
}

static bool look_as_nobody(struct shelf *shelf)
{
	char path[128];
	char *closed, *hidden;
	bool right;

	(void)snprintf(path, sizeof path, "%s/closed/freeze", shelf->folder);
	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return false;
	closed = freeze_reason(shelf->path);
	hidden = freeze_reason(path);
	right = closed != NULL && strstr(closed, "Permission denied") != NULL && hidden != NULL &&
		strstr(hidden, "Permission denied") != NULL;
	free(closed);
	free(hidden);
	return right;
}

static void what_we_may_not_look_at_counts_as_there(void **state)
{
	struct shelf *shelf = *state;
	char path[128];

	(void)snprintf(path, sizeof path, "%s/closed", shelf->folder);
	assert_int_equal(mkdir(path, 0), 0);
	write_file(shelf->path, "x", 1);
	assert_int_equal(chmod(shelf->path, 0), 0);
	assert_int_equal(chmod(shelf->folder, 0755), 0);
	shelf_apart(look_as_nobody, shelf);
	assert_int_equal(chmod(path, 0700), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(without_the_file_nothing_is_frozen),
	    shelf_test(the_reason_is_the_first_line_made_printable),
	    shelf_test(a_long_reason_is_cut_between_two_characters),
	    shelf_test(what_cannot_be_read_counts_as_there),
	    shelf_test(what_we_may_not_look_at_counts_as_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
