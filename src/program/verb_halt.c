/* `firedrill halt` and `firedrill resume`: the lever that stops everything. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/phrases.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/settler.h"
#include "src/program/by_hand.h"
#include "src/program/standing.h"
#include "src/program/verbs.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"
#include "src/store/messages.h"

#define LOOK_MS       200    /* between two looks at what still runs */
#define PATIENCE_MS   600000 /* for what runs to end */
#define TELL_EVERY_MS 10000  /* what is waited for is told again */
#define SIGNAL_COUNT  3

struct halting {
	struct app *app;         /* borrowed */
	char *who;               /* owned */
	struct teller *teller;   /* owned */
	struct settler *settler; /* owned; while it works */
	bool settled;            /* ... it is done */
	char **tried; /* owned, as is each: drills that were settled, as far as could be */
	size_t tried_count;
	struct event *signals[SIGNAL_COUNT];          /* owned */
	int64_t began_ms, next_look_ms, next_tell_ms; /* clock_ms() */
	bool over, interrupted;
	enum exit_code code;
};

/* What nobody works on is settled here, each fault once. */

static bool is_tried(const struct halting *halting, const char *drill)
{
	for (size_t i = 0; i < halting->tried_count; i++) {
		if (strcmp(halting->tried[i], drill) == 0)
			return true;
	}
	return false;
}

static void note_tried(struct halting *halting, const char *drill)
{
	halting->tried = mem_grow(halting->tried, halting->tried_count + 1, sizeof *halting->tried);
	halting->tried[halting->tried_count++] = mem_dup(drill);
}

static void on_told(void *arg, const struct settled *settled)
{
	struct halting *halting = arg;

	if (settled->how == SETTLED_STUCK || settled->how == SETTLED_CLEAN)
		note_tried(halting, settled->drill);
	by_hand_print(settled, halting->who);
	teller_tell(halting->teller, settled);
}

static void on_settled(void *arg, const char *error)
{
	struct halting *halting = arg;

	halting->settled = true;
	if (error != NULL)
		(void)fprintf(stderr, "firedrill: %s\n", error);
}

static bool has_fault(const struct status *status, const char *drill)
{
	for (size_t i = 0; i < status->fault_count; i++) {
		if (strcmp(status->faults[i].drill, drill) == 0)
			return true;
	}
	return false;
}

static bool lives(struct halting *halting, const char *drill)
{
	char *lock = lock_name_fault(drill);
	bool busy = locks_is_busy(app_locks(halting->app), lock);

	free(lock);
	return busy;
}

/* Drills that died and left no more than messages. */
static size_t add_untold(struct halting *halting, const struct status *status,
			 const struct message_list *messages, const char **drills)
{
	size_t count = 0;

	for (size_t i = 0; i < messages->count; i++) {
		const char *drill = messages->list[i].drill;

		if (has_fault(status, drill) || is_tried(halting, drill) || lives(halting, drill))
			continue;
		note_tried(halting, drill);
		drills[count++] = drill;
	}
	return count;
}

static size_t add_left(struct halting *halting, const struct status *status, const char **drills)
{
	size_t count = 0;

	for (size_t i = 0; i < status->fault_count; i++) {
		const struct status_fault *fault = &status->faults[i];

		if (status_standing(status, fault) == STANDING_LEFT &&
		    !is_tried(halting, fault->drill))
			drills[count++] = fault->drill;
	}
	return count;
}

/* True when there is something to settle. */
static bool settle(struct halting *halting, const struct status *status)
{
	struct app *app = halting->app;
	const struct settler_world world = {app_base(app), app_faults(app), app_ledger(app),
					    app_locks(app)};
	struct message_list messages;
	struct settler_ask ask = {0};
	const char **drills;

	(void)messages_read(app_ledger(app), NULL, &messages, NULL);
	drills = mem_zalloc((status->fault_count + messages.count + 1) * sizeof *drills);
	ask.drills = drills;
	ask.drill_count = add_left(halting, status, drills);
	ask.drill_count += add_untold(halting, status, &messages, drills + ask.drill_count);
	if (ask.drill_count > 0) {
		halting->settled = false;
		halting->settler = settler_start(&world, &ask, on_told, NULL, on_settled, halting);
	}
	free(drills);
	message_list_done(&messages);
	return ask.drill_count > 0;
}

