/* The guest: hands its drills to the daemon, and is its terminal until they are over. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reports/terminal.h"
#include "src/base/mem.h"
#include "src/base/utf8.h"
#include "src/base/words.h"
#include "src/engine/judge.h"
#include "src/program/serve/door.h"
#include "src/program/serve/door_wire.h"
#include "src/program/serve/knock.h"
#include "src/program/serve/visit_lost.h"
#include "src/program/serve/visit_stream.h"
#include "src/program/wanted.h"

#define KNOCK_LIMIT_MS 5000

enum { ON_INT, ON_TERM, ON_HUP, ON_RESIZE, SIGNALS };

struct visit {
	const struct options *options; /* borrowed */
	struct knock_host *host;       /* borrowed */
	struct event_base *base;       /* owned */
	struct event *event;           /* owned; the door; NULL: it is closed */
	struct event *signals[SIGNALS];
	struct event *resized; /* owned; a window that is drawn out is told ten times a second */
	FILE *view;            /* borrowed: stdout, or stderr with JSON lines on stdout */
	struct visit_stream *drawn, *lines; /* owned; NULL: not yet, or never */
	struct door_said said;
	char *refusal; /* owned; why nothing was done */
	bool told;     /* code is known */
	bool lost;     /* JSON lines, by the daemon */
	bool stopped;  /* before the drills were taken */
	enum exit_code code;
};

/* Whether the loop has nothing to wait for is asked after each turn. */
static bool is_over(const struct visit *visit)
{
	if (visit->refusal != NULL || visit->stopped)
		return true;
	if (visit->event != NULL)
		return false;
	return (visit->drawn == NULL || visit_stream_has_ended(visit->drawn)) &&
	       (visit->lines == NULL || visit_stream_has_ended(visit->lines));
}

/* What the door says. */

static void on_ended(void *arg)
{
	(void)arg; /* is_over looks at it */
}

static void take_streams(struct visit *visit)
{
	const int *pipes = visit->said.pipes;

	visit->drawn = visit_stream_new(visit->base, pipes[0], visit->view, on_ended, visit);
	if (pipes[1] >= 0)
		visit->lines = visit_stream_new(visit->base, pipes[1], stdout, on_ended, visit);
}

static void close_door(struct visit *visit)
{
	if (visit->event != NULL)
		event_free(visit->event);
	visit->event = NULL;
}

static void take_end(struct visit *visit)
{
	const char *key, *value;

	while (door_next(&visit->said, &key, &value)) {
		if (strcmp(key, "code") == 0) {
			visit->code = (enum exit_code)door_number_of(value, 125);
			visit->told = true;
		} else if (strcmp(key, "lost") == 0) {
			visit->lost = door_number_of(value, 1) == 1;
		}
	}
	close_door(visit);
}

static void take_refusal(struct visit *visit)
{
	const char *key, *value;

	while (door_next(&visit->said, &key, &value)) {
		if (strcmp(key, "code") == 0)
			visit->code = (enum exit_code)door_number_of(value, 125);
		else if (strcmp(key, "text") == 0 && visit->refusal == NULL)
			visit->refusal = mem_dup(value);
	}
	close_door(visit);
}

static void on_word(struct visit *visit)
{
	const char *word = visit->said.word;

	if (strcmp(word, "go") == 0 && visit->drawn == NULL && visit->said.pipes[0] >= 0) {
		take_streams(visit);
	} else if (strcmp(word, "no") == 0 && visit->drawn == NULL) {
		take_refusal(visit);
	} else if (strcmp(word, "over") == 0) {
		take_end(visit);
	} else {
		close_door(visit);
	}
}

static void on_door(evutil_socket_t fd, short what, void *arg)
{
	struct visit *visit = arg;

	(void)what;
	visit->said.takes_pipes = true;
	switch (door_receive(fd, &visit->said)) {
	case DOOR_PACKET:
		on_word(visit);
		break;
	case DOOR_NOTHING:
		break;
	case DOOR_END:
	case DOOR_STRANGE:
	case DOOR_NONSENSE:
		close_door(visit);
		break;
	}
}

