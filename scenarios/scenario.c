/* A scenario as its author wrote it. */
#include "scenarios/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/walk.h"

void scenario_free(struct scenario *scenario)
{
	if (scenario == NULL)
		return;
	walk_free(KEYS_SCENARIO, scenario);
	free(scenario->file);
	free(scenario);
}

const struct placement *scenario_placement(const struct scenario *scenario, const char *environment)
{
	for (size_t i = 0; i < scenario->in_count; i++) {
		if (strcmp(scenario->in[i].environment, environment) == 0)
			return &scenario->in[i];
	}
	return NULL;
}

void texts_done(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->list[i]);
	free(texts->list);
	*texts = (struct texts){0};
}
