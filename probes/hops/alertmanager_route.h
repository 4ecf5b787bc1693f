/* The way of one alert through Alertmanager's routes, as its configuration says.
 * https://prometheus.io/docs/alerting/latest/configuration/#route */
#ifndef PROBES_ALERTMANAGER_ROUTE_H
#define PROBES_ALERTMANAGER_ROUTE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#define ROUTES_MATCHED  16
#define ROUTES_POSSIBLE 64

/* A route that takes the alert, with what it inherits. Borrowed from the configuration. */
struct alertmanager_route {
	const cJSON *route; /* its own settings: matchers, mute, active */
	const char *receiver, *group_wait, *group_interval, *repeat_interval;
	const cJSON *group_by; /* NULL: one group for all */
	bool sure;             /* it takes the alert whatever is not known of its labels */
};

/* Labels of an alert. Borrowed. */
struct alertmanager_labels {
	const cJSON *list; /* an object of texts; NULL: none */
	bool all;          /* it has no others; else it may have more, of which nothing is known */
};

enum route_judged { ROUTE_NO, ROUTE_YES, ROUTE_UNKNOWN };

/* Do all "matchers" of a route, a silence or the like hold? */
enum route_judged alertmanager_judge(const cJSON *holder, const struct alertmanager_labels *labels);

/*
 * The routes that take an alert with these labels.  False when a matcher cannot be judged for sure:
 * regular expressions are RE2's there and are judged here only when they mean the same everywhere.
 */
bool alertmanager_routes(const cJSON *root, const cJSON *labels,
			 struct alertmanager_route ret_routes[ROUTES_MATCHED], size_t *ret_count);

/* All routes that may take an alert of which some labels are known. False when there are none, or more
 * than fit. */
bool alertmanager_possible_routes(const cJSON *root, const struct alertmanager_labels *labels,
				  struct alertmanager_route ret_routes[ROUTES_POSSIBLE],
				  size_t *ret_count);

#endif