/* Signals. */

static void say_stop(struct visit *visit, const char *signal)
{
	struct buf packet = {0};

	door_packet(&packet, "stop");
	door_field(&packet, "signal", signal);
	(void)door_send(visit->host->fd, &packet, NULL, 0);
	buf_done(&packet);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct visit *visit = arg;

	(void)what;
	if (visit->drawn == NULL) /* an end of ours stops what it may have begun */
		visit->stopped = true;
	else if (visit->event != NULL)
		say_stop(visit, number == SIGINT ? "INT" : "TERM");
}

static void on_resize_signal(evutil_socket_t number, short what, void *arg)
{
	static const struct timeval soon = {.tv_usec = 100000};
	struct visit *visit = arg;

	(void)number;
	(void)what;
	if (!evtimer_pending(visit->resized, NULL))
		(void)event_add(visit->resized, &soon);
}

static void on_resized(evutil_socket_t fd, short what, void *arg)
{
	struct visit *visit = arg;
	const struct terminal_options looks = terminal_options_for(visit->view);
	struct buf packet = {0};

	(void)fd;
	(void)what;
	if (visit->event == NULL || visit->drawn == NULL)
		return;
	door_packet(&packet, "size");
	door_number(&packet, "columns", looks.columns);
	door_number(&packet, "rows", looks.rows);
	(void)door_send(visit->host->fd, &packet, NULL, 0);
	buf_done(&packet);
}

static void listen_to_signals(struct visit *visit)
{
	static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
	struct sigaction before;

	for (size_t i = 0; i < SIGNALS; i++) {
		if (numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
		    before.sa_handler == SIG_IGN)
			continue; /* started by nohup */
		visit->signals[i] = evsignal_new(
		    visit->base, numbers[i], i == ON_RESIZE ? on_resize_signal : on_signal, visit);
		(void)event_add(visit->signals[i], NULL);
	}
	visit->resized = evtimer_new(visit->base, on_resized, visit);
}

static void leave_signals(struct visit *visit)
{
	for (size_t i = 0; i < SIGNALS; i++) {
		if (visit->signals[i] != NULL)
			event_free(visit->signals[i]);
	}
	event_free(visit->resized);
}

/* Whether the daemon knows the files as they are now. */

static bool is_newer(const char *file, int64_t wall_ms)
{
	struct stat about;

	return stat(file, &about) == 0 &&
	       (int64_t)about.st_ctim.tv_sec * 1000 + about.st_ctim.tv_nsec / 1000000 > wall_ms;
}

/* "" when nothing was changed since, as far as can be told. Owned by the caller. */
static char *changed_files(const struct app *app, const struct wanted *wanted,
			   const struct knock_host *host)
{
	const char *file = app_config(app)->file;
	struct buf text = {0};
	bool newer = is_newer(file, host->loaded_wall_ms);

	for (size_t i = 0; !newer && i < wanted->count; i++) {
		file = wanted->list[i].scenario->file;
		newer = is_newer(file, host->loaded_wall_ms);
	}
	if (newer && host->loaded_wall_ms > 0)
		buf_addf(&text,
			 "%s was changed after the firedrill that runs had read it, and is not yet "
			 "in force; reload it: systemctl reload firedrill, or kill -HUP %d",
			 file, host->pid);
	return buf_take(&text);
}

/* Two configurations may name one state file. */
static bool is_same_config(const struct app *app, const struct knock_host *host)
{
	char *ours = realpath(app_config(app)->file, NULL);
	bool same = ours == NULL || host->config[0] == '\0' || strcmp(ours, host->config) == 0;

	if (!same)
		(void)fprintf(stderr,
			      "firedrill: the firedrill that runs as process %d works with the "
			      "configuration %s, and this one with %s: name the other with "
			      "--config, or run without it: --alone\n",
			      host->pid, host->config, ours);
	free(ours);
	return same;
}

/* The flow. */

static void add_flag(struct buf *packet, const char *key, bool yes)
{
	if (yes)
		door_number(packet, key, 1);
}

static void add_names(struct buf *packet, const char *key, const char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		door_field(packet, key, names[i]);
}

