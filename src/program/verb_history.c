/* `firedrill history`: the drills that are over, the newest first. */
#include <stdio.h>
#include <stdlib.h>

#include "reports/past_table.h"
#include "reports/terminal.h"
#include "src/program/back.h"
#include "src/program/back_names.h"
#include "src/program/verbs.h"

#define SHOWN 30 /* without --all */

struct printing {
	struct view view;
	struct past_widths widths;
	size_t most, count;
	bool json;
};

/* One more is asked for than is shown: then it is known that there are more. */
static bool is_full(const struct printing *printing)
{
	return printing->most > 0 && printing->count > printing->most;
}

static bool on_measured(void *arg, const struct history_drill *drill)
{
	struct printing *printing = arg;
	struct past past = {.report = NULL};

	printing->count++;
	if (is_full(printing))
		return false;
	past_of_drill(&past, drill);
	past_table_measure(&printing->widths, &past);
	past_done(&past);
	return true;
}

static bool on_printed(void *arg, const struct history_drill *drill)
{
	struct printing *printing = arg;
	struct past past;
	struct buf text = {0};

	printing->count++;
	if (is_full(printing))
		return false;
	past_of_drill(&past, drill);
	if (printing->json) {
		char *line = past_json(&past, false);

		(void)puts(line);
		free(line);
	} else {
		past_table_line(&text, &printing->view, &printing->widths, &past);
		(void)fputs(buf_text(&text), stdout);
	}
	buf_done(&text);
	past_done(&past);
	return true;
}

/* What there is to say when there is nothing to show. */
static void print_none(const struct back *back, FILE *out)
{
	struct buf asked = {0};

	back_describe(back, &asked);
	if (back->history == NULL)
		(void)fprintf(out,
			      "No drill has ended yet with the state file %s: run one with "
			      "`firedrill run SCENARIO`.\n",
			      app_config(back->app)->state);
	else if (asked.len > 0)
		(void)fprintf(out,
			      "The history has no drill%s; `firedrill history` alone shows all.\n",
			      buf_text(&asked));
	else
		(void)fputs("The history is empty: run a drill with `firedrill run SCENARIO`.\n",
			    out);
	buf_done(&asked);
}

static bool print_all(const struct back *back, struct printing *printing)
{
	struct buf head = {0};
	size_t most = printing->most > 0 ? printing->most + 1 : 0;

	if (printing->json)
		return back_visit(back, most, true, on_printed, printing);
	if (!back_visit(back, most, false, on_measured, printing))
		return false;
	if (printing->count == 0)
		return true;
	past_table_head(&head, &printing->view, &printing->widths);
	(void)fputs(buf_text(&head), stdout);
	buf_done(&head);
	printing->count = 0;
	return back_visit(back, most, true, on_printed, printing);
}

static int run_history(const struct options *options)
{
	struct printing printing = {.view = terminal_view_for(stdout),
				    .widths = PAST_WIDTHS,
				    .most = options->all ? 0 : SHOWN,
				    .json = options->json};
	struct back back;
	bool good =
	    back_open(&back, options) && back_names_known(&back) && print_all(&back, &printing);

	if (good && printing.count == 0)
		print_none(&back, options->json ? stderr : stdout);
	if (good && is_full(&printing))
		(void)fprintf(stderr, "There are more; --all shows them, --since 7d a time.\n");
	back_close(&back);
	return good ? EXIT_PASS : EXIT_USAGE;
}

const struct verb verb_history = {
    .name = "history",
    .words = "[SCENARIO...]",
    .words_max = 1000,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_SINCE | 1u << OPTION_VERDICT |
	       1u << OPTION_ALL | 1u << OPTION_JSON,
    .summary = "the drills that are over: when, where, what became of them",
    .help = "Shows the last 30 drills, or --all, the newest first: when each ended, what\n"
	    "became of it, and its id for `firedrill report`. Names of scenarios, --env,\n"
	    "--verdict and --since say which. --json prints the report of each drill as\n"
	    "`run --json` did, one a line, with who wanted it in `origin`.\n"
	    "Exit code 0, also when there is none; 2 when the history cannot be read, or when\n"
	    "nobody knows a name.",
    .run = run_history,
};
