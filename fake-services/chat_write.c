/* Writing into the fake chat with a token: post, update, delete, join.
 * https://docs.slack.dev/reference/methods/chat.postMessage */
#include <stdlib.h>
#include <string.h>

#include "fake-services/chat_api.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define MAX_TEXT        40000 /* characters; more is cut with a warning */
#define MAX_UPDATE_TEXT 4000  /* characters; more is refused */

/* Where the character after the first `count` ones begins. */
static size_t offset_of(const char *text, size_t count)
{
	size_t at = 0;

	for (; text[at] != '\0'; at++) {
		if (((unsigned char)text[at] & 0xc0) == 0x80)
			continue;
		if (count-- == 0)
			break;
	}
	return at;
}

/* The text, attachments and blocks of a call as a payload; those not given are not in it. */
static cJSON *read_payload(struct api_call *call, const char **ret_problem)
{
	static const char *const lists[] = {"attachments", "blocks"};
	cJSON *payload = cJSON_CreateObject();
	const char *text = fake_api_text(call, "text");
	size_t len = offset_of(text, MAX_TEXT);

	if (text[len] != '\0')
		fake_api_warn(call, "message_truncated");
	if (fake_api_has(call, "text")) {
		char *cut = mem_dup_n(text, len);

		(void)cJSON_AddStringToObject(payload, "text", cut);
		free(cut);
	}
	for (int i = 0; i < 2; i++) {
		cJSON *list = fake_api_json(call, lists[i]);

		if (list != NULL)
			(void)cJSON_AddItemToObject(payload, lists[i], list);
		else if (fake_api_text(call, lists[i])[0] != '\0' && *ret_problem == NULL)
			*ret_problem = i == 0 ? "invalid_attachments" : "invalid_blocks_format";
	}
	return payload;
}

static void move_item(cJSON *from, cJSON *to, const char *key)
{
	cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(from, key);

	if (item == NULL)
		return;
	cJSON_DeleteItemFromObjectCaseSensitive(to, key);
	if (cJSON_IsArray(item) && item->child == NULL)
		cJSON_Delete(item);
	else
		(void)cJSON_AddItemToObject(to, key, item);
}

/* What a message of a token looks like. */
static cJSON *message_of(const struct api_call *call, cJSON *payload)
{
	const struct bot *bot = &call->chat->bots[call->token->bot];
	cJSON *message = cJSON_CreateObject();
	cJSON *profile;

	(void)cJSON_AddStringToObject(message, "user", bot->user_id);
	(void)cJSON_AddStringToObject(message, "type", "message");
	if (!call->token->person) {
		(void)cJSON_AddStringToObject(message, "bot_id", bot->id);
		(void)cJSON_AddStringToObject(message, "app_id", bot->app_id);
	}
	(void)cJSON_AddStringToObject(message, "text", "");
	(void)cJSON_AddStringToObject(message, "team", "T0000000001");
	if (!call->token->person) {
		profile = cJSON_AddObjectToObject(message, "bot_profile");
		(void)cJSON_AddStringToObject(profile, "id", bot->id);
		(void)cJSON_AddStringToObject(profile, "app_id", bot->app_id);
		(void)cJSON_AddStringToObject(profile, "user_id", bot->user_id);
		(void)cJSON_AddStringToObject(profile, "name", bot->name);
		(void)cJSON_AddBoolToObject(profile, "deleted", false);
		(void)cJSON_AddStringToObject(profile, "team_id", "T0000000001");
	}
	move_item(payload, message, "text");
	move_item(payload, message, "attachments");
	move_item(payload, message, "blocks");
	return message;
}

/* May this token post here? NULL: yes. */
static const char *may_post(const struct api_call *call, const struct channel *channel)
{
	if (channel == NULL)
		return "channel_not_found";
	if ((channel->flags & FAKE_ARCHIVED) != 0)
		return "is_archived";
	if (!fake_api_is_member(call, channel) && !fake_api_has_scope(call, "chat:write.public"))
		return "not_in_channel";
	return NULL;
}

