/* Misbehaviours, tokens and channels of the fake chat set over HTTP, by the names of their fields. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fake-services/chat_api.h"
#include "fake-services/server.h"

enum field_type { FIELD_BOOL, FIELD_INT, FIELD_MS, FIELD_TEXT };

#define FIELD(name, type)                                           \
	{                                                           \
#name, type, offsetof(struct fake_chat_wrong, name) \
	}

static const struct {
	const char *name;
	enum field_type type;
	size_t offset;
} fields[] = {
    FIELD(method, FIELD_TEXT),
    FIELD(times, FIELD_INT),
    FIELD(skip, FIELD_INT),
    FIELD(rate_limited, FIELD_BOOL),
    FIELD(retry_after_s, FIELD_INT),
    FIELD(status, FIELD_INT),
    FIELD(error, FIELD_TEXT),
    FIELD(html_page, FIELD_BOOL),
    FIELD(truncated_json, FIELD_BOOL),
    FIELD(deep_json, FIELD_BOOL),
    FIELD(huge_json, FIELD_BOOL),
    FIELD(hang, FIELD_BOOL),
    FIELD(reset, FIELD_BOOL),
    FIELD(lose_answer, FIELD_BOOL),
    FIELD(slow_ms, FIELD_MS),
    FIELD(revoked, FIELD_BOOL),
    FIELD(missing_scope, FIELD_BOOL),
    FIELD(drop_alert, FIELD_BOOL),
    FIELD(delay_ms, FIELD_MS),
    FIELD(hide_ms, FIELD_MS),
    FIELD(duplicate, FIELD_BOOL),
    FIELD(garble, FIELD_BOOL),
    FIELD(wrong_channel, FIELD_TEXT),
    FIELD(page_backwards, FIELD_BOOL),
    FIELD(capped_tier, FIELD_BOOL),
    FIELD(capped_ms, FIELD_MS),
    FIELD(real_limits, FIELD_BOOL),
    FIELD(no_cursor, FIELD_BOOL),
    FIELD(no_latest_reply, FIELD_BOOL),
    FIELD(no_edited, FIELD_BOOL),
    FIELD(bad_utf8, FIELD_BOOL),
};

static bool set_field(void *field, enum field_type type, const cJSON *value)
{
	switch (type) {
	case FIELD_BOOL:
		*(bool *)field = cJSON_IsTrue(value);
		return cJSON_IsBool(value);
	case FIELD_INT:
		*(int *)field = cJSON_IsNumber(value) ? value->valueint : 0;
		return cJSON_IsNumber(value);
	case FIELD_MS:
		*(int64_t *)field = cJSON_IsNumber(value) ? value->valueint : 0;
		return cJSON_IsNumber(value);
	case FIELD_TEXT:
		*(const char **)field = cJSON_GetStringValue(value);
		return cJSON_IsString(value);
	}
	return false;
}

/* Fields that are not named become zero. Takes the wishes: texts in them are pointed to. */
static bool set_wrong(struct fake_chat *chat, cJSON *wishes)
{
	const cJSON *wish;
	bool known = true;

	fake_chat_behave(chat);
	cJSON_Delete(chat->control_texts);
	chat->control_texts = wishes;
	cJSON_ArrayForEach(wish, wishes)
	{
		bool found = false;

		for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
			if (strcmp(fields[i].name, wish->string) == 0)
				found = set_field((char *)&chat->wrong + fields[i].offset,
						  fields[i].type, wish);
		known = known && found;
	}
	return known;
}

static const char *text_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool is_true(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool set_token(struct fake_chat *chat, const cJSON *wishes)
{
	const struct fake_token token = {.token = text_of(wishes, "token"),
					 .name = text_of(wishes, "name"),
					 .scopes = text_of(wishes, "scopes"),
					 .revoked = is_true(wishes, "revoked"),
					 .person = is_true(wishes, "person")};

	if (token.token == NULL)
		return false;
	fake_chat_set_token(chat, &token);
	return true;
}

static bool set_channel(struct fake_chat *chat, const cJSON *wishes)
{
	const char *name = text_of(wishes, "name");
	unsigned flags = (is_true(wishes, "member") ? FAKE_MEMBER : 0U) |
			 (is_true(wishes, "archived") ? FAKE_ARCHIVED : 0U) |
			 (is_true(wishes, "private") ? FAKE_PRIVATE : 0U);

	if (name == NULL)
		return false;
	if (fake_chat_channel_id(chat, name) == NULL)
		(void)fake_chat_add_channel(chat, name, flags);
	else
		fake_chat_set_channel(chat, name, flags);
	return true;
}

void fake_chat_control_handle(struct fake_chat *chat, const char *what,
			      struct fake_request *request)
{
	cJSON *wishes = cJSON_Parse(fake_request_body(request));
	bool put = strcmp(fake_request_verb(request), "PUT") == 0 && cJSON_IsObject(wishes);
	bool ok = false;

	if (strcmp(what, "wrong") == 0 && strcmp(fake_request_verb(request), "DELETE") == 0) {
		fake_chat_behave(chat);
		ok = true;
	} else if (put && strcmp(what, "wrong") == 0) {
		ok = set_wrong(chat, wishes);
		wishes = NULL;
	} else if (put && strcmp(what, "token") == 0) {
		ok = set_token(chat, wishes);
	} else if (put && strcmp(what, "channel") == 0) {
		ok = set_channel(chat, wishes);
	}
	cJSON_Delete(wishes);
	fake_reply_text(request, ok ? 200 : 400,
			ok ? "ok\n" : "no such field, or no JSON object\n");
}
