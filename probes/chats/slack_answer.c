/* Slack's answers: from bytes to a result, messages and channels. */
#include "probes/chats/slack_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_text.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define RETRY_AFTER_MS  30000 /* when Slack does not say how long */
#define CAPPED_FROM_MS  45000 /* a Retry-After in this range is that of the tier with one call */
#define CAPPED_UP_TO_MS 75000 /* a minute */
#define STATUS_OK       200
#define STATUS_SLOW     429
#define STATUS_SERVER   500
#define AMBIGUOUS       "ambiguous"

/* What went wrong. */

static void set_problem(struct slack_answer *answer, enum chat_result result, const char *code,
			const char *error)
{
	answer->result = result;
	(void)snprintf(answer->code, sizeof answer->code, "%s", code);
	(void)snprintf(answer->error, sizeof answer->error, "%s", error);
}

/* An answer from which it does not follow whether the message is there now. */
static void set_unsure(struct slack_answer *answer, bool post, const char *code, const char *error)
{
	set_problem(answer, CHAT_RETRY, post ? AMBIGUOUS : code, error);
}

static void set_slow(struct slack_answer *answer, const struct http_reply *http, const char *code)
{
	answer->retry_after_ms = http->retry_after_ms >= 0 ? http->retry_after_ms : RETRY_AFTER_MS;
	answer->capped =
	    http->retry_after_ms >= CAPPED_FROM_MS && http->retry_after_ms <= CAPPED_UP_TO_MS;
	answer->result = CHAT_SLOW;
	(void)snprintf(answer->code, sizeof answer->code, "%s", code);
	(void)snprintf(answer->error, sizeof answer->error,
		       "Slack asks to wait %lld s before the next call",
		       (long long)((answer->retry_after_ms + 999) / 1000));
}

static void read_transport(struct slack_answer *answer, const struct http_reply *http, bool post)
{
	const char *error = http->error != NULL ? http->error : "Slack cannot be reached";

	switch (http->result) {
	case HTTP_ANSWERED:
		break;
	case HTTP_UNREACHABLE:
		set_problem(answer, CHAT_RETRY, "", error);
		break;
	case HTTP_TIMEOUT:
	case HTTP_BROKEN:
	case HTTP_TOO_LARGE:
		set_unsure(answer, post, "", error);
		break;
	case HTTP_BAD_ASK:
		set_problem(answer, CHAT_PERMANENT, "", error);
		break;
	}
}

/* A status that says more than a body could: 429, 5xx, and any other without an answer in JSON. */
static void read_status(struct slack_answer *answer, const struct http_reply *http, bool post)
{
	char code[SLACK_CODE_SIZE], error[128];

	(void)snprintf(code, sizeof code, "http %d", http->status);
	if (http->status == STATUS_SLOW) {
		set_slow(answer, http, code);
		return;
	}
	if (answer->json != NULL && http->status < STATUS_SERVER &&
	    (http->status == STATUS_OK || slack_string(answer->json, "error") != NULL))
		return;
	if (http->status == STATUS_OK)
		(void)snprintf(error, sizeof error,
			       "Slack's answer is not JSON or not whole (%zu bytes of %.40s)",
			       http->body_len,
			       http->content_type[0] != '\0' ? http->content_type : "no type");
	else
		(void)snprintf(error, sizeof error,
			       "Slack answered with the status %d; when it stays so, check the "
			       "chat's `url`",
			       http->status);
	set_unsure(answer, post && (http->status >= STATUS_SERVER || http->status == STATUS_OK),
		   http->status == STATUS_OK ? "" : code, error);
}

static void read_refusal(struct slack_answer *answer, const struct http_reply *http, bool post,
			 const struct slack_names *names)
{
	struct slack_names all = *names;
	const char *code = slack_string(answer->json, "error");
	const struct slack_error *known = code != NULL ? slack_error_find(code) : NULL;

	if (code == NULL) {
		set_unsure(answer, post, "", "Slack's answer says neither yes nor why not");
		return;
	}
	all.needed = slack_string(answer->json, "needed");
	if (known != NULL && known->result == CHAT_SLOW) {
		set_slow(answer, http, code);
		return;
	}
	slack_error_write(code, &all, answer->error, sizeof answer->error);
	answer->result = known != NULL ? known->result : CHAT_RETRY;
	(void)snprintf(answer->code, sizeof answer->code, "%s",
		       post && known != NULL && known->ambiguous ? AMBIGUOUS : code);
}