/* What others work on is waited for. */

static size_t count_busy(const struct status *status)
{
	size_t busy = 0;

	for (size_t i = 0; i < status->fault_count; i++) {
		enum status_standing standing = status_standing(status, &status->faults[i]);

		busy += standing == STANDING_RUNNING || standing == STANDING_SETTLING;
	}
	return busy;
}

static void tell_waiting(struct halting *halting, const struct status *status)
{
	struct buf text = {0};
	bool first = true;

	if (clock_ms() < halting->next_tell_ms)
		return;
	halting->next_tell_ms = clock_ms() + TELL_EVERY_MS;
	(void)fputs("waiting for what runs to be put right", stdout);
	for (size_t i = 0; i < status->fault_count; i++) {
		if (!status->faults[i].busy || status->faults[i].ack_reason != NULL)
			continue;
		(void)printf("%s %s in %s", first ? ":" : ",", status->faults[i].drill,
			     status->faults[i].environment);
		first = false;
	}
	if (clock_ms() - halting->began_ms >= TELL_EVERY_MS) {
		phrase_span(&text, (clock_ms() - halting->began_ms) / 1000 * 1000);
		(void)printf(" (%s so far; a target that does not answer takes minutes, and Ctrl-C "
			     "ends the waiting only)",
			     buf_text(&text));
	}
	(void)puts("");
	buf_done(&text);
	(void)fflush(stdout);
}

