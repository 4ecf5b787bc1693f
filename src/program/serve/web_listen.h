/* Where the web server listens. */
#ifndef PROGRAM_WEB_LISTEN_H
#define PROGRAM_WEB_LISTEN_H

#include <event2/listener.h>
#include <stdbool.h>

#include "src/base/error.h"

#define WEB_ADDRESS_SIZE 64

/* address: "127.0.0.1:9820", "[::1]:9820"; port 0: any. ret_text: where it listens, with the real port.
 * ret_loopback: only this machine can reach it. NULL with an error that says what to do. */
MUST_CHECK struct evconnlistener *web_listen(struct event_base *base, const char *address,
					     evconnlistener_cb on_visit, void *arg,
					     char ret_text[WEB_ADDRESS_SIZE], bool *ret_loopback,
					     struct error *error);

#endif
