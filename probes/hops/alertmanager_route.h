/* The way of one alert through Alertmanager's routes, as its configuration says.
 * https://prometheus.io/docs/alerting/latest/configuration/#route */
#ifndef PROBES_ALERTMANAGER_ROUTE_H
#define PROBES_ALERTMANAGER_ROUTE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#define ROUTES_MATCHED 16

/* A route that takes the alert, with what it inherits. Borrowed from the configuration. */
struct alertmanager_route {
	const cJSON *route; /* its own settings: matchers, mute, active */
	const char *receiver, *group_wait, *group_interval, *repeat_interval;
};

/*
 * The routes that take an alert with these labels.  False when a matcher cannot be judged for sure:
 * regular expressions are RE2's there and are judged here only when they mean the same everywhere.
 */
bool alertmanager_routes(const cJSON *root, const cJSON *labels,
			 struct alertmanager_route ret_routes[ROUTES_MATCHED], size_t *ret_count);

#endif
