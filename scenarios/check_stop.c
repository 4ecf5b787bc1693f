/* What must fit together in a scenario's `stop_when`. */
#include <stdio.h>
#include <stdlib.h>

#include "scenarios/check.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

struct checking {
	struct pass *pass;                 /* borrowed */
	const struct stop_condition *stop; /* borrowed */
	size_t index;
	int64_t hold_ms;
};

static char *path_of(const struct checking *c, const char *key)
{
	return mem_printf("stop_when[%zu]%s%s", c->index, key[0] == '\0' ? "" : ".", key);
}

static bool has(const struct checking *c, const char *key)
{
	char *path = path_of(c, key);
	bool is_there = pass_has(c->pass, path);

	free(path);
	return is_there;
}

static void mistake(const struct checking *c, const char *key, const char *text)
{
	char *path = path_of(c, key);

	pass_mistake(c->pass, path, "%s", text);
	free(path);
}

/* Either an address that must answer, or a query that must find nothing. */
static void check_subject(const struct checking *c)
{
	bool check = has(c, "check"), prometheus = has(c, "prometheus"), query = has(c, "query");

	if (!check && !prometheus && !query)
		mistake(c, "",
			"looks at nothing: write check = \"https://...\"; or prometheus = "
			"\"http://...\"; and query = \"...\";");
	if (check && (prometheus || query))
		mistake(c, prometheus ? "prometheus" : "query",
			"one condition looks at one thing: take this out, or put it into a "
			"condition of its own, ( { check = ...; }, { prometheus = ...; } )");
	if (!check && prometheus && !query)
		mistake(c, "query",
			"is missing: write what Prometheus is asked, such as query = "
			"\"rate(orders_lost_total[1m]) > 10\";");
	if (!check && query && !prometheus)
		mistake(c, "prometheus",
			"is missing: write who is asked, such as prometheus = "
			"\"http://prometheus.example:9090\";");
	if (prometheus && !check && has(c, "status"))
		mistake(c, "status", "counts with `check` only: take it out");
	if (prometheus && !check && has(c, "contains"))
		mistake(c, "contains", "counts with `check` only: write it into the query");
}

/* Would it be noticed while the fault is there? */
static void check_times(const struct checking *c)
{
	int64_t noticed_ms = c->stop->every_ms * (c->stop->times - 1);
	char length[32], text[200];

	if (c->hold_ms <= 0 || noticed_ms < c->hold_ms)
		return;
	duration_format(c->hold_ms, length, sizeof length);
	(void)snprintf(
	    text, sizeof text,
	    "is met at the earliest when the fault is over, after %s: look more often, or "
	    "fewer `times`",
	    length);
	mistake(c, has(c, "times") ? "times" : "every", text);
}

void check_stop_when(struct pass *pass, const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->stop_when_count; i++) {
		struct checking c = {pass, &scenario->stop_when[i], i,
				     scenario->fault.hold_at_most_ms};

		check_subject(&c);
		check_times(&c);
	}
}
