/* `firedrill ack`: a person sets a fault aside that firedrill cannot put right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/program/by_hand.h"
#include "src/program/standing.h"
#include "src/program/verbs.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

#define PATIENCE_MS 60000 /* for another firedrill to end its attempt */

/* " (bad-queue in staging)"; owned by the caller. */
static char *name_of(struct app *app, const char *drill)
{
	struct status status = {0};
	char *name = NULL;

	(void)!standing_read(app, &status, &(struct error){""});
	for (size_t i = 0; i < status.fault_count && name == NULL; i++) {
		if (strcmp(status.faults[i].drill, drill) == 0)
			name = mem_printf(" (%s in %s)", status.faults[i].scenario,
					  status.faults[i].environment);
	}
	status_done(&status);
	return name != NULL ? name : mem_dup("");
}

static void tell(struct app *app, const char *drill, const char *reason, const char *who)
{
	char *name = name_of(app, drill);
	char *headline = mem_printf("the fault of %s%s was set aside by %s", drill, name, who);
	struct teller *teller = teller_new(app, who, NULL, NULL);

	(void)printf(
	    "%s%s is set aside by %s: %s\n"
	    "It is not tried again and blocks nothing any more; `firedrill revert %s` tries "
	    "it all the same.\n",
	    drill, name, who, reason, drill);
	(void)fflush(stdout);
	teller_say(teller, headline, reason);
	by_hand_wait(app, teller);
	teller_free(teller);
	free(headline);
	free(name);
}

struct attempt {
	struct app *app;  /* borrowed */
	const char *lock; /* borrowed; of the fault */
};

static bool is_over(void *arg)
{
	const struct attempt *attempt = arg;
	struct error error;

	return locks_take(app_locks(attempt->app), attempt->lock, &error) != LOCK_BUSY;
}

/* A guardian may just be at it: the fault is stuck again, or clean, in a moment. It is locked then,
 * so that no other attempt begins that knows nothing of it. */
static void wait_for_attempt(struct app *app, const char *drill, const char *lock)
{
	struct attempt attempt = {.app = app, .lock = lock};

	if (!is_over(&attempt)) {
		(void)printf("waiting for the end of what another firedrill tries with %s\n",
			     drill);
		(void)fflush(stdout);
		(void)app_run_until(app, is_over, &attempt, PATIENCE_MS);
	}
}

static bool set_aside(struct app *app, const char *drill, const char *reason, struct error *error)
{
	char *who = by_hand_who(), *lock = lock_name_fault(drill);
	bool good = app_open_settling(app, NULL, error);

	if (good) {
		wait_for_attempt(app, drill, lock);
		good = ledger_ack(app_ledger(app), drill, reason, who, error);
		locks_release(app_locks(app), lock);
	}
	if (good)
		tell(app, drill, reason, who);
	free(lock);
	free(who);
	return good;
}

static int run_ack(const struct options *options)
{
	struct error error = {""};
	struct app *app = NULL;
	char *reason = NULL;
	bool good = false;

	if (options->word_count == 0)
		(void)error_set(&error, "say which drill; see `firedrill status`");
	else if (by_hand_check_drill(options->words[0], &error))
		reason = by_hand_reason("ack DRILL", options->reason, &error);
	if (reason != NULL)
		app = app_load_config(options);
	if (app != NULL)
		good = set_aside(app, options->words[0], reason, &error);
	if (error.text[0] != '\0')
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	app_free(app);
	free(reason);
	return good ? EXIT_PASS : EXIT_USAGE;
}

const struct verb verb_ack = {
    .name = "ack",
    .words = "DRILL",
    .words_max = 1,
    .options = 1u << OPTION_CONFIG | 1u << OPTION_REASON,
    .summary = "set a fault aside that firedrill cannot put right",
    .help = "For a fault that is stuck and that you put right yourself, or can live with: it\n"
	    "is not tried again, blocks its environment no longer, and `firedrill status`\n"
	    "shows who set it aside, and why. Exit code 0 when it is set aside, else 2.",
    .run = run_ack,
};
