/* `firedrill check`: is everything that was written right?  Touches nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "reports/terminal.h"
#include "scenarios/times.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/engine/timing.h"
#include "src/program/app.h"
#include "src/program/verbs.h"

#define INDENT 9 /* columns before further lines of a warning */

/* What is no mistake, and yet worth a thought. */
static void print_notes(const struct config *config)
{
	bool is_told = config->alarm.url != NULL || config->alarm.command.count > 0;

	for (size_t i = 0; i < config->environment_count; i++) {
		const struct environment *environment = &config->environments[i];

		if (environment->protected_ && !is_told)
			(void)printf(
			    "note: %s is protected, and nobody is told of a fault that "
			    "stays when the chat is down: set alarm.url or alarm.command\n",
			    environment->name);
	}
}

/* What will spoil a drill, as far as the files alone tell. */

struct warning {
	struct view view;
	const char *where;               /* borrowed; "orders-bad-queue in production" */
	const struct scenario *resolved; /* borrowed */
	struct calendar *calendar;       /* borrowed */
	size_t count;
};

/* alert: of many, which one it is about; NULL: all of the drill. */
static void warn_of(struct warning *warning, const char *alert, const char *text,
		    const char *advice)
{
	struct buf line = {0}, all = {0};
	struct row row = row_start(&line, &warning->view, 0);

	row_add(&row, INK_YELLOW, "warning:");
	row_space(&row, 1);
	buf_addf(&all, "%s: %s%s%s; %s", warning->where, alert != NULL ? alert : "",
		 alert != NULL ? ": " : "", text, advice);
	row_paragraph(&row, INDENT, INK_NONE, buf_text(&all));
	(void)fputs(buf_text(&line), stdout);
	warning->count++;
	buf_done(&line);
	buf_done(&all);
}

static void warn(struct warning *warning, const struct expectation *expect, const char *text,
		 const char *advice)
{
	warn_of(warning, warning->resolved->expect_count > 1 ? expect->alert : NULL, text, advice);
}

static void on_times_warning(void *arg, const char *text, const char *advice)
{
	warn_of(arg, NULL, text, advice);
}

static void on_warning(void *arg, const struct timing_warning *told)
{
	const struct warning *warning = arg;

	warn(arg, &warning->resolved->expect[told->expect], told->text, told->advice);
}

static void warn_of_auto(struct warning *warning, const struct expectation *expect,
			 const struct environment *environment)
{
	if (environment->pipeline == NULL && !expect->never &&
	    (expect->within_ms == SCENARIO_AUTO || expect->resolved_ms == SCENARIO_AUTO))
		warn(warning, expect,
		     "the deadline is \"auto\", and no station can tell what it is, so 5 min are "
		     "taken",
		     "name a pipeline for the environment, or write the deadline out");
}

static void print_warnings(const struct app *app, const struct scenario *scenario,
			   const struct placement *placement, struct warning *warning)
{
	const struct environment *environment =
	    config_environment(app_config(app), placement->environment);
	struct error error = {""};
	struct scenario *resolved = scenario_resolve(scenario, environment, "fd-00000000", &error);
	char *where = mem_printf("%s in %s", scenario->name, environment->name);

	warning->where = where;
	warning->resolved = resolved;
	for (size_t i = 0; resolved != NULL && i < resolved->expect_count; i++) {
		warn_of_auto(warning, &resolved->expect[i], environment);
		timing_warn(resolved, i, environment->spacing_ms, NULL, on_warning, warning);
	}
	times_warn(warning->calendar, environment, scenario, placement, on_times_warning, warning);
	scenario_free(resolved);
	free(where);
}

static const char *s(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_all_warnings(const struct app *app, struct calendar *calendar)
{
	const struct scenario_list *scenarios = app_scenarios(app);
	struct warning warning = {.view = terminal_view_for(stdout), .calendar = calendar};

	for (size_t i = 0; i < scenarios->count; i++) {
		for (size_t j = 0; j < scenarios->list[i]->in_count; j++)
			print_warnings(app, scenarios->list[i], &scenarios->list[i]->in[j],
				       &warning);
	}
	if (warning.count > 0)
		(void)printf("%zu warning%s; `firedrill doctor` asks the stations, too\n",
			     warning.count, s(warning.count));
}

/* What is read for schedules only: files of holidays. NULL when there is a mistake, which is printed. */
static struct calendar *check_schedules(const struct app *app)
{
	struct mistakes mistakes = {0};
	struct calendar *calendar = times_calendar(app_config(app), &mistakes);

	if (calendar != NULL &&
	    !times_check(calendar, app_config(app), app_scenarios(app), &mistakes)) {
		calendar_free(calendar);
		calendar = NULL;
	}
	mistakes_print(&mistakes, stderr);
	if (calendar == NULL)
		(void)fprintf(stderr, "firedrill: %zu mistake%s; nothing was done\n",
			      mistakes.count, s(mistakes.count));
	mistakes_done(&mistakes);
	return calendar;
}

static int run_check(const struct options *options)
{
	struct app *app = app_load(options);
	const struct config *config;
	struct calendar *calendar;

	if (app == NULL)
		return EXIT_USAGE;
	config = app_config(app);
	calendar = check_schedules(app);
	if (calendar == NULL) {
		app_free(app);
		return EXIT_USAGE;
	}
	(void)printf("%s: no mistakes; %zu environment%s, %zu chat%s, %zu scenario%s in %s\n",
		     config->file, config->environment_count, s(config->environment_count),
		     config->chat_count, s(config->chat_count), app_scenarios(app)->count,
		     s(app_scenarios(app)->count), config->scenarios);
	print_notes(config);
	print_all_warnings(app, calendar);
	calendar_free(calendar);
	app_free(app);
	return EXIT_PASS;
}

const struct verb verb_check = {
    .name = "check",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "look for mistakes in configuration and scenarios; touches nothing",
    .help = "Reads the configuration and, once that is right, every scenario, and prints all\n"
	    "mistakes: file, line, key, and what would be right. Exit code 0 when there is\n"
	    "none, else 2. Notes and warnings are no mistakes: a warning says what will\n"
	    "spoil a drill, or may, and which key to change; those that only the stations\n"
	    "of the pipeline can tell come from `firedrill doctor`.",
    .run = run_check,
};
