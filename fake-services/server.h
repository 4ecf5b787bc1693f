/* An HTTP server for the fakes: libevent's evhttp with limits, and with answers that come late,
 * never, or as a closed connection. */
#ifndef FAKE_SERVICES_SERVER_H
#define FAKE_SERVICES_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct event_base;
struct fake_server;
struct fake_request;

/* Must end with exactly one fake_reply*() of the request, now or later. */
typedef void fake_handler_fn(void *arg, struct fake_request *request);

/* address NULL: 127.0.0.1; port 0: any free one. */
struct fake_server *fake_server_new(struct event_base *base, const char *address, int port,
				    fake_handler_fn *handler, void *arg, struct error *error);
void fake_server_free(struct fake_server *server);             /* ends what hangs; NULL is fine */
const char *fake_server_url(const struct fake_server *server); /* "http://127.0.0.1:40123" */

/* Splits "127.0.0.1:8080" (or ":8080", "8080") for fake_server_new. ret_address is owned by the
 * caller, NULL when the text names none. */
MUST_CHECK bool fake_server_parse(const char *listen, char **ret_address, int *ret_port,
				  struct error *error);

/* All borrowed from the request. */
const char *fake_request_verb(const struct fake_request *request);  /* "GET"; "" for rare ones */
const char *fake_request_path(const struct fake_request *request);  /* still percent-encoded */
const char *fake_request_query(const struct fake_request *request); /* "" when there is none */
const char *fake_request_body(const struct fake_request *request);  /* NUL-terminated */
size_t fake_request_body_len(const struct fake_request *request);   /* bytes, at most 8 MiB */
const char *fake_request_header(const struct fake_request *request, const char *name); /* or NULL */

/* Looks at the request only after so long, whether the other side is still there or not. */
void fake_request_later(struct fake_request *request, int64_t ms, fake_handler_fn *handler,
			void *arg);

/* A header of the answer to come. */
void fake_reply_header(struct fake_request *request, const char *name, const char *value);

/* The request is gone after any of these. */
void fake_reply(struct fake_request *request, int status, const char *type, const char *body,
		size_t len);
void fake_reply_text(struct fake_request *request, int status, const char *text);
void fake_reply_after(struct fake_request *request, int64_t ms, int status, const char *type,
		      const char *body, size_t len);
void fake_reply_never(struct fake_request *request);
void fake_reply_reset(struct fake_request *request); /* closes the connection */

/* name=value&... into calls of each(), decoded; at most 200 pairs. */
void fake_form_parse(const char *form, void (*each)(void *arg, const char *name, const char *value),
		     void *arg);

#endif
