/* An HTTP client for the fakes: libevent's evhttp, one kept-alive connection to one server. */
#ifndef FAKE_SERVICES_CLIENT_H
#define FAKE_SERVICES_CLIENT_H

#include <stddef.h>

#include "src/base/error.h"

struct event_base;
struct fake_client;

/* status 0: no answer. The body is NUL-terminated and borrowed. */
typedef void fake_answer_fn(void *arg, int status, const char *body);

/* For one URL such as "http://127.0.0.1:9000/services/T/B/X". NULL with an error when it is not
 * http:// or has no host. Requests are sent one after the other, each given ten seconds. */
struct fake_client *fake_client_new(struct event_base *base, const char *url, struct error *error);
void fake_client_free(struct fake_client *client); /* no answers after this; NULL is fine */

/* The URL's path with `more` after it. body NULL: a GET, else a POST. type and bearer may be NULL.
 * done may be NULL; it is called exactly once, from the loop. */
void fake_client_send(struct fake_client *client, const char *more, const char *type,
		      const char *bearer, const char *body, fake_answer_fn *done, void *arg);

size_t fake_client_waiting(const struct fake_client *client); /* requests not answered yet */

#endif
