/* `firedrill report`: the whole story of one drill that is over, or a summary of a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/junit.h"
#include "reports/page/page.h"
#include "reports/past_report.h"
#include "reports/period.h"
#include "reports/terminal.h"
#include "src/program/back.h"
#include "src/program/back_names.h"
#include "src/program/output_file.h"
#include "src/program/serve/pages.h"
#include "src/program/verbs.h"

#define NAME_BYTES 64 /* of a drill's id; nobody knows what is typed */

struct showing {
	const struct back *back;
	char name[NAME_BYTES];
	int code;
};

/* One drill. */

static bool on_newest(void *arg, const struct history_drill *drill)
{
	struct showing *showing = arg;

	(void)snprintf(showing->name, sizeof showing->name, "%s", drill->drill);
	return false;
}

static int print_log(const struct past *past)
{
	struct buf text = {0};

	if (past_log(&text, past))
		(void)fputs(buf_text(&text), stdout);
	else
		(void)fprintf(stderr, "firedrill: no log of %s is kept\n", past->drill);
	buf_done(&text);
	return EXIT_PASS;
}

/* The page as the daemon shows it, in a file of its own. */
static int write_page(const struct back *back, const struct history_drill *drill)
{
	const char *zone = app_config(back->app)->report.zone;
	const struct page_frame frame = {.zone = zone != NULL ? zone : "UTC",
					 .now_wall_ms = back->now_wall_ms};
	struct error error = {""};
	struct buf html = {0};
	bool good;

	(void)pages_write_drill(&html, &frame, drill); /* what is damaged is said on it */
	good = output_file_write(back->options->html, buf_text(&html), html.len, &error);
	if (!good)
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	buf_done(&html);
	return good ? EXIT_PASS : EXIT_USAGE;
}

static bool on_found(void *arg, const struct history_drill *drill)
{
	struct showing *showing = arg;
	const struct options *options = showing->back->options;
	const struct view view = terminal_view_for(stdout);
	struct buf text = {0};
	struct past past;

	past_of_drill(&past, drill);
	if (options->html != NULL) {
		showing->code = write_page(showing->back, drill);
	} else if (options->log) {
		showing->code = print_log(&past);
	} else if (options->json) {
		char *line = past_json(&past, true);

		(void)puts(line);
		free(line);
	} else {
		past_report(&text, &view, &past);
		(void)fputs(buf_text(&text), stdout);
	}
	buf_done(&text);
	past_done(&past);
	return true;
}

