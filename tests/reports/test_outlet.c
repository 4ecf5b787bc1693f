/* What is printed while faults are in place: no reader, however slow, holds it up. */
#include "reports/outlet.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define LIMIT      65536
#define PIPE_BYTES 4096
#define SENTINEL   "the end\n"

struct reader {
	int there; /* owned; our end */
	FILE *out; /* owned; the outlet's */
	struct outlet *outlet;
};

static int setup(void **state)
{
	struct reader *reader = calloc(1, sizeof *reader);
	int ends[2];

	if (reader == NULL || pipe2(ends, O_CLOEXEC) != 0 ||
	    fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		return -1;
	*reader = (struct reader){.there = ends[0], .out = fdopen(ends[1], "w")};
	reader->outlet = outlet_new(reader->out, LIMIT);
	*state = reader;
	return 0;
}

static int teardown(void **state)
{
	struct reader *reader = *state;

	outlet_free(reader->outlet);
	(void)fclose(reader->out);
	(void)close(reader->there);
	free(reader);
	return 0;
}

static void add_much(struct reader *reader, size_t len)
{
	static const char line[] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n";

	for (size_t i = 0; i < len / (sizeof line - 1); i++)
		outlet_add(reader->outlet, line, sizeof line - 1);
}

static void what_nobody_reads_waits_and_comes_in_order(void **state)
{
	struct reader *reader = *state;
	char data[PIPE_BYTES] = "", last[sizeof SENTINEL] = "";
	size_t total = 0;
	ssize_t len;

	add_much(reader, 5 * (size_t)PIPE_BYTES);
	outlet_add(reader->outlet, SENTINEL, strlen(SENTINEL));
	assert_false(outlet_flush(reader->outlet));
	while ((len = read(reader->there, data, sizeof data)) > 0) {
		total += (size_t)len;
		if ((size_t)len >= strlen(SENTINEL))
			memcpy(last, data + len - strlen(SENTINEL), strlen(SENTINEL));
		(void)outlet_flush(reader->outlet);
	}
	assert_int_equal(total, 5 * PIPE_BYTES + strlen(SENTINEL));
	assert_string_equal(last, SENTINEL);
	assert_true(outlet_flush(reader->outlet));
	assert_false(outlet_failed(reader->outlet));
}

static void more_than_may_wait_is_left_out_and_told(void **state)
{
	struct reader *reader = *state;

	add_much(reader, 2 * (size_t)LIMIT);
	assert_false(outlet_flush(reader->outlet));
	assert_true(outlet_failed(reader->outlet));
}

static void a_reader_who_is_gone_is_told_and_waited_for_no_more(void **state)
{
	struct reader *reader = *state;

	add_much(reader, 2 * (size_t)PIPE_BYTES);
	(void)close(reader->there);
	reader->there = open("/dev/null", O_RDONLY | O_CLOEXEC);
	outlet_finish(reader->outlet);
	assert_true(outlet_failed(reader->outlet));
}

/* The rest would keep a plain write waiting: poll(2) calls it writable all the same. */
static void a_terminal_with_little_room_takes_what_it_can(void **state)
{
	int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), theirs, fill;
	struct outlet *outlet;
	FILE *out;

	(void)state;
	assert_true(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
	theirs = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
	fill = open(ptsname(ours), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(theirs >= 0 && fill >= 0);
	out = fdopen(theirs, "w");
	outlet = outlet_new(out, 0);
	for (int i = 0; i < 40; i++) {
		char piece[PIPE_BYTES];

		memset(piece, 'x', sizeof piece);
		outlet_add(outlet, piece, sizeof piece);
	}
	assert_false(outlet_flush(outlet));
	assert_true(write(fill, "x", 1) < 0); /* it is really full */
	outlet_free(outlet);
	(void)fclose(out);
	(void)close(fill);
	(void)close(ours);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_nobody_reads_waits_and_comes_in_order, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(more_than_may_wait_is_left_out_and_told, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(a_reader_who_is_gone_is_told_and_waited_for_no_more,
					    setup, teardown),
	    cmocka_unit_test(a_terminal_with_little_room_takes_what_it_can),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