static void look(struct halting *halting)
{
	struct status status = {0};
	struct error error = {""};

	halting->next_look_ms = clock_ms() + LOOK_MS;
	if (!standing_read(halting->app, &status, &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		halting->over = true;
		halting->code = EXIT_FAULT_LEFT;
	} else if (!settle(halting, &status)) {
		halting->over = count_busy(&status) == 0 && !standing_is_running(halting->app);
		halting->code = halting->over ? status_exit_code(&status) : EXIT_FAULT_LEFT;
		if (!halting->over)
			tell_waiting(halting, &status);
	}
	status_done(&status);
}

static bool is_over(void *arg)
{
	struct halting *halting = arg;

	if (halting->settler != NULL && halting->settled) {
		settler_free(halting->settler);
		halting->settler = NULL;
		halting->next_look_ms = 0;
	}
	if (halting->settler == NULL && !halting->over && clock_ms() >= halting->next_look_ms)
		look(halting);
	return halting->over || halting->interrupted;
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct halting *halting = arg;

	(void)number;
	(void)what;
	halting->interrupted = true;
}

/* The flow. */

static void wait_for_all(struct halting *halting)
{
	static const int numbers[SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		halting->signals[i] =
		    evsignal_new(app_base(halting->app), numbers[i], on_signal, halting);
		(void)event_add(halting->signals[i], NULL);
	}
	halting->began_ms = clock_ms();
	halting->code = EXIT_FAULT_LEFT;
	if (!app_run_until(halting->app, is_over, halting, PATIENCE_MS))
		(void)puts("still not over after ten minutes; see `firedrill status`");
	else if (halting->over && halting->code == EXIT_PASS)
		(void)puts("nothing runs, and no fault is left");
	else if (halting->over)
		(void)puts("a fault is left: see `firedrill status`");
	if (halting->interrupted)
		(void)puts("it stays halted; what runs is put right all the same: see `firedrill "
			   "status`");
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		event_free(halting->signals[i]);
	settler_free(halting->settler);
}

static bool pull(struct app *app, const char *reason, const char *who, struct error *error)
{
	struct ledger_halt before = {0};
	bool good = app_open_settling(app, NULL, error) &&
		    ledger_halt(app_ledger(app), &before, error) &&
		    ledger_set_halt(app_ledger(app), reason, who, error);

	if (good)
		(void)printf("halted by %s: %s\n", who, reason);
	if (good && before.halted)
		(void)printf("it was halted before, by %s: %s\n", before.by, before.reason);
	(void)fflush(stdout);
	ledger_halt_done(&before);
	return good;
}

static int halt(struct app *app, const char *reason)
{
	char *who = by_hand_who(), *headline = mem_printf("firedrill was halted by %s", who);
	struct halting halting = {.app = app, .who = mem_printf("%s by hand", who)};
	struct error error = {""};

	halting.code = EXIT_USAGE;
	if (pull(app, reason, who, &error)) {
		halting.teller = teller_new(app, halting.who, NULL, NULL);
		teller_say(halting.teller, headline, reason);
		wait_for_all(&halting);
		by_hand_wait(app, halting.teller);
		teller_free(halting.teller);
	} else {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	}
	for (size_t i = 0; i < halting.tried_count; i++)
		free(halting.tried[i]);
	free(halting.tried);
	free(halting.who);
	free(headline);
	free(who);
	return (int)halting.code;
}

static int run_halt(const struct options *options)
{
	struct error error = {""};
	char *reason = by_hand_reason("halt", options->reason, &error);
	struct app *app = reason != NULL ? app_load_config(options) : NULL;
	int code = app != NULL ? halt(app, reason) : EXIT_USAGE;

	if (error.text[0] != '\0')
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	app_free(app);
	free(reason);
	return code;
}

static void tell_resumed(struct app *app, const struct ledger_halt *before)
{
	char *who = by_hand_who(), *headline = mem_printf("firedrill was resumed by %s", who);
	struct teller *teller = teller_new(app, who, NULL, NULL);
	struct buf body = {0};

	buf_addf(&body, "It was halted by %s for ", before->by);
	phrase_span(&body, clock_wall_ms() - before->since_wall_ms);
	buf_addf(&body, ": %s", before->reason);
	(void)printf("resumed; it was halted by %s: %s\n", before->by, before->reason);
	(void)fflush(stdout);
	teller_say(teller, headline, buf_text(&body));
	by_hand_wait(app, teller);
	teller_free(teller);
	buf_done(&body);
	free(headline);
	free(who);
}

static int run_resume(const struct options *options)
{
	struct app *app = app_load_config(options);
	struct ledger_halt before = {0};
	struct error error = {""};
	int code = EXIT_PASS;

	if (app == NULL)
		return EXIT_USAGE;
	if (!app_open_settling(app, NULL, &error) ||
	    !ledger_halt(app_ledger(app), &before, &error) ||
	    !ledger_lift_halt(app_ledger(app), &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		code = EXIT_USAGE;
	} else if (before.halted) {
		tell_resumed(app, &before);
	} else {
		(void)puts("it is not halted");
	}
	ledger_halt_done(&before);
	app_free(app);
	return code;
}

const struct verb verb_halt = {
    .name = "halt",
    .words = "",
    .options = 1u << OPTION_CONFIG | 1u << OPTION_REASON,
    .summary = "stop everything: put right what is in place, refuse what is new",
    .help = "Pulls the lever: every drill of this ledger, in whatever process, is ended and\n"
	    "its fault put right, and new drills are refused until `firedrill resume`, also\n"
	    "after a restart. Who did it, and why, shows in `firedrill status` and in chat.\n"
	    "Waits until nothing runs; Ctrl-C ends the waiting only. Exit code 0 when no\n"
	    "fault is left, else 3.",
    .run = run_halt,
};

const struct verb verb_resume = {
    .name = "resume",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "let drills run again after `firedrill halt`",
    .help = "Takes the lever back that `firedrill halt` pulled. Starts nothing by itself.",
    .run = run_resume,
};
