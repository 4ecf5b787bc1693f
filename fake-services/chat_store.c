/* What the fake chat remembers: messages by time stamp, threads, channels, bots. */
#include "fake-services/chat_store.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"

/* Time stamps: https://docs.slack.dev/reference/methods/conversations.history */

int64_t fake_ts_parse(const char *text)
{
	int64_t seconds = 0, micros = 0;
	int digits = 0, decimals = 0;

	for (; *text >= '0' && *text <= '9' && digits < 12; text++, digits++)
		seconds = seconds * 10 + (*text - '0');
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++, decimals++)
			if (decimals < 6)
				micros = micros * 10 + (*text - '0');
	if (digits == 0 || *text != '\0')
		return FAKE_TS_NONE;
	for (; decimals < 6; decimals++)
		micros *= 10;
	return seconds * 1000000 + micros;
}

void fake_ts_format(int64_t us, char ret_ts[FAKE_TS_SIZE])
{
	(void)snprintf(ret_ts, FAKE_TS_SIZE, "%lld.%06lld", (long long)(us / 1000000),
		       (long long)(us % 1000000));
}

/* Looking up. */

struct channel *fake_store_channel_by_id(const struct fake_chat *chat, const char *id)
{
	for (size_t i = 0; i < chat->channel_count; i++)
		if (strcmp(chat->channels[i]->id, id) == 0)
			return chat->channels[i];
	return NULL;
}

struct channel *fake_store_channel(const struct fake_chat *chat, const char *name_or_id)
{
	const char *name = name_or_id[0] == '#' ? name_or_id + 1 : name_or_id;

	for (size_t i = 0; i < chat->channel_count; i++)
		if (strcmp(chat->channels[i]->name, name) == 0)
			return chat->channels[i];
	return fake_store_channel_by_id(chat, name_or_id);
}

struct token *fake_store_token(const struct fake_chat *chat, const char *token)
{
	for (size_t i = 0; i < chat->token_count; i++)
		if (strcmp(chat->tokens[i].token, token) == 0)
			return &chat->tokens[i];
	return NULL;
}

struct webhook *fake_store_webhook(const struct fake_chat *chat, const char *path)
{
	for (size_t i = 0; i < chat->webhook_count; i++)
		if (strcmp(chat->webhooks[i]->path, path) == 0)
			return chat->webhooks[i];
	return NULL;
}

size_t fake_store_bot(struct fake_chat *chat, const char *name, bool webhook)
{
	struct bot *bot;
	size_t index;

	for (index = 0; index < chat->bot_count; index++)
		if (strcmp(chat->bots[index].name, name) == 0 &&
		    (chat->bots[index].user_id[0] == '\0') == webhook)
			return index;
	if (index == FAKE_MAX_BOTS)
		return FAKE_MAX_BOTS - 1;
	bot = &chat->bots[chat->bot_count++];
	bot->name = mem_dup(name);
	(void)snprintf(bot->id, sizeof bot->id, "B%010zu", index + 1);
	(void)snprintf(bot->app_id, sizeof bot->app_id, "A%010zu", index + 1);
	if (!webhook)
		(void)snprintf(bot->user_id, sizeof bot->user_id, "U%010zu", index + 1);
	return index;
}

