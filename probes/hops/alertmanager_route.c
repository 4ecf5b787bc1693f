/* The way of one alert through Alertmanager's routes. */
#include "probes/hops/alertmanager_route.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hops/survey.h"
#include "src/base/mem.h"

#define PATTERN_LIMIT 256  /* bytes of a regular expression */
#define VALUE_LIMIT   1024 /* bytes of what it is tried on */

enum judged { NO = ROUTE_NO, YES = ROUTE_YES, UNKNOWN = ROUTE_UNKNOWN };

struct walk {
	const struct alertmanager_labels *labels; /* borrowed */
	struct alertmanager_route *routes;        /* borrowed */
	size_t count, limit;
	bool unknown; /* a matcher could not be judged, or there are too many */
};

/* Does it mean the same in RE2 and in POSIX? Letters, digits and these, without what RE2 adds. */
static bool is_common(const char *pattern)
{
	for (const char *at = pattern; *at != '\0'; at++) {
		bool repeats = strchr("*+?", *at) != NULL;

		if (!isalnum((unsigned char)*at) && strchr("_-:/, .|()*+?=@%#", *at) == NULL)
			return false;
		if (repeats && (at == pattern || strchr("(|*+?", at[-1]) != NULL))
			return false;
	}
	return strlen(pattern) <= PATTERN_LIMIT && strstr(pattern, "()") == NULL &&
	       strstr(pattern, "(|") == NULL && strstr(pattern, "||") == NULL &&
	       strstr(pattern, "|)") == NULL && pattern[0] != '|' &&
	       (pattern[0] == '\0' || pattern[strlen(pattern) - 1] != '|');
}

static enum judged match_pattern(const char *pattern, const char *value)
{
	enum judged judged = UNKNOWN;
	char *anchored;
	regex_t regex;

	if (!is_common(pattern) || strlen(value) > VALUE_LIMIT || strchr(value, '\n') != NULL)
		return UNKNOWN;
	for (const char *at = value; *at != '\0'; at++)
		if ((unsigned char)*at >= 0x80) /* characters there, bytes here */
			return UNKNOWN;
	if (pattern[0] == '\0')
		return value[0] == '\0' ? YES : NO;
	anchored = mem_printf("^(%s)$", pattern);
	if (regcomp(&regex, anchored, REG_EXTENDED | REG_NOSUB) == 0) {
		judged = regexec(&regex, value, 0, NULL, 0) == 0 ? YES : NO;
		regfree(&regex);
	}
	free(anchored);
	return judged;
}

static enum judged match_one(const cJSON *matcher, const struct alertmanager_labels *labels)
{
	const char *name = survey_text(matcher, "name"), *value = survey_text(labels->list, name);
	const char *is = survey_text(matcher, "is"), *wanted = survey_text(matcher, "value");
	enum judged judged;

	if (!labels->all && survey_item(labels->list, name) == NULL)
		return UNKNOWN;
	if (is[0] != '\0' && is[1] != '~' && is[0] != '!')
		return strcmp(value, wanted) == 0 ? YES : NO;
	if (strcmp(is, "!=") == 0)
		return strcmp(value, wanted) != 0 ? YES : NO;
	judged = match_pattern(wanted, value);
	if (judged == UNKNOWN || strcmp(is, "=~") == 0)
		return judged;
	return judged == YES ? NO : YES;
}

enum route_judged alertmanager_judge(const cJSON *holder, const struct alertmanager_labels *labels)
{
	enum judged all = survey_item(holder, "unreadable") != NULL ? UNKNOWN : YES;
	const cJSON *matcher;

	cJSON_ArrayForEach(matcher, survey_item(holder, "matchers"))
	{
		enum judged one = match_one(matcher, labels);

		if (one == NO)
			return ROUTE_NO;
		if (one == UNKNOWN)
			all = UNKNOWN;
	}
	return (enum route_judged)all;
}

static const char *own_or(const cJSON *route, const char *key, const char *inherited)
{
	const char *own = survey_text(route, key);

	return own[0] != '\0' ? own : inherited;
}

static struct alertmanager_route inherit(const cJSON *route, const struct alertmanager_route *above)
{
	const cJSON *group_by = survey_item(route, "group_by");

	return (struct alertmanager_route){
	    .route = route,
	    .receiver = own_or(route, "receiver", above->receiver),
	    .group_wait = own_or(route, "group_wait", above->group_wait),
	    .group_interval = own_or(route, "group_interval", above->group_interval),
	    .repeat_interval = own_or(route, "repeat_interval", above->repeat_interval),
	    .group_by = group_by != NULL ? group_by : above->group_by,
	};
}

static void add(struct walk *walk, struct alertmanager_route route, bool sure)
{
	route.sure = sure;
	if (walk->count == walk->limit)
		walk->unknown = true;
	else
		walk->routes[walk->count++] = route;
}

/*
 * Does this route take the alert, itself or by one below it, when it is asked at all?  A child that
 * takes it ends the search unless it says `continue`; without one the route itself does.
 */
static enum judged walk_route(struct walk *walk, const cJSON *route,
			      const struct alertmanager_route *above, bool sure)
{
	enum judged judged = (enum judged)alertmanager_judge(route, walk->labels), taken = NO;
	struct alertmanager_route here = inherit(route, above);
	bool reached = sure && judged == YES;
	const cJSON *child;

	walk->unknown |= judged == UNKNOWN;
	if (judged == NO)
		return NO;
	cJSON_ArrayForEach(child, survey_item(route, "routes"))
	{
		enum judged by_child = walk_route(walk, child, &here, reached);
		bool goes_on = survey_item(child, "continue") != NULL;

		if (by_child != NO && taken != YES)
			taken = by_child;
		if (by_child == YES && !goes_on)
			break;
		reached &= by_child == NO || goes_on;
	}
	if (taken != YES)
		add(walk, here, sure && judged == YES && taken == NO);
	return judged;
}

static const struct alertmanager_route defaults = {
    .receiver = "", .group_wait = "30s", .group_interval = "5m", .repeat_interval = "4h"};

bool alertmanager_routes(const cJSON *root, const cJSON *labels,
			 struct alertmanager_route ret_routes[ROUTES_MATCHED], size_t *ret_count)
{
	const struct alertmanager_labels all = {labels, true};
	struct walk walk = {.labels = &all, .routes = ret_routes, .limit = ROUTES_MATCHED};

	(void)walk_route(&walk, root, &defaults, true);
	*ret_count = walk.count;
	return !walk.unknown && walk.count > 0;
}

bool alertmanager_possible_routes(const cJSON *root, const struct alertmanager_labels *labels,
				  struct alertmanager_route ret_routes[ROUTES_POSSIBLE],
				  size_t *ret_count)
{
	struct walk walk = {.labels = labels, .routes = ret_routes, .limit = ROUTES_POSSIBLE};

	(void)walk_route(&walk, root, &defaults, true);
	*ret_count = walk.count;
	return walk.count > 0 && walk.count < ROUTES_POSSIBLE;
}
