/* The Web API of the fake chat: arguments, tokens, scopes, the table of methods.
 * https://docs.slack.dev/apis/web-api */
#include "fake-services/chat_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fake-services/server.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define CAPPED_MS 60000
#define JSON_TYPE "application/json; charset=utf-8"

/* Answers. */

cJSON *fake_api_ok(void)
{
	cJSON *answer = cJSON_CreateObject();

	(void)cJSON_AddBoolToObject(answer, "ok", true);
	return answer;
}

cJSON *fake_api_error(const char *code)
{
	cJSON *answer = cJSON_CreateObject();

	(void)cJSON_AddBoolToObject(answer, "ok", false);
	(void)cJSON_AddStringToObject(answer, "error", code);
	return answer;
}

cJSON *fake_api_error_detail(const char *code, char *detail)
{
	cJSON *answer = fake_api_error(code);

	if (detail != NULL) {
		cJSON *metadata = cJSON_AddObjectToObject(answer, "response_metadata");
		cJSON *messages = cJSON_AddArrayToObject(metadata, "messages");

		(void)cJSON_AddItemToArray(messages, cJSON_CreateString(detail));
		free(detail);
	}
	return answer;
}

cJSON *fake_api_missing_scope(const struct api_call *call, const char *needed)
{
	cJSON *answer = fake_api_error("missing_scope");

	(void)cJSON_AddStringToObject(answer, "needed", needed);
	(void)cJSON_AddStringToObject(answer, "provided",
				      call->token != NULL ? call->token->scopes : "");
	return answer;
}

void fake_api_warn(struct api_call *call, const char *warning)
{
	if (call->warnings == NULL)
		call->warnings = cJSON_CreateArray();
	(void)cJSON_AddItemToArray(call->warnings, cJSON_CreateString(warning));
}

/* Arguments. */

const char *fake_api_text(const struct api_call *call, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(call->args, name);

	return cJSON_IsString(item) ? item->valuestring : "";
}

bool fake_api_has(const struct api_call *call, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(call->args, name) != NULL;
}

