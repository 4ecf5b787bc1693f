/* The supervisor: runs a command, reports every stop, restarts it some times. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-services/client.h"
#include "fake-services/commands.h"
#include "src/base/buf.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define MAX_OUTPUT   4096 /* bytes of one run that are reported */
#define MAX_ATTEMPTS 1000
#define PAUSE_MS     200
#define KILL_MS      2000 /* from SIGTERM to SIGKILL */

struct supervisor {
	struct event_base *base;    /* owned */
	struct fake_client *report; /* owned */
	const char *task;           /* borrowed */
	char **command;             /* borrowed; NULL-terminated */
	long restarts;              /* left */
	int64_t pause_ms;
	struct event *output, *restart, *kill, *ended, *term, *interrupt; /* owned */
	int pipe;                                                         /* read end; -1: none */
	pid_t child;                                                      /* 0: none */
	int status;       /* of the last run, as waitpid gives it */
	bool has_ended;   /* the child is gone, its output may not be read yet */
	bool told_to_end; /* by a signal */
	bool gave_up;     /* all restarts are used up */
	struct buf text;  /* of this run */
	int exit_code;
};

static void start(struct supervisor *supervisor);
static void advance(struct supervisor *supervisor);

static void arm(struct event *timer, int64_t ms)
{
	const struct timeval delay = {.tv_sec = (time_t)(ms / 1000),
				      .tv_usec = (suseconds_t)(ms % 1000) * 1000};

	(void)event_add(timer, &delay);
}

static void finish(struct supervisor *supervisor, int exit_code)
{
	supervisor->exit_code = exit_code;
	(void)event_base_loopbreak(supervisor->base);
}

/* What happens. */

static void on_output(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *supervisor = arg;
	char bytes[4096];
	ssize_t len = read((int)fd, bytes, sizeof bytes);

	(void)what;
	if (len > 0) {
		buf_add(&supervisor->text, bytes, (size_t)len);
		(void)!write(STDERR_FILENO, bytes, (size_t)len);
		return;
	}
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	(void)event_del(supervisor->output);
	(void)close(supervisor->pipe);
	supervisor->pipe = -1;
	advance(supervisor);
}

static void on_ended(evutil_socket_t signal, short what, void *arg)
{
	struct supervisor *supervisor = arg;

	(void)signal;
	(void)what;
	if (supervisor->child == 0 ||
	    waitpid(supervisor->child, &supervisor->status, WNOHANG) != supervisor->child)
		return;
	supervisor->child = 0;
	supervisor->has_ended = true;
	advance(supervisor);
}

static void on_restart(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	start(arg);
}

static void on_kill(evutil_socket_t fd, short what, void *arg)
{
	const struct supervisor *supervisor = arg;

	(void)fd;
	(void)what;
	if (supervisor->child > 0)
		(void)kill(supervisor->child, SIGKILL);
}

static void on_term(evutil_socket_t signal, short what, void *arg)
{
	struct supervisor *supervisor = arg;

	(void)signal;
	(void)what;
	supervisor->told_to_end = true;
	if (supervisor->child == 0) {
		finish(supervisor, EXIT_SUCCESS);
		return;
	}
	(void)kill(supervisor->child, SIGTERM);
	arm(supervisor->kill, KILL_MS);
}

/* The last report has arrived, or cannot: there is nothing left to do. */
static void on_reported(void *arg, int status, const char *body)
{
	struct supervisor *supervisor = arg;

	(void)body;
	if (status / 100 != 2)
		(void)fprintf(stderr, "supervise: the stop could not be reported, status %d\n",
			      status);
	if (supervisor->gave_up && fake_client_waiting(supervisor->report) == 0)
		finish(supervisor, EXIT_FAILURE);
}

/* The flow: start, stop, report, restart. */

static void run_child(const struct supervisor *supervisor, const int ends[2], pid_t parent)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	(void)dup2(ends[1], STDOUT_FILENO);
	(void)dup2(ends[1], STDERR_FILENO);
	(void)execvp(supervisor->command[0], supervisor->command);
	(void)dprintf(STDERR_FILENO, "%s: %s\n", supervisor->command[0], strerror(errno));
	_exit(127);
}

static void start(struct supervisor *supervisor)
{
	pid_t parent = getpid();
	int ends[2];

	buf_done(&supervisor->text);
	supervisor->text.limit = MAX_OUTPUT;
	supervisor->has_ended = false;
	if (pipe2(ends, O_CLOEXEC) != 0 || (supervisor->child = fork()) < 0) {
		(void)fprintf(stderr, "supervise: cannot start a process: %s\n", strerror(errno));
		supervisor->child = 0;
		finish(supervisor, EXIT_FAILURE);
		return;
	}
	if (supervisor->child == 0)
		run_child(supervisor, ends, parent);
	(void)close(ends[1]);
	supervisor->pipe = ends[0];
	(void)evutil_make_socket_nonblocking(ends[0]);
	(void)event_assign(supervisor->output, supervisor->base, ends[0], EV_READ | EV_PERSIST,
			   on_output, supervisor);
	(void)event_add(supervisor->output, NULL);
}

