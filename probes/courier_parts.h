/* One try of one way: shared by the courier and its ways only. */
#ifndef PROBES_COURIER_PARTS_H
#define PROBES_COURIER_PARTS_H

#include <stdint.h>

#include "probes/courier.h"

enum courier_way { COURIER_CHAT, COURIER_WEBHOOK, COURIER_MAIL, COURIER_WAYS };

/* Owned copies. */
struct courier_text {
	char *subject, *text, *mark;
	char *plain; /* subject and text without markup */
};

struct courier_try; /* in flight */
/* error: NULL: it is there; again: another try may help; after_ms: not before; 0: any time */
struct courier_tried {
	const char *error;
	bool again;
	int64_t after_ms;
	const char *part; /* it is there, but not for all; NULL: for all */
};
typedef void courier_tried_fn(void *arg, const struct courier_tried *tried);

const char *courier_way_name(enum courier_way way); /* static; "chat", "webhook", "mail" */
bool courier_way_is_named(const struct config *config, enum courier_way way);

/* The contract of probes/http.h; world and text are borrowed until it is over. id: of the mail. */
struct courier_try *courier_try_start(const struct courier_world *world, enum courier_way way,
				      const struct courier_text *text, const char *id,
				      courier_tried_fn *done, void *arg);
void courier_try_cancel(struct courier_try *trial); /* NULL is fine */

#endif