static const char *read_metadata(const struct api_call *call, cJSON **ret_metadata)
{
	cJSON *metadata = fake_api_json(call, "metadata");

	if (fake_api_has(call, "metadata") &&
	    !cJSON_IsString(cJSON_GetObjectItemCaseSensitive(metadata, "event_type"))) {
		cJSON_Delete(metadata);
		return "invalid_metadata_format";
	}
	*ret_metadata = metadata;
	return NULL;
}

/* The message whose thread is meant; false: there is none. A reply stands for its parent. */
static bool read_parent(const struct api_call *call, const struct channel *channel,
			struct message **ret_parent)
{
	*ret_parent = NULL;
	if (fake_api_text(call, "thread_ts")[0] == '\0')
		return true;
	*ret_parent = fake_store_message(channel, fake_ts_parse(fake_api_text(call, "thread_ts")));
	if (*ret_parent != NULL && (*ret_parent)->parent != NULL)
		*ret_parent = (*ret_parent)->parent;
	return *ret_parent != NULL;
}

static cJSON *answer_with(const struct api_call *call, const struct channel *channel,
			  const struct message *message)
{
	cJSON *answer = fake_api_ok();

	(void)cJSON_AddStringToObject(answer, "channel", channel->id);
	(void)cJSON_AddStringToObject(answer, "ts", message->ts);
	(void)cJSON_AddItemToObject(answer, "message", fake_store_view(call->chat, message, true));
	return answer;
}

static cJSON *store_post(struct api_call *call, struct channel *channel, struct message *parent,
			 cJSON *payload, cJSON *metadata)
{
	bool broadcast = parent != NULL && fake_api_true(call, "reply_broadcast");
	cJSON *json = message_of(call, payload);
	struct message *message;

	if (fake_api_text(call, "username")[0] != '\0' &&
	    fake_api_has_scope(call, "chat:write.customize"))
		(void)cJSON_AddStringToObject(json, "username", fake_api_text(call, "username"));
	if (broadcast)
		(void)cJSON_AddStringToObject(json, "subtype", "thread_broadcast");
	message = fake_store_add(call->chat, channel, call->token->bot, json, parent, FAKE_TS_NONE);
	message->broadcast = broadcast;
	message->metadata = metadata;
	return answer_with(call, channel, message);
}

cJSON *fake_api_post(struct api_call *call)
{
	struct channel *channel = fake_api_channel(call, true);
	const char *problem = may_post(call, channel);
	cJSON *payload = read_payload(call, &problem);
	struct message *parent = NULL;
	cJSON *metadata = NULL;
	char *detail = NULL;
	cJSON *answer;

	if (problem == NULL && !fake_payload_has_content(payload))
		problem = "no_text";
	if (problem == NULL)
		problem = fake_payload_normalise(payload, &detail);
	if (problem == NULL && !read_parent(call, channel, &parent))
		problem = "thread_not_found";
	if (problem == NULL)
		problem = read_metadata(call, &metadata);
	answer = problem != NULL ? fake_api_error_detail(problem, detail)
				 : store_post(call, channel, parent, payload, metadata);
	cJSON_Delete(payload);
	return answer;
}

/* Not stored: only one person sees it, and only now. */
cJSON *fake_api_ephemeral(struct api_call *call)
{
	struct channel *channel = fake_api_channel(call, true);
	const char *problem = may_post(call, channel);
	cJSON *payload = read_payload(call, &problem);
	char ts[FAKE_TS_SIZE];
	char *detail = NULL;
	cJSON *answer;

	if (problem == NULL && !fake_payload_has_content(payload))
		problem = "no_text";
	if (problem == NULL)
		problem = fake_payload_normalise(payload, &detail);
	cJSON_Delete(payload);
	if (problem != NULL)
		return fake_api_error_detail(problem, detail);
	answer = fake_api_ok();
	fake_ts_format(clock_wall_ms() * 1000, ts);
	(void)cJSON_AddStringToObject(answer, "message_ts", ts);
	return answer;
}

