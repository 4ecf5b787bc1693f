/* A web server of a test, on a port of its own. */
#ifndef TESTS_PROGRAM_SITE_H
#define TESTS_PROGRAM_SITE_H

#include <stddef.h>

#include "src/program/serve/web.h"

struct site {
	struct event_base *base; /* owned */
	struct web *web;         /* owned; a test may free it and set it to NULL */
	size_t answered;         /* counted by the test's own pages */
	size_t size;             /* of the page of site_answer_large, bytes */
};

/* As web_new; the routes get the site. SIGPIPE is ignored from then on, as the program does: others close
 * while we write. */
struct site *site_open(const char *address, const char *token, const char *url,
		       const struct web_route *routes);
void site_close(struct site *site);

/* A page: so many x. */
void site_answer_large(void *site, const struct web_ask *ask, struct web_answer *answer);

#endif
