/* The small parts that every folder uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/id.h"
#include "src/base/percentile.h"
#include "src/base/secret.h"
#include "src/base/text.h"
#include "src/base/words.h"

static void a_duration_needs_a_unit(void **state)
{
	static const char *const wrong[] = {
	    "", "5", "s", "5 s", "-5s", "5x", "1h5", "999999999999d", "400d", "1e3s", "5s "};
	struct error error = {""};
	int64_t ms = -7;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_false(duration_parse(wrong[i], &ms, &error));
		assert_non_null(strstr(error.text, wrong[i]));
	}
	assert_int_equal(ms, -7);
}

static void durations_add_up(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} right[] = {{"0s", 0},        {"250ms", 250},  {"90s", 90000},
		     {"1m30s", 90000}, {"2h", 7200000}, {"366d", INT64_C(31622400000)}};
	int64_t ms = 0;

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		assert_true(duration_parse(right[i].text, &ms, NULL));
		assert_int_equal(ms, right[i].ms);
	}
}

static void durations_are_written_for_people(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} right[] = {{850, "850 ms"},
		     {3240, "3.2 s"},
		     {60000, "1 min"},
		     {250000, "4 min 10 s"},
		     {7500000, "2 h 5 min"}};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		duration_format(right[i].ms, text, sizeof text);
		assert_string_equal(text, right[i].text);
	}
}

static void an_id_is_found_where_it_stands_alone(void **state)
{
	static const char *const with[] = {"fd-k3q9x2m7", "queue orders-fd-k3q9x2m7 is missing",
					   "(fd-k3q9x2m7)", "fd-fd-k3q9x2m7",
					   "x fd-K fd-k3q9x2m7."};
	static const char *const without[] = {
	    "", "fd-", "fd-k3q9x2m", "fd-k3q9x2m7a", "xfd-k3q9x2m7", "fd-k3q9X2m7", "FD-k3q9x2m7"};

	(void)state;
	for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
		const char *at = id_find(with[i], strlen(with[i]));

		assert_non_null(at);
		assert_memory_equal(at, "fd-k3q9x2m7", ID_LEN);
	}
	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
		assert_null(id_find(without[i], strlen(without[i])));
}

static void a_probe_is_an_id_with_its_number(void **state)
{
	static const char *const with[] = {"fd-k3q9x2m7-p1", "orders-fd-k3q9x2m7-p2 is gone",
					   "fd-k3q9x2m7 and fd-abcd1234-p2", "(fd-k3q9x2m7-p1)"};
	static const char *const without[] = {"",
					      "fd-k3q9x2m7",
					      "fd-k3q9x2m7-p",
					      "fd-k3q9x2m7-p12",
					      "fd-k3q9x2m7-q1",
					      "fd-K3q9x2m7-p1",
					      "fd-k3q9x2m7-pa",
					      "fd-k3q9-p1"};

	(void)state;
	for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
		assert_true(id_has_probe(with[i]));
	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
		assert_false(id_has_probe(without[i]));
}

static void a_new_id_is_found_again(void **state)
{
	char one[ID_LEN + 1], two[ID_LEN + 1];

	(void)state;
	id_new(one);
	id_new(two);
	assert_ptr_equal(id_find(one, strlen(one)), one);
	assert_string_not_equal(one, two);
}

static void a_text_stops_at_its_limit(void **state)
{
	struct buf buf = {.limit = 5};

	(void)state;
	buf_adds(&buf, "abc");
	assert_false(buf.full);
	buf_addf(&buf, "%d", 4567);
	assert_true(buf.full);
	assert_string_equal(buf_text(&buf), "abc45");
	buf_done(&buf);
	assert_string_equal(buf_text(&buf), "");
}

static void a_secret_is_masked_once_it_is_known(void **state)
{
	struct secrets *secrets = secrets_new();
	char text[] = "token xoxb-12345 and again xoxb-12345";
	struct error error = {""};

	(void)state;
	assert_int_equal(setenv("FIREDRILL_TEST_SECRET", "xoxb-12345", 1), 0);
	assert_string_equal(secret_resolve(secrets, "env:FIREDRILL_TEST_SECRET", &error),
			    "xoxb-12345");
	secret_mask(secrets, text);
	assert_string_equal(text, "token ********** and again **********");
	secrets_free(secrets);
}

static void a_secret_from_a_file_loses_its_newline(void **state)
{
	struct secrets *secrets = secrets_new();
	char path[] = "/tmp/firedrill-secret-XXXXXX", reference[64];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "s3cret\n", 7), 7);
	(void)close(fd);
	(void)snprintf(reference, sizeof reference, "file:%s", path);
	assert_string_equal(secret_resolve(secrets, reference, NULL), "s3cret");
	(void)unlink(path);
	secrets_free(secrets);
}

/* A file of the given size, of zeros with the text at its beginning. */
static void write_secret(const char *path, const char *text, off_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(ftruncate(fd, size), 0);
	(void)close(fd);
}

static void assert_secret_refused(const char *path, const char *because)
{
	struct secrets *secrets = secrets_new();
	struct error error = {""};
	char reference[64];

	(void)snprintf(reference, sizeof reference, "file:%s", path);
	assert_null(secret_resolve(secrets, reference, &error));
	assert_non_null(strstr(error.text, path));
	assert_non_null(strstr(error.text, because));
	secrets_free(secrets);
}

