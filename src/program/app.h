/* What a running firedrill holds, and the order in which it comes and goes. */
#ifndef PROGRAM_APP_H
#define PROGRAM_APP_H

#include <stdbool.h>

#include "probes/faults/fault.h"
#include "scenarios/load.h"
#include "src/base/error.h"
#include "src/program/options.h"

struct app;
struct channels;
struct chat;
struct chat_driver;
struct ledger;

/* The configuration and its scenarios, or NULL after having printed every mistake to stderr. */
struct app *app_load(const struct options *options);

/* Opens what touches the world: the loop, HTTP, the ledger, canaries. */
MUST_CHECK bool app_open(struct app *app, struct error *error);
void app_free(struct app *app); /* drills must be gone; NULL is fine */

const struct config *app_config(const struct app *app);
const struct scenario_list *app_scenarios(const struct app *app);
const struct scenario *app_scenario(const struct app *app, const char *name); /* NULL: none */

/* After app_open. */
struct event_base *app_base(struct app *app);
struct ledger *app_ledger(struct app *app);
struct secrets *app_secrets(struct app *app);
const struct fault_context *app_faults(struct app *app);
/* The readers of a chat, opened on first use; NULL with an error. arg is the app. */
struct channels *app_channels(void *arg, const char *chat, struct error *error);
/* The chat itself, opened on first use; NULL with an error. */
struct chat *app_chat(struct app *app, const char *name, const struct chat_driver **ret_driver,
		      struct error *error);

#endif
