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

enum judged { NO, YES, UNKNOWN };

struct walk {
	const cJSON *labels;               /* borrowed */
	struct alertmanager_route *routes; /* borrowed */
	size_t count;
	bool unknown;
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

static enum judged match_one(const cJSON *matcher, const cJSON *labels)
{
	const char *value = survey_text(labels, survey_text(matcher, "name"));
	const char *is = survey_text(matcher, "is"), *wanted = survey_text(matcher, "value");
	enum judged judged;

	if (is[0] != '\0' && is[1] != '~' && is[0] != '!')
		return strcmp(value, wanted) == 0 ? YES : NO;
	if (strcmp(is, "!=") == 0)
		return strcmp(value, wanted) != 0 ? YES : NO;
	judged = match_pattern(wanted, value);
	if (judged == UNKNOWN || strcmp(is, "=~") == 0)
		return judged;
	return judged == YES ? NO : YES;
}

static enum judged match_all(const cJSON *route, const cJSON *labels)
{
	enum judged all = survey_item(route, "unreadable") != NULL ? UNKNOWN : YES;
	const cJSON *matcher;

	cJSON_ArrayForEach(matcher, survey_item(route, "matchers"))
	{
		enum judged one = match_one(matcher, labels);

		if (one == NO)
			return NO;
		if (one == UNKNOWN)
			all = UNKNOWN;
	}
	return all;
}

static const char *own_or(const cJSON *route, const char *key, const char *inherited)
{
	const char *own = survey_text(route, key);

	return own[0] != '\0' ? own : inherited;
}

/* True when this route, or one below it, takes the alert. */
static bool walk_route(struct walk *walk, const cJSON *route, struct alertmanager_route above)
{
	struct alertmanager_route here = {
	    .route = route,
	    .receiver = own_or(route, "receiver", above.receiver),
	    .group_wait = own_or(route, "group_wait", above.group_wait),
	    .group_interval = own_or(route, "group_interval", above.group_interval),
	    .repeat_interval = own_or(route, "repeat_interval", above.repeat_interval)};
	enum judged judged = match_all(route, walk->labels);
	const cJSON *child;
	bool taken = false;

	if (judged == UNKNOWN)
		walk->unknown = true;
	if (judged != YES)
		return false;
	cJSON_ArrayForEach(child, survey_item(route, "routes"))
	{
		bool by_child = walk_route(walk, child, here);

		taken |= by_child;
		if (by_child && survey_item(child, "continue") == NULL)
			break;
	}
	if (taken)
		return true;
	if (walk->count == ROUTES_MATCHED)
		walk->unknown = true;
	else
		walk->routes[walk->count++] = here;
	return true;
}

bool alertmanager_routes(const cJSON *root, const cJSON *labels,
			 struct alertmanager_route ret_routes[ROUTES_MATCHED], size_t *ret_count)
{
	struct walk walk = {.labels = labels, .routes = ret_routes};
	struct alertmanager_route defaults = {
	    .receiver = "", .group_wait = "30s", .group_interval = "5m", .repeat_interval = "4h"};

	(void)walk_route(&walk, root, defaults);
	*ret_count = walk.count;
	return !walk.unknown && walk.count > 0;
}