static void a_secret_file_that_is_none_is_refused_at_once(void **state)
{
	char folder[] = "/tmp/firedrill-secret-XXXXXX", path[40];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/s", folder);
	assert_secret_refused(folder, "not a regular file");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_secret_refused(path, "not a regular file"); /* nobody ever writes to it */
	(void)unlink(path);
	write_secret(path, "xoxb-1", 65537);
	assert_secret_refused(path, "larger than 64 KiB");
	write_secret(path, "xoxb-1", 7);
	assert_secret_refused(path, "byte 0");
	write_secret(path, "\r\n", 2);
	assert_secret_refused(path, "empty");
	(void)unlink(path);
	(void)rmdir(folder);
}

static void a_missing_secret_names_its_variable_only(void **state)
{
	struct secrets *secrets = secrets_new();
	struct error error = {""};

	(void)state;
	(void)unsetenv("FIREDRILL_TEST_ABSENT");
	assert_null(secret_resolve(secrets, "env:FIREDRILL_TEST_ABSENT", &error));
	assert_non_null(strstr(error.text, "FIREDRILL_TEST_ABSENT is not set"));
	assert_null(secret_resolve(secrets, "file:/nonexistent/secret", &error));
	assert_non_null(strstr(error.text, "/nonexistent/secret"));
	assert_null(secret_resolve(secrets, "literal", &error));
	secrets_free(secrets);
}

static void every_word_is_read_back(void **state)
{
	(void)state;
	for (int i = 0; i < VIA_COUNT; i++) {
		enum fault_via via = VIA_COUNT;

		assert_true(via_parse(via_name((enum fault_via)i), &via));
		assert_int_equal(via, i);
	}
	for (int i = 0; i < FAULT_STATE_COUNT; i++) {
		enum fault_state fault = FAULT_STATE_COUNT;

		assert_true(fault_state_parse(fault_state_name((enum fault_state)i), &fault));
		assert_int_equal(fault, i);
	}
	for (int i = 0; i < HOP_COUNT; i++) {
		enum hop hop = HOP_COUNT;

		assert_true(hop_parse(hop_name((enum hop)i), &hop));
		assert_int_equal(hop, i);
	}
	assert_string_equal(hop_state_name(HOP_NOT_ASKED), "not-asked");
	assert_string_equal(hop_state_name(HOP_HAD_IT), "had-it");
	assert_string_equal(hop_state_name(HOP_LACKED_IT), "lacked-it");
}

static void wall_time_is_written_as_rfc3339(void **state)
{
	char text[32];

	(void)state;
	clock_rfc3339(INT64_C(1700000000123), text, sizeof text);
	assert_string_equal(text, "2023-11-14T22:13:20.123Z");
}

static void percentiles_are_by_nearest_rank(void **state)
{
	int64_t list[200];

	(void)state;
	for (size_t i = 0; i < 200; i++)
		list[i] = (int64_t)((i * 77 + 1) % 200 + 1); /* every number once */
	percentile_sort(list, 200);
	percentile_sort(NULL, 0);
	assert_int_equal(percentile_of(NULL, 0, 50), -1);
	assert_int_equal(percentile_of(list, 1, 50), 1);
	assert_int_equal(percentile_of(list, 1, 99), 1);
	assert_int_equal(percentile_of(list, 2, 50), 1);
	assert_int_equal(percentile_of(list, 3, 50), 2);
	assert_int_equal(percentile_of(list, 99, 99), 99); /* the largest */
	assert_int_equal(percentile_of(list, 100, 99), 99);
	assert_int_equal(percentile_of(list, 200, 99), 198);
	assert_int_equal(percentile_of(list, 200, 100), 200);
}

static void a_missing_text_is_the_same_as_a_missing_text_only(void **state)
{
	char copy[] = "orders";

	(void)state;
	assert_true(text_is_same("orders", copy));
	assert_true(text_is_same(NULL, NULL));
	assert_false(text_is_same("orders", "order"));
	assert_false(text_is_same(NULL, ""));
	assert_false(text_is_same("", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_duration_needs_a_unit),
	    cmocka_unit_test(durations_add_up),
	    cmocka_unit_test(durations_are_written_for_people),
	    cmocka_unit_test(an_id_is_found_where_it_stands_alone),
	    cmocka_unit_test(a_probe_is_an_id_with_its_number),
	    cmocka_unit_test(a_new_id_is_found_again),
	    cmocka_unit_test(a_text_stops_at_its_limit),
	    cmocka_unit_test(a_secret_is_masked_once_it_is_known),
	    cmocka_unit_test(a_secret_from_a_file_loses_its_newline),
	    cmocka_unit_test(a_secret_file_that_is_none_is_refused_at_once),
	    cmocka_unit_test(a_missing_secret_names_its_variable_only),
	    cmocka_unit_test(every_word_is_read_back),
	    cmocka_unit_test(wall_time_is_written_as_rfc3339),
	    cmocka_unit_test(percentiles_are_by_nearest_rank),
	    cmocka_unit_test(a_missing_text_is_the_same_as_a_missing_text_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
