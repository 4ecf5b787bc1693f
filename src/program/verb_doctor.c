/* `firedrill doctor`: do the tokens, channels, addresses and stations work, and can a drill do what
 * it is written for?  Breaks nothing, posts nothing. */
#include <event2/event.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/terminal.h"
#include "src/base/clock.h"
#include "src/base/words.h"
#include "src/program/doctor.h"
#include "src/program/verbs.h"

#define INDENT     9     /* columns before what is told */
#define LOOK_MS    1000  /* between two looks at what is waited for */
#define SILENCE_MS 2000  /* so long nothing is said of waiting */
#define LINES_MS   10000 /* between two lines about it where there is no terminal */

static const struct {
	const char *text;
	enum ink ink;
} words[] = {
    [DOCTOR_OK] = {"ok", INK_GREEN},
    [DOCTOR_PROBLEM] = {"PROBLEM", INK_RED},
    [DOCTOR_WARNING] = {"warning", INK_YELLOW},
    [DOCTOR_NOTE] = {"note", INK_DIM},
};

void doctor_say(struct doctor *doctor, enum doctor_word word, const char *what, const char *format,
		...)
{
	struct buf line = {0}, text = {0};
	struct row row = row_start(&line, &doctor->view, 0);
	char *told = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&told, format, args) < 0)
		abort(); /* out of memory: src/base/mem.h */
	va_end(args);
	buf_addf(&text, "%s: %s", what, told);
	row_add(&row, words[word].ink, words[word].text);
	row_space(&row, INDENT - row.used);
	row_paragraph(&row, INDENT, INK_NONE, buf_text(&text));
	(void)fputs(buf_text(&line), stdout);
	(void)fflush(stdout);
	doctor->checks += word == DOCTOR_OK || word == DOCTOR_PROBLEM;
	doctor->problems += word == DOCTOR_PROBLEM;
	doctor->warnings += word == DOCTOR_WARNING;
	buf_done(&line);
	buf_done(&text);
	free(told);
}

/* Waiting. */

struct waiting {
	int64_t begun_ms, told_ms;
	bool terminal, shown; /* the line that goes again */
};

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg; /* to end a turn of the loop is all it is for */
}

static void tell_waiting(struct waiting *waiting, void (*what)(void *arg, struct buf *text),
			 void *arg)
{
	int64_t now_ms = clock_ms();
	struct view view = {.columns = 0};
	struct buf line = {0}, text = {0};
	struct row row = row_start(&line, &view, waiting->terminal ? 78 : 0);

	if (now_ms - waiting->begun_ms < SILENCE_MS ||
	    (!waiting->terminal && waiting->told_ms > 0 && now_ms - waiting->told_ms < LINES_MS))
		return;
	buf_addf(&text, "%" PRId64 " s: waiting for ", (now_ms - waiting->begun_ms) / 1000);
	what(arg, &text);
	row_take(&row, INK_NONE, &text);
	(void)fprintf(stderr, waiting->terminal ? "\r%s\033[K" : "%s\n", buf_text(&line));
	waiting->told_ms = now_ms;
	waiting->shown = waiting->terminal;
	buf_done(&line);
}

void doctor_wait(struct doctor *doctor, bool (*is_over)(void *arg),
		 void (*what)(void *arg, struct buf *text), void *arg)
{
	const struct timeval every = {.tv_sec = LOOK_MS / 1000};
	struct event *look = event_new(app_base(doctor->app), -1, EV_PERSIST, on_look, NULL);
	struct waiting waiting = {.begun_ms = clock_ms(), .terminal = isatty(STDERR_FILENO) == 1};

	(void)event_add(look, &every);
	while (!is_over(arg)) {
		if (event_base_loop(app_base(doctor->app), EVLOOP_ONCE) != 0)
			break;
		if (!is_over(arg))
			tell_waiting(&waiting, what, arg);
	}
	event_free(look);
	if (waiting.shown)
		(void)fputs("\r\033[K", stderr); /* ECMA-48, erase in line */
}

static int run_doctor(const struct options *options)
{
	struct app *app = app_load(options);
	struct doctor doctor = {.app = app, .view = terminal_view_for(stdout)};

	if (app == NULL)
		return EXIT_USAGE;
	if (doctor_check_state(&doctor)) {
		doctor_check_chats(&doctor);
		doctor_check_webhooks(&doctor);
		doctor_check_told(&doctor);
		doctor_check_hops(&doctor);
		(void)printf("%zu checks, %zu problem%s", doctor.checks, doctor.problems,
			     doctor.problems == 1 ? "" : "s");
		if (doctor.warnings > 0)
			(void)printf(", %zu warning%s", doctor.warnings,
				     doctor.warnings == 1 ? "" : "s");
		(void)putchar('\n');
	}
	app_free(app);
	return doctor.problems > 0 ? EXIT_USAGE : EXIT_PASS;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "try ledger, tokens, channels, addresses, stations; posts nothing",
    .help = "Looks whether the ledger can be written and what it holds, asks each chat who\n"
	    "the token is, looks for every channel that a scenario watches, and whether the\n"
	    "addresses that confirm a revert answer. Asks every station of the pipelines in\n"
	    "use what it has and, for each scenario and environment, computes from how they\n"
	    "are set up how long the alert takes, part by part, and warns of what would spoil\n"
	    "the drill. Looks whether the secrets of the second path, of the heartbeat and of\n"
	    "the pages are there, before they are needed. Breaks and posts nothing.\n\n"
	    "Exit code 0 when all is well, else 2: for every PROBLEM, not for a warning,\n"
	    "which is about one drill, or about `firedrill serve` alone.",
    .run = run_doctor,
};
