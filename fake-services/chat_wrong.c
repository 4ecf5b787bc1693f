/* How the fake chat misbehaves when it is told to, and the record of what it was asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/chat_api.h"
#include "fake-services/server.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define CALLS_KEPT 10000
#define DEEP       100000
#define HUGE_BYTES ((size_t)64 * 1024 * 1024)
#define JSON_TYPE  "application/json; charset=utf-8"
#define HTML_PAGE                                                                      \
	"<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head><body>" \
	"<h1>Something went wrong</h1><p>Please try again.</p></body></html>\n"

/* The record. */

struct method_count *fake_chat_method_count(struct fake_chat *chat, const char *method)
{
	for (size_t i = 0; i < chat->method_count; i++)
		if (strcmp(chat->methods[i].method, method) == 0)
			return &chat->methods[i];
	chat->methods = mem_grow(chat->methods, chat->method_count + 1, sizeof chat->methods[0]);
	chat->methods[chat->method_count] = (struct method_count){.method = mem_dup(method)};
	return &chat->methods[chat->method_count++];
}

void fake_chat_record(struct fake_chat *chat, const char *method, cJSON *args)
{
	struct call *call;

	if (chat->calls == NULL)
		chat->calls = mem_zalloc(CALLS_KEPT * sizeof chat->calls[0]);
	call = &chat->calls[chat->call_count++ % CALLS_KEPT];
	free(call->method);
	cJSON_Delete(call->args);
	*call = (struct call){.method = mem_dup(method), .args = args, .at_ms = clock_ms()};
	fake_chat_method_count(chat, method)->calls++;
}

size_t fake_chat_calls(const struct fake_chat *chat, const char *method)
{
	if (method == NULL)
		return chat->call_count;
	for (size_t i = 0; i < chat->method_count; i++)
		if (strcmp(chat->methods[i].method, method) == 0)
			return chat->methods[i].calls;
	return 0;
}

/* Counted from the newest one back, because the oldest may be gone. */
static const struct call *find_call(const struct fake_chat *chat, const char *method, size_t index)
{
	size_t left = fake_chat_calls(chat, method);
	size_t kept = chat->call_count < CALLS_KEPT ? chat->call_count : CALLS_KEPT;

	if (index >= left)
		return NULL;
	for (size_t back = 1; back <= kept; back++) {
		const struct call *call = &chat->calls[(chat->call_count - back) % CALLS_KEPT];

		if ((method == NULL || strcmp(call->method, method) == 0) && --left == index)
			return call;
	}
	return NULL;
}

const char *fake_chat_call_arg(const struct fake_chat *chat, const char *method, size_t index,
			       const char *arg)
{
	const struct call *call = find_call(chat, method, index);

	if (call == NULL)
		return NULL;
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(call->args, arg));
}

int64_t fake_chat_call_ms(const struct fake_chat *chat, const char *method, size_t index)
{
	const struct call *call = find_call(chat, method, index);

	return call != NULL ? call->at_ms : -1;
}

void fake_chat_calls_free(struct fake_chat *chat)
{
	for (size_t i = 0; chat->calls != NULL && i < CALLS_KEPT; i++) {
		free(chat->calls[i].method);
		cJSON_Delete(chat->calls[i].args);
	}
	free(chat->calls);
	for (size_t i = 0; i < chat->method_count; i++)
		free(chat->methods[i].method);
	free(chat->methods);
}

/* Misbehaviour. */

struct fake_chat_wrong *fake_chat_wrong(struct fake_chat *chat)
{
	return &chat->wrong;
}

void fake_chat_behave(struct fake_chat *chat)
{
	chat->wrong = (struct fake_chat_wrong){0};
}

/* Is it this call's turn?  Counts `skip` and `times` down. */
static bool takes_part(struct fake_chat *chat, const char *method)
{
	struct fake_chat_wrong *wrong = &chat->wrong;

	if (wrong->method != NULL && strcmp(wrong->method, method) != 0)
		return false;
	if (wrong->skip > 0) {
		wrong->skip--;
		return false;
	}
	return true;
}

/* The last of `times` calls ends how calls are answered, not what becomes of posts and reads. */
static void count_down(struct fake_chat *chat)
{
	struct fake_chat_wrong *wrong = &chat->wrong;

	if (wrong->times == 0 || --wrong->times > 0)
		return;
	wrong->method = NULL;
	wrong->rate_limited = wrong->html_page = wrong->truncated_json = false;
	wrong->deep_json = wrong->huge_json = wrong->hang = wrong->reset = false;
	wrong->lose_answer = wrong->revoked = wrong->missing_scope = false;
	wrong->retry_after_s = wrong->status = 0;
	wrong->error = NULL;
	wrong->slow_ms = 0;
}

