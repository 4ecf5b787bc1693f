/* A letter as it travels, and what cannot be sent. With real servers: tests/program/second_path_test.py */
#include "probes/mail.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "scenarios/config.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/support/loop.h"

static char *two[] = {"ops@mail.example", "boss@mail.example"};

static struct mail_settings settings_for(char *server)
{
	return (struct mail_settings){
	    .server = server, .from = "firedrill@mail.example", .to = {two, 2}};
}

/* Owned by the caller. */
static char *written(const char *subject, const char *text)
{
	const struct mail_settings settings = settings_for("smtp://mail.example");
	const struct mail_letter letter = {
	    .subject = subject, .text = text, .id = "fd-a.1", .wall_ms = INT64_C(1795255258123)};
	struct buf message = {0};
	struct error error = {""};

	assert_true(mail_write(&message, &settings, &letter, &error));
	return buf_take(&message);
}

/* No line is endless, and each ends as RFC 5322 wants it. */
static void assert_lines(const char *message)
{
	for (const char *line = message; *line != '\0';) {
		size_t len = strcspn(line, "\r\n");

		assert_true(len <= 78);
		assert_int_equal(strncmp(line + len, "\r\n", 2), 0);
		line += len + 2;
	}
}

static void a_letter_has_its_headers_in_full(void **state)
{
	char *message = written("Gap", "one\ntwo");

	(void)state;
	assert_string_equal(message, "Date: Sat, 21 Nov 2026 10:00:58 +0000\r\n"
				     "From: firedrill <firedrill@mail.example>\r\n"
				     "To: ops@mail.example,\r\n"
				     " boss@mail.example\r\n"
				     "Subject: Gap\r\n"
				     "Message-ID: <fd-a.1@mail.example>\r\n"
				     "Auto-Submitted: auto-generated\r\n"
				     "MIME-Version: 1.0\r\n"
				     "Content-Type: text/plain; charset=utf-8\r\n"
				     "Content-Transfer-Encoding: quoted-printable\r\n"
				     "\r\n"
				     "one\r\ntwo\r\n");
	free(message);
}

static void a_subject_is_one_line_whatever_is_in_it(void **state)
{
	char *message = written("Gap\r\nBcc: all@mail.example\r\n\r\nbody", "x");

	(void)state;
	assert_non_null(strstr(message, "Subject: Gap  Bcc: all@mail.example    body\r\n"));
	assert_null(strstr(message, "\nBcc"));
	free(message);
}

static void a_subject_beyond_ascii_is_encoded_in_whole_characters(void **state)
{
	struct buf subject = {0};
	char *message, *header;

	(void)state;
	message = written("\xe2\x9c\x94 ok", "x");
	assert_non_null(strstr(message, "Subject: =?UTF-8?B?4pyUIG9r?=\r\n"));
	free(message);
	for (int i = 0; i < 200; i++)
		buf_adds(&subject, "\xf0\x9f\x94\xa5");
	message = written(buf_text(&subject), "x");
	assert_lines(message);
	header = strstr(message, "Subject: =?UTF-8?B?8J+UpfCflKXwn5Sl");
	assert_non_null(header);
	assert_non_null(strstr(header, "?=\r\n =?UTF-8?B?8J+U"));
	free(message);
	message = written("looks like =?UTF-8?B?QQ==?=", "x");
	assert_null(strstr(message, "Subject: looks like"));
	free(message);
	buf_done(&subject);
}

static void a_text_is_quoted_and_its_lines_are_short(void **state)
{
	struct buf text = {0};
	char *message;

	(void)state;
	buf_adds(&text, "a=b \xc3\xa4 trailing \n.\n\ttab\n");
	for (int i = 0; i < 300; i++)
		buf_adds(&text, "long ");
	message = written("s", buf_text(&text));
	assert_lines(message);
	assert_non_null(strstr(message, "a=3Db =C3=A4 trailing=20\r\n.\r\n=09tab\r\nlong long"));
	assert_non_null(strstr(message, "=\r\n"));
	assert_true(strlen(message) < 2600);
	free(message);
	buf_done(&text);
}

