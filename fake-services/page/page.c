/* The chat as a person reads it: channels, messages, threads, attachments, blocks. */
#include "fake-services/page/page.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake-services/chat_api.h"
#include "fake-services/chat_store.h"
#include "fake-services/server.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define OVERVIEW_MESSAGES 30  /* of each channel */
#define CHANNEL_MESSAGES  300 /* on a channel's own page */
#define THREAD_MESSAGES   50
#define ATTACHMENTS_SHOWN 20
#define HTML_TYPE         "text/html; charset=utf-8"
#define POLICY                                                                      \
	"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; " \
	"connect-src 'self'; base-uri 'none'; form-action 'none'"

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : "";
}

static const cJSON *item_of(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* Blocks. https://docs.slack.dev/reference/block-kit/blocks */

static void add_text_object(struct buf *html, const cJSON *object)
{
	if (strcmp(text_of(object, "type"), "mrkdwn") == 0)
		fake_page_mrkdwn(html, text_of(object, "text"));
	else
		fake_page_plain(html, text_of(object, "text"));
}

static void add_elements(struct buf *html, const cJSON *block)
{
	const cJSON *element;

	cJSON_ArrayForEach(element, item_of(block, "elements"))
	{
		const char *style = text_of(element, "style");

		if (strcmp(text_of(element, "type"), "button") == 0) {
			buf_adds(html, "<span class=\"button ");
			fake_page_escape(html, style);
			buf_adds(html, "\">");
			add_text_object(html, item_of(element, "text"));
		} else {
			buf_adds(html, "<span>");
			add_text_object(html, element);
		}
		buf_adds(html, "</span>");
	}
}

static void add_section(struct buf *html, const cJSON *block)
{
	const cJSON *field;

	if (item_of(block, "text") != NULL)
		add_text_object(html, item_of(block, "text"));
	if (cJSON_GetArraySize(item_of(block, "fields")) == 0)
		return;
	buf_adds(html, "<div class=\"fields\">");
	cJSON_ArrayForEach(field, item_of(block, "fields"))
	{
		buf_adds(html, "<div class=\"short\">");
		add_text_object(html, field);
		buf_adds(html, "</div>");
	}
	buf_adds(html, "</div>");
}

static void add_block(struct buf *html, const cJSON *block)
{
	const char *type = text_of(block, "type");

	if (strcmp(type, "header") == 0) {
		buf_adds(html, "<div class=\"block head\">");
		add_text_object(html, item_of(block, "text"));
	} else if (strcmp(type, "divider") == 0) {
		buf_adds(html, "<div class=\"block\"><hr>");
	} else if (strcmp(type, "context") == 0) {
		buf_adds(html, "<div class=\"block context\">");
		add_elements(html, block);
	} else {
		buf_adds(html, "<div class=\"block\">");
		add_section(html, block);
		add_elements(html, block);
	}
	buf_adds(html, "</div>");
}

static bool add_blocks(struct buf *html, const cJSON *object)
{
	const cJSON *block;

	cJSON_ArrayForEach(block, item_of(object, "blocks")) add_block(html, block);
	return cJSON_GetArraySize(item_of(object, "blocks")) > 0;
}

/* Attachments. */

static bool is_colour(const char *text)
{
	size_t len = strspn(text, "0123456789abcdefABCDEF");

	return text[len] == '\0' && (len == 3 || len == 6);
}

static void add_line(struct buf *html, const char *class, const char *text)
{
	if (text[0] == '\0')
		return;
	buf_addf(html, "<div class=\"%s\">", class);
	fake_page_mrkdwn(html, text);
	buf_adds(html, "</div>");
}

static void add_title(struct buf *html, const cJSON *attachment)
{
	const char *title = text_of(attachment, "title");
	const char *link = text_of(attachment, "title_link");
	bool linked = strncmp(link, "https://", 8) == 0 || strncmp(link, "http://", 7) == 0;

	if (title[0] == '\0')
		return;
	buf_adds(html, "<div class=\"title\">");
	if (linked) {
		buf_adds(html, "<a rel=\"noopener noreferrer\" href=\"");
		fake_page_escape(html, link);
		buf_adds(html, "\">");
	}
	fake_page_plain(html, title);
	buf_adds(html, linked ? "</a></div>" : "</div>");
}

static void add_fields(struct buf *html, const cJSON *attachment)
{
	const cJSON *field;

	if (cJSON_GetArraySize(item_of(attachment, "fields")) == 0)
		return;
	buf_adds(html, "<div class=\"fields\">");
	cJSON_ArrayForEach(field, item_of(attachment, "fields"))
	{
		buf_adds(html,
			 cJSON_IsTrue(item_of(field, "short")) ? "<div class=\"short\">" : "<div>");
		buf_adds(html, "<span class=\"name\">");
		fake_page_plain(html, text_of(field, "title"));
		buf_adds(html, "</span>");
		fake_page_mrkdwn(html, text_of(field, "value"));
		buf_adds(html, "</div>");
	}
	buf_adds(html, "</div>");
}

static void add_attachment(struct buf *html, const cJSON *attachment)
{
	const char *colour = text_of(attachment, "color");

	add_line(html, "pretext", text_of(attachment, "pretext"));
	if (is_colour(colour))
		buf_addf(html, "<div class=\"attachment\" style=\"--bar:#%s\">", colour);
	else
		buf_adds(html, "<div class=\"attachment\">");
	if (!add_blocks(html, attachment)) {
		add_line(html, "author", text_of(attachment, "author_name"));
		add_title(html, attachment);
		add_line(html, "text", text_of(attachment, "text"));
		add_fields(html, attachment);
	}
	add_line(html, "footer", text_of(attachment, "footer"));
	buf_adds(html, "</div>");
}

/* One message. */

static const char *name_of(const struct fake_chat *chat, const struct message *message)
{
	const char *name = text_of(message->json, "username");

	return name[0] != '\0' ? name : chat->bots[message->bot].name;
}

static void add_avatar(struct buf *html, const char *name)
{
	unsigned hash = 5381;
	char letter[2] = {'?', '\0'};

	for (const char *at = name; *at != '\0'; at++)
		hash = hash * 33 + (unsigned char)*at;
	if ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z'))
		letter[0] = (char)(name[0] & ~0x20);
	buf_addf(html, "<span class=\"avatar a%u\" aria-hidden=\"true\">%s</span>", hash % 8,
		 letter);
}

static void add_byline(const struct fake_chat *chat, struct buf *html,
		       const struct channel *channel, const struct message *message)
{
	char when[32];

	clock_rfc3339(message->us / 1000, when, sizeof when);
	buf_adds(html, "<p class=\"by\"><b>");
	fake_page_escape(html, name_of(chat, message));
	buf_adds(html, "</b>");
	if (item_of(message->json, "bot_id") != NULL)
		buf_adds(html, "<span class=\"app\">APP</span>");
	buf_addf(
	    html,
	    "<a href=\"/archives/%s/p%lld\"><time datetime=\"%s\" title=\"%s\">%.5s</time></a></p>",
	    channel->id, (long long)message->us, when, when, when + 11);
}

/* With blocks the text is for notifications only, as in Slack. */
static void add_content(struct buf *html, const struct message *message)
{
	const char *text = text_of(message->json, "text");
	const cJSON *attachment;
	int shown = 0;

	if (strcmp(text_of(message->json, "subtype"), "tombstone") == 0)
		buf_adds(html, "<div class=\"gone\">This message was deleted.</div>");
	else if (!add_blocks(html, message->json))
		add_line(html, "text", text);
	cJSON_ArrayForEach(attachment,
			   item_of(message->json, "attachments")) if (shown++ < ATTACHMENTS_SHOWN)
	    add_attachment(html, attachment);
	if (item_of(message->json, "edited") != NULL)
		buf_adds(html, "<span class=\"edited\">(edited)</span>");
}

static void add_message(const struct fake_chat *chat, struct buf *html,
			const struct channel *channel, const struct message *message,
			int64_t marked);

/* Folded as in Slack, unless the message or one of its replies is what the link leads to. */
static void add_thread(const struct fake_chat *chat, struct buf *html,
		       const struct channel *channel, const struct message *message, int64_t marked)
{
	size_t count = message->reply_count;
	size_t first = count > THREAD_MESSAGES ? count - THREAD_MESSAGES : 0;
	bool open = message->us == marked;

	for (size_t i = 0; i < count; i++)
		open = open || message->replies[i]->us == marked;
	buf_addf(html, "<details class=\"thread\" id=\"t%lld\"%s><summary>%zu %s</summary><ol>",
		 (long long)message->us, open ? " open" : "", count,
		 count == 1 ? "reply" : "replies");
	for (size_t i = first; i < count; i++)
		add_message(chat, html, channel, message->replies[i], marked);
	buf_adds(html, "</ol></details>");
}

static void add_message(const struct fake_chat *chat, struct buf *html,
			const struct channel *channel, const struct message *message,
			int64_t marked)
{
	buf_addf(html, "<li class=\"message%s\" id=\"p%lld\">",
		 message->us == marked ? " marked" : "", (long long)message->us);
	add_avatar(html, name_of(chat, message));
	buf_adds(html, "<div class=\"what\">");
	add_byline(chat, html, channel, message);
	add_content(html, message);
	if (message->reply_count > 0 && message->parent == NULL)
		add_thread(chat, html, channel, message, marked);
	buf_adds(html, "</div></li>\n");
}

/* Channels. */

static void add_day(struct buf *html, const struct message *message, char day[64])
{
	time_t seconds = (time_t)(message->us / 1000000);
	struct tm utc = {0};
	char name[64];

	(void)gmtime_r(&seconds, &utc);
	(void)strftime(name, sizeof name, "%A, %e %B %Y", &utc);
	if (strcmp(name, day) == 0)
		return;
	(void)snprintf(day, 64, "%s", name);
	buf_addf(html, "<li class=\"day\">%s</li>\n", name);
}

static bool in_channel(const struct message *message)
{
	return message->parent == NULL || message->broadcast;
}

static size_t count_messages(const struct channel *channel)
{
	size_t count = 0;

	for (size_t i = 0; i < channel->count; i++)
		if (in_channel(channel->messages[i]))
			count++;
	return count;
}

static void add_channel(const struct fake_chat *chat, struct buf *html,
			const struct channel *channel, size_t limit, int64_t marked)
{
	size_t count = count_messages(channel);
	size_t skip = count > limit ? count - limit : 0;
	char day[64] = "";

	buf_adds(html, "<section class=\"channel\"><h2><a href=\"/channel/");
	fake_page_escape(html, channel->name);
	buf_adds(html, "\"># ");
	fake_page_escape(html, channel->name);
	buf_addf(html, "</a><small>%zu %s%s</small></h2>\n<ol>", count,
		 count == 1 ? "message" : "messages",
		 (channel->flags & FAKE_ARCHIVED) != 0 ? ", archived" : "");
	if (count == 0)
		buf_adds(html, "<li class=\"note\">Nothing has been said here yet.</li>");
	if (skip > 0)
		buf_addf(html, "<li class=\"note\">%zu older messages are not shown.</li>", skip);
	for (size_t i = 0; i < channel->count; i++) {
		if (!in_channel(channel->messages[i]) || (skip > 0 && skip-- > 0))
			continue;
		add_day(html, channel->messages[i], day);
		add_message(chat, html, channel, channel->messages[i], marked);
	}
	buf_adds(html, "</ol></section>\n");
}

static void add_side(const struct fake_chat *chat, struct buf *html, const struct channel *on)
{
	buf_adds(html, "<nav class=\"side\"><p class=\"team\">");
	fake_page_escape(html, chat->team);
	buf_addf(html, "</p><ol><li><a href=\"/\"%s>All channels</a></li>",
		 on == NULL ? " class=\"on\"" : "");
	for (size_t i = 0; i < chat->channel_count; i++) {
		const struct channel *channel = chat->channels[i];
		size_t count = count_messages(channel);

		buf_adds(html, "<li><a href=\"/channel/");
		fake_page_escape(html, channel->name);
		buf_addf(html, "\"%s># ", channel == on ? " class=\"on\"" : "");
		fake_page_escape(html, channel->name);
		if (count > 0)
			buf_addf(html, "<span class=\"count\">%zu</span>", count);
		buf_adds(html, "</a></li>");
	}
	buf_adds(html, "</ol></nav>\n");
}

/* Pages. `on` NULL: all channels. */
static void send_page(const struct fake_chat *chat, const struct channel *on, int64_t marked,
		      struct fake_request *request)
{
	struct buf html = {0};

	buf_adds(&html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			"<title>");
	if (on != NULL) {
		buf_adds(&html, "#");
		fake_page_escape(&html, on->name);
		buf_adds(&html, " · ");
	}
	fake_page_escape(&html, chat->team);
	buf_addf(&html,
		 "</title>\n<link rel=\"stylesheet\" href=\"/chat.css\">\n"
		 "<script src=\"/chat.js\" defer></script></head>\n<body class=\"%s\">\n",
		 on != NULL ? "one" : "all");
	add_side(chat, &html, on);
	buf_adds(&html, "<main>\n");
	for (size_t i = 0; i < chat->channel_count; i++)
		if (on == NULL || chat->channels[i] == on)
			add_channel(chat, &html, chat->channels[i],
				    on != NULL ? CHANNEL_MESSAGES : OVERVIEW_MESSAGES, marked);
	buf_adds(&html, "</main></body></html>\n");
	fake_reply_header(request, "Content-Security-Policy", POLICY);
	fake_reply_header(request, "X-Content-Type-Options", "nosniff");
	fake_reply(request, 200, HTML_TYPE, html.data, html.len);
	buf_done(&html);
}

/* "/archives/C0000000001/p1700000000000100": the permalink of a message. */
static void send_archive(const struct fake_chat *chat, const char *rest,
			 struct fake_request *request)
{
	const char *slash = strchr(rest, '/');
	char *id = slash != NULL ? mem_dup_n(rest, (size_t)(slash - rest)) : mem_dup(rest);
	const struct channel *channel = fake_store_channel_by_id(chat, id);
	int64_t us = slash != NULL && slash[1] == 'p' ? strtoll(slash + 2, NULL, 10) : -1;

	free(id);
	if (channel == NULL)
		fake_reply_text(request, 404, "There is no such channel here.\n");
	else
		send_page(chat, channel, us, request);
}

void fake_chat_page_handle(struct fake_chat *chat, struct fake_request *request)
{
	const char *path = fake_request_path(request);

	if (strcmp(fake_request_verb(request), "GET") != 0)
		fake_reply_text(request, 405, "This page can only be read.\n");
	else if (strcmp(path, "/chat.css") == 0)
		fake_reply(request, 200, "text/css; charset=utf-8", fake_page_css,
			   strlen(fake_page_css));
	else if (strcmp(path, "/chat.js") == 0)
		fake_reply(request, 200, "text/javascript; charset=utf-8", fake_page_js,
			   strlen(fake_page_js));
	else if (strcmp(path, "/") == 0)
		send_page(chat, NULL, -1, request);
	else if (strncmp(path, "/archives/", 10) == 0)
		send_archive(chat, path + 10, request);
	else if (strncmp(path, "/channel/", 9) == 0 && fake_store_channel(chat, path + 9) != NULL)
		send_page(chat, fake_store_channel(chat, path + 9), -1, request);
	else
		fake_reply_text(request, 404, "There is nothing here. The channels are at /\n");
}
