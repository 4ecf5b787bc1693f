/* Alerting rules that have both their name and their group's name in common with another, as one for
 * each severity often has: their labels tell them apart. */
#ifndef PROBES_PROMETHEUS_TWINS_H
#define PROBES_PROMETHEUS_TWINS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "src/base/buf.h"

struct prometheus_twins;

struct prometheus_twins *prometheus_twins_new(const cJSON *groups); /* borrowed until freed */
void prometheus_twins_free(struct prometheus_twins *twins);
bool prometheus_twins_has(const struct prometheus_twins *twins, const char *group,
			  const char *name);

/* Adds the labels that the rule itself gives: `severity="page", team="a"`. */
void prometheus_twins_add_labels(struct buf *text, const cJSON *rule);

#endif