static int report_drill(const struct back *back, const char *word)
{
	struct showing showing = {.back = back, .code = EXIT_PASS};
	struct error error = {""};
	bool found = false, good;

	if (back->history == NULL) {
		(void)fprintf(stderr, "firedrill: no drill has ended yet with the state file %s\n",
			      app_config(back->app)->state);
		return EXIT_USAGE;
	}
	(void)snprintf(showing.name, sizeof showing.name, "%s%s",
		       strncmp(word, "fd-", 3) == 0 ? "" : "fd-", word);
	if (strcmp(word, "last") == 0 &&
	    !history_visit_drills(back->history, &(struct history_filter){.most = 1}, false,
				  on_newest, &showing, &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		return EXIT_USAGE;
	}
	if (strcmp(showing.name, "fd-last") == 0) {
		(void)fputs("firedrill: the history is empty: run a drill with `firedrill run "
			    "SCENARIO`\n",
			    stderr);
		return EXIT_USAGE;
	}
	good = history_find_drill(back->history, showing.name, on_found, &showing, &found, &error);
	if (good && found)
		return showing.code;
	(void)fprintf(stderr, "firedrill: %s\n", error.text);
	return EXIT_USAGE;
}

/* A time. */

struct summing {
	const struct back *back;
	struct period period;
	struct junit *junit; /* owned; NULL: not asked for */
};

static bool on_drill(void *arg, const struct history_drill *drill)
{
	struct summing *summing = arg;
	struct past past;

	past_of_drill(&past, drill);
	period_add(&summing->period, &past);
	if (summing->junit != NULL)
		junit_add(summing->junit, &past);
	past_done(&past);
	return true;
}

static bool on_gap(void *arg, const struct history_gap *gap)
{
	struct summing *summing = arg;
	const struct period_gap open = {
	    .scenario = (char *)(uintptr_t)gap->scenario,
	    .environment = (char *)(uintptr_t)gap->environment,
	    .first_drill = (char *)(uintptr_t)gap->first_drill,
	    .last_drill = (char *)(uintptr_t)gap->last_drill,
	    .since_wall_ms = gap->first_wall_ms,
	    .drills = (size_t)(gap->drills > 0 ? gap->drills : 1),
	    .what = (char *)(uintptr_t)gap->text,
	};

	if (back_wants(summing->back, gap->scenario, gap->environment))
		period_add_open(&summing->period, &open);
	return true;
}

static bool on_missed(void *arg, const struct history_missed *missed)
{
	struct summing *summing = arg;
	const struct period_missed copied = {
	    .scenario = (char *)(uintptr_t)missed->scenario,
	    .environment = (char *)(uintptr_t)missed->environment,
	    .why = (char *)(uintptr_t)missed->why,
	    .first_wall_ms = missed->first_wall_ms,
	    .last_wall_ms = missed->last_wall_ms,
	    .count = missed->count,
	};

	if (back_wants(summing->back, missed->scenario, missed->environment))
		period_add_missed(&summing->period, &copied);
	return true;
}

static bool on_last(void *arg, const struct history_last *last)
{
	struct summing *summing = arg;
	const struct period_proof proof = {
	    .scenario = (char *)(uintptr_t)last->scenario,
	    .environment = (char *)(uintptr_t)last->environment,
	    .drill = last->passed_wall_ms != 0 ? (char *)(uintptr_t)last->passed_drill : NULL,
	    .wall_ms = last->passed_wall_ms,
	};

	if (back_wants(summing->back, last->scenario, last->environment))
		period_add_proof(&summing->period, &proof);
	return true;
}

static bool sum_up(struct summing *summing)
{
	const struct back *back = summing->back;
	struct error error = {""};

	summing->period.since_wall_ms = back->now_wall_ms - back->since_ms;
	summing->period.until_wall_ms = back->now_wall_ms;
	if (back->history == NULL)
		return true;
	if (!back_visit(back, 0, true, on_drill, summing))
		return false;
	if (history_visit_gaps(back->history, on_gap, summing, &error) &&
	    history_visit_missed(back->history, summing->period.since_wall_ms, on_missed, summing,
				 &error) &&
	    history_visit_last(back->history, on_last, summing, &error))
		return true;
	(void)fprintf(stderr, "firedrill: not all of the history can be read: %s\n", error.text);
	return false;
}

static void print_sum(const struct summing *summing)
{
	const struct view view = terminal_view_for(stdout);
	struct buf text = {0};
	char *line = NULL;

	if (summing->back->options->json) {
		line = period_json(&summing->period);
		buf_addf(&text, "%s\n", line);
	} else {
		period_write(&text, &view, &summing->period);
	}
	(void)fputs(buf_text(&text), stdout);
	free(line);
	buf_done(&text);
}

static bool write_junit(const struct summing *summing)
{
	char *text = junit_text(summing->junit);
	struct error error = {""};
	bool good = output_file_write(summing->back->options->junit, text, strlen(text), &error);

	if (!good)
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	free(text);
	return good;
}

/* With `--junit -` it alone is on stdout. */
static int report_time(const struct back *back)
{
	const char *junit = back->options->junit;
	struct summing summing = {.back = back, .junit = junit != NULL ? junit_new() : NULL};
	bool good = back_names_known(back) && sum_up(&summing);

	period_finish(&summing.period);
	if (good && (junit == NULL || strcmp(junit, "-") != 0))
		print_sum(&summing);
	if (good && junit != NULL)
		good = write_junit(&summing);
	junit_free(summing.junit);
	period_done(&summing.period);
	return good ? EXIT_PASS : EXIT_USAGE;
}

/* The flow. */

static bool check_options(const struct options *options, struct error *error)
{
	if (options->since == NULL && options->word_count != 1)
		return error_set(error, "say which drill, as `firedrill history` names it, or "
					"`last`, or a time with --since 7d");
	if (options->since == NULL && (options->env_count > 0 || options->junit != NULL))
		return error_set(error, "--env and --junit go with --since");
	if (options->since != NULL && (options->log || options->html != NULL))
		return error_set(error, "--log and --html are of one drill: name it instead of "
					"--since");
	if (options->log + options->json + (options->html != NULL) > 1)
		return error_set(error, "--log, --html and --json are three ways to tell of a "
					"drill: choose one");
	return true;
}

static int run_report(const struct options *options)
{
	struct error error = {""};
	struct back back = {.history = NULL};
	int code = EXIT_USAGE;

	if (!check_options(options, &error))
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	else if (back_open(&back, options))
		code = options->since != NULL ? report_time(&back)
					      : report_drill(&back, options->words[0]);
	back_close(&back);
	return code;
}

const struct verb verb_report = {
    .name = "report",
    .words = "DRILL | --since TIME [SCENARIO...]",
    .words_max = 1000,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_SINCE | 1u << OPTION_JSON |
	       1u << OPTION_LOG | 1u << OPTION_HTML | 1u << OPTION_JUNIT,
    .summary = "the whole story of a drill that is over, or a summary of a time",
    .help =
	"Tells all that is remembered of one drill, by its id, the beginning of it, or\n"
	"`last`: the verdict, each alert with its time and link, where it was lost and\n"
	"why, the stations, the phases, the messages as they were read. --log prints\n"
	"the lines of its log, --html FILE writes a page.\n\n"
	"With --since TIME it sums up the drills of that time, of all or of the named\n"
	"scenarios and environments: how they ended, gaps and how long they were open,\n"
	"what was flaky, slow or missed, and the oldest proofs. --junit FILE writes them\n"
	"as JUnit XML (- is stdout): a suite for each environment, a case for each scenario; a gap is\n"
	"a failure, what is inconclusive or left a fault behind an error, what was\n"
	"refused or aborted is skipped.\n"
	"Exit code 0; 2 when there is no such drill, when nobody knows a name, or when the\n"
	"history cannot be read.",
    .run = run_report,
};
