/* A web server of a test. */
#include "tests/program/site.h"

#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/mem.h"

struct site *site_open(const char *address, const char *token, const char *url,
		       const struct web_route *routes)
{
	struct site *site = mem_zalloc(sizeof *site);
	struct error error = {""};

	(void)signal(SIGPIPE, SIG_IGN);
	site->base = event_base_new();
	site->web = web_new(site->base, address, token, url, routes, site, &error);
	assert_string_equal(error.text, "");
	assert_non_null(site->web);
	return site;
}

void site_close(struct site *site)
{
	web_free(site->web);
	event_base_free(site->base);
	free(site);
}

void site_answer_large(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	struct site *site = arg;
	char *text = mem_zalloc(site->size);

	(void)ask;
	(void)memset(text, 'x', site->size);
	buf_add(&answer->body, text, site->size);
	free(text);
}