static void an_endless_text_is_cut_between_characters(void **state)
{
	struct buf text = {0};
	char *message;

	(void)state;
	buf_adds(&text, "a");
	for (int i = 0; i < 50000; i++)
		buf_adds(&text, "\xc3\xa4");
	message = written("s", buf_text(&text));
	assert_non_null(strstr(message, "=C3=A4\r\n"));
	assert_true(strlen(message) < 4 * MAIL_TEXT_LIMIT);
	assert_string_equal(message + strlen(message) - 8, "=C3=A4\r\n");
	free(message);
	buf_done(&text);
}

/* Sending what cannot be sent. */

struct kept {
	bool done, permanent;
	size_t times;
	char error[512];
};

static void keep(void *arg, const struct mail_answer *answer)
{
	struct kept *kept = arg;

	kept->done = true;
	kept->times++;
	kept->permanent = answer->permanent;
	(void)snprintf(kept->error, sizeof kept->error, "%s",
		       answer->error != NULL ? answer->error : "");
}

static struct kept send_with(const struct mail_settings *settings)
{
	const struct mail_letter letter = {.subject = "s", .text = "t", .id = "fd-a.1"};
	struct event_base *base = event_base_new();
	struct secrets *secrets = secrets_new();
	struct kept kept = {0};

	(void)mail_start(base, secrets, settings, &letter, keep, &kept);
	assert_false(kept.done); /* never from inside start */
	loop_until(base, &kept.done);
	assert_int_equal(kept.times, 1);
	secrets_free(secrets);
	event_base_free(base);
	return kept;
}

static void what_cannot_be_sent_is_told_from_the_loop(void **state)
{
	struct mail_settings settings = settings_for("http://mail.example");
	struct kept kept = send_with(&settings);

	(void)state;
	assert_true(kept.permanent);
	assert_non_null(strstr(kept.error, "smtp://HOST:PORT"));
	settings = settings_for("smtp://user@mail.example/name");
	kept = send_with(&settings);
	assert_non_null(strstr(kept.error, "without a user and a path"));
	settings = settings_for("smtp://127.0.0.1:9");
	settings.from = "a@b\r\nRCPT TO:<c@d>";
	kept = send_with(&settings);
	assert_non_null(strstr(kept.error, "bare address"));
	settings = settings_for("smtp://127.0.0.1:9");
	settings.user = "u";
	settings.password = "env:FIREDRILL_TEST_NOT_SET";
	kept = send_with(&settings);
	assert_true(kept.permanent);
	assert_non_null(strstr(kept.error, "FIREDRILL_TEST_NOT_SET"));
}

static void a_server_that_is_not_there_may_be_there_later(void **state)
{
	const struct mail_settings settings = settings_for("smtp://127.0.0.1:1");
	struct kept kept = send_with(&settings);

	(void)state;
	assert_false(kept.permanent);
	assert_non_null(strstr(kept.error, "smtp://127.0.0.1:1"));
	assert_non_null(strstr(kept.error, "firewall"));
}

static void a_letter_that_is_cancelled_tells_nothing(void **state)
{
	const struct mail_letter letter = {.subject = "s", .text = "t", .id = "fd-a.1"};
	const struct mail_settings settings = settings_for("smtp://127.0.0.1:1");
	const struct mail_settings refused = settings_for("gopher://127.0.0.1");
	struct event_base *base = event_base_new();
	struct secrets *secrets = secrets_new();
	struct kept kept = {0};

	(void)state;
	mail_cancel(mail_start(base, secrets, &settings, &letter, keep, &kept));
	mail_cancel(mail_start(base, secrets, &refused, &letter, keep, &kept));
	mail_cancel(NULL);
	assert_int_equal(event_base_loop(base, 0), 1); /* nothing is left to wait for */
	assert_false(kept.done);
	secrets_free(secrets);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_letter_has_its_headers_in_full),
	    cmocka_unit_test(a_subject_is_one_line_whatever_is_in_it),
	    cmocka_unit_test(a_subject_beyond_ascii_is_encoded_in_whole_characters),
	    cmocka_unit_test(a_text_is_quoted_and_its_lines_are_short),
	    cmocka_unit_test(an_endless_text_is_cut_between_characters),
	    cmocka_unit_test(what_cannot_be_sent_is_told_from_the_loop),
	    cmocka_unit_test(a_server_that_is_not_there_may_be_there_later),
	    cmocka_unit_test(a_letter_that_is_cancelled_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
