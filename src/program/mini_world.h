/* A miniature world: fake-services as a child, and a folder with a configuration that points at it. */
#ifndef PROGRAM_MINI_WORLD_H
#define PROGRAM_MINI_WORLD_H

#include <stdbool.h>
#include <stdio.h>

#include "src/base/error.h"

#define MINI_WORLD_TOKEN     "xoxb-firedrill-demo"
#define MINI_WORLD_TOKEN_ENV "FIREDRILL_DEMO_TOKEN" /* the environment variable that holds it */

struct cJSON;
struct mini_world;

/* What is started, and what its configuration says. Static. */
struct mini_world_kind {
	const char *name;         /* for people and the folder: "demo" */
	const char *const *words; /* of fake-services, NULL-terminated: "world", ... */
	const char *scenarios;    /* the folder */
	const char *poll;         /* of the chat: "250ms" */
	/* Writes `environments` and `pipelines`; ready: what the world said of itself. */
	void (*write)(FILE *file, const struct cJSON *ready);
};

/* Starts the world, waits until it is ready, and writes the folder. NULL with an error. Sets the
 * environment variables that the configuration names. $FIREDRILL_FAKE_SERVICES is another program
 * than the one that was built along. */
MUST_CHECK struct mini_world *mini_world_new(const struct mini_world_kind *kind,
					     struct error *error);
void mini_world_free(
    struct mini_world *world); /* ends the world, removes the folder; NULL is fine */

/* From its begin to its end a signal that would end this process waits, so that nothing is left
 * behind; whoever has a handler lets them in (runner_run does). */
void mini_world_let_signals_in(bool in);

/* Sends a signal to it; see `fake-services world --help`. */
void mini_world_signal(struct mini_world *world, int number);

const char *mini_world_config(const struct mini_world *world); /* path of firedrill.cfg; borrowed */
const char *mini_world_chat(const struct mini_world *world);   /* address of its page; borrowed */

/* For `write`. */
const char *mini_world_text(const struct cJSON *object, const char *key); /* "" when absent */
/* The stations of an alerting service that speaks as Loki, Prometheus and Alertmanager. */
void mini_world_write_pipeline(FILE *file, const char *name, const char *alerting);

#endif