bool fake_api_true(const struct api_call *call, const char *name)
{
	const char *text = fake_api_text(call, name);

	return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

cJSON *fake_api_json(const struct api_call *call, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(call->args, name);

	if (cJSON_IsArray(item) || cJSON_IsObject(item))
		return cJSON_Duplicate(item, true);
	return cJSON_IsString(item) ? cJSON_Parse(item->valuestring) : NULL;
}

static void add_arg(void *arg, const char *name, const char *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(arg, name);
	(void)cJSON_AddStringToObject(arg, name, value);
}

/* Numbers and booleans of a JSON body count as their text. */
static void add_json_args(cJSON *args, cJSON *body)
{
	cJSON *item;

	while ((item = cJSON_DetachItemFromArray(body, 0)) != NULL) {
		char *text = NULL;
		char *name = mem_dup(item->string != NULL ? item->string : "");

		if (cJSON_IsNumber(item) || cJSON_IsBool(item))
			text = cJSON_PrintUnformatted(item);
		cJSON_DeleteItemFromObjectCaseSensitive(args, name);
		if (text != NULL)
			(void)cJSON_AddStringToObject(args, name, text);
		if (text != NULL || cJSON_IsNull(item))
			cJSON_Delete(item);
		else
			(void)cJSON_AddItemToObject(args, name, item);
		cJSON_free(text);
		free(name);
	}
}

/* NULL when the arguments could be read, else the error code. */
static const char *read_args(struct api_call *call, const struct fake_request *request)
{
	const char *type = fake_request_header(request, "Content-Type");
	const char *error = NULL;
	cJSON *body;

	fake_form_parse(fake_request_query(request), add_arg, call->args);
	if (strcmp(fake_request_verb(request), "POST") != 0 || fake_request_body_len(request) == 0)
		return NULL;
	if (type == NULL)
		return "missing_post_type";
	if (strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0) {
		fake_form_parse(fake_request_body(request), add_arg, call->args);
		if (strcasestr(type, "charset") != NULL)
			fake_api_warn(call, "superfluous_charset");
		return NULL;
	}
	if (strncasecmp(type, "application/json", 16) != 0)
		return "invalid_post_type";
	if (strcasestr(type, "charset") == NULL)
		fake_api_warn(call, "missing_charset");
	if (call->method == NULL || !call->method->json)
		return NULL; /* the body is not looked at */
	body = cJSON_Parse(fake_request_body(request));
	if (body == NULL)
		error = "invalid_json";
	else if (!cJSON_IsObject(body))
		error = "json_not_object";
	else
		add_json_args(call->args, body);
	cJSON_Delete(body);
	return error;
}

/* Tokens and scopes. */

static bool word_in_list(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word)) != NULL) {
		if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

bool fake_api_has_scope(const struct api_call *call, const char *scope)
{
	return call->token != NULL && word_in_list(call->token->scopes, scope);
}

static const char *check_token(struct api_call *call, const struct fake_request *request)
{
	const char *header = fake_request_header(request, "Authorization");
	const char *token = fake_api_text(call, "token");

	if (header != NULL && strncasecmp(header, "Bearer ", 7) == 0)
		token = header + 7;
	if (call->method->open)
		return NULL;
	if (token[0] == '\0')
		return "not_authed";
	call->token = fake_store_token(call->chat, token);
	if (call->token == NULL)
		return "invalid_auth";
	return call->token->revoked ? "token_revoked" : NULL;
}

/* Channels, as this token may know them. */

bool fake_api_is_member(const struct api_call *call, const struct channel *channel)
{
	return (channel->members >> call->token->bot & 1) != 0;
}

struct channel *fake_api_channel(const struct api_call *call, bool by_name_too)
{
	const char *name = fake_api_text(call, "channel");
	struct channel *channel = by_name_too ? fake_store_channel(call->chat, name)
					      : fake_store_channel_by_id(call->chat, name);

	if (channel != NULL && (channel->flags & FAKE_PRIVATE) != 0 &&
	    !fake_api_is_member(call, channel))
		return NULL;
	return channel;
}

/* The small methods. */

static cJSON *api_test(struct api_call *call)
{
	const char *error = fake_api_text(call, "error");
	cJSON *answer = error[0] != '\0' ? fake_api_error(error) : fake_api_ok();

	(void)cJSON_AddItemToObject(answer, "args", cJSON_Duplicate(call->args, true));
	return answer;
}

static cJSON *auth_test(struct api_call *call)
{
	const struct bot *bot = &call->chat->bots[call->token->bot];
	cJSON *answer = fake_api_ok();
	char *url = mem_printf("%s/", fake_chat_url(call->chat));

	(void)cJSON_AddStringToObject(answer, "url", url);
	free(url);
	(void)cJSON_AddStringToObject(answer, "team", call->chat->team);
	(void)cJSON_AddStringToObject(answer, "user", bot->name);
	(void)cJSON_AddStringToObject(answer, "team_id", "T0000000001");
	(void)cJSON_AddStringToObject(answer, "user_id", bot->user_id);
	if (!call->token->person)
		(void)cJSON_AddStringToObject(answer, "bot_id", bot->id);
	(void)cJSON_AddBoolToObject(answer, "is_enterprise_install", false);
	return answer;
}

static cJSON *team_info(struct api_call *call)
{
	cJSON *answer = fake_api_ok();
	cJSON *team = cJSON_AddObjectToObject(answer, "team");

	(void)cJSON_AddStringToObject(team, "id", "T0000000001");
	(void)cJSON_AddStringToObject(team, "name", call->chat->team);
	(void)cJSON_AddStringToObject(team, "domain", "acme");
	(void)cJSON_AddStringToObject(team, "email_domain", "");
	return answer;
}

static cJSON *get_permalink(struct api_call *call)
{
	const struct channel *channel = fake_api_channel(call, false);
	const struct message *message;
	cJSON *answer;
	char *link;

	if (channel == NULL)
		return fake_api_error("channel_not_found");
	message = fake_store_message(channel, fake_ts_parse(fake_api_text(call, "message_ts")));
	if (message == NULL)
		return fake_api_error("message_not_found");
	answer = fake_api_ok();
	(void)cJSON_AddStringToObject(answer, "channel", channel->id);
	link = mem_printf("%s/archives/%s/p%lld%s%s%s%s", fake_chat_url(call->chat), channel->id,
			  (long long)message->us, message->parent != NULL ? "?thread_ts=" : "",
			  message->parent != NULL ? message->parent->ts : "",
			  message->parent != NULL ? "&cid=" : "",
			  message->parent != NULL ? channel->id : "");
	(void)cJSON_AddStringToObject(answer, "permalink", link);
	free(link);
	return answer;
}

/* Calls a minute: https://docs.slack.dev/apis/web-api/rate-limits, and each method's own page. */
static const struct api_method methods[] = {
    {"api.test", api_test, NULL, .json = true, .open = true, .per_minute = 100},
    {"auth.test", auth_test, NULL, .json = true, .per_minute = 100},
    {"team.info", team_info, "team:read", .json = true, .per_minute = 50},
    {"conversations.list", fake_api_list, NULL, .per_minute = 20},
    {"users.conversations", fake_api_my_channels, NULL, .per_minute = 50},
    {"conversations.info", fake_api_info, NULL, .per_minute = 50},
    {"conversations.join", fake_api_join, "channels:join", .json = true, .per_minute = 50},
    {"conversations.history", fake_api_history, NULL, .json = true, .capped = true,
     .per_minute = 50},
    {"conversations.replies", fake_api_replies, NULL, .capped = true, .per_minute = 50},
    {"chat.postMessage", fake_api_post, "chat:write", .json = true, .per_minute = 60},
    {"chat.update", fake_api_update, "chat:write", .json = true, .per_minute = 50},
    {"chat.delete", fake_api_delete, "chat:write", .json = true, .per_minute = 50},
    {"chat.postEphemeral", fake_api_ephemeral, "chat:write", .json = true, .per_minute = 100},
    {"chat.getPermalink", get_permalink, NULL, .per_minute = 100},
};

/* One call. */

static const struct api_method *find_method(const char *name)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

/* One call a minute for each method of the capped tier.
 * https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps */
static bool capped_too_soon(struct api_call *call)
{
	int64_t period = call->chat->wrong.capped_ms > 0 ? call->chat->wrong.capped_ms : CAPPED_MS;
	struct method_count *count = fake_chat_method_count(call->chat, call->name);
	int64_t now = clock_ms();

	if (!call->chat->wrong.capped_tier || !call->method->capped)
		return false;
	if (count->last_ms != 0 && now - count->last_ms < period) {
		call->retry_after_s = (int)((count->last_ms + period - now + 999) / 1000);
		return true;
	}
	count->last_ms = now;
	return false;
}

/* A new minute begins with the first call after the last one. */
static bool over_real_limit(struct api_call *call)
{
	struct method_count *count = fake_chat_method_count(call->chat, call->name);
	int64_t now = clock_ms();

	if (!call->chat->wrong.real_limits)
		return false;
	if (count->minute_calls == 0 || now - count->minute_ms >= 60000) {
		count->minute_ms = now;
		count->minute_calls = 0;
	}
	if (count->minute_calls >= call->method->per_minute) {
		call->retry_after_s = (int)((count->minute_ms + 60000 - now + 999) / 1000);
		return true;
	}
	count->minute_calls++;
	return false;
}

static cJSON *run(struct api_call *call, const struct fake_request *request, const char *problem)
{
	cJSON *answer;

	if (call->method == NULL) {
		answer = fake_api_error("unknown_method");
		(void)cJSON_AddStringToObject(answer, "req_method", call->name);
		return answer;
	}
	if (problem == NULL)
		problem = check_token(call, request);
	if (problem != NULL)
		return fake_api_error(problem);
	if (capped_too_soon(call) || over_real_limit(call))
		return fake_api_error("ratelimited");
	if (call->method->scope != NULL && !fake_api_has_scope(call, call->method->scope))
		return fake_api_missing_scope(call, call->method->scope);
	return call->method->run(call);
}

static void add_warnings(struct api_call *call, cJSON *answer)
{
	cJSON *metadata = cJSON_GetObjectItemCaseSensitive(answer, "response_metadata");

	if (call->warnings == NULL)
		return;
	if (metadata == NULL)
		metadata = cJSON_AddObjectToObject(answer, "response_metadata");
	(void)cJSON_AddStringToObject(answer, "warning", call->warnings->child->valuestring);
	(void)cJSON_AddItemToObject(metadata, "warnings", call->warnings);
	call->warnings = NULL;
}

static void send_answer(struct api_call *call, cJSON *answer, struct fake_request *request)
{
	char *text;

	add_warnings(call, answer);
	if (call->token != NULL)
		fake_reply_header(request, "X-OAuth-Scopes", call->token->scopes);
	if (call->retry_after_s > 0) {
		char seconds[16];

		(void)snprintf(seconds, sizeof seconds, "%d", call->retry_after_s);
		fake_reply_header(request, "Retry-After", seconds);
	}
	text = cJSON_PrintUnformatted(answer);
	fake_wrong_send(call->chat, request, call->retry_after_s > 0 ? 429 : 200, JSON_TYPE, text);
	cJSON_free(text);
}

void fake_chat_api_handle(struct fake_chat *chat, const char *method, struct fake_request *request)
{
	struct api_call call = {.chat = chat,
				.method = find_method(method),
				.name = method,
				.args = cJSON_CreateObject()};
	const char *problem = read_args(&call, request);
	cJSON *record = cJSON_Duplicate(call.args, true);
	cJSON *answer;

	cJSON_DeleteItemFromObjectCaseSensitive(record, "token");
	fake_chat_record(chat, method, record);
	if (!fake_wrong_before(chat, method, request)) {
		answer = run(&call, request, problem);
		send_answer(&call, answer, request);
		cJSON_Delete(answer);
	}
	cJSON_Delete(call.warnings);
	cJSON_Delete(call.args);
}
