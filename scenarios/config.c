/* firedrill.cfg as its author wrote it. */
#include "scenarios/config.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/walk.h"

#define MAIL_ADDRESS_LIMIT 254 /* bytes; RFC 5321, 4.5.3.1.3 */

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	walk_free(KEYS_CONFIG, config);
	free(config->file);
	free(config);
}

const struct environment *config_environment(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->environment_count; i++) {
		if (strcmp(config->environments[i].name, name) == 0)
			return &config->environments[i];
	}
	return NULL;
}

const struct pipeline *config_pipeline(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->pipeline_count; i++) {
		if (strcmp(config->pipelines[i].name, name) == 0)
			return &config->pipelines[i];
	}
	return NULL;
}

const struct pipeline *config_bisects(const struct config *config,
				      const struct environment *environment)
{
	const struct pipeline *pipeline = environment->bisect && environment->pipeline != NULL
					      ? config_pipeline(config, environment->pipeline)
					      : NULL;

	return pipeline != NULL &&
		       (pipeline->bisect.webhook_count > 0 || pipeline->bisect.alertmanager)
		   ? pipeline
		   : NULL;
}

const struct webhook_settings *config_webhook(const struct pipeline *pipeline, const char *chat,
					      const char *channel)
{
	for (size_t i = 0; i < pipeline->bisect.webhook_count; i++) {
		const struct webhook_settings *webhook = &pipeline->bisect.webhooks[i];

		if (strcmp(webhook->channel, channel) == 0 && strcmp(webhook->chat, chat) == 0)
			return webhook;
	}
	return NULL;
}

const struct chat_settings *config_chat(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->chat_count; i++) {
		if (strcmp(config->chats[i].name, name) == 0)
			return &config->chats[i];
	}
	return NULL;
}

const struct calendar_settings *config_calendar(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->calendar_count; i++) {
		if (strcmp(config->calendars[i].name, name) == 0)
			return &config->calendars[i];
	}
	return NULL;
}

const struct owner_settings *config_owner(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->owner_count; i++) {
		if (strcmp(config->owners[i].name, name) == 0)
			return &config->owners[i];
	}
	return NULL;
}

bool config_is_mail_address(const char *text)
{
	const char *at = strrchr(text, '@');
	size_t len = strnlen(text, MAIL_ADDRESS_LIMIT + 1);

	if (at == NULL || at == text || at[1] == '\0' || at[1] == '.' || len > MAIL_ADDRESS_LIMIT ||
	    text[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] >= 127 || strchr("<>()[]\\,;:\"", text[i]) != NULL)
			return false;
	}
	return strchr(text, '@') == at;
}
