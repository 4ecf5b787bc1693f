/* Any bytes as Slack's answer: a result with a sentence, messages in whole characters, pages that
 * end, and posts that Slack's own rules allow. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "probes/chats/slack_answer.h"
#include "probes/chats/slack_page.h"
#include "probes/chats/slack_post.h"
#include "probes/chats/slack_text.h"
#include "src/base/mem.h"

static void check_text(const char *text, size_t len)
{
	size_t repaired_len;
	char *repaired = slack_repair(text, len, &repaired_len);

	PROMISE(strlen(text) == len && len <= SLACK_TEXT_LIMIT);
	free(repaired);
}

static bool is_whole(const char *text)
{
	unsigned char last = text[0] != '\0' ? (unsigned char)text[strlen(text) - 1] : 0;

	return last < 0xc0; /* no character begins at the end */
}

static void check_messages(const cJSON *json)
{
	static const char *const tokens[] = {NULL, "cabc", "t1.5,;2.5,9.5;"};
	struct slack_messages messages = {0};
	struct slack_page page;

	slack_messages_read(&messages, json);
	for (size_t i = 0; i < messages.count; i++) {
		const struct chat_message *message = &messages.list[i];

		check_text(message->text, message->text_len);
		PROMISE(is_whole(message->text));
		PROMISE(strlen(message->ts) < CHAT_TS_SIZE);
		PROMISE(message->sender != NULL);
	}
	for (size_t i = 0; i < 3; i++) {
		bool stuck;
		char *next;

		PROMISE(slack_page_parse(&page, "1.000001", tokens[i]));
		slack_messages_keep(&messages, page.oldest, page.latest);
		next = slack_page_next(&page, json, &messages, i == 1, &stuck);
		PROMISE(next == NULL || !stuck);
		PROMISE(next == NULL || slack_page_parse(&page, "1.000001", next));
		free(next);
	}
	(void)slack_page_is_capped(json);
	slack_messages_done(&messages);
}

static void check_answer(int status, const char *body, size_t len)
{
	const struct slack_names names = {.method = "m", .channel = "#ops"};
	const struct http_reply http = {
	    .result = HTTP_ANSWERED,
	    .status = status,
	    .body = body,
	    .body_len = len,
	    .content_type = "",
	    .retry_after_ms = -1,
	};
	struct slack_answer answer;
	struct chat_channel channel;
	const cJSON *item;

	slack_answer_read(&answer, &http, status == 500, &names, NULL);
	PROMISE((answer.result == CHAT_OK) == (answer.json != NULL));
	PROMISE((answer.result == CHAT_OK) == (answer.error[0] == '\0'));
	if (answer.json != NULL) {
		check_messages(answer.json);
		cJSON_ArrayForEach(item, cJSON_GetObjectItem(answer.json, "channels"))(void)
		    slack_channel_read(item, &channel);
	}
	slack_answer_done(&answer);
}

/* What goes out can be read back. */
static void check_post(const char *text)
{
	const struct chat_post post = {
	    .mark = "fd-k3q9x2m7", .headline = text, .body = text, .footer = text};
	char *json = slack_post_write("C1", NULL, NULL, &post);
	cJSON *message = cJSON_Parse(json);
	const char *mark = slack_mark(message);

	PROMISE(message != NULL && mark != NULL && strcmp(mark, "fd-k3q9x2m7") == 0);
	PROMISE(strlen(json) < 200000);
	cJSON_Delete(message);
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *body = mem_dup_n((const char *)data, size);
	size_t len;
	char *text = slack_repair(body, size, &len);

	check_answer(200, body, size);
	check_answer(500, body, size);
	check_post(text);
	PROMISE(chat_ts_compare(text, text) == 0 && chat_ts_ms(text) >= 0);
	free(text);
	free(body);
	return 0;
}