size_t fake_store_first_after(const struct channel *channel, int64_t us)
{
	size_t low = 0, high = channel->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (channel->messages[middle]->us <= us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct message *fake_store_message(const struct channel *channel, int64_t us)
{
	size_t after = fake_store_first_after(channel, us);

	return after > 0 && channel->messages[after - 1]->us == us ? channel->messages[after - 1]
								   : NULL;
}

/* Messages. */

static void tell_change(struct fake_chat *chat)
{
	if (chat->changed != NULL)
		event_active(chat->change, EV_TIMEOUT, 0);
}

static void message_free(struct message *message)
{
	cJSON_Delete(message->json);
	cJSON_Delete(message->metadata);
	free(message->flat);
	free(message->replies);
	free(message);
}

static void add_reply(struct message *parent, struct message *reply)
{
	size_t at = parent->reply_count;

	parent->replies = mem_grow(parent->replies, parent->reply_count + 1, sizeof(void *));
	for (; at > 0 && parent->replies[at - 1]->us > reply->us; at--)
		parent->replies[at] = parent->replies[at - 1];
	parent->replies[at] = reply;
	parent->reply_count++;
	reply->parent = parent;
}

static void remove_reply(struct message *parent, const struct message *reply)
{
	size_t kept = 0;

	for (size_t i = 0; i < parent->reply_count; i++)
		if (parent->replies[i] != reply)
			parent->replies[kept++] = parent->replies[i];
	parent->reply_count = kept;
}

static void insert(struct channel *channel, size_t at, struct message *message)
{
	if (channel->count == channel->room) {
		channel->room = channel->room > 0 ? channel->room * 2 : 16;
		channel->messages = mem_grow(channel->messages, channel->room, sizeof(void *));
	}
	memmove(&channel->messages[at + 1], &channel->messages[at],
		(channel->count - at) * sizeof(void *));
	channel->messages[at] = message;
	channel->count++;
}

/* Unique and increasing within a channel, also when the clock stands still or steps back. */
static int64_t next_us(const struct channel *channel)
{
	int64_t now = clock_wall_ms() * 1000;

	return now > channel->last_us ? now : channel->last_us + 1;
}

struct message *fake_store_add(struct fake_chat *chat, struct channel *channel, size_t bot,
			       cJSON *json, struct message *parent, int64_t us)
{
	struct message *message;

	if (us != FAKE_TS_NONE && fake_store_message(channel, us) != NULL) {
		cJSON_Delete(json);
		return NULL;
	}
	message = mem_zalloc(sizeof *message);
	message->us = us != FAKE_TS_NONE ? us : next_us(channel);
	if (message->us > channel->last_us)
		channel->last_us = message->us;
	fake_ts_format(message->us, message->ts);
	message->json = json;
	message->bot = bot;
	message->visible_ms = clock_ms() + chat->wrong.hide_ms;
	(void)cJSON_AddStringToObject(json, "ts", message->ts);
	insert(channel, fake_store_first_after(channel, message->us), message);
	if (parent != NULL)
		add_reply(parent, message);
	tell_change(chat);
	return message;
}

/* A parent that has replies stays as a tombstone, as in Slack. */
void fake_store_remove(struct fake_chat *chat, struct channel *channel, struct message *message)
{
	size_t at = fake_store_first_after(channel, message->us) - 1;

	tell_change(chat);
	if (message->reply_count > 0) {
		cJSON_Delete(message->json);
		message->json = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(message->json, "type", "message");
		(void)cJSON_AddStringToObject(message->json, "subtype", "tombstone");
		(void)cJSON_AddStringToObject(message->json, "text", "This message was deleted.");
		(void)cJSON_AddStringToObject(message->json, "user", "USLACKBOT");
		(void)cJSON_AddStringToObject(message->json, "ts", message->ts);
		fake_store_changed(chat, message);
		return;
	}
	if (message->parent != NULL)
		remove_reply(message->parent, message);
	memmove(&channel->messages[at], &channel->messages[at + 1],
		(channel->count - at - 1) * sizeof(void *));
	channel->count--;
	message_free(message);
}

void fake_store_changed(struct fake_chat *chat, struct message *message)
{
	free(message->flat);
	message->flat = NULL;
	tell_change(chat);
}

const char *fake_store_flat(struct message *message)
{
	if (message->flat == NULL) {
		char *text = cJSON_PrintUnformatted(message->json);

		message->flat = mem_dup(text != NULL ? text : "");
		cJSON_free(text);
	}
	return message->flat;
}

/* Threads are told at reading, because replies come and go. */

static const char *author(const struct message *message)
{
	const cJSON *user = cJSON_GetObjectItemCaseSensitive(message->json, "user");

	if (!cJSON_IsString(user))
		user = cJSON_GetObjectItemCaseSensitive(message->json, "bot_id");
	return cJSON_IsString(user) ? user->valuestring : "";
}

static void add_authors(const struct message *message, cJSON *view)
{
	cJSON *users = cJSON_AddArrayToObject(view, "reply_users");

	for (size_t i = 0; i < message->reply_count && cJSON_GetArraySize(users) < 5; i++) {
		const char *user = author(message->replies[i]);
		const cJSON *known;
		bool there = false;

		cJSON_ArrayForEach(known, users) there =
		    there || strcmp(known->valuestring, user) == 0;
		if (!there)
			(void)cJSON_AddItemToArray(users, cJSON_CreateString(user));
	}
	(void)cJSON_AddNumberToObject(view, "reply_users_count", cJSON_GetArraySize(users));
}

static void add_thread(const struct fake_chat *chat, const struct message *message, cJSON *view)
{
	if (message->parent != NULL) {
		(void)cJSON_AddStringToObject(view, "thread_ts", message->parent->ts);
		(void)cJSON_AddStringToObject(view, "parent_user_id", author(message->parent));
		return;
	}
	if (message->reply_count == 0)
		return;
	(void)cJSON_AddStringToObject(view, "thread_ts", message->ts);
	if (chat->wrong.no_latest_reply)
		return;
	(void)cJSON_AddNumberToObject(view, "reply_count", (double)message->reply_count);
	add_authors(message, view);
	(void)cJSON_AddStringToObject(view, "latest_reply",
				      message->replies[message->reply_count - 1]->ts);
	(void)cJSON_AddBoolToObject(view, "is_locked", false);
	(void)cJSON_AddBoolToObject(view, "subscribed", false);
}

cJSON *fake_store_view(const struct fake_chat *chat, const struct message *message, bool metadata)
{
	cJSON *view = cJSON_Duplicate(message->json, true);
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(view, "text");

	add_thread(chat, message, view);
	if (metadata && message->metadata != NULL)
		(void)cJSON_AddItemToObject(view, "metadata",
					    cJSON_Duplicate(message->metadata, true));
	if (chat->wrong.bad_utf8 && cJSON_IsString(text)) {
		char *bad = mem_printf("\xff\xfe\xc3(%s", text->valuestring);

		(void)cJSON_ReplaceItemInObjectCaseSensitive(view, "text", cJSON_CreateString(bad));
		free(bad);
	}
	return view;
}

/* Creates and drops. */

struct channel *fake_store_new_channel(struct fake_chat *chat, const char *name, unsigned flags)
{
	struct channel *channel = mem_zalloc(sizeof *channel);

	chat->channels =
	    mem_grow(chat->channels, chat->channel_count + 1, sizeof chat->channels[0]);
	chat->channels[chat->channel_count++] = channel;
	(void)snprintf(channel->id, sizeof channel->id, "C%010zu", chat->channel_count);
	channel->name = mem_dup(name[0] == '#' ? name + 1 : name);
	channel->flags = flags & ~(unsigned)FAKE_MEMBER;
	channel->members = (flags & FAKE_MEMBER) != 0 ? UINT64_MAX : 0;
	channel->created = clock_wall_ms() / 1000;
	return channel;
}

static void channel_free(struct channel *channel)
{
	for (size_t i = 0; i < channel->count; i++)
		message_free(channel->messages[i]);
	free(channel->messages);
	free(channel->name);
	free(channel);
}

static void free_directory(struct fake_chat *chat)
{
	for (size_t i = 0; i < chat->bot_count; i++)
		free(chat->bots[i].name);
	for (size_t i = 0; i < chat->token_count; i++) {
		free(chat->tokens[i].token);
		free(chat->tokens[i].scopes);
	}
	free(chat->tokens);
	for (size_t i = 0; i < chat->webhook_count; i++) {
		free(chat->webhooks[i]->path);
		free(chat->webhooks[i]->url);
		free(chat->webhooks[i]->channel);
		free(chat->webhooks[i]);
	}
	free(chat->webhooks);
}

void fake_store_free(struct fake_chat *chat)
{
	for (size_t i = 0; i < chat->channel_count; i++)
		channel_free(chat->channels[i]);
	free(chat->channels);
	free_directory(chat);
}
