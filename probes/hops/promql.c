/* Which series a PromQL expression reads. */
#include "probes/hops/promql.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"

#define EXPRESSION_LIMIT 8192 /* bytes */

static const char *const binary[] = {"and", "or", "unless", "atan2", NULL};
static const char *const with_labels[] = {"by",         "without",     "on", "ignoring",
					  "group_left", "group_right", NULL};
static const char *const aggregations[] = {
    "sum",     "min",  "max",          "avg",      "group",  "stddev",      "stdvar", "count",
    "bottomk", "topk", "count_values", "quantile", "limitk", "limit_ratio", NULL};
static const char *const numbers[] = {"inf", "nan", NULL};
/* What gives a value although one of its series is missing, or all of them are. */
static const char *const either[] = {"or", "unless", NULL};
static const char *const from_nothing[] = {"absent", "absent_over_time", "vector", "scalar", "time",
					   NULL};

static bool is_one(const char *const *list, const char *word, size_t len)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == len && strncasecmp(*list, word, len) == 0)
			return true;
	return false;
}

static bool begins_name(char c)
{
	return isalpha((unsigned char)c) || c == '_' || c == ':';
}

static const char *skip_space(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n");
		if (*at != '#')
			return at;
		at += strcspn(at, "\n");
	}
}

const char *promql_skip_quoted(const char *at)
{
	char quote = *at++;

	for (; *at != quote; at++) {
		if (*at == '\\' && quote != '`')
			at++;
		if (*at == '\0')
			return NULL;
	}
	return at + 1;
}

/* Behind the bracket that closes the one at `at`; nothing nests inside. */
static const char *skip_closed(const char *at, char end)
{
	for (at++; at != NULL && *at != end;) {
		if (*at == '"' || *at == '\'' || *at == '`')
			at = promql_skip_quoted(at);
		else if (*at == '\0' || *at == '(' || *at == '[' || *at == '{')
			return NULL;
		else
			at++;
	}
	return at != NULL ? at + 1 : NULL;
}

static const char *skip_word(const char *at)
{
	while (begins_name(*at) || isdigit((unsigned char)*at))
		at++;
	return at;
}

/* "offset 5m" at `at`, or not; NULL for what cannot be read. */
static const char *skip_offset(const char *at)
{
	const char *next;

	if (*at == '@')
		return NULL;
	if (strncasecmp(at, "offset", 6) != 0 || skip_word(at) != at + 6)
		return at;
	next = skip_space(at + 6);
	next += *next == '-';
	if (!isdigit((unsigned char)*next))
		return NULL;
	next = skip_word(next);
	return *skip_space(next) == '@' ? NULL : next;
}

static bool add(struct promql *promql, const char *from, const char *end, const char *range,
		const char *range_end, const char *offset, const char *offset_end)
{
	size_t at = promql->count;
	char *name, *ask;

	if (at == PROMQL_SELECTORS)
		return false;
	name = mem_dup_n(from, (size_t)(end - from));
	if (range != NULL)
		ask = mem_printf("last_over_time(%s%.*s%s%.*s)", name, (int)(range_end - range),
				 range, offset_end > offset ? " " : "", (int)(offset_end - offset),
				 offset);
	else
		ask = mem_printf("%s%s%.*s", name, offset_end > offset ? " " : "",
				 (int)(offset_end - offset), offset);
	promql->name[at] = name;
	promql->ask[at] = ask;
	promql->count++;
	return true;
}

/* A selector whose name ends at `end`; returns what is behind it, NULL when it cannot be read. */
static const char *read_selector(struct promql *promql, const char *from, const char *end)
{
	const char *next = skip_space(end), *range = NULL, *range_end = NULL, *offset;

	if (*next == '{') {
		end = skip_closed(next, '}');
		if (end == NULL)
			return NULL;
		next = skip_space(end);
	}
	if (*next == '[') {
		range = next;
		range_end = skip_closed(next, ']');
		if (range_end == NULL || memchr(range, ':', (size_t)(range_end - range)) != NULL)
			return NULL; /* of a subquery */
		next = skip_space(range_end);
	}
	offset = next;
	next = skip_offset(offset);
	if (next == NULL || !add(promql, from, end, range, range_end, offset, next))
		return NULL;
	return next;
}

/* A name: of a function, an operator, a list of labels, or of series. */
static const char *read_word(struct promql *promql, const char *from)
{
	const char *end = skip_word(from), *next = skip_space(end);
	size_t len = (size_t)(end - from);

	if (is_one(either, from, len))
		promql->needs_all = false;
	if (is_one(from_nothing, from, len) && *next == '(')
		promql->needs_all = promql->needs_any = false;
	if (is_one(with_labels, from, len)) {
		if (*next == '(')
			return skip_closed(next, ')');
		return is_one(with_labels + 4, from, len) ? end : NULL; /* group_left alone */
	}
	if (is_one(binary, from, len) || is_one(numbers, from, len) || *next == '(')
		return end;
	if (len == 4 && strncasecmp(from, "bool", len) == 0)
		return end;
	if (len == 6 && strncasecmp(from, "offset", len) == 0)
		return NULL; /* of something in parentheses */
	if (is_one(aggregations, from, len)) {
		size_t word = (size_t)(skip_word(next) - next);

		return is_one(with_labels, next, word) ? end : NULL;
	}
	return read_selector(promql, from, end);
}

static const char *read_next(struct promql *promql, const char *at)
{
	if (*at == '"' || *at == '\'' || *at == '`')
		return promql_skip_quoted(at);
	if (*at == '{')
		return read_selector(promql, at, at);
	if (isdigit((unsigned char)*at) || (*at == '.' && isdigit((unsigned char)at[1]))) {
		while (isalnum((unsigned char)*at) || *at == '.' ||
		       ((*at == '+' || *at == '-') && (at[-1] == 'e' || at[-1] == 'E')))
			at++;
		return at;
	}
	if (begins_name(*at))
		return read_word(promql, at);
	return strchr("+-*/%^()<>=!~,", *at) != NULL ? at + 1 : NULL;
}

bool promql_read(const char *expression, struct promql *ret_promql)
{
	const char *at = expression;

	*ret_promql = (struct promql){.needs_all = true, .needs_any = true};
	if (strlen(expression) > EXPRESSION_LIMIT)
		return false;
	for (at = skip_space(at); at != NULL && *at != '\0';) {
		at = read_next(ret_promql, at);
		if (at != NULL)
			at = skip_space(at);
	}
	if (at != NULL && ret_promql->count > 0)
		return true;
	promql_done(ret_promql);
	return false;
}

void promql_done(struct promql *promql)
{
	for (size_t i = 0; i < promql->count; i++) {
		free(promql->ask[i]);
		free(promql->name[i]);
	}
	*promql = (struct promql){0};
}
