/* Our own messages, as Slack wants them.  https://docs.slack.dev/reference/methods/chat.postMessage,
 * https://docs.slack.dev/reference/block-kit/blocks/section-block */
#include "probes/chats/slack_post.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_text.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define SECTION_LIMIT  2900  /* bytes of a section; Slack takes 3,000 characters */
#define BODY_LIMIT     11000 /* bytes of all sections; about 13,200 were refused */
#define HEADLINE_LIMIT 2900
#define FOOTER_LIMIT   1900 /* Slack takes 2,000 characters in a context */
#define MARK_LIMIT     200  /* Slack takes 255 characters in a block_id */
#define CUT_NOTE       "_... cut: this is longer than Slack takes_"

static const char *colour_of(enum chat_tone tone)
{
	switch (tone) {
	case CHAT_RUNNING:
		return "#3b7dd8";
	case CHAT_GOOD:
		return "#2eb886";
	case CHAT_BAD:
		return "#a30200";
	case CHAT_UNSURE:
		return "#daa038";
	}
	return "#888888";
}

/* Pieces: escaped text is cut at the end of a line, or at least between whole characters. */

/* True when a cut at text + at would not be inside a character or an entity. */
static bool may_cut(const char *text, size_t at)
{
	if ((text[at] & 0xc0) == 0x80)
		return false;
	for (size_t i = 1; i <= strlen("&amp") && i <= at; i++) {
		if (text[at - i] == ';')
			return true;
		if (text[at - i] == '&')
			return false;
	}
	return true;
}

static size_t piece_len(const char *text, size_t limit)
{
	size_t len = strlen(text);
	size_t at;

	if (len <= limit)
		return len;
	for (at = limit; at > limit / 2; at--) {
		if (text[at] == '\n')
			return at;
	}
	for (at = limit; at > 1 && !may_cut(text, at); at--)
		continue;
	return at;
}

static char *escaped(const char *text, size_t limit)
{
	struct buf buf = {0};
	char *whole, *cut;

	slack_escape(&buf, text);
	whole = buf_take(&buf);
	cut = mem_dup_n(whole, piece_len(whole, limit));
	free(whole);
	return cut;
}

/* Blocks. */

static cJSON *text_object(const char *text)
{
	cJSON *object = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(object, "type", "mrkdwn");
	(void)cJSON_AddStringToObject(object, "text", text);
	return object;
}

static void add_section(cJSON *blocks, const char *text, const char *block_id)
{
	cJSON *section = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(section, "type", "section");
	if (block_id != NULL)
		(void)cJSON_AddStringToObject(section, "block_id", block_id);
	(void)cJSON_AddItemToObject(section, "text", text_object(text));
	(void)cJSON_AddItemToArray(blocks, section);
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \n\t")] == '\0';
}

static void add_body(cJSON *blocks, const char *body)
{
	struct buf buf = {0};
	char *whole, *rest;

	slack_escape(&buf, body);
	whole = rest = buf_take(&buf);
	if (strlen(whole) > BODY_LIMIT) {
		size_t len = piece_len(whole, BODY_LIMIT);

		rest = mem_printf("%.*s\n" CUT_NOTE, (int)len, whole);
		free(whole);
		whole = rest;
	}
	while (!is_blank(rest)) {
		size_t len = piece_len(rest, SECTION_LIMIT);
		char *piece = mem_dup_n(rest, len);

		if (!is_blank(piece))
			add_section(blocks, piece, NULL);
		free(piece);
		rest += len + (rest[len] == '\n' ? 1 : 0);
	}
	free(whole);
}

static void add_footer(cJSON *blocks, const char *footer)
{
	char *text = escaped(footer, FOOTER_LIMIT);
	cJSON *context = cJSON_CreateObject();
	cJSON *elements;

	(void)cJSON_AddStringToObject(context, "type", "context");
	elements = cJSON_AddArrayToObject(context, "elements");
	(void)cJSON_AddItemToArray(elements, text_object(text));
	(void)cJSON_AddItemToArray(blocks, context);
	free(text);
}

/* Ids are made of capital letters and digits: of a user U or W, of a group S. Whatever is none is
 * shown and calls nobody. https://docs.slack.dev/messaging/formatting-message-text */
