/* Slack's messages as plain text.  https://docs.slack.dev/reference/block-kit,
 * https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments */
#include "probes/chats/slack_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define BLOCK_DEPTH 32 /* blocks nest in lists in tables in ...: deeper is not looked at */
#define MARK_PREFIX "firedrill:"

const char *slack_string(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) && item->valuestring[0] != '\0' ? item->valuestring : NULL;
}

/* Markup. */

static const struct {
	const char *entity;
	size_t len;
	char c;
} entities[] = {{"&amp;", 5, '&'}, {"&lt;", 4, '<'}, {"&gt;", 4, '>'}};

#define ENTITIES (sizeof entities / sizeof entities[0])

static void unescape(struct buf *buf, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *mark = memchr(text, '&', (size_t)(end - text));
		size_t i;

		buf_add(buf, text, (size_t)((mark != NULL ? mark : end) - text));
		if (mark == NULL)
			return;
		for (i = 0; i < ENTITIES; i++) {
			if ((size_t)(end - mark) >= entities[i].len &&
			    memcmp(mark, entities[i].entity, entities[i].len) == 0)
				break;
		}
		buf_add(buf, i < ENTITIES ? &entities[i].c : "&", 1);
		text = mark + (i < ENTITIES ? entities[i].len : 1);
	}
}

/* What Slack writes between < and >: a mention (@U, #C, !here) or an address with its scheme. */
static bool is_markup(const char *inside, size_t len)
{
	size_t i = 0;

	if (len < 2)
		return false;
	if (strchr("@#!", inside[0]) != NULL)
		return true;
	while (i < len && (isalnum((unsigned char)inside[i]) || strchr("+-.", inside[i]) != NULL))
		i++;
	return i > 1 && i < len && inside[i] == ':' && isalpha((unsigned char)inside[0]);
}

static void put_markup(struct buf *buf, const char *inside, size_t len)
{
	const char *bar = memchr(inside, '|', len);
	size_t first = bar != NULL ? (size_t)(bar - inside) : len;

	unescape(buf, inside, first);
	if (bar == NULL)
		return;
	buf_add(buf, " ", 1);
	unescape(buf, bar + 1, len - first - 1);
}

void slack_plain(struct buf *buf, const char *text)
{
	while (*text != '\0') {
		size_t run = strcspn(text, "<");
		size_t inside;

		unescape(buf, text, run);
		text += run;
		if (*text == '\0')
			break;
		inside = strcspn(text + 1, "<>");
		if (text[1 + inside] == '>' && is_markup(text + 1, inside)) {
			put_markup(buf, text + 1, inside);
			text += inside + 2;
		} else {
			buf_add(buf, text++, 1);
		}
	}
}

void slack_escape(struct buf *buf, const char *text)
{
	while (*text != '\0') {
		size_t run = strcspn(text, "&<>");
		size_t i;

		buf_add(buf, text, run);
		text += run;
		for (i = 0; i < ENTITIES && *text != '\0'; i++) {
			if (*text == entities[i].c) {
				buf_add(buf, entities[i].entity, entities[i].len);
				text++;
				break;
			}
		}
	}
}

/* Flattening. */

static void end_line(struct buf *buf)
{
	if (buf->len > 0 && buf->data[buf->len - 1] != '\n')
		buf_add(buf, "\n", 1);
}

static void put_line(struct buf *buf, const char *text)
{
	if (text == NULL)
		return;
	end_line(buf);
	slack_plain(buf, text);
}

static void put_member(struct buf *buf, const cJSON *object, const char *key)
{
	put_line(buf, slack_string(object, key));
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; word != NULL && *list != NULL; list++) {
		if (strcmp(word, *list) == 0)
			return true;
	}
	return false;
}

/* The strings of a block that people see; the others are ids, types and styles. */
static const char *const block_texts[] = {"text",  "url",         "value",    "alt_text",
					  "title", "title_link",  "fallback", "user_id",
					  "label", "placeholder", NULL};
/* Their elements are pieces of one line. */
static const char *const inline_types[] = {"rich_text_section", "rich_text_preformatted",
					   "rich_text_quote", NULL};

