/* What `firedrill doctor` knows of the webhooks that probes are sent by after a gap. Nothing is
 * posted, so whether one works shows in a drill only; whether its address is there does not. */
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/program/doctor.h"

#define EXAMPLE "fd-00000000" /* the id of a drill that is not run */

/* Does one of the scenario's alerts go to its channel in this environment? */
static bool is_used_here(const struct scenario *scenario, const struct environment *environment,
			 const struct pipeline *pipeline, const struct webhook_settings *webhook)
{
	struct error error = {""};
	struct scenario *resolved = scenario_resolve(scenario, environment, EXAMPLE, &error);
	bool used = false;

	for (size_t i = 0; resolved != NULL && i < resolved->expect_count; i++) {
		const struct expectation *expect = &resolved->expect[i];

		used |= !expect->never &&
			config_webhook(pipeline, expect->chat, expect->channel) == webhook;
	}
	scenario_free(resolved);
	return used;
}

static bool is_used(struct doctor *doctor, const struct pipeline *pipeline,
		    const struct webhook_settings *webhook)
{
	const struct config *config = app_config(doctor->app);
	const struct scenario_list *scenarios = app_scenarios(doctor->app);
	bool used = false;

	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = scenarios->list[i];

		for (size_t j = 0; j < scenario->in_count; j++) {
			const struct environment *environment =
			    config_environment(config, scenario->in[j].environment);

			used |= config_bisects(config, environment) == pipeline &&
				is_used_here(scenario, environment, pipeline, webhook);
		}
	}
	return used;
}

static void check_webhook(struct doctor *doctor, const struct pipeline *pipeline,
			  const struct webhook_settings *webhook)
{
	char *what = mem_printf("webhook of %s (%s)", webhook->channel, pipeline->name);
	struct error error = {""};

	if (secret_resolve(app_secrets(doctor->app), webhook->url, &error) == NULL)
		doctor_say(doctor, DOCTOR_PROBLEM, what, "%s", error.text);
	else if (is_used(doctor, pipeline, webhook))
		doctor_say(doctor, DOCTOR_OK, what, "its address is there; nothing is posted");
	else
		doctor_say(doctor, DOCTOR_WARNING, what,
			   "it is never used: no scenario expects an alert in this channel where "
			   "probes are sent; write the channel as in `expect`, or take it out");
	free(what);
}

static bool bisects_anywhere(const struct config *config, const struct pipeline *pipeline)
{
	for (size_t i = 0; i < config->environment_count; i++) {
		if (config_bisects(config, &config->environments[i]) == pipeline)
			return true;
	}
	return false;
}

void doctor_check_webhooks(struct doctor *doctor)
{
	const struct config *config = app_config(doctor->app);

	for (size_t i = 0; i < config->pipeline_count; i++) {
		const struct pipeline *pipeline = &config->pipelines[i];

		for (size_t j = 0;
		     j < pipeline->bisect.webhook_count && bisects_anywhere(config, pipeline); j++)
			check_webhook(doctor, pipeline, &pipeline->bisect.webhooks[j]);
	}
}
