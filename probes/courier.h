/* The second path to people, for when the first fails or is itself what is broken: one text by every
 * way that `report.second` of the configuration names - another chat, a webhook, mail.  No way waits
 * for another, each is tried three times, and each says what came of it. */
#ifndef PROBES_COURIER_H
#define PROBES_COURIER_H

#include <stdbool.h>

#include "src/base/error.h"

struct chat;
struct chat_driver;
struct config;
struct courier;
struct event_base;
struct http;
struct secrets;

/* All borrowed, must outlive the courier. */
struct courier_world {
	struct event_base *base;
	struct http *http;
	struct secrets *secrets;
	const struct config *config;
	/* The chat of that name in the configuration; NULL with an error. */
	struct chat *(*chat)(void *arg, const char *name, const struct chat_driver **ret_driver,
			     struct error *error);
	void *arg;
};

/* Borrowed until courier_send returns. Markup as in struct chat_post; without secrets. */
struct courier_letter {
	const char *subject; /* one line: what is wrong */
	const char *text;    /* lines */
	const char *mark;    /* as in struct chat_post */
};

/* Borrowed, valid inside the callback only. */
struct courier_end {
	const char *by; /* the ways that took it: "webhook, mail"; NULL: none did */
	const char *
	    trouble; /* what the others say, or of whom it was not taken: "mail: ..."; NULL: nothing */
};
typedef void courier_done_fn(void *arg, const struct courier_end *end);

struct courier *courier_new(const struct courier_world *world); /* world is copied */
void courier_free(struct courier *courier); /* what is in flight is dropped; NULL is fine */

/* Is any way named? */
bool courier_has_ways(const struct courier *courier);
/* done: exactly once, from the loop, never from inside send; after courier_free, never. Without any
 * way it ends at once, by none. */
void courier_send(struct courier *courier, const struct courier_letter *letter,
		  courier_done_fn *done, void *arg);
bool courier_is_idle(const struct courier *courier);

#endif
