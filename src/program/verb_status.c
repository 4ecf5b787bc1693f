/* `firedrill status` and `firedrill revert`: what is in place, and putting it right by hand. */
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/restorer.h"
#include "src/program/app.h"
#include "src/program/verbs.h"
#include "src/store/ledger.h"

/* One fault of the ledger that is not clean. */
struct open_fault {
	char *drill, *scenario, *environment, *recipe, *note; /* owned */
	enum fault_via via;
	enum fault_state state;
	int64_t intended_wall_ms, lease_wall_ms;
	struct restorer *restorer; /* owned; while it is reverted */
	struct rescue *rescue;     /* borrowed */
};

/* All of them, and those that are being put right. */
struct rescue {
	struct open_fault *list; /* owned */
	size_t count;
	size_t running;
	struct app *app; /* borrowed */
};

static bool on_fault(void *arg, const struct ledger_fault *fault)
{
	struct rescue *rescue = arg;

	rescue->list = mem_grow(rescue->list, rescue->count + 1, sizeof *rescue->list);
	rescue->list[rescue->count++] = (struct open_fault){
	    .drill = mem_dup(fault->drill),
	    .scenario = mem_dup(fault->scenario),
	    .environment = mem_dup(fault->environment),
	    .recipe = mem_dup(fault->recipe),
	    .note = mem_dup(fault->note),
	    .via = fault->via,
	    .state = fault->state,
	    .intended_wall_ms = fault->intended_wall_ms,
	    .lease_wall_ms = fault->lease_wall_ms,
	};
	return true;
}

static void rescue_done(struct rescue *rescue)
{
	for (size_t i = 0; i < rescue->count; i++) {
		struct open_fault *fault = &rescue->list[i];

		restorer_free(fault->restorer);
		free(fault->drill);
		free(fault->scenario);
		free(fault->environment);
		free(fault->recipe);
		free(fault->note);
	}
	free(rescue->list);
}

/* Opens the app and lists what is not clean; NULL after having printed why not. */
static struct app *look(const struct options *options, struct rescue *ret_rescue)
{
	struct app *app = app_load(options);
	struct error error = {""};

	if (app == NULL)
		return NULL;
	if (app_open(app, &error) &&
	    ledger_visit_open(app_ledger(app), NULL, on_fault, ret_rescue, &error)) {
		ret_rescue->app = app;
		return app;
	}
	(void)fprintf(stderr, "firedrill: %s\n", error.text);
	app_free(app);
	return NULL;
}

static void print_fault(const struct open_fault *fault)
{
	int64_t now_ms = clock_wall_ms(), left_ms = fault->lease_wall_ms - now_ms;
	char age[32], left[32];

	duration_format(now_ms - fault->intended_wall_ms, age, sizeof age);
	duration_format(left_ms > 0 ? left_ms : -left_ms, left, sizeof left);
	(void)printf("%s  %s in %s  via %s  %s for %s, lease %s %s%s%s\n", fault->drill,
		     fault->scenario, fault->environment, via_name(fault->via),
		     fault_state_name(fault->state), age, left_ms > 0 ? "ends in" : "over since",
		     left, fault->note[0] != '\0' ? "\n  " : "", fault->note);
}

static int run_status(const struct options *options)
{
	struct rescue rescue = {0};
	struct app *app = look(options, &rescue);
	int code = rescue.count > 0 ? EXIT_FAULT_LEFT : EXIT_PASS;

	if (app == NULL)
		return EXIT_USAGE;
	for (size_t i = 0; i < rescue.count; i++)
		print_fault(&rescue.list[i]);
	if (rescue.count == 0)
		(void)puts("no fault is in place");
	else
		(void)puts(
		    "put one right with `firedrill revert DRILL`, all with `firedrill revert --all`");
	rescue_done(&rescue);
	app_free(app);
	return code;
}

static bool is_asked_for(const struct options *options, const char *drill)
{
	for (size_t i = 0; i < options->word_count; i++) {
		if (strcmp(options->words[i], drill) == 0)
			return true;
	}
	return options->all;
}

static void on_restoring(void *arg)
{
	struct open_fault *fault = arg;

	if (!restorer_is_done(fault->restorer))
		return;
	fault->state = restorer_state(fault->restorer);
	(void)printf("%s  %s in %s: %s: %s\n", fault->drill, fault->scenario, fault->environment,
		     fault_state_name(fault->state), restorer_text(fault->restorer));
	if (--fault->rescue->running == 0)
		(void)event_base_loopbreak(app_base(fault->rescue->app));
}

static void start_restoring(struct rescue *rescue, struct open_fault *fault)
{
	struct error error = {""};

	fault->rescue = rescue;
	if (fault->state == FAULT_INTENT &&
	    ledger_advance(app_ledger(rescue->app), fault->drill, FAULT_CLEAN,
			   "nothing was touched", &error)) {
		fault->state = FAULT_CLEAN;
		(void)printf("%s  %s in %s: clean: nothing was touched\n", fault->drill,
			     fault->scenario, fault->environment);
		return;
	}
	rescue->running++;
	fault->restorer = restorer_start(app_base(rescue->app), app_faults(rescue->app),
					 app_ledger(rescue->app), fault_driver_find(fault->via),
					 fault->drill, fault->recipe, on_restoring, fault);
}

static int restore(const struct options *options, struct rescue *rescue)
{
	size_t asked = 0;
	int code = EXIT_PASS;

	for (size_t i = 0; i < rescue->count; i++) {
		if (!is_asked_for(options, rescue->list[i].drill))
			continue;
		asked++;
		start_restoring(rescue, &rescue->list[i]);
	}
	if (asked < options->word_count) {
		(void)fputs(
		    "firedrill: not every drill named is in the ledger; see `firedrill status`\n",
		    stderr);
		code = EXIT_USAGE;
	} else if (asked == 0) {
		(void)puts("no fault is in place");
	}
	while (rescue->running > 0 && event_base_dispatch(app_base(rescue->app)) == 0)
		continue;
	for (size_t i = 0; i < rescue->count; i++) {
		if (is_asked_for(options, rescue->list[i].drill) &&
		    rescue->list[i].state != FAULT_CLEAN)
			code = EXIT_FAULT_LEFT;
	}
	return code;
}

static int run_revert(const struct options *options)
{
	struct rescue rescue = {0};
	struct app *app;
	int code;

	if (!options->all && options->word_count == 0) {
		(void)fputs("firedrill: say which drill, or --all; see `firedrill status`\n",
			    stderr);
		return EXIT_USAGE;
	}
	app = look(options, &rescue);
	if (app == NULL)
		return EXIT_USAGE;
	code = restore(options, &rescue);
	rescue_done(&rescue);
	app_free(app);
	return code;
}

const struct verb verb_status = {
    .name = "status",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "the faults that are, or may be, in place",
    .help =
	"Lists every fault of the ledger that is not confirmed reverted, with its age, its lease and\n"
	"its last evidence. Exit code 0 when there is none, else 3.",
    .run = run_status,
};

const struct verb verb_revert = {
    .name = "revert",
    .words = "[DRILL...]",
    .words_max = 1000,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ALL,
    .summary = "put faults right that an earlier run left behind",
    .help =
	"Reverts the faults of the named drills, or --all, from the ledger alone, and reads the\n"
	"targets back. Exit code 0 when all are clean, else 3.",
    .run = run_revert,
};
