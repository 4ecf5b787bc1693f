/* How far back in time a PromQL expression looks. */
#include "probes/hops/promql_reach.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "probes/hops/promql.h"

#define LONGEST_MS (366LL * 24 * 3600 * 1000)

struct reach {
	int64_t range_ms, subqueries_ms, offset_ms;
};

/* "1h30m" at *at, behind which it is left; false for anything else, and for what is too long. */
static bool read_length(const char **at, int64_t *ret_ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {{"ms", 1},       {"s", 1000},      {"m", 60000},      {"h", 3600000},
		     {"d", 86400000}, {"w", 604800000}, {"y", 31536000000}};
	bool any = false;

	*ret_ms = 0;
	while (isdigit((unsigned char)**at)) {
		int64_t number = 0;
		size_t unit = 0, count = sizeof units / sizeof units[0];

		for (; isdigit((unsigned char)**at) && number <= LONGEST_MS; (*at)++)
			number = number * 10 + (**at - '0');
		while (unit < count &&
		       strncmp(*at, units[unit].name, strlen(units[unit].name)) != 0)
			unit++;
		if (unit == count || number > LONGEST_MS / units[unit].ms)
			return false;
		*at += strlen(units[unit].name);
		*ret_ms += number * units[unit].ms;
		any = true;
	}
	return any && *ret_ms <= LONGEST_MS;
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* "[5m]" or the subquery "[30m:1m]". */
static const char *read_range(struct reach *reach, const char *at)
{
	int64_t ms, step_ms;

	at = skip_space(at + 1);
	if (!read_length(&at, &ms))
		return NULL;
	at = skip_space(at);
	if (*at == ':') {
		at = skip_space(at + 1);
		if (*at != ']' && !read_length(&at, &step_ms))
			return NULL;
		at = skip_space(at);
		reach->subqueries_ms += ms;
	} else if (ms > reach->range_ms) {
		reach->range_ms = ms;
	}
	return *at == ']' ? at + 1 : NULL;
}

/* A word; "offset 5m" is more than that. */
static const char *read_word(struct reach *reach, const char *at)
{
	const char *from = at;
	int64_t ms;

	while (isalnum((unsigned char)*at) || *at == '_' || *at == ':')
		at++;
	if (at - from != 6 || strncasecmp(from, "offset", 6) != 0)
		return at;
	at = skip_space(at);
	if (*at == '-') {
		at = skip_space(at + 1);
		return read_length(&at, &ms) ? at : NULL; /* into the future */
	}
	if (!read_length(&at, &ms))
		return NULL;
	if (ms > reach->offset_ms)
		reach->offset_ms = ms;
	return at;
}

bool promql_reach(const char *expression, int64_t *ret_ms)
{
	struct reach reach = {0};
	const char *at = expression;

	while (at != NULL && *at != '\0') {
		if (*at == '@')
			return false;
		if (*at == '#')
			at += strcspn(at, "\n");
		else if (*at == '"' || *at == '\'' || *at == '`')
			at = promql_skip_quoted(at);
		else if (*at == '[')
			at = read_range(&reach, at);
		else if (isalpha((unsigned char)*at) || *at == '_')
			at = read_word(&reach, at);
		else
			at++;
	}
	*ret_ms = reach.range_ms + reach.subqueries_ms + reach.offset_ms;
	return at != NULL && *ret_ms <= LONGEST_MS;
}
