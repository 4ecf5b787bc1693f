/* The fake chat as an object: its server, its directory, and what tests may do to it from C. */
#include "fake-services/chat.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/chat_api.h"
#include "fake-services/chat_store.h"
#include "fake-services/server.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

/* All scopes a bot of ours could have. https://docs.slack.dev/reference/scopes */
#define ALL_SCOPES                                                                   \
	"channels:history,channels:join,channels:read,chat:write,chat:write.public," \
	"groups:history,groups:read,team:read"

/* The server's one handler. */

static void on_request(void *arg, struct fake_request *request)
{
	struct fake_chat *chat = arg;
	const char *path = fake_request_path(request);

	if (strncmp(path, "/api/", 5) == 0)
		fake_chat_api_handle(chat, path + 5, request);
	else if (strncmp(path, "/services/", 10) == 0)
		fake_chat_webhook_handle(chat, request);
	else if (chat->control && strncmp(path, "/control/", 9) == 0)
		fake_chat_control_handle(chat, path + 9, request);
	else
		fake_chat_page_handle(chat, request);
}

static void on_change(evutil_socket_t fd, short what, void *arg)
{
	const struct fake_chat *chat = arg;

	(void)fd;
	(void)what;
	if (chat->changed != NULL)
		chat->changed(chat->changed_arg);
}

/* The object. */

struct fake_chat *fake_chat_new(struct event_base *base, const struct fake_chat_options *options,
				struct error *error)
{
	static const struct fake_chat_options standard = {0};
	struct fake_chat *chat = mem_zalloc(sizeof *chat);

	options = options != NULL ? options : &standard;
	chat->base = base;
	chat->team = mem_dup(options->team != NULL ? options->team : "Acme");
	LIST_INIT(&chat->late);
	chat->change = evtimer_new(base, on_change, chat);
	chat->server =
	    fake_server_new(base, options->address, options->port, on_request, chat, error);
	if (chat->server == NULL) {
		fake_chat_free(chat);
		return NULL;
	}
	if (options->token != NULL)
		fake_chat_set_token(chat, &(struct fake_token){.token = options->token});
	return chat;
}

void fake_chat_free(struct fake_chat *chat)
{
	struct late_post *late;

	if (chat == NULL)
		return;
	fake_server_free(chat->server);
	while ((late = LIST_FIRST(&chat->late)) != NULL)
		fake_chat_late_free(late);
	event_free(chat->change);
	fake_store_free(chat);
	fake_chat_calls_free(chat);
	cJSON_Delete(chat->control_texts);
	free(chat->team);
	free(chat);
}

const char *fake_chat_url(const struct fake_chat *chat)
{
	return fake_server_url(chat->server);
}

void fake_chat_on_change(struct fake_chat *chat, void (*changed)(void *arg), void *arg)
{
	chat->changed = changed;
	chat->changed_arg = arg;
}

void fake_chat_allow_control(struct fake_chat *chat, bool allowed)
{
	chat->control = allowed;
}

/* Channels, tokens, webhooks. */

const char *fake_chat_add_channel(struct fake_chat *chat, const char *name, unsigned flags)
{
	return fake_store_new_channel(chat, name, flags)->id;
}

void fake_chat_set_channel(struct fake_chat *chat, const char *name, unsigned flags)
{
	struct channel *channel = fake_store_channel(chat, name);

	if (channel == NULL)
		return;
	channel->flags = flags & ~(unsigned)FAKE_MEMBER;
	channel->members = (flags & FAKE_MEMBER) != 0 ? UINT64_MAX : 0;
}

const char *fake_chat_channel_id(const struct fake_chat *chat, const char *name)
{
	const struct channel *channel = fake_store_channel(chat, name);

	return channel != NULL ? channel->id : NULL;
}

void fake_chat_set_token(struct fake_chat *chat, const struct fake_token *wanted)
{
	struct token *token = fake_store_token(chat, wanted->token);

	if (token == NULL) {
		chat->tokens =
		    mem_grow(chat->tokens, chat->token_count + 1, sizeof chat->tokens[0]);
		token = &chat->tokens[chat->token_count++];
		*token = (struct token){.token = mem_dup(wanted->token)};
	}
	free(token->scopes);
	token->scopes = mem_dup(wanted->scopes != NULL ? wanted->scopes : ALL_SCOPES);
	token->bot = fake_store_bot(chat, wanted->name != NULL ? wanted->name : "firedrill", false);
	token->revoked = wanted->revoked;
	token->person = wanted->person;
}

const char *fake_chat_set_webhook(struct fake_chat *chat, const struct fake_webhook *wanted)
{
	const struct channel *channel = fake_store_channel(chat, wanted->channel);
	char *path = wanted->path != NULL
			 ? mem_dup(wanted->path)
			 : mem_printf("/services/T0000000001/B%010zu/hook%zu",
				      chat->webhook_count + 1, chat->webhook_count + 1);
	struct webhook *webhook = fake_store_webhook(chat, path);

	if (channel == NULL) {
		free(path);
		return NULL;
	}
	if (webhook == NULL) {
		webhook = mem_zalloc(sizeof *webhook);
		webhook->path = mem_dup(path);
		webhook->url = mem_printf("%s%s", fake_chat_url(chat), path);
		chat->webhooks =
		    mem_grow(chat->webhooks, chat->webhook_count + 1, sizeof chat->webhooks[0]);
		chat->webhooks[chat->webhook_count++] = webhook;
	}
	free(path);
	free(webhook->channel);
	webhook->channel = mem_dup(channel->id);
	webhook->bot = fake_store_bot(
	    chat, wanted->username != NULL ? wanted->username : "incoming-webhook", true);
	webhook->disabled = wanted->disabled;
	webhook->swallows = wanted->swallows;
	return webhook->url;
}

