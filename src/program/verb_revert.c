/* `firedrill revert`: putting faults right by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/engine/settler.h"
#include "src/program/by_hand.h"
#include "src/program/standing.h"
#include "src/program/verbs.h"

struct rescue {
	char *who;             /* owned */
	struct teller *teller; /* owned */
	size_t clean, not_clean;
	bool over, failed;
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

static bool is_over(void *arg)
{
	const struct rescue *rescue = arg;

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
					.drill_count = options->all ? 0 : options->word_count};
	char *who = by_hand_who();
	struct rescue rescue = {.who = mem_printf("%s by hand", who)};
	struct settler *settler;

	rescue.teller = teller_new(app, rescue.who, NULL, NULL);
	settler = settler_start(&world, &ask, on_told, NULL, on_done, &rescue);
	(void)app_run_until(app, is_over, &rescue, INT64_MAX / 2);
	settler_free(settler);
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
	    "named. Exit code 0 when all are clean; 3 when one is not, or when another\n"
	    "firedrill works on it.",
    .run = run_revert,
};
