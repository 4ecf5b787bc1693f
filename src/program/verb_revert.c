/* `firedrill revert`: putting faults right by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/settler.h"
#include "src/program/by_hand.h"
#include "src/program/standing.h"
#include "src/program/verbs.h"
#include "src/store/locks.h"

#define PATIENCE_MS   60000 /* for another firedrill to end its attempt */
#define LOOK_MS       500   /* between two looks at who is at it */
#define TELL_EVERY_MS 10000 /* what is waited for is told again */

struct rescue {
	struct app *app;                              /* borrowed */
	const struct options *options;                /* borrowed */
	char *who;                                    /* owned */
	struct teller *teller;                        /* owned */
	struct settler *settler;                      /* owned */
	int64_t began_ms, next_look_ms, next_tell_ms; /* clock_ms() */
	size_t clean, not_clean;
	bool over, failed, impatient;
};

static void on_told(void *arg, const struct settled *settled)
{
	struct rescue *rescue = arg;

	rescue->clean += settled->how == SETTLED_CLEAN;
	rescue->not_clean += settled->how == SETTLED_STUCK || settled->how == SETTLED_BUSY;
	by_hand_print(settled, rescue->who);
	teller_tell(rescue->teller, settled);
}

static void on_done(void *arg, const char *error)
{
	struct rescue *rescue = arg;

	rescue->over = true;
	if (error == NULL)
		return;
	rescue->failed = true;
	(void)fprintf(stderr, "firedrill: %s\n", error);
}

/* Another firedrill may be at it, most likely a guardian: that is over in a moment, or it gives up. */

static bool is_asked_for(const struct options *options, const struct status_fault *fault)
{
	if (options->all)
		return fault->ack_reason == NULL;
	for (size_t i = 0; i < options->word_count; i++) {
		if (strcmp(options->words[i], fault->drill) == 0)
			return true;
	}
	return false;
}

/* By another process, and not by the drill that put it in. */
static bool is_being_settled(const struct rescue *rescue, const struct status *status,
			     const struct status_fault *fault)
{
	char *lock = lock_name_fault(fault->drill);
	bool ours = locks_holds(app_locks(rescue->app), lock);

	free(lock);
	return fault->busy && !ours && status_standing(status, fault) != STANDING_RUNNING;
}

static const char *find_settling(const struct rescue *rescue, const struct status *status)
{
	for (size_t i = 0; i < status->fault_count; i++) {
		if (is_asked_for(rescue->options, &status->faults[i]) &&
		    is_being_settled(rescue, status, &status->faults[i]))
			return status->faults[i].drill;
	}
	return NULL;
}

/* A drill that runs is not waited for, it may take hours. */
static void look(struct rescue *rescue)
{
	struct status status = {0};
	struct error error = {""};
	const char *drill = NULL;

	rescue->next_look_ms = clock_ms() + LOOK_MS;
	if (standing_read(rescue->app, &status, &error))
		drill = find_settling(rescue, &status);
	rescue->impatient = drill == NULL || clock_ms() - rescue->began_ms >= PATIENCE_MS;
	if (rescue->impatient) {
		settler_lose_patience(rescue->settler);
	} else if (clock_ms() >= rescue->next_tell_ms) {
		rescue->next_tell_ms = clock_ms() + TELL_EVERY_MS;
		(void)fprintf(
		    stderr, "waiting for the end of what another firedrill tries with %s\n", drill);
	}
	status_done(&status);
}

static bool is_over(void *arg)
{
	struct rescue *rescue = arg;

	if (!rescue->over && !rescue->impatient && clock_ms() >= rescue->next_look_ms)
		look(rescue);
	return rescue->over;
}

/* Every named drill that is not in the ledger is told; false when there is any. */
static bool are_known(const struct options *options, const struct status *status)
{
	bool good = true;

	for (size_t i = 0; i < options->word_count; i++) {
		struct error error = {""};
		bool known = false;

		for (size_t j = 0; j < status->fault_count; j++)
			known |= strcmp(options->words[i], status->faults[j].drill) == 0;
		if (!known && by_hand_check_drill(options->words[i], &error))
			(void)error_set(&error,
					"the ledger has no open fault of %s; see `firedrill "
					"status`",
					options->words[i]);
		if (!known)
			(void)fprintf(stderr, "firedrill: %s\n", error.text);
		good &= known;
	}
	return good;
}

static int settle(struct app *app, const struct options *options)
{
	const struct settler_world world = {app_base(app), app_faults(app), app_ledger(app),
					    app_locks(app)};
	/* --all wins over names: then what was set aside is left aside. */
	const struct settler_ask ask = {.drills = options->words,
					.drill_count = options->all ? 0 : options->word_count,
					.patience_ms = PATIENCE_MS};
	char *who = by_hand_who();
	struct rescue rescue = {.app = app,
				.options = options,
				.who = mem_printf("%s by hand", who),
				.began_ms = clock_ms(),
				.next_look_ms = clock_ms() + LOOK_MS};

	rescue.teller = teller_new(app, rescue.who, NULL, NULL);
	rescue.settler = settler_start(&world, &ask, on_told, NULL, on_done, &rescue);
	(void)app_run_until(app, is_over, &rescue, INT64_MAX / 2);
	settler_free(rescue.settler);
	by_hand_wait(app, rescue.teller);
	teller_free(rescue.teller);
	free(rescue.who);
	free(who);
	if (rescue.clean + rescue.not_clean == 0 && !rescue.failed)
		(void)puts("no fault is in place");
	return rescue.not_clean > 0 || rescue.failed ? EXIT_FAULT_LEFT : EXIT_PASS;
}

static int run_revert(const struct options *options)
{
	struct app *app = app_load_config(options);
	struct status status = {0};
	struct error error = {""};
	int code = EXIT_USAGE;

	if (app == NULL)
		return EXIT_USAGE;
	if (!options->all && options->word_count == 0)
		(void)fputs("firedrill: say which drill, or --all; see `firedrill status`\n",
			    stderr);
	else if (!app_open_settling(app, NULL, &error) || !standing_read(app, &status, &error))
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	else if (are_known(options, &status))
		code = settle(app, options);
	status_done(&status);
	app_free(app);
	return code;
}

const struct verb verb_revert = {
    .name = "revert",
    .words = "[DRILL...]",
    .words_max = 1000,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ALL,
    .summary = "put faults right that an earlier run left behind",
    .help = "Reverts the faults of the named drills, or --all, from the ledger alone, and\n"
	    "reads the targets back. What a person set aside is left alone unless it is\n"
	    "named. While a guardian tries one it is waited for, a minute at most. Exit code\n"
	    "0 when all are clean; 3 when one is not, or when its drill still runs.",
    .run = run_revert,
};