void slack_answer_read(struct slack_answer *ret_answer, const struct http_reply *http, bool post,
		       const struct slack_names *names, const struct secrets *secrets)
{
	*ret_answer = (struct slack_answer){.result = CHAT_OK, .date_ms = http->date_ms};
	if (http->oauth_scopes != NULL && strlen(http->oauth_scopes) < sizeof ret_answer->scopes)
		(void)snprintf(ret_answer->scopes, sizeof ret_answer->scopes, "%s",
			       http->oauth_scopes);
	read_transport(ret_answer, http, post);
	if (ret_answer->result == CHAT_OK) {
		size_t len;
		char *body = slack_repair(http->body, http->body_len, &len);

		ret_answer->json = cJSON_ParseWithLength(body, len);
		free(body);
		if (!cJSON_IsObject(ret_answer->json)) {
			cJSON_Delete(ret_answer->json);
			ret_answer->json = NULL;
		}
		read_status(ret_answer, http, post);
	}
	if (ret_answer->result == CHAT_OK &&
	    !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(ret_answer->json, "ok")))
		read_refusal(ret_answer, http, post, names);
	if (ret_answer->result != CHAT_OK)
		slack_answer_done(ret_answer);
	secret_mask(secrets, ret_answer->error);
	secret_mask(secrets, ret_answer->code);
}

void slack_answer_done(struct slack_answer *answer)
{
	cJSON_Delete(answer->json);
	answer->json = NULL;
}

const char *slack_answer_cursor(const cJSON *answer)
{
	return slack_string(cJSON_GetObjectItemCaseSensitive(answer, "response_metadata"),
			    "next_cursor");
}

bool slack_answer_has_more(const cJSON *answer)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "has_more"));
}

/* Messages. */

/* "1700000000.000100", or NULL for anything else: it is sent back to Slack and compared. */
static const char *read_ts(const cJSON *object, const char *key)
{
	const char *ts = slack_string(object, key);
	size_t len = ts != NULL ? strspn(ts, "0123456789") : 0;

	if (len == 0 || strlen(ts) >= CHAT_TS_SIZE)
		return NULL;
	if (ts[len] == '.')
		len += 1 + strspn(ts + len + 1, "0123456789");
	return ts[len] == '\0' ? ts : NULL;
}

static const char *read_sender(const cJSON *item)
{
	static const char *const keys[] = {"username", "user", "bot_id"};
	const char *sender =
	    slack_string(cJSON_GetObjectItemCaseSensitive(item, "bot_profile"), "name");

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (i == 0 || sender == NULL)
			sender = slack_string(item, keys[i]) != NULL ? slack_string(item, keys[i])
								     : sender;
	}
	return sender != NULL ? sender : "";
}

static bool read_message(const cJSON *item, struct chat_message *ret_message)
{
	struct buf text = {.limit = SLACK_TEXT_LIMIT};
	const char *ts = read_ts(item, "ts");
	const char *thread_ts = read_ts(item, "thread_ts");

	if (ts == NULL)
		return false;
	slack_flatten(&text, item);
	*ret_message = (struct chat_message){
	    .ts = ts,
	    .thread_ts =
		thread_ts != NULL && chat_ts_compare(ts, thread_ts) != 0 ? thread_ts : NULL,
	    .edited_ts = read_ts(cJSON_GetObjectItemCaseSensitive(item, "edited"), "ts"),
	    .latest_reply_ts = read_ts(item, "latest_reply"),
	    .cut = text.full,
	    .mark = slack_mark(item),
	    .sender = read_sender(item),
	    .wall_ms = chat_ts_ms(ts),
	};
	ret_message->text_len = text.len;
	ret_message->text = buf_take(&text);
	return true;
}

void slack_messages_read(struct slack_messages *messages, const cJSON *answer)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "messages");
	const cJSON *item;
	size_t room = 0;

	cJSON_ArrayForEach(item, list) room++;
	messages->list = mem_zalloc((room + 1) * sizeof *messages->list);
	cJSON_ArrayForEach(item, list)
	{
		if (read_message(item, &messages->list[messages->count]))
			messages->count++;
	}
}

static void free_text(const struct chat_message *message)
{
	free((char *)(uintptr_t)message->text);
}

void slack_messages_keep(struct slack_messages *messages, const char *oldest, const char *latest)
{
	size_t kept = 0;

	for (size_t i = 0; i < messages->count; i++) {
		const struct chat_message *message = &messages->list[i];

		if ((oldest[0] == '\0' || chat_ts_compare(message->ts, oldest) > 0) &&
		    (latest[0] == '\0' || chat_ts_compare(message->ts, latest) < 0))
			messages->list[kept++] = *message;
		else
			free_text(message);
	}
	messages->count = kept;
}

void slack_messages_done(struct slack_messages *messages)
{
	for (size_t i = 0; i < messages->count; i++)
		free_text(&messages->list[i]);
	free(messages->list);
	*messages = (struct slack_messages){0};
}

/* Channels. */

static bool is_not_false(const cJSON *object, const char *key)
{
	return !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(object, key));
}

bool slack_channel_read(const cJSON *item, struct chat_channel *ret_channel)
{
	const char *id = slack_string(item, "id");
	const char *name = slack_string(item, "name");

	if (id == NULL)
		return false;
	*ret_channel = (struct chat_channel){
	    .id = id,
	    .name = name != NULL ? name : id,
	    .member = is_not_false(item, "is_member"),
	    .archived = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "is_archived")),
	};
	return true;
}
