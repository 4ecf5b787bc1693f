/* A fake chat for each test. */
#include "tests/fake-services/with_chat.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

#define FORM "application/x-www-form-urlencoded"

int with_chat_setup(void **state)
{
	const struct fake_chat_options options = {.token = CHAT_TOKEN};
	struct with_chat *with = mem_zalloc(sizeof *with);

	with->base = event_base_new();
	with->chat = fake_chat_new(with->base, &options, NULL);
	with->ops = fake_chat_add_channel(with->chat, "ops", FAKE_MEMBER);
	with->hook = fake_chat_set_webhook(with->chat, &(struct fake_webhook){.channel = "#ops"});
	*state = with;
	return 0;
}

int with_chat_teardown(void **state)
{
	struct with_chat *with = *state;

	answer_free(with->answer);
	fake_chat_free(with->chat);
	event_base_free(with->base);
	free(with);
	return 0;
}

struct answer *chat_ask(struct with_chat *with, const char *verb, const char *path,
			const char *type, const char *token, const char *body)
{
	char *url = mem_printf("%s%s", fake_chat_url(with->chat), path);

	answer_free(with->answer);
	with->answer = NULL;
	with->answer = ask(with->base, verb, url, type, token, body);
	free(url);
	return with->answer;
}

cJSON *chat_call_as(struct with_chat *with, const char *token, const char *method, const char *form)
{
	char *path = mem_printf("/api/%s", method);

	(void)chat_ask(with, "POST", path, FORM, token, form);
	free(path);
	return with->answer->json;
}

cJSON *chat_call(struct with_chat *with, const char *method, const char *format, ...)
{
	char form[4096];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(form, sizeof form, format, args);
	va_end(args);
	return chat_call_as(with, CHAT_TOKEN, method, form);
}

cJSON *chat_call_json(struct with_chat *with, const char *method, const char *json)
{
	char *path = mem_printf("/api/%s", method);

	(void)chat_ask(with, "POST", path, "application/json; charset=utf-8", CHAT_TOKEN, json);
	free(path);
	return with->answer->json;
}

int chat_hook(struct with_chat *with, const char *body)
{
	answer_free(with->answer);
	with->answer = NULL;
	with->answer = ask(with->base, "POST", with->hook, "application/json", NULL, body);
	return with->answer->status;
}

const cJSON *json_at(const cJSON *json, const char *path)
{
	char *copy = mem_dup(path), *rest = copy;
	const char *word;

	while (json != NULL && (word = strsep(&rest, ".")) != NULL)
		json = cJSON_IsArray(json) ? cJSON_GetArrayItem(json, (int)strtol(word, NULL, 10))
					   : cJSON_GetObjectItemCaseSensitive(json, word);
	free(copy);
	return json;
}

const char *json_text(const cJSON *json, const char *path)
{
	const cJSON *item = json_at(json, path);

	return cJSON_IsString(item) ? item->valuestring : "";
}

char *json_texts(const cJSON *json)
{
	struct buf texts = {0};
	const cJSON *message;

	cJSON_ArrayForEach(message, cJSON_GetObjectItemCaseSensitive(json, "messages"))
	{
		buf_adds(&texts, json_text(message, "text"));
		buf_adds(&texts, ",");
	}
	return buf_take(&texts);
}