static void describe(int status, char *ret_text, size_t size)
{
	if (WIFSIGNALED(status))
		(void)snprintf(ret_text, size, "killed by signal %d", WTERMSIG(status));
	else
		(void)snprintf(ret_text, size, "exited with %d", WEXITSTATUS(status));
}

static void report(struct supervisor *supervisor)
{
	cJSON *event = cJSON_CreateObject();
	char status[64];
	char *body;

	describe(supervisor->status, status, sizeof status);
	(void)cJSON_AddStringToObject(event, "task", supervisor->task);
	(void)cJSON_AddStringToObject(event, "status", status);
	(void)cJSON_AddStringToObject(event, "output", buf_text(&supervisor->text));
	body = cJSON_PrintUnformatted(event);
	fake_client_send(supervisor->report, "", "application/json", NULL, body, on_reported,
			 supervisor);
	cJSON_free(body);
	cJSON_Delete(event);
}

/* Goes on when the child is gone and all it said is read. */
static void advance(struct supervisor *supervisor)
{
	if (!supervisor->has_ended || supervisor->pipe >= 0)
		return;
	supervisor->has_ended = false;
	if (supervisor->told_to_end) {
		finish(supervisor, EXIT_SUCCESS);
		return;
	}
	supervisor->gave_up = supervisor->restarts == 0;
	report(supervisor);
	if (supervisor->gave_up)
		return;
	supervisor->restarts--;
	arm(supervisor->restart, supervisor->pause_ms);
}

/* The command. */

static int read_options(struct supervisor *supervisor, int argc, char **argv, const char **ret_url)
{
	static const struct option options[] = {{"report", required_argument, NULL, 'r'},
						{"task", required_argument, NULL, 't'},
						{"attempts", required_argument, NULL, 'a'},
						{"pause", required_argument, NULL, 'p'},
						{NULL, 0, NULL, 0}};
	struct error error;
	char *end = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == 'r')
			*ret_url = optarg;
		else if (option == 't')
			supervisor->task = optarg;
		else if (option == 'a')
			supervisor->restarts = strtol(optarg, &end, 10);
		else if (option != 'p')
			return command_misuse(argv[0], "an option it does not have");
		else if (!duration_parse(optarg, &supervisor->pause_ms, &error))
			return command_misuse(argv[0], error.text);
		if (option == 'a' && (end == optarg || *end != '\0' || supervisor->restarts < 0 ||
				      supervisor->restarts > MAX_ATTEMPTS))
			return command_misuse(argv[0], "--attempts is a number from 0 to 1000");
	}
	supervisor->command = argv + optind;
	if (*ret_url == NULL || supervisor->task == NULL)
		return command_misuse(argv[0], "--report and --task are needed");
	if (optind == argc)
		return command_misuse(argv[0], "a command to run is needed after --");
	return 0;
}

static void supervisor_done(struct supervisor *supervisor)
{
	struct event *events[] = {supervisor->output, supervisor->restart, supervisor->kill,
				  supervisor->ended,  supervisor->term,    supervisor->interrupt};

	fake_client_free(supervisor->report);
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		event_free(events[i]);
	if (supervisor->pipe >= 0)
		(void)close(supervisor->pipe);
	buf_done(&supervisor->text);
	event_base_free(supervisor->base);
}

int command_supervise(int argc, char **argv)
{
	struct supervisor supervisor = {.restarts = 2, .pause_ms = PAUSE_MS, .pipe = -1};
	const char *url = NULL;
	struct error error;
	int misuse = read_options(&supervisor, argc, argv, &url);

	if (misuse != 0)
		return misuse;
	(void)signal(SIGPIPE, SIG_IGN);
	supervisor.base = event_base_new();
	supervisor.report = fake_client_new(supervisor.base, url, &error);
	if (supervisor.report == NULL) {
		event_base_free(supervisor.base);
		return command_misuse(argv[0], error.text);
	}
	supervisor.output = event_new(supervisor.base, -1, 0, on_output, &supervisor);
	supervisor.restart = evtimer_new(supervisor.base, on_restart, &supervisor);
	supervisor.kill = evtimer_new(supervisor.base, on_kill, &supervisor);
	supervisor.ended = evsignal_new(supervisor.base, SIGCHLD, on_ended, &supervisor);
	supervisor.term = evsignal_new(supervisor.base, SIGTERM, on_term, &supervisor);
	supervisor.interrupt = evsignal_new(supervisor.base, SIGINT, on_term, &supervisor);
	(void)evsignal_add(supervisor.ended, NULL);
	(void)evsignal_add(supervisor.term, NULL);
	(void)evsignal_add(supervisor.interrupt, NULL);
	start(&supervisor);
	(void)event_base_dispatch(supervisor.base);
	supervisor_done(&supervisor);
	return supervisor.exit_code;
}
