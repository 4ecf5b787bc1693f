/* fake-services as a program: one line when it is ready, an end when it is told, clear errors. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-services/alerting.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "tests/fake-services/ask.h"
#include "tests/fake-services/with_chat.h"
#include "tests/support/loop.h"

#define MAX_ARGUMENTS 16
#define ALERTING                                                                     \
	"alerting --quiet --webhook http://127.0.0.1:9/x --route OrdersHealthDown= " \
	"--health http://127.0.0.1:9 --for 1s --keep 2s --environment test"

/* A run of the program. */
struct run {
	struct event_base *base; /* owned, or borrowed */
	bool borrowed;
	pid_t pid;
	int input;            /* write end of its standard input; -1: closed */
	struct event *output; /* owned; its standard output and error together */
	struct buf text;
	bool line, over; /* a whole line is there; all is said */
};

static void on_output(evutil_socket_t fd, short what, void *arg)
{
	struct run *run = arg;
	char bytes[4096];
	ssize_t len = read((int)fd, bytes, sizeof bytes);

	(void)what;
	if (len > 0)
		buf_add(&run->text, bytes, (size_t)len);
	else
		(void)event_del(run->output);
	run->over = run->over || len <= 0;
	run->line = strchr(buf_text(&run->text), '\n') != NULL;
}

static void become(char *const argv[], const int input[2], const int output[2])
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(input[0], STDIN_FILENO);
	(void)dup2(output[1], STDOUT_FILENO);
	(void)dup2(output[1], STDERR_FILENO);
	(void)close(input[1]);
	(void)close(output[0]);
	(void)execv(FAKE_SERVICES, argv);
	_exit(126);
}

/* On a loop of its own when base is NULL. The arguments are one text with blanks between them. */
static struct run *run_on(struct event_base *base, const char *arguments)
{
	struct run *run = mem_zalloc(sizeof *run);
	char *copy = mem_dup(arguments), *rest = copy;
	char *argv[MAX_ARGUMENTS + 2] = {(char *)"fake-services"};
	int input[2], output[2];

	for (int i = 1; i <= MAX_ARGUMENTS && rest != NULL; i++)
		argv[i] = strsep(&rest, " ");
	assert_int_equal(pipe(input), 0);
	assert_int_equal(pipe(output), 0);
	run->borrowed = base != NULL;
	run->base = base != NULL ? base : event_base_new();
	run->pid = fork();
	if (run->pid == 0)
		become(argv, input, output);
	(void)close(input[0]);
	(void)close(output[1]);
	run->input = input[1];
	run->output = event_new(run->base, output[0], EV_READ | EV_PERSIST, on_output, run);
	(void)event_add(run->output, NULL);
	free(copy);
	return run;
}

static struct run *run_start(const char *arguments)
{
	return run_on(NULL, arguments);
}

static void end_input(struct run *run)
{
	(void)close(run->input);
	run->input = -1;
}

/* Waits for its end; the exit code. */
static int run_end(struct run *run)
{
	int status = 0;

	loop_until(run->base, &run->over);
	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	run->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void run_free(struct run *run)
{
	if (run->pid > 0) {
		(void)kill(run->pid, SIGKILL);
		(void)waitpid(run->pid, NULL, 0);
	}
	if (run->input >= 0)
		(void)close(run->input);
	(void)close(event_get_fd(run->output));
	event_free(run->output);
	if (!run->borrowed)
		event_base_free(run->base);
	buf_done(&run->text);
	free(run);
}

/* The program's end, its exit code and a text that it said. */
static void assert_says(const char *arguments, int code, const char *text)
{
	struct run *run = run_start(arguments);

	assert_int_equal(run_end(run), code);
	if (strstr(buf_text(&run->text), text) == NULL)
		fail_msg("\"%s\" does not hold \"%s\"", buf_text(&run->text), text);
	run_free(run);
}

static void the_world_says_where_it_is_and_ends_with_its_input(void **state)
{
	struct run *run = run_start("world --quiet");
	struct answer *answer;
	cJSON *line;
	char *url;

	(void)state;
	loop_until(run->base, &run->line);
	line = cJSON_Parse(buf_text(&run->text));
	assert_string_equal(json_text(line, "token"), "xoxb-of-the-test");
	url = mem_printf("%s/api/auth.test", json_text(line, "chat"));
	answer = ask(run->base, "GET", url, NULL, "xoxb-of-the-test", NULL);
	assert_true(cJSON_IsTrue(json_at(answer->json, "ok")));
	answer_free(answer);
	free(url);
	url = mem_printf("%s/admin/queue", json_text(line, "production.orders"));
	answer = ask(run->base, "GET", url, NULL, NULL, NULL);
	assert_string_equal(answer->body, "orders");
	answer_free(answer);
	free(url);
	assert_true(json_text(line, "staging.alerting")[0] == 'h');
	cJSON_Delete(line);
	end_input(run);
	assert_int_equal(run_end(run), 0);
	run_free(run);
}

static void the_world_can_stay_and_ends_at_sigterm(void **state)
{
	struct run *run = run_start("world --quiet --stay --tick 1s");

	(void)state;
	end_input(run);
	loop_until(run->base, &run->line);
	assert_int_equal(kill(run->pid, SIGTERM), 0);
	assert_int_equal(run_end(run), 0);
	run_free(run);
}

static void each_service_runs_alone(void **state)
{
	static const char *const services[] = {
	    "chat --channel more --webhook /services/T/B/X=more --control --listen 127.0.0.1:0",
	    "orders --quiet --queue jobs --tick 50ms",
	    ALERTING,
	};

	(void)state;
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		struct run *run = run_start(services[i]);
		cJSON *line;

		loop_until(run->base, &run->line);
		line = cJSON_Parse(buf_text(&run->text));
		assert_true(strncmp(json_text(line, "url"), "http://127.0.0.1:", 17) == 0);
		if (i == 0) {
			assert_true(json_text(line, "channels.more")[0] == 'C');
			assert_true(json_text(line, "webhooks.ops")[0] == 'h');
		}
		cJSON_Delete(line);
		(void)kill(run->pid, SIGINT);
		assert_int_equal(run_end(run), 0);
		run_free(run);
	}
}