/* The token's own message of the argument "ts". */
static struct message *own_message(const struct api_call *call, const struct channel *channel,
				   const char *not_own, const char **ret_problem)
{
	struct message *message;

	if (channel == NULL) {
		*ret_problem = "channel_not_found";
		return NULL;
	}
	message = fake_store_message(channel, fake_ts_parse(fake_api_text(call, "ts")));
	if (message == NULL)
		*ret_problem = "message_not_found";
	else if (message->webhook || message->bot != call->token->bot)
		*ret_problem = not_own;
	return message;
}

static void mark_edited(const struct api_call *call, struct message *message)
{
	char ts[FAKE_TS_SIZE];
	cJSON *edited;

	cJSON_DeleteItemFromObjectCaseSensitive(message->json, "edited");
	if (call->chat->wrong.no_edited)
		return;
	fake_ts_format(clock_wall_ms() / 1000 * 1000000, ts);
	edited = cJSON_AddObjectToObject(message->json, "edited");
	(void)cJSON_AddStringToObject(edited, "user", call->chat->bots[call->token->bot].user_id);
	(void)cJSON_AddStringToObject(edited, "ts", ts);
}

/* What is not given stays as it is, except a text that would be out of date. */
static cJSON *store_update(struct api_call *call, const struct channel *channel,
			   struct message *message, cJSON *payload)
{
	const cJSON *text;
	cJSON *answer;

	move_item(payload, message->json, "text");
	move_item(payload, message->json, "attachments");
	move_item(payload, message->json, "blocks");
	mark_edited(call, message);
	if (fake_api_has(call, "metadata")) {
		cJSON_Delete(message->metadata);
		message->metadata = fake_api_json(call, "metadata");
	}
	fake_store_changed(call->chat, message);
	answer = answer_with(call, channel, message);
	text = cJSON_GetObjectItemCaseSensitive(message->json, "text");
	(void)cJSON_AddStringToObject(answer, "text",
				      cJSON_IsString(text) ? text->valuestring : "");
	return answer;
}

cJSON *fake_api_update(struct api_call *call)
{
	struct channel *channel = fake_api_channel(call, false);
	const char *text = fake_api_text(call, "text"), *problem = NULL;
	struct message *message = own_message(call, channel, "cant_update_message", &problem);
	cJSON *payload = read_payload(call, &problem);
	char *detail = NULL;
	cJSON *answer;

	if (problem == NULL && (channel->flags & FAKE_ARCHIVED) != 0)
		problem = "is_inactive";
	if (problem == NULL && text[offset_of(text, MAX_UPDATE_TEXT)] != '\0')
		problem = "msg_too_long";
	if (problem == NULL && !fake_payload_has_content(payload))
		problem = "no_text";
	if (problem == NULL)
		problem = fake_payload_normalise(payload, &detail);
	answer = problem != NULL ? fake_api_error_detail(problem, detail)
				 : store_update(call, channel, message, payload);
	cJSON_Delete(payload);
	return answer;
}

cJSON *fake_api_delete(struct api_call *call)
{
	struct channel *channel = fake_api_channel(call, false);
	const char *problem = NULL;
	struct message *message = own_message(call, channel, "cant_delete_message", &problem);
	cJSON *answer;

	if (problem != NULL)
		return fake_api_error(problem);
	answer = fake_api_ok();
	(void)cJSON_AddStringToObject(answer, "channel", channel->id);
	(void)cJSON_AddStringToObject(answer, "ts", message->ts);
	fake_store_remove(call->chat, channel, message);
	return answer;
}

cJSON *fake_api_join(struct api_call *call)
{
	struct channel *channel = fake_api_channel(call, false);
	bool was_in;
	cJSON *answer;

	if (channel == NULL)
		return fake_api_error("channel_not_found");
	if ((channel->flags & FAKE_PRIVATE) != 0)
		return fake_api_error("method_not_supported_for_channel_type");
	if ((channel->flags & FAKE_ARCHIVED) != 0)
		return fake_api_error("is_archived");
	was_in = fake_api_is_member(call, channel);
	channel->members |= UINT64_C(1) << call->token->bot;
	answer = fake_api_info(call);
	if (was_in)
		(void)cJSON_AddStringToObject(answer, "warning", "already_in_channel");
	return answer;
}