static void send_json(struct fake_request *request, int status, cJSON *answer)
{
	char *text = cJSON_PrintUnformatted(answer);

	fake_reply(request, status, JSON_TYPE, text, strlen(text));
	cJSON_free(text);
	cJSON_Delete(answer);
}

static void send_rate_limit(const struct fake_chat_wrong *wrong, const char *method,
			    struct fake_request *request)
{
	char seconds[16];

	(void)snprintf(seconds, sizeof seconds, "%d",
		       wrong->retry_after_s > 0 ? wrong->retry_after_s : 1);
	fake_reply_header(request, "Retry-After", seconds);
	if (strcmp(method, "webhook") == 0)
		fake_reply_text(request, 429, "rate_limited");
	else
		send_json(request, 429, fake_api_error("ratelimited"));
}

static void send_missing_scope(const char *method, struct fake_request *request)
{
	cJSON *answer = fake_api_error("missing_scope");
	const char *needed = strncmp(method, "chat.", 5) == 0 ? "chat:write"
			     : strcmp(method, "conversations.history") == 0 ||
				     strcmp(method, "conversations.replies") == 0
				 ? "channels:history"
				 : "channels:read";

	(void)cJSON_AddStringToObject(answer, "needed", needed);
	(void)cJSON_AddStringToObject(answer, "provided", "identify");
	send_json(request, 200, answer);
}

/* {"ok":true,"messages":[[[[... or {"ok":true,"filler":"xxxx..."} */
static void send_monster(struct fake_request *request, bool deep)
{
	const char *start = deep ? "{\"ok\":true,\"messages\":" : "{\"ok\":true,\"filler\":\"";
	size_t fill = deep ? DEEP : HUGE_BYTES;
	size_t len = strlen(start);
	char *text = mem_zalloc(len + 2 * fill + 3);

	memcpy(text, start, len);
	memset(text + len, deep ? '[' : 'x', fill);
	len += fill;
	if (deep) {
		memset(text + len, ']', fill);
		len += fill;
	} else {
		text[len++] = '"';
	}
	text[len++] = '}';
	fake_reply(request, 200, JSON_TYPE, text, len);
	free(text);
}

static bool answer_wrongly(struct fake_chat *chat, const char *method, struct fake_request *request)
{
	const struct fake_chat_wrong *wrong = &chat->wrong;

	if (wrong->hang)
		fake_reply_never(request);
	else if (wrong->reset)
		fake_reply_reset(request);
	else if (wrong->rate_limited)
		send_rate_limit(wrong, method, request);
	else if (wrong->status != 0)
		fake_reply_text(request, wrong->status, "service unavailable\n");
	else if (wrong->html_page)
		fake_reply(request, 200, "text/html; charset=utf-8", HTML_PAGE, strlen(HTML_PAGE));
	else if (wrong->deep_json || wrong->huge_json)
		send_monster(request, wrong->deep_json);
	else if (wrong->error != NULL)
		send_json(request, 200, fake_api_error(wrong->error));
	else if (wrong->revoked && strcmp(method, "webhook") != 0)
		send_json(request, 200, fake_api_error("token_revoked"));
	else if (wrong->missing_scope && strcmp(method, "webhook") != 0)
		send_missing_scope(method, request);
	else
		return false;
	return true;
}

bool fake_wrong_before(struct fake_chat *chat, const char *method, struct fake_request *request)
{
	struct fake_chat_wrong *wrong = &chat->wrong;
	bool after = wrong->truncated_json || wrong->lose_answer || wrong->slow_ms > 0;

	chat->wrong_answer = false;
	if (!takes_part(chat, method))
		return false;
	if (answer_wrongly(chat, method, request)) {
		count_down(chat);
		return true;
	}
	chat->wrong_answer = after;
	return false;
}

void fake_wrong_send(struct fake_chat *chat, struct fake_request *request, int status,
		     const char *type, const char *text)
{
	const struct fake_chat_wrong *wrong = &chat->wrong;
	size_t len = strlen(text);

	if (!chat->wrong_answer) {
		fake_reply(request, status, type, text, len);
		return;
	}
	chat->wrong_answer = false;
	if (wrong->truncated_json)
		len /= 2;
	if (wrong->lose_answer)
		fake_reply_reset(request);
	else if (wrong->slow_ms > 0)
		fake_reply_after(request, wrong->slow_ms, status, type, text, len);
	else
		fake_reply(request, status, type, text, len);
	count_down(chat);
}