static bool say_wish(const struct visit *visit, const char *changed)
{
	const struct options *options = visit->options;
	const struct terminal_options looks = terminal_options_for(visit->view);
	struct buf packet = {0};
	bool sent;

	door_packet(&packet, "wish");
	add_names(&packet, "scenario", options->words, options->word_count);
	add_names(&packet, "environment", options->env, options->env_count);
	if (changed[0] != '\0')
		door_field(&packet, "note", changed);
	add_flag(&packet, "all", options->all);
	add_flag(&packet, "allow-protected", options->allow_protected);
	add_flag(&packet, "json", options->json);
	add_flag(&packet, "live", looks.live);
	add_flag(&packet, "colour", looks.colour);
	add_flag(&packet, "ascii", looks.ascii);
	door_number(&packet, "columns", looks.columns);
	door_number(&packet, "rows", looks.rows);
	sent = door_send(visit->host->fd, &packet, NULL, 0);
	buf_done(&packet);
	return sent;
}

/* Nothing of ours is in place any more, so that a slow reader may take its time. */
static void finish_streams(struct visit *visit)
{
	(void)visit_stream_finish(visit->drawn);
	if (!visit_stream_finish(visit->lines) || visit->lost) {
		(void)fputs("firedrill: the output could not be written completely: look at what "
			    "reads stdout, and at its disk\n",
			    stderr);
		visit->code = exit_code_worst(visit->code, EXIT_USAGE);
	}
}

static void print_refusal(struct visit *visit, const char *changed)
{
	utf8_clean(visit->refusal, strlen(visit->refusal));
	(void)fprintf(stderr, "firedrill: %s\n", visit->refusal);
	if (changed[0] != '\0')
		(void)fprintf(stderr, "firedrill: %s\n", changed);
}

static void stay(struct visit *visit, struct app *app, const char *changed)
{
	listen_to_signals(visit);
	visit->event =
	    event_new(visit->base, visit->host->fd, EV_READ | EV_PERSIST, on_door, visit);
	(void)event_add(visit->event, NULL);
	if (!say_wish(visit, changed))
		visit->refusal = mem_dup("that is more at once than the firedrill that runs takes: "
					 "name fewer scenarios, or run without it: --alone");
	while (!is_over(visit) && event_base_loop(visit->base, EVLOOP_ONCE) == 0)
		continue;
	leave_signals(visit);
	if (visit->refusal != NULL) {
		print_refusal(visit, changed);
	} else if (visit->stopped) {
		(void)fputs("firedrill: stopped before the firedrill that runs had answered; what "
			    "it may have begun is put right\n",
			    stderr);
		visit->code = EXIT_ABORTED;
	} else {
		if (!visit->told)
			visit->code = visit_lost(app, visit->base, visit->host->pid);
		finish_streams(visit);
	}
}

static int visit_host(struct app *app, const struct options *options, const struct wanted *wanted,
		      struct knock_host *host)
{
	char *changed = changed_files(app, wanted, host);
	struct visit visit = {.options = options,
			      .host = host,
			      .base = event_base_new(),
			      .view = options->json ? stderr : stdout,
			      .code = EXIT_USAGE};

	stay(&visit, app, changed != NULL ? changed : "");
	close_door(&visit);
	visit_stream_free(visit.drawn);
	visit_stream_free(visit.lines);
	door_said_done(&visit.said);
	event_base_free(visit.base);
	free(visit.refusal);
	free(changed);
	return (int)visit.code;
}

bool door_visit(struct app *app, const struct options *options, const struct wanted *wanted,
		int *ret_code)
{
	struct knock_host host;
	struct error error = {""};

	switch (knock(app_config(app)->state, KNOCK_LIMIT_MS, &host, &error)) {
	case KNOCK_NOBODY:
		return false;
	case KNOCK_FAILED:
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		*ret_code = EXIT_USAGE;
		return true;
	case KNOCK_OPEN:
		break;
	}
	*ret_code =
	    is_same_config(app, &host) ? visit_host(app, options, wanted, &host) : EXIT_USAGE;
	knock_done(&host);
	return true;
}
