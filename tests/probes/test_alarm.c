/* The alarm: every path is told, a path that fails is tried again, and nothing secret goes out. */
#include "probes/alarm.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/probes/asking.h"
#include "tests/support/loop.h"

#define TOKEN "alarm-4711-secret"

/* The system log, as syslog(3) is called; the second is what a build with _FORTIFY_SOURCE calls. */
void __wrap_syslog(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void __wrap___syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static struct log {
	size_t lines;
	int priority;
	char text[2 * ALARM_TEXT_LIMIT];
} logged;

__attribute__((format(printf, 2, 0))) static void keep_line(int priority, const char *format,
							    va_list list)
{
	logged.lines++;
	logged.priority = priority;
	(void)vsnprintf(logged.text, sizeof logged.text, format, list);
}

void __wrap_syslog(int priority, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	keep_line(priority, format, list);
	va_end(list);
}

void __wrap___syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list list;

	(void)flag;
	va_start(list, format);
	keep_line(priority, format, list);
	va_end(list);
}

struct world {
	struct asking *asking;
	struct secrets *secrets; /* owned */
	struct config config;
	struct pair header;
	char *command[4];
	struct alarm *alarm; /* owned */
	char file[64];       /* what the command writes */
};

static int setup(void **state)
{
	struct world *world = mem_zalloc(sizeof *world);
	int fd;

	assert_int_equal(asking_setup((void **)&world->asking), 0);
	world->secrets = secrets_new();
	world->alarm =
	    alarm_new(world->asking->base, world->asking->http, world->secrets, &world->config);
	(void)strcpy(world->file, "/tmp/firedrill-alarm-XXXXXX");
	fd = mkstemp(world->file);
	assert_true(fd >= 0);
	(void)close(fd);
	logged = (struct log){0};
	(void)setenv("ALARM_TOKEN", TOKEN, 1);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	alarm_free(world->alarm);
	secrets_free(world->secrets);
	(void)asking_teardown((void **)&world->asking);
	(void)unlink(world->file);
	free(world);
	return 0;
}

static void use_url(struct world *world)
{
	world->header = (struct pair){"Authorization", "env:ALARM_TOKEN"};
	world->config.alarm.url = world->asking->server->url;
	world->config.alarm.headers = (struct pairs){&world->header, 1};
}

static void use_command(struct world *world, char *script)
{
	world->command[0] = "sh";
	world->command[1] = "-c";
	world->command[2] = script;
	world->command[3] = world->file; /* $0 */
	world->config.alarm.command = (struct texts){world->command, 4};
}

static bool is_idle(void *arg)
{
	return alarm_is_idle(arg);
}

static void raise_and_wait(struct world *world, const char *text)
{
	alarm_raise(world->alarm, text);
	loop_until_true(world->asking->base, is_idle, world->alarm);
}

static void read_file(const struct world *world, char *ret_text, size_t size)
{
	FILE *file = fopen(world->file, "re");
	size_t len;

	assert_non_null(file);
	len = fread(ret_text, 1, size - 1, file);
	ret_text[len] = '\0';
	(void)fclose(file);
}

static void without_any_path_the_system_log_is_told(void **state)
{
	struct world *world = *state;

	alarm_raise(world->alarm, "the fault of fd-k3q9x2m7 stays");
	assert_true(alarm_is_idle(world->alarm));
	assert_int_equal(logged.lines, 1);
	assert_int_equal(logged.priority, LOG_ALERT | LOG_DAEMON);
	assert_string_equal(logged.text, "the fault of fd-k3q9x2m7 stays");
	assert_null(alarm_trouble(world->alarm));
}

