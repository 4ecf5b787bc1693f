/* Incoming webhooks of the fake chat: plain "ok", or a word that says what is wrong.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
#include <ctype.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fake-services/chat_api.h"
#include "fake-services/server.h"
#include "src/base/mem.h"

static const struct {
	const char *error;
	int status;
} statuses[] = {
    {"no_active_hooks", 404},     {"no_service", 404},      {"channel_not_found", 404},
    {"channel_is_archived", 410}, {"invalid_payload", 400},
};

/* Other letters, same shape: what a broken template or encoding leaves of a text. */
static void garble(cJSON *item)
{
	cJSON *child;

	if (cJSON_IsString(item))
		for (char *at = item->valuestring; *at != '\0'; at++)
			if (isalnum((unsigned char)*at))
				*at = '?';
	cJSON_ArrayForEach(child, item) if (child->string == NULL ||
					    (strcmp(child->string, "color") != 0 &&
					     strcmp(child->string, "thread_ts") != 0 &&
					     strcmp(child->string, "mrkdwn_in") != 0))
	    garble(child);
}

/* What a message of a webhook looks like. */
static cJSON *message_of(const struct fake_chat *chat, size_t bot, cJSON *payload)
{
	static const char *const parts[] = {"text", "attachments", "blocks"};
	cJSON *message = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(message, "subtype", "bot_message");
	(void)cJSON_AddStringToObject(message, "type", "message");
	(void)cJSON_AddStringToObject(message, "username", chat->bots[bot].name);
	(void)cJSON_AddStringToObject(message, "bot_id", chat->bots[bot].id);
	(void)cJSON_AddStringToObject(message, "app_id", chat->bots[bot].app_id);
	if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(payload, "text"))) {
		cJSON_DeleteItemFromObjectCaseSensitive(payload, "text");
		(void)cJSON_AddStringToObject(payload, "text", "");
	}
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(payload, parts[i]);

		if (item != NULL)
			(void)cJSON_AddItemToObject(message, parts[i], item);
	}
	return message;
}

static void store(struct fake_chat *chat, struct channel *channel, size_t bot, cJSON *payload)
{
	const cJSON *thread = cJSON_GetObjectItemCaseSensitive(payload, "thread_ts");
	struct message *parent =
	    cJSON_IsString(thread) ? fake_store_message(channel, fake_ts_parse(thread->valuestring))
				   : NULL;
	struct message *message = fake_store_add(chat, channel, bot, message_of(chat, bot, payload),
						 parent, FAKE_TS_NONE);

	message->webhook = true;
	cJSON_Delete(payload);
}

/* Posts that come later. */

void fake_chat_late_free(struct late_post *late)
{
	LIST_REMOVE(late, link);
	event_free(late->timer);
	cJSON_Delete(late->payload);
	free(late);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct late_post *late = arg;
	cJSON *payload = late->payload;

	(void)fd;
	(void)what;
	late->payload = NULL;
	store(late->chat, late->channel, late->bot, payload);
	fake_chat_late_free(late);
}

static void store_later(struct fake_chat *chat, struct channel *channel, size_t bot, cJSON *payload)
{
	struct late_post *late = mem_zalloc(sizeof *late);
	const struct timeval delay = {.tv_sec = (time_t)(chat->wrong.delay_ms / 1000),
				      .tv_usec = (suseconds_t)(chat->wrong.delay_ms % 1000) * 1000};

	*late =
	    (struct late_post){.chat = chat, .channel = channel, .bot = bot, .payload = payload};
	late->timer = evtimer_new(chat->base, on_late, late);
	(void)evtimer_add(late->timer, &delay);
	LIST_INSERT_HEAD(&chat->late, late, link);
}

/* One post. */

static void keep(struct fake_chat *chat, struct channel *channel, size_t bot, cJSON *payload)
{
	const struct fake_chat_wrong *wrong = &chat->wrong;

	if (wrong->wrong_channel != NULL && fake_store_channel(chat, wrong->wrong_channel) != NULL)
		channel = fake_store_channel(chat, wrong->wrong_channel);
	if (wrong->garble)
		garble(payload);
	for (int copies = wrong->duplicate ? 2 : 1; copies > 0; copies--) {
		cJSON *copy = cJSON_Duplicate(payload, true);

		if (wrong->delay_ms > 0)
			store_later(chat, channel, bot, copy);
		else
			store(chat, channel, bot, copy);
	}
	cJSON_Delete(payload);
}

const char *fake_chat_webhook_post(struct fake_chat *chat, struct channel *channel, size_t bot,
				   cJSON *payload)
{
	const char *problem = NULL;
	char *detail = NULL;

	if (!cJSON_IsObject(payload))
		problem = "invalid_payload";
	else if (!fake_payload_has_content(payload))
		problem = "no_text";
	else
		problem = fake_payload_normalise(payload, &detail);
	free(detail);
	if (problem != NULL || chat->wrong.drop_alert) {
		cJSON_Delete(payload);
		return problem;
	}
	keep(chat, channel, bot, payload);
	return NULL;
}

static void take_payload(void *arg, const char *name, const char *value)
{
	cJSON **payload = arg;

	if (strcmp(name, "payload") != 0)
		return;
	cJSON_Delete(*payload);
	*payload = cJSON_Parse(value);
}

/* JSON, or a form with the field "payload"; the content type is not what decides, as in Slack. */
static cJSON *read_payload(const struct fake_request *request)
{
	const char *body = fake_request_body(request);
	cJSON *payload = NULL;

	if (strncmp(body, "payload=", 8) == 0 || strstr(body, "&payload=") != NULL)
		fake_form_parse(body, take_payload, &payload);
	else
		payload = cJSON_Parse(body);
	return payload;
}

static const char *receive(struct fake_chat *chat, const struct fake_request *request)
{
	const struct webhook *webhook = fake_store_webhook(chat, fake_request_path(request));
	struct channel *channel;

	if (webhook == NULL)
		return "no_service";
	if (webhook->disabled)
		return "no_active_hooks";
	channel = fake_store_channel_by_id(chat, webhook->channel);
	if ((channel->flags & FAKE_ARCHIVED) != 0)
		return "channel_is_archived";
	if (strcmp(fake_request_verb(request), "POST") != 0)
		return "invalid_payload";
	if (webhook->swallows)
		return NULL;
	return fake_chat_webhook_post(chat, channel, webhook->bot, read_payload(request));
}

void fake_chat_webhook_handle(struct fake_chat *chat, struct fake_request *request)
{
	cJSON *record = cJSON_CreateObject();
	const char *problem;
	int status;

	(void)cJSON_AddStringToObject(record, "body", fake_request_body(request));
	(void)cJSON_AddStringToObject(record, "path", fake_request_path(request));
	fake_chat_record(chat, "webhook", record);
	if (fake_wrong_before(chat, "webhook", request))
		return;
	problem = receive(chat, request);
	status = problem == NULL ? 200 : 400;
	for (size_t i = 0; problem != NULL && i < sizeof statuses / sizeof statuses[0]; i++)
		if (strcmp(problem, statuses[i].error) == 0)
			status = statuses[i].status;
	fake_wrong_send(chat, request, status, "text/plain; charset=utf-8",
			problem != NULL ? problem : "ok");
}
