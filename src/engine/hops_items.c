/* What the stations of a pipeline are there for, and what an alert proves of it. */
#include "src/engine/hops_parts.h"

bool hops_look_inventory(const struct hops_look *look, enum hop_time time, size_t hop,
			 hop_item_fn *tell, void *arg, struct error *error)
{
	const struct hop_settings *settings = &hops_look_pipeline(look)->hops[hop];
	const struct hop_driver *driver = hops_look_driver(look, hop);
	struct hop_observation given_up;
	const struct hop_observation *seen = hops_look_observation(look, time, hop, &given_up);

	if (driver == NULL)
		return error_set(error, "this firedrill cannot ask a station of type \"%s\"",
				 settings->type);
	if (driver->inventory == NULL)
		return true;
	if (seen == NULL || seen->json == NULL)
		return error_set(error, "%s",
				 seen != NULL && seen->error != NULL ? seen->error
								     : "it was not asked");
	return driver->inventory(settings, seen, tell, arg, error);
}

void hops_look_proofs(const struct hops_look *look, const struct hop_want *want,
		      const char *channel, hop_item_fn *tell, void *arg)
{
	const struct pipeline *pipeline = hops_look_pipeline(look);

	for (size_t i = 0; i < pipeline->hop_count; i++) {
		const struct hop_driver *driver = hops_look_driver(look, i);
		const struct hop_observation *observations[HOP_TIME_COUNT];
		struct hop_observation given_up[HOP_TIME_COUNT];

		if (driver == NULL || driver->proofs == NULL)
			continue;
		for (size_t t = 0; t < HOP_TIME_COUNT; t++)
			observations[t] =
			    hops_look_observation(look, (enum hop_time)t, i, &given_up[t]);
		driver->proofs(&pipeline->hops[i], want, channel, observations, tell, arg);
	}
}
