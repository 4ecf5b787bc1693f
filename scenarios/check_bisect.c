/* What must fit together in `bisect` of pipelines and environments. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/check.h"
#include "src/base/mem.h"

static void check_webhook(struct pass *pass, const struct config *config,
			  struct webhook_settings *webhook, char *path)
{
	if (webhook->chat == NULL && config->chat_count == 1)
		webhook->chat = mem_dup(config->chats[0].name);
	else if (webhook->chat == NULL && config->chat_count > 1 && !pass_has(pass, path))
		pass_mistake(pass, path,
			     "is missing: there is more than one chat; say which one has the "
			     "channel");
	free(path);
}

static bool has_alertmanager(const struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->hop_count; i++) {
		const char *type = pipeline->hops[i].type;

		if (type != NULL && strcmp(type, "alertmanager") == 0)
			return true;
	}
	return false;
}

static bool has_bisect(const struct pipeline *pipeline)
{
	return pipeline->bisect.webhook_count > 0 || pipeline->bisect.alertmanager;
}

static void check_pipeline(struct pass *pass, const struct config *config,
			   struct pipeline *pipeline)
{
	char *path = mem_printf("pipelines.%s.bisect", pipeline->name);
	char *alertmanager = mem_printf("%s.alertmanager", path);

	for (size_t i = 0; i < pipeline->bisect.webhook_count; i++)
		check_webhook(pass, config, &pipeline->bisect.webhooks[i],
			      mem_printf("%s.webhooks[%zu].chat", path, i));
	if (pass_has(pass, path) && pass_is_good(pass, path) && !has_bisect(pipeline))
		pass_mistake(
		    pass, path,
		    "sends nothing: write webhooks = ( { channel = \"#ops\"; url = "
		    "\"env:SLACK_WEBHOOK_OPS\"; } ); or alertmanager = true; or take it out");
	if (pipeline->bisect.alertmanager && !has_alertmanager(pipeline))
		pass_mistake(pass, alertmanager,
			     "has nowhere to send an alert to: name the Alertmanager in `hops`");
	free(alertmanager);
	free(path);
}

static void check_environment(struct pass *pass, const struct config *config,
			      struct environment *environment)
{
	char *path = mem_printf("environments.%s.bisect", environment->name);
	const struct pipeline *pipeline =
	    environment->pipeline != NULL ? config_pipeline(config, environment->pipeline) : NULL;

	if (!pass_has(pass, path))
		environment->bisect = !environment->protected_;
	else if (environment->bisect && pass_is_good(pass, path) &&
		 (environment->pipeline == NULL || (pipeline != NULL && !has_bisect(pipeline))))
		pass_mistake(pass, path,
			     "has nothing to send: name a `pipeline` here that has `bisect`");
	free(path);
}

void check_bisect(struct pass *pass, struct config *config)
{
	for (size_t i = 0; i < config->pipeline_count; i++)
		check_pipeline(pass, config, &config->pipelines[i]);
	for (size_t i = 0; i < config->environment_count; i++)
		check_environment(pass, config, &config->environments[i]);
}
