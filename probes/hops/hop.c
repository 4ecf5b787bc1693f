/* The hop drivers, by the word that a configuration uses for them. */
#include "probes/hops/hop.h"

#include <string.h>

static const struct hop_driver *const drivers[] = {&hop_prometheus, &hop_alertmanager, &hop_grafana,
						   &hop_loki, &hop_http_json};

const struct hop_driver *hop_driver_find(const char *type)
{
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
		if (strcmp(drivers[i]->type, type) == 0)
			return drivers[i];
	}
	return NULL;
}
