/* HTTPS against real TLS servers: what is not trusted is never asked. */
#include "probes/http.h"

#include <event2/event.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/probes/asking.h"
#include "tests/probes/running.h"
#include "tests/support/loop.h"

#define FOLDER  "/tmp/firedrill-tls-XXXXXX"
#define ACCEPTS "ACCEPT 127.0.0.1:"

/* "good" is for our address, "other" for another name, "old" is good but over since yesterday. */
static const char make_certificates[] =
    "set -e; new='openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
    "-days 2 -subj /CN=firedrill-test';"
    "$new -keyout good.key -out good.pem -addext subjectAltName=IP:127.0.0.1;"
    "$new -keyout other.key -out other.pem -addext subjectAltName=DNS:other.example;"
    "cp good.key old.key; openssl x509 -x509toreq -in good.pem -signkey old.key -out old.req;"
    "openssl x509 -req -in old.req -signkey old.key -days -1 -out old.pem";

/* The folder with the certificates is the working folder of all tests. */

static int make_folder(void **state)
{
	struct event_base *base = event_base_new();
	const char *argv[4];
	struct child_ask ask = running_script(make_certificates, argv);
	struct ended ended = {0};
	char *folder = strdup(FOLDER);

	*state = folder;
	if (base == NULL || folder == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0)
		return -1;
	(void)child_start(base, &ask, NULL, ended_keep, &ended);
	loop_until(base, &ended.done);
	event_base_free(base);
	if (ended.status != 0)
		(void)fprintf(stderr, "%s%s\n", ended.error, ended.output);
	return ended.started ? ended.status : -1;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	(void)about;
	(void)kind;
	(void)walk;
	return remove(path);
}

static int remove_folder(void **state)
{
	int rc = nftw(*state, remove_one, 4, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return rc;
}

/* What one request to a TLS server with this certificate brings. */
static struct answer ask_server(const char *certificate, const char *authorities)
{
	void *state = NULL;
	char script[128] = "", url[64];
	const char *argv[4];
	struct child_ask ask = running_script(script, argv);
	struct ended ended = {0};
	struct asking *asking;
	struct answer answer;
	struct child *server;

	assert_int_equal(asking_setup(&state), 0);
	asking = state;
	(void)snprintf(script, sizeof script,
		       "exec openssl s_server -accept 127.0.0.1:0 -cert %s.pem -key %s.key -www",
		       certificate, certificate);
	server = child_start(asking->base, &ask, ended_output, ended_keep, &ended);
	running_until_output(asking->base, &ended, ACCEPTS);
	(void)snprintf(url, sizeof url, "https://127.0.0.1:%d/",
		       atoi(strstr(ended.live, ACCEPTS) + strlen(ACCEPTS)));
	if (authorities != NULL)
		assert_int_equal(setenv("SSL_CERT_FILE", authorities, 1), 0);
	answer = asking_get(asking, (struct http_ask){.url = url, .bearer = "hunter2"});
	child_cancel(server);
	assert_int_equal(asking_teardown(&state), 0);
	return answer;
}

static void assert_not_trusted(const struct answer *answer, const char *why)
{
	assert_int_equal(answer->result, HTTP_UNREACHABLE);
	assert_non_null(strstr(answer->error, "the certificate of https://127.0.0.1:"));
	assert_non_null(strstr(answer->error, "SSL_CERT_FILE"));
	assert_null(strstr(answer->error, "hunter2"));
	if (strstr(answer->error, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", answer->error, why);
}

static void a_certificate_of_unknown_origin_is_not_trusted(void **state)
{
	struct answer answer = ask_server("good", NULL);

	(void)state;
	assert_not_trusted(&answer, "self-signed certificate");
}

static void a_certificate_from_the_named_authorities_is_trusted(void **state)
{
	struct answer answer = ask_server("good", "good.pem");

	(void)state;
	assert_string_equal(answer.error, "");
	assert_int_equal(answer.status, 200);
}

static void a_certificate_for_another_name_is_not_trusted(void **state)
{
	struct answer answer = ask_server("other", "other.pem");

	(void)state;
	assert_not_trusted(&answer, "127.0.0.1");
}

static void a_certificate_that_is_over_is_not_trusted(void **state)
{
	struct answer answer = ask_server("old", "old.pem");

	(void)state;
	assert_not_trusted(&answer, "expired");
}

static void a_store_that_cannot_be_read_says_so(void **state)
{
	struct answer answer = ask_server("good", "/nowhere/authorities.pem");

	(void)state;
	assert_int_equal(answer.result, HTTP_UNREACHABLE);
	assert_non_null(strstr(answer.error, "SSL_CERT_FILE"));
}

static void a_port_that_does_not_speak_tls_says_so(void **state)
{
	struct asking *asking = *state;
	char url[80];
	struct answer answer;

	(void)snprintf(url, sizeof url, "https%s/", asking->server->url + 4);
	asking->server->greeting = "220 mail.example ESMTP\r\n";
	answer = asking_get(asking, (struct http_ask){.url = url});
	assert_int_equal(answer.result, HTTP_UNREACHABLE);
	assert_non_null(strstr(answer.error, "no TLS with https://127.0.0.1:"));
	assert_int_equal(asking->server->requests, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_certificate_of_unknown_origin_is_not_trusted),
	    cmocka_unit_test(a_certificate_from_the_named_authorities_is_trusted),
	    cmocka_unit_test(a_certificate_for_another_name_is_not_trusted),
	    cmocka_unit_test(a_certificate_that_is_over_is_not_trusted),
	    cmocka_unit_test(a_store_that_cannot_be_read_says_so),
	    asking_test(a_port_that_does_not_speak_tls_says_so),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