static void the_url_gets_the_text_as_json_with_the_headers(void **state)
{
	struct world *world = *state;
	const struct hostile *server = world->asking->server;

	use_url(world);
	raise_and_wait(world, "say \"stuck\"\nin production");
	assert_int_equal(server->requests, 1);
	assert_memory_equal(server->request, "POST / HTTP/1.1\r\n", 17);
	assert_non_null(strstr(server->request, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(server->request, "\r\nAuthorization: " TOKEN "\r\n"));
	assert_non_null(
	    strstr(server->request, "\r\n\r\n{\"text\":\"say \\\"stuck\\\" in production\"}"));
	assert_null(alarm_trouble(world->alarm));
}

static void the_command_finds_the_text_and_a_path_in_its_environment(void **state)
{
	struct world *world = *state;
	char text[256];

	use_command(world, "printf '%s|%s|%s' \"$FIREDRILL_ALARM\" \"${PATH:+path}\" "
			   "\"$ALARM_TOKEN\" >$0");
	raise_and_wait(world, "the fault of fd-k3q9x2m7 stays");
	read_file(world, text, sizeof text);
	assert_string_equal(text, "the fault of fd-k3q9x2m7 stays|path|");
	assert_null(alarm_trouble(world->alarm));
}

static void every_path_is_tried_three_times_and_then_named(void **state)
{
	struct world *world = *state;
	char text[64];

	use_url(world);
	use_command(world, "echo x >>$0; echo no such pager; exit 7");
	world->asking->server->answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
	raise_and_wait(world, "stuck");
	read_file(world, text, sizeof text);
	assert_string_equal(text, "x\nx\nx\n");
	assert_int_equal(world->asking->server->requests, 3);
	assert_int_equal(logged.lines, 1);
	assert_non_null(alarm_trouble(world->alarm));
	assert_non_null(strstr(alarm_trouble(world->alarm), "alarm.url: answered with status 503"));
	assert_non_null(strstr(alarm_trouble(world->alarm),
			       "alarm.command: ended with status 7: no such pager"));
}

static void a_path_that_works_again_is_no_trouble_any_more(void **state)
{
	struct world *world = *state;

	use_command(world, "test -s $0 || { echo x >$0; exit 1; }");
	raise_and_wait(world, "stuck");
	assert_null(alarm_trouble(world->alarm));
}

static void secrets_are_masked_even_when_they_get_into_the_text(void **state)
{
	struct world *world = *state;
	struct error error;
	char text[256];

	assert_non_null(secret_resolve(world->secrets, "env:ALARM_TOKEN", &error));
	use_command(world, "printf %s \"$FIREDRILL_ALARM\" >$0");
	raise_and_wait(world, "the target said " TOKEN);
	read_file(world, text, sizeof text);
	assert_string_equal(text, "the target said *****************");
	assert_string_equal(logged.text, text);
}

static void a_text_that_is_too_long_is_cut_between_characters(void **state)
{
	struct world *world = *state;
	char text[ALARM_TEXT_LIMIT + 64];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text + ALARM_TEXT_LIMIT - 1, "\xc3\xa9", 2); /* across the limit */
	alarm_raise(world->alarm, text);
	assert_int_equal(strlen(logged.text), ALARM_TEXT_LIMIT - 1);
}

static void a_header_that_cannot_be_resolved_is_told_by_its_name(void **state)
{
	struct world *world = *state;

	use_url(world);
	world->header.value = "env:ALARM_TOKEN_THAT_IS_NOT_THERE";
	raise_and_wait(world, "stuck");
	assert_int_equal(world->asking->server->requests, 0);
	assert_non_null(strstr(alarm_trouble(world->alarm), "ALARM_TOKEN_THAT_IS_NOT_THERE"));
}

static void freeing_it_drops_what_is_in_flight(void **state)
{
	struct world *world = *state;

	use_url(world);
	use_command(world, "sleep 60");
	world->asking->server->deaf = true;
	alarm_raise(world->alarm, "stuck");
	(void)event_base_loop(world->asking->base, EVLOOP_ONCE);
	assert_false(alarm_is_idle(world->alarm));
	alarm_free(world->alarm);
	world->alarm = NULL;
	world->asking->server->deaf = false;
	asking_sentinel(world->asking);
}

static void a_flood_is_bounded_and_all_of_it_is_logged(void **state)
{
	struct world *world = *state;

	use_url(world);
	for (int i = 0; i < 200; i++)
		alarm_raise(world->alarm, "stuck");
	assert_int_equal(logged.lines, 200);
	assert_non_null(strstr(alarm_trouble(world->alarm), "too many alarms at once"));
	loop_until_true(world->asking->base, is_idle, world->alarm);
	assert_int_equal(world->asking->server->requests, 64);
}

#define alarm_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    alarm_test(without_any_path_the_system_log_is_told),
	    alarm_test(the_url_gets_the_text_as_json_with_the_headers),
	    alarm_test(the_command_finds_the_text_and_a_path_in_its_environment),
	    alarm_test(every_path_is_tried_three_times_and_then_named),
	    alarm_test(a_path_that_works_again_is_no_trouble_any_more),
	    alarm_test(secrets_are_masked_even_when_they_get_into_the_text),
	    alarm_test(a_text_that_is_too_long_is_cut_between_characters),
	    alarm_test(a_header_that_cannot_be_resolved_is_told_by_its_name),
	    alarm_test(freeing_it_drops_what_is_in_flight),
	    alarm_test(a_flood_is_bounded_and_all_of_it_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
