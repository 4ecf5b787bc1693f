/* The log: lines that any collector reads whatever is in them, levels, a reader who is away; and what is
 * kept of one drill. */
#include "src/program/serve/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/program/drill_log.h"
#include "src/program/logfmt.h"
#include "tests/reports/make_record.h"

/* Pairs. */

static void assert_pair(const char *value, const char *expected)
{
	struct buf line = {0};

	logfmt_add(&line, "key", value);
	assert_string_equal(buf_text(&line), expected);
	buf_done(&line);
}

static void a_value_is_quoted_where_it_is_more_than_a_word(void **state)
{
	(void)state;
	assert_pair("word", "key=word");
	assert_pair("two words", "key=\"two words\"");
	assert_pair("", "key=\"\"");
	assert_pair("a=b", "key=\"a=b\"");
	assert_pair("say \"hi\" \\", "key=\"say \\\"hi\\\" \\\\\"");
	assert_pair("two\nlines\tand \033[31mred", "key=\"two lines and [31mred\"");
	assert_pair(NULL, "");
}

static void a_hostile_value_is_one_line_without_control_characters(void **state)
{
	char *hostile = make_hostile(100000);
	struct buf line = {0};

	(void)state;
	logfmt_add(&line, "text", hostile);
	assert_true(line.len < LOGFMT_LINE_BYTES);
	for (size_t i = 0; i < line.len; i++)
		assert_true((unsigned char)line.data[i] >= ' ' && line.data[i] != 0x7f);
	assert_int_equal(line.data[line.len - 1], '"');
	buf_done(&line);
	free(hostile);
}

static void a_line_never_grows_over_its_limit_nor_ends_in_half_a_pair(void **state)
{
	char *hostile = make_hostile(2000);
	struct buf line = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		logfmt_add(&line, "text", hostile);
	assert_true(line.len <= LOGFMT_LINE_BYTES);
	assert_int_equal(line.data[line.len - 1], '"');
	buf_done(&line);
	free(hostile);
}

/* The log. */

struct reader {
	int there; /* owned; our end */
	FILE *out; /* owned; the log's */
};

static int setup(void **state)
{
	struct reader *reader = mem_zalloc(sizeof *reader);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[1], F_SETPIPE_SZ, 16384) < 0 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		return -1;
	*reader = (struct reader){.there = ends[0], .out = fdopen(ends[1], "w")};
	*state = reader;
	return unsetenv("JOURNAL_STREAM");
}

static int teardown(void **state)
{
	struct reader *reader = *state;

	(void)fclose(reader->out);
	(void)close(reader->there);
	free(reader);
	return 0;
}

static size_t read_all(const struct reader *reader, char *text, size_t size)
{
	ssize_t len = read(reader->there, text, size - 1);

	text[len > 0 ? len : 0] = '\0';
	return len > 0 ? (size_t)len : 0;
}

static void an_event_is_a_line_with_its_time_and_level(void **state)
{
	const char *const pairs[] = {"why", "no room", "left_out", NULL, "count", "3", NULL};
	struct reader *reader = *state;
	struct log *log = log_new(reader->out, LEVEL_INFO);
	char text[4096];

	log_event(log, LEVEL_WARN, "not told", pairs);
	log_event(log, LEVEL_DEBUG, "phase", NULL);
	(void)read_all(reader, text, sizeof text);
	assert_memory_equal(text, "time=2", 6);
	assert_string_equal(strchr(text, ' '),
			    " level=warn msg=\"not told\" why=\"no room\" count=3\n");
	log_free(log);
}

static void a_line_of_a_drill_names_it_and_its_phase(void **state)
{
	const char *const pairs[] = {"result", "bites", NULL};
	struct reader *reader = *state;
	struct log *log = log_new(reader->out, LEVEL_DEBUG);
	struct made *made = make_running();
	char text[4096];

	log_drill(log, LEVEL_DEBUG, &made->record, "witness", pairs);
	(void)read_all(reader, text, sizeof text);
	assert_non_null(strstr(text, " msg=witness drill=fd-k3q9x2m7 scenario=orders-bad-queue "
				     "environment=production phase=watch result=bites\n"));
	made_free(made);
	log_free(log);
}

static void cover(void *arg, char *text)
{
	char *found = strstr(text, arg);

	if (found != NULL)
		memset(found, '*', strlen(arg));
}

static void what_is_masked_is_not_in_the_line(void **state)
{
	char secret[] = "xoxb-1";
	const char *const pairs[] = {"text", "with xoxb-1 inside", NULL};
	struct reader *reader = *state;
	struct log *log = log_new(reader->out, LEVEL_INFO);
	char text[4096];

	log_set_mask(log, cover, secret);
	log_event(log, LEVEL_INFO, "note", pairs);
	(void)read_all(reader, text, sizeof text);
	assert_non_null(strstr(text, "text=\"with ****** inside\"\n"));
	log_free(log);
}