static void flatten_blocks(struct buf *buf, const cJSON *item, int depth, bool same_line)
{
	bool is_line = is_one_of(slack_string(item, "type"), inline_types);
	bool first = true;
	const cJSON *child;

	if (depth > BLOCK_DEPTH || buf->full)
		return;
	if (is_line)
		end_line(buf);
	cJSON_ArrayForEach(child, item)
	{
		if (cJSON_IsObject(child) || cJSON_IsArray(child)) {
			flatten_blocks(buf, child, depth + 1, same_line || is_line);
		} else if (cJSON_IsString(child) && is_one_of(child->string, block_texts)) {
			if (!same_line)
				end_line(buf);
			else if (!first)
				buf_add(buf, " ", 1);
			slack_plain(buf, child->valuestring);
			first = false;
		}
	}
	if (is_line)
		end_line(buf);
}

/* The fallback mostly says again what the attachment says: then it is left out. */
static void put_fallback(struct buf *buf, size_t from, const char *fallback)
{
	struct buf plain = {.limit = SLACK_TEXT_LIMIT};

	if (fallback == NULL)
		return;
	slack_plain(&plain, fallback);
	if (from >= buf->len ||
	    memmem(buf->data + from, buf->len - from, buf_text(&plain), plain.len) == NULL) {
		end_line(buf);
		buf_add(buf, buf_text(&plain), plain.len);
	}
	buf_done(&plain);
}

static void flatten_attachment(struct buf *buf, const cJSON *attachment)
{
	static const char *const before[] = {"pretext", "author_name", "author_subname", "title",
					     "text"};
	static const char *const after[] = {"footer", "title_link", "author_link", "from_url"};
	size_t from = buf->len;
	const cJSON *field;

	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
		put_member(buf, attachment, before[i]);
	cJSON_ArrayForEach(field, cJSON_GetObjectItemCaseSensitive(attachment, "fields"))
	{
		put_member(buf, field, "title");
		put_member(buf, field, "value");
	}
	flatten_blocks(buf, cJSON_GetObjectItemCaseSensitive(attachment, "blocks"), 0, false);
	flatten_blocks(buf, cJSON_GetObjectItemCaseSensitive(attachment, "actions"), 0, false);
	for (size_t i = 0; i < sizeof after / sizeof after[0]; i++)
		put_member(buf, attachment, after[i]);
	put_fallback(buf, from, slack_string(attachment, "fallback"));
}

/* Takes the start of a character off the end, and a last line's end. */
static void trim_end(struct buf *buf)
{
	size_t len = buf->len;

	if (buf->full) {
		while (len > 0 && (buf->data[len - 1] & 0xc0) == 0x80)
			len--;
		if (len > 0 && (buf->data[len - 1] & 0x80) != 0)
			len--;
	}
	if (len > 0 && buf->data[len - 1] == '\n')
		len--;
	buf->len = len;
	if (buf->data != NULL)
		buf->data[len] = '\0';
}

void slack_flatten(struct buf *buf, const cJSON *message)
{
	const cJSON *attachment;

	put_member(buf, message, "text");
	flatten_blocks(buf, cJSON_GetObjectItemCaseSensitive(message, "blocks"), 0, false);
	cJSON_ArrayForEach(attachment, cJSON_GetObjectItemCaseSensitive(message, "attachments"))
	    flatten_attachment(buf, attachment);
	trim_end(buf);
}

/* Our mark. */

static const char *mark_of_blocks(const cJSON *blocks)
{
	const cJSON *block;

	cJSON_ArrayForEach(block, blocks)
	{
		const char *id = slack_string(block, "block_id");

		if (id != NULL && strncmp(id, MARK_PREFIX, strlen(MARK_PREFIX)) == 0)
			return id + strlen(MARK_PREFIX);
	}
	return NULL;
}

const char *slack_mark(const cJSON *message)
{
	const char *mark = mark_of_blocks(cJSON_GetObjectItemCaseSensitive(message, "blocks"));
	const cJSON *attachment;

	cJSON_ArrayForEach(attachment, cJSON_GetObjectItemCaseSensitive(message, "attachments"))
	{
		if (mark != NULL)
			break;
		mark = mark_of_blocks(cJSON_GetObjectItemCaseSensitive(attachment, "blocks"));
	}
	return mark;
}