/* Posting from C. */

static void set_parts(cJSON *json, cJSON *payload)
{
	static const char *const parts[] = {"text", "attachments", "blocks"};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(payload, parts[i]);

		if (item == NULL)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(json, parts[i]);
		(void)cJSON_AddItemToObject(json, parts[i], item);
	}
}

/* What a post says, as Slack would store it; NULL when it is not usable. Owned by the caller. */
static cJSON *payload_of(const struct fake_post *post)
{
	cJSON *payload = post->json != NULL ? cJSON_Parse(post->json) : cJSON_CreateObject();
	char *detail = NULL;

	if (post->text != NULL && cJSON_IsObject(payload)) {
		cJSON_DeleteItemFromObjectCaseSensitive(payload, "text");
		(void)cJSON_AddStringToObject(payload, "text", post->text);
	}
	if (!cJSON_IsObject(payload) || fake_payload_normalise(payload, &detail) != NULL) {
		cJSON_Delete(payload);
		payload = NULL;
	}
	free(detail);
	return payload;
}

static void add_author(const struct fake_chat *chat, const struct fake_post *post, size_t bot,
		       cJSON *json)
{
	(void)cJSON_AddStringToObject(json, "type", "message");
	if (post->username != NULL) {
		(void)cJSON_AddStringToObject(json, "subtype", "bot_message");
		(void)cJSON_AddStringToObject(json, "username", chat->bots[bot].name);
		(void)cJSON_AddStringToObject(json, "bot_id", chat->bots[bot].id);
	} else {
		(void)cJSON_AddStringToObject(json, "user", chat->bots[bot].user_id);
	}
	if (post->broadcast) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "subtype");
		(void)cJSON_AddStringToObject(json, "subtype", "thread_broadcast");
	}
	(void)cJSON_AddStringToObject(json, "text", "");
}

const char *fake_chat_post(struct fake_chat *chat, const char *name, const struct fake_post *post)
{
	struct channel *channel = fake_store_channel(chat, name);
	cJSON *payload = payload_of(post), *json;
	size_t bot = fake_store_bot(chat, post->username != NULL ? post->username : "ana",
				    post->username != NULL);
	struct message *parent = NULL, *message;

	if (channel != NULL && post->thread_ts != NULL)
		parent = fake_store_message(channel, fake_ts_parse(post->thread_ts));
	if (payload == NULL || channel == NULL || (post->thread_ts != NULL && parent == NULL)) {
		cJSON_Delete(payload);
		return NULL;
	}
	json = cJSON_CreateObject();
	add_author(chat, post, bot, json);
	set_parts(json, payload);
	cJSON_Delete(payload);
	message = fake_store_add(chat, channel, bot, json, parent,
				 post->ts != NULL ? fake_ts_parse(post->ts) : FAKE_TS_NONE);
	if (message == NULL)
		return NULL;
	message->webhook = post->username != NULL;
	message->broadcast = post->broadcast;
	message->visible_ms = 0;
	return message->ts;
}

static struct message *find(const struct fake_chat *chat, const char *name, const char *ts,
			    struct channel **ret_channel)
{
	*ret_channel = fake_store_channel(chat, name);
	return *ret_channel != NULL ? fake_store_message(*ret_channel, fake_ts_parse(ts)) : NULL;
}

bool fake_chat_edit(struct fake_chat *chat, const char *name, const char *ts,
		    const struct fake_post *post)
{
	struct channel *channel;
	struct message *message = find(chat, name, ts, &channel);
	cJSON *payload = payload_of(post), *edited;
	char edited_ts[FAKE_TS_SIZE];

	if (message == NULL || payload == NULL) {
		cJSON_Delete(payload);
		return false;
	}
	set_parts(message->json, payload);
	cJSON_Delete(payload);
	cJSON_DeleteItemFromObjectCaseSensitive(message->json, "edited");
	fake_ts_format(clock_wall_ms() / 1000 * 1000000, edited_ts);
	edited = cJSON_AddObjectToObject(message->json, "edited");
	(void)cJSON_AddStringToObject(edited, "user", chat->bots[message->bot].user_id);
	(void)cJSON_AddStringToObject(edited, "ts", edited_ts);
	fake_store_changed(chat, message);
	return true;
}

bool fake_chat_delete(struct fake_chat *chat, const char *name, const char *ts)
{
	struct channel *channel;
	struct message *message = find(chat, name, ts, &channel);

	if (message == NULL)
		return false;
	fake_store_remove(chat, channel, message);
	return true;
}

/* Looking from C. */

size_t fake_chat_count(const struct fake_chat *chat, const char *name, const char *text)
{
	const struct channel *channel = fake_store_channel(chat, name);
	size_t count = 0;

	if (channel == NULL)
		return 0;
	if (text == NULL)
		return channel->count;
	for (size_t i = 0; i < channel->count; i++)
		if (strstr(fake_store_flat(channel->messages[i]), text) != NULL)
			count++;
	return count;
}

char *fake_chat_message(const struct fake_chat *chat, const char *name, const char *text,
			size_t index)
{
	const struct channel *channel = fake_store_channel(chat, name);

	for (size_t i = 0; channel != NULL && i < channel->count; i++) {
		struct message *message = channel->messages[i];

		if (text == NULL || strstr(fake_store_flat(message), text) != NULL) {
			cJSON *view;
			char *printed, *copy;

			if (index-- > 0)
				continue;
			view = fake_store_view(chat, message, true);
			printed = cJSON_PrintUnformatted(view);
			copy = mem_dup(printed);
			cJSON_free(printed);
			cJSON_Delete(view);
			return copy;
		}
	}
	return NULL;
}