static void lines_that_nobody_reads_are_left_out_whole_and_counted(void **state)
{
	char long_text[400], text[65536];
	const char *const pairs[] = {"text", long_text, NULL};
	struct reader *reader = *state;
	struct log *log = log_new(reader->out, LEVEL_INFO);
	size_t len;

	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	for (int i = 0; i < 100; i++)
		log_event(log, LEVEL_INFO, "much", pairs);
	len = read_all(reader, text, sizeof text);
	log_event(log, LEVEL_INFO, "the end", NULL);
	log_event(log, LEVEL_INFO, "the end", NULL);
	len += read_all(reader, text + len, sizeof text - len);
	assert_non_null(strstr(text, " level=warn msg=\"log lines were left out\" count="));
	assert_non_null(strstr(text, "msg=\"the end\"\n"));
	for (const char *line = text; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');

		assert_memory_equal(line, "time=2", 6);
		assert_non_null(end);
		line = end + 1;
	}
	log_free(log);
}

static void a_level_is_one_of_four_words(void **state)
{
	enum log_level level = LEVEL_COUNT;
	struct error error = {""};

	(void)state;
	assert_true(log_level_parse("debug", &level, &error));
	assert_int_equal(level, LEVEL_DEBUG);
	assert_false(log_level_parse("Info", &level, &error));
	assert_non_null(strstr(error.text, "error, warn, info, debug"));
}

/* One drill. */

static void count(void *arg, enum log_level level, const struct drill_record *record,
		  const char *msg, const char *const *pairs)
{
	size_t *told = arg;

	(void)level;
	(void)record;
	(void)msg;
	(void)pairs;
	++*told;
}

static size_t lines_of(const char *text)
{
	size_t lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static void each_change_of_a_drill_is_told_once(void **state)
{
	size_t told = 0;
	struct drill_log *log = drill_log_new(NULL, count, &told);
	struct made *made = make_running();
	size_t before;
	char *text;

	(void)state;
	drill_log_changed(log, &made->record);
	before = told;
	assert_true(before >= 2);
	drill_log_changed(log, &made->record);
	assert_int_equal(told, before);
	(void)make_sighting(made, 0, 1200, NULL, "[FIRING:1] OrdersQueueMissing");
	drill_log_changed(log, &made->record);
	assert_int_equal(told, before + 1);
	make_over(made, VERDICT_GAP, "one alert did not come");
	make_gap(made, "receiver", "chat", "it posted nothing");
	text = drill_log_take(log, &made->record);
	assert_int_equal(lines_of(text), told);
	assert_non_null(strstr(text, "msg=\"message seen\" alert=OrdersQueueMissing channel=#ops "
				     "resolved=no after_ms=1200 text=\"[FIRING:1] "
				     "OrdersQueueMissing\"\n"));
	assert_non_null(strstr(text, "level=warn phase=done msg=\"drill over\" verdict=gap"));
	assert_non_null(strstr(text, " gap=receiver>chat "));
	free(text);
	made_free(made);
	drill_log_free(log);
}

static void a_drill_with_much_to_tell_keeps_its_beginning_and_its_end(void **state)
{
	struct drill_log *log = drill_log_new(NULL, NULL, NULL);
	struct made *made = make_running();
	char *hostile = make_hostile(1000), *text;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)make_sighting(made, 0, i, NULL, hostile);
		drill_log_changed(log, &made->record);
	}
	make_over(made, VERDICT_PASS, "every alert did what was expected");
	text = drill_log_take(log, &made->record);
	assert_true(strlen(text) <= DRILL_LOG_BYTES);
	assert_non_null(strstr(text, "msg=\"drill begun\""));
	assert_non_null(strstr(text, "verdict=pass"));
	assert_non_null(strstr(text, " lines_left_out="));
	free(text);
	free(hostile);
	made_free(made);
	drill_log_free(log);
}

static void a_secret_is_not_kept(void **state)
{
	struct secrets *secrets = secrets_new();
	struct drill_log *log = drill_log_new(secrets, NULL, NULL);
	struct made *made = make_running();
	struct error error = {""};
	char *text;

	(void)state;
	assert_int_equal(setenv("LOG_SECRET", "xoxb-4711-secret", 1), 0);
	assert_non_null(secret_resolve(secrets, "env:LOG_SECRET", &error));
	(void)make_sighting(made, 0, 1, NULL, "the token is xoxb-4711-secret");
	text = drill_log_take(log, &made->record);
	assert_null(strstr(text, "4711"));
	assert_non_null(strstr(text, "the token is ****"));
	free(text);
	made_free(made);
	drill_log_free(log);
	secrets_free(secrets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_value_is_quoted_where_it_is_more_than_a_word),
	    cmocka_unit_test(a_hostile_value_is_one_line_without_control_characters),
	    cmocka_unit_test(a_line_never_grows_over_its_limit_nor_ends_in_half_a_pair),
	    cmocka_unit_test_setup_teardown(an_event_is_a_line_with_its_time_and_level, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(a_line_of_a_drill_names_it_and_its_phase, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(what_is_masked_is_not_in_the_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(lines_that_nobody_reads_are_left_out_whole_and_counted,
					    setup, teardown),
	    cmocka_unit_test(a_level_is_one_of_four_words),
	    cmocka_unit_test(each_change_of_a_drill_is_told_once),
	    cmocka_unit_test(a_drill_with_much_to_tell_keeps_its_beginning_and_its_end),
	    cmocka_unit_test(a_secret_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
