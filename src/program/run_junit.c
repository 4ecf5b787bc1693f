/* `run --junit FILE`: the drills of one run as JUnit XML. */
#include "src/program/run_junit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/json.h"
#include "reports/junit.h"
#include "reports/past.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/judge.h"
#include "src/program/output_file.h"
#include "src/store/history.h"

struct run_junit {
	const char *path;     /* borrowed */
	struct junit *drills; /* owned */
	int64_t begun_wall_ms;
	const struct wanted *wanted; /* borrowed, while looking back */
	size_t found;                /* ... drills of it */
};

bool run_junit_begin(const struct options *options, struct run_junit **ret_junit,
		     struct error *error)
{
	*ret_junit = NULL;
	if (options->junit == NULL)
		return true;
	if (strcmp(options->junit, "-") == 0)
		return error_set(error, "--junit wants a file here: stdout is for the drills");
	if (!output_file_check(options->junit, error))
		return false;
	*ret_junit = mem_zalloc(sizeof **ret_junit);
	(*ret_junit)->path = options->junit;
	(*ret_junit)->drills = junit_new();
	(*ret_junit)->begun_wall_ms = clock_wall_ms();
	return true;
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct run_junit *junit = arg;
	char *report = json_report(record);
	struct past past;

	if (past_of_report(&past, report)) {
		junit_add(junit->drills, &past);
		past_done(&past);
	}
	free(report);
}

void run_junit_hear(struct run_junit *junit, struct runner_ask *ask)
{
	if (junit == NULL)
		return;
	ask->finished = on_finished;
	ask->arg = junit;
}

static bool on_drill(void *arg, const struct history_drill *drill)
{
	struct run_junit *junit = arg;
	struct past past;

	for (size_t i = 0; i < junit->wanted->count; i++) {
		const struct runner_drill *wanted = &junit->wanted->list[i];

		if (strcmp(wanted->scenario->name, drill->scenario) != 0 ||
		    strcmp(wanted->environment->name, drill->environment) != 0)
			continue;
		past_of_drill(&past, drill);
		junit_add(junit->drills, &past);
		past_done(&past);
		junit->found++;
		break;
	}
	return true;
}

void run_junit_look_back(struct run_junit *junit, const struct app *app,
			 const struct wanted *wanted)
{
	const struct history_limits limits = {.keep_ms = app_config(app)->history.keep_ms,
					      .bytes = HISTORY_BYTES};
	struct history_filter since = {.scenario = NULL};
	struct history *history;
	struct error error = {""};

	if (junit == NULL)
		return;
	junit->wanted = wanted;
	since.since_wall_ms = junit->begun_wall_ms;
	history = history_open(app_config(app)->state, &limits, &error);
	if (history == NULL ||
	    !history_visit_drills(history, &since, true, on_drill, junit, &error))
		(void)fprintf(stderr, "firedrill: %s lacks drills: %s\n", junit->path, error.text);
	else if (junit->found < wanted->count)
		(void)fprintf(
		    stderr, "firedrill: %s lacks %zu of %zu drills: they are not in the history\n",
		    junit->path, wanted->count - junit->found, wanted->count);
	history_close(history);
}

int run_junit_end(struct run_junit *junit, int code)
{
	struct error error = {""};
	char *text;

	if (junit == NULL)
		return code;
	text = junit_text(junit->drills);
	if (!output_file_write(junit->path, text, strlen(text), &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		code = (int)exit_code_worst((enum exit_code)code, EXIT_USAGE);
	}
	free(text);
	junit_free(junit->drills);
	free(junit);
	return code;
}
