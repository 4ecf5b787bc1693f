/* What a running firedrill holds, and the order in which it comes and goes. */
#ifndef PROGRAM_APP_H
#define PROGRAM_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/faults/fault.h"
#include "scenarios/load.h"
#include "src/base/error.h"
#include "src/program/options.h"

struct app;
struct channels;
struct chat;
struct chat_driver;
struct courier;
struct ledger;
struct locks;

/* The configuration and its scenarios, or NULL after having printed every mistake to stderr. */
struct app *app_load(const struct options *options);
/* The configuration alone: for those who put things right. A mistake in a scenario must not be in
 * their way. */
struct app *app_load_config(const struct options *options);
/* The same; NULL with every mistake added to the list. Its scenarios come by app_set_scenarios. */
struct app *app_load_quietly(const struct options *options, struct mistakes *mistakes);
/* Before it is opened, once: they are its own from now on. */
void app_set_scenarios(struct app *app, const struct scenario_list *scenarios);

/* On stderr, with their count, and with what to do when there is no configuration at all. */
void app_print_mistakes(const struct options *options, const struct mistakes *mistakes);

/* Before it is opened: another state file than the configuration names. */
void app_set_state(struct app *app, const char *state);

/* Opens everything: the loop, HTTP, the ledger, the locks, canaries. One of these five, once. */
MUST_CHECK bool app_open(struct app *app, struct error *error);
/* All but the canaries, whose port may be another firedrill's: for those who settle. locks: those of
 * another process, taken over in any case; NULL: they are opened. */
MUST_CHECK bool app_open_settling(struct app *app, struct locks *locks, struct error *error);
/* The loop and HTTP only: for those who ask stations and chats, and touch nothing. */
MUST_CHECK bool app_open_asking(struct app *app, struct error *error);
/* The ledger and the locks only: for those who look. */
MUST_CHECK bool app_open_state(struct app *app, struct error *error);
/* Another configuration in the same process: it has all of these in common with an older one that is
 * open, whichever of them is freed first, but secrets, chats and locks of its own: each has a guardian,
 * and what one holds must stay locked to the guardian of the other. False with an error that says what
 * may not change. */
MUST_CHECK bool app_open_beside(struct app *app, struct app *older, struct error *error);
void app_free(struct app *app); /* drills must be gone; NULL is fine */
/* Before that: frees one scenario, which nobody uses any more. False: none is left. */
bool app_free_scenario(struct app *app);

const struct config *app_config(const struct app *app);
const struct scenario_list *app_scenarios(const struct app *app);
const struct scenario *app_scenario(const struct app *app, const char *name); /* NULL: none */

/* After it was opened. */
struct ledger *app_ledger(struct app *app);
struct locks *app_locks(struct app *app);
struct event_base *app_base(struct app *app);
struct secrets *app_secrets(struct app *app);
const struct fault_context *app_faults(struct app *app);
/* The readers of a chat, opened on first use; NULL with an error. arg is the app. */
struct channels *app_channels(void *arg, const char *chat, struct error *error);
/* The readers of all chats that were opened so far. */
void app_visit_readers(const struct app *app,
		       void (*visit)(void *arg, const char *chat, const struct channels *channels),
		       void *arg);
/* The chat itself, opened on first use; NULL with an error. */
struct chat *app_chat(struct app *app, const char *name, const struct chat_driver **ret_driver,
		      struct error *error);

/* The second path of its configuration, by its chats; owned by the caller (courier_free). */
struct courier *app_courier_new(struct app *app);

/* Runs the loop until is_over says so (asked after every turn, and each 50 ms), at most limit_ms.
 * What it said last. */
bool app_run_until(struct app *app, bool (*is_over)(void *arg), void *arg, int64_t limit_ms);

#endif