static void add_mention(struct buf *text, const char *mention)
{
	bool is_id = mention[0] != '\0' &&
		     mention[strspn(mention, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == '\0';

	if (strcmp(mention, "here") == 0 || strcmp(mention, "channel") == 0 ||
	    strcmp(mention, "everyone") == 0)
		buf_addf(text, "<!%s>", mention);
	else if (is_id && mention[0] == 'S')
		buf_addf(text, "<!subteam^%s>", mention);
	else if (is_id && (mention[0] == 'U' || mention[0] == 'W'))
		buf_addf(text, "<@%s>", mention);
	else
		slack_escape(text, mention);
}

/* Above the attachment: a mention inside one calls nobody. Owned by the caller. */
static char *loud_text(const struct chat_post *post)
{
	char *headline = escaped(post->headline, HEADLINE_LIMIT);
	struct buf text = {0};

	if (post->mention != NULL) {
		add_mention(&text, post->mention);
		buf_adds(&text, " ");
	}
	buf_addf(&text, "*%s*", headline);
	free(headline);
	return buf_take(&text);
}

/* The first line of the attachment; of a loud message, whose headline stands above it, that is the
 * first one of its body. Owned by the caller. */
static char *first_line(const struct chat_post *post)
{
	const char *body = post->body;

	if (post->loud && body != NULL && !is_blank(body))
		return mem_dup_n(body, strcspn(body, "\n"));
	return mem_dup(is_blank(post->headline) ? "-" : post->headline);
}

static const char *behind_first_line(const char *body)
{
	size_t len = strcspn(body, "\n");

	return body + len + (body[len] == '\n' ? 1 : 0);
}

static cJSON *attachment_of(const struct chat_post *post)
{
	cJSON *attachment = cJSON_CreateObject();
	char *first = first_line(post);
	char *headline = escaped(first, HEADLINE_LIMIT);
	char *fallback = escaped(post->headline, HEADLINE_LIMIT);
	char *block_id = mem_printf("firedrill:%.*s", MARK_LIMIT, post->mark);
	/* Bold, unless it has markup of its own or is only a dash. */
	char *title = mem_printf(
	    strpbrk(headline, "*`") == NULL && strlen(headline) > 1 ? "*%s*" : "%s", headline);
	cJSON *blocks;

	(void)cJSON_AddStringToObject(attachment, "color", colour_of(post->tone));
	(void)cJSON_AddStringToObject(attachment, "fallback",
				      is_blank(fallback) ? headline : fallback);
	blocks = cJSON_AddArrayToObject(attachment, "blocks");
	add_section(blocks, title, block_id);
	if (post->body != NULL)
		add_body(blocks, post->loud ? behind_first_line(post->body) : post->body);
	if (post->footer != NULL && !is_blank(post->footer))
		add_footer(blocks, post->footer);
	free(first);
	free(headline);
	free(fallback);
	free(title);
	free(block_id);
	return attachment;
}

char *slack_post_write(const char *channel_id, const char *thread_ts, const char *ts,
		       const struct chat_post *post)
{
	cJSON *message = cJSON_CreateObject();
	cJSON *attachments;
	char *printed, *text;

	(void)cJSON_AddStringToObject(message, "channel", channel_id);
	if (thread_ts != NULL)
		(void)cJSON_AddStringToObject(message, "thread_ts", thread_ts);
	if (ts != NULL)
		(void)cJSON_AddStringToObject(message, "ts", ts);
	if (post->loud) {
		text = loud_text(post);
		(void)cJSON_AddStringToObject(message, "text", text);
		free(text);
	}
	if (thread_ts != NULL && post->broadcast)
		(void)cJSON_AddBoolToObject(message, "reply_broadcast", true);
	attachments = cJSON_AddArrayToObject(message, "attachments");
	(void)cJSON_AddItemToArray(attachments, attachment_of(post));
	if (ts == NULL) {
		(void)cJSON_AddBoolToObject(message, "unfurl_links", false);
		(void)cJSON_AddBoolToObject(message, "unfurl_media", false);
	}
	printed = cJSON_PrintUnformatted(message);
	text = mem_dup(printed);
	cJSON_free(printed);
	cJSON_Delete(message);
	return text;
}