static void mistakes_are_told_with_a_way_out(void **state)
{
	(void)state;
	assert_says("dance", 2, "there is no command \"dance\"");
	assert_says("world --fast", 2, "--help tells how");
	assert_says("world --tick 5", 2, "\"5\"");
	assert_says("world now", 2, "options only");
	assert_says("chat --listen nowhere", 2, "127.0.0.1:PORT");
	assert_says("chat --webhook /services/x=nowhere", 1, "with a channel that is there");
	assert_says("orders --amqp amqp://127.0.0.1:1/", 1, "is RabbitMQ running there?");
	assert_says("orders --amqp http://x/", 1, "amqp://USER:PASSWORD@HOST:PORT/VHOST");
	assert_says("alerting --webhook ftp://x/", 1, "ftp://x/");
	assert_says("supervise -- true", 2, "--report and --task are needed");
	assert_says("supervise --report http://127.0.0.1:9/ --task x --attempts 1x -- true", 2,
		    "0 to 1000");
	assert_says("supervise --report http://127.0.0.1:9/ --task x", 2, "after --");
}

static void help_is_there_for_every_command(void **state)
{
	static const char *const commands[] = {"world",    "chat",   "orders",
					       "alerting", "worker", "supervise"};

	(void)state;
	assert_says("--help", 0, "supervise");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		char *arguments = mem_printf("%s --help", commands[i]);
		char *usage = mem_printf("Usage: fake-services %s", commands[i]);

		assert_says(arguments, 0, usage);
		free(arguments);
		free(usage);
	}
}

static void a_worker_needs_its_environment(void **state)
{
	struct run *run;

	(void)state;
	assert_says("worker", 1, "FATAL environment variable ORDERS_DATABASE_URL is not set");
	(void)setenv("ORDERS_DATABASE_URL", "postgres://x", 1);
	(void)setenv("WORKER_QUEUE", "orders-fd-1", 1);
	assert_says("worker", 1, "FATAL queue orders-fd-1 does not exist");
	(void)setenv("WORKER_QUEUE", "orders", 1);
	run = run_start("worker");
	loop_until(run->base, &run->line);
	assert_string_equal(buf_text(&run->text), "worker ready\n");
	(void)kill(run->pid, SIGTERM);
	assert_int_equal(run_end(run), 0);
	run_free(run);
	(void)unsetenv("WORKER_QUEUE");
	(void)unsetenv("ORDERS_DATABASE_URL");
}

static bool has_three_stops(void *arg)
{
	const struct fake_alerting *alerting = arg;

	return fake_alerting_events(alerting) == 3;
}

static void a_supervisor_reports_every_stop_and_gives_up(void **state)
{
	struct event_base *base = event_base_new();
	const struct fake_alerting_options options = {.keep_ms = 60000};
	struct fake_alerting *alerting = fake_alerting_new(base, &options, NULL);
	char *arguments = mem_printf("supervise --report %s/events --task worker-fd-1 --pause 1ms "
				     "-- %s worker",
				     fake_alerting_url(alerting), FAKE_SERVICES);
	struct run *run = run_on(base, arguments);

	(void)state;
	loop_until_true(base, has_three_stops, alerting);
	assert_int_equal(run_end(run), 1);
	assert_non_null(strstr(buf_text(&run->text), "FATAL environment variable"));
	assert_int_equal(fake_alerting_firing(alerting, "WorkerStopped"), 1);
	run_free(run);
	free(arguments);
	fake_alerting_free(alerting);
	event_base_free(base);
}

static void a_supervisor_takes_its_command_along_at_sigterm(void **state)
{
	struct run *run;

	(void)state;
	(void)setenv("ORDERS_DATABASE_URL", "postgres://x", 1);
	run = run_start("supervise --report http://127.0.0.1:9/ --task x -- " FAKE_SERVICES
			" worker");
	loop_until(run->base, &run->line);
	assert_non_null(strstr(buf_text(&run->text), "worker ready"));
	(void)kill(run->pid, SIGTERM);
	/* The end of its output means that the command is gone too. */
	assert_int_equal(run_end(run), 0);
	run_free(run);
	(void)unsetenv("ORDERS_DATABASE_URL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_world_says_where_it_is_and_ends_with_its_input),
	    cmocka_unit_test(the_world_can_stay_and_ends_at_sigterm),
	    cmocka_unit_test(each_service_runs_alone),
	    cmocka_unit_test(mistakes_are_told_with_a_way_out),
	    cmocka_unit_test(help_is_there_for_every_command),
	    cmocka_unit_test(a_worker_needs_its_environment),
	    cmocka_unit_test(a_supervisor_reports_every_stop_and_gives_up),
	    cmocka_unit_test(a_supervisor_takes_its_command_along_at_sigterm),
	};

	(void)setenv("FAKE_CHAT_TOKEN", "xoxb-of-the-test", 1);
	(void)unsetenv("ORDERS_DATABASE_URL");
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
