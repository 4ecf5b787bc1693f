/* What Slack makes of a message's text, attachments and blocks before it stores them.
 * https://docs.slack.dev/reference/block-kit, https://docs.slack.dev/legacy/legacy-messaging */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fake-services/chat_store.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define MAX_ATTACHMENTS  100
#define MAX_BLOCKS       50
#define MAX_SECTION_TEXT 3000
#define MAX_HEADER_TEXT  150
#define MAX_BLOCK_ID     255
#define MAX_FIELDS       10
#define MAX_ELEMENTS     10
#define MAX_DEPTH        12

/* Helpers. */

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : "";
}

static void set_text(cJSON *object, const char *key, const char *text)
{
	cJSON *item = cJSON_CreateString(text);

	if (cJSON_GetObjectItemCaseSensitive(object, key) != NULL)
		(void)cJSON_ReplaceItemInObjectCaseSensitive(object, key, item);
	else
		(void)cJSON_AddItemToObject(object, key, item);
}

/* Characters as Slack counts them: not the continuation bytes of UTF-8. */
static size_t length_of(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			count++;
	return count;
}

/* Links: a bare URL is stored as <URL>. */

static size_t url_len(const char *text)
{
	size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
			: strncmp(text, "http://", 7) == 0 ? 7
							   : 0;
	size_t len = scheme;

	if (scheme == 0)
		return 0;
	while (text[len] != '\0' && strchr(" \t\r\n<>|\"`", text[len]) == NULL)
		len++;
	while (len > scheme && strchr(".,;:!?)]}'*_~", text[len - 1]) != NULL)
		len--;
	return len > scheme ? len : 0;
}

static void autolink(cJSON *object, const char *key)
{
	const char *text = text_of(object, key);
	struct buf linked = {0};
	bool inside = false;

	if (strstr(text, "://") == NULL)
		return;
	while (*text != '\0') {
		size_t len = inside ? 0 : url_len(text);

		if (len > 0) {
			buf_adds(&linked, "<");
			buf_add(&linked, text, len);
			buf_adds(&linked, ">");
			text += len;
			continue;
		}
		if (*text == '<' && strchr(text, '>') != NULL)
			inside = true;
		else if (*text == '>')
			inside = false;
		buf_add(&linked, text++, 1);
	}
	set_text(object, key, buf_text(&linked));
	buf_done(&linked);
}

/* Blocks. */

static const char *bad_block(char **ret_detail, const char *problem, int index, const char *where)
{
	if (*ret_detail == NULL)
		*ret_detail =
		    mem_printf("[ERROR] %s [json-pointer:/blocks/%d%s]", problem, index, where);
	return "invalid_blocks";
}

static bool has(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key) != NULL;
}

/* Text objects come back with the defaults spelled out. */
static void complete_text_object(cJSON *object, int depth)
{
	const char *type = text_of(object, "type");
	cJSON *child;

	if (depth > MAX_DEPTH)
		return;
	if (strcmp(type, "mrkdwn") == 0) {
		autolink(object, "text");
		if (!has(object, "verbatim"))
			(void)cJSON_AddBoolToObject(object, "verbatim", false);
	} else if (strcmp(type, "plain_text") == 0 && !has(object, "emoji")) {
		(void)cJSON_AddBoolToObject(object, "emoji", true);
	}
	cJSON_ArrayForEach(child, object) if (cJSON_IsObject(child) || cJSON_IsArray(child))
	    complete_text_object(child, depth + 1);
}

static const char *check_section(const cJSON *block, int index, char **ret_detail)
{
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(block, "text");
	size_t length = length_of(text_of(text, "text"));

	if (text == NULL && !has(block, "fields"))
		return bad_block(ret_detail, "missing required field: text", index, "");
	if (length > MAX_SECTION_TEXT)
		return bad_block(ret_detail, "must be less than 3001 characters", index,
				 "/text/text");
	if (text != NULL && length == 0)
		return bad_block(ret_detail, "must be more than 0 characters", index, "/text/text");
	return NULL;
}

static const char *check_block(const cJSON *block, int index, char **ret_detail)
{
	const char *type = text_of(block, "type");
	size_t length = length_of(text_of(cJSON_GetObjectItemCaseSensitive(block, "text"), "text"));
	int fields = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(block, "fields"));
	int elements = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(block, "elements"));

	if (type[0] == '\0')
		return bad_block(ret_detail, "missing required field: type", index, "");
	if (strlen(text_of(block, "block_id")) > MAX_BLOCK_ID)
		return bad_block(ret_detail, "must be less than 256 characters", index,
				 "/block_id");
	if (fields > MAX_FIELDS)
		return bad_block(ret_detail, "no more than 10 items allowed", index, "/fields");
	if (strcmp(type, "section") == 0)
		return check_section(block, index, ret_detail);
	if (strcmp(type, "header") == 0 && (length == 0 || length > MAX_HEADER_TEXT))
		return bad_block(ret_detail, "must be less than 151 characters", index,
				 "/text/text");
	if (strcmp(type, "context") == 0 && (elements == 0 || elements > MAX_ELEMENTS))
		return bad_block(ret_detail, "between 1 and 10 items allowed", index, "/elements");
	return NULL;
}

static bool id_taken(const cJSON *blocks, const cJSON *block)
{
	const char *id = text_of(block, "block_id");
	const cJSON *other;

	if (id[0] == '\0')
		return false;
	cJSON_ArrayForEach(other, blocks) if (other != block && strcmp(text_of(other, "block_id"),
								       id) == 0) return true;
	return false;
}

/* Blocks without a block_id are given one. */
static const char *normalise_blocks(cJSON *blocks, char **ret_detail)
{
	cJSON *block;
	int index = 0;

	if (!cJSON_IsArray(blocks))
		return "invalid_blocks_format";
	if (cJSON_GetArraySize(blocks) > MAX_BLOCKS)
		return bad_block(ret_detail, "no more than 50 items allowed", MAX_BLOCKS, "");
	cJSON_ArrayForEach(block, blocks)
	{
		const char *problem = check_block(block, index, ret_detail);

		if (problem != NULL)
			return problem;
		if (id_taken(blocks, block))
			return bad_block(ret_detail, "`block_id` already exists", index,
					 "/block_id");
		if (text_of(block, "block_id")[0] == '\0') {
			char *id = mem_printf("b%04d", index);

			set_text(block, "block_id", id);
			free(id);
		}
		complete_text_object(block, 0);
		index++;
	}
	return NULL;
}

/* Attachments. */

static void normalise_colour(cJSON *attachment)
{
	static const struct {
		const char *name, *hex;
	} colours[] = {{"danger", "a30200"}, {"good", "2eb886"}, {"warning", "daa038"}};
	const char *colour = text_of(attachment, "color");

	for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
		if (strcmp(colour, colours[i].name) == 0) {
			set_text(attachment, "color", colours[i].hex);
			return;
		}
	if (colour[0] == '#') {
		char *bare = mem_dup(colour + 1);

		set_text(attachment, "color", bare);
		free(bare);
	}
}

static bool is_empty(const cJSON *item)
{
	return cJSON_IsNull(item) || (cJSON_IsString(item) && item->valuestring[0] == '\0') ||
	       (cJSON_IsArray(item) && item->child == NULL);
}

static void drop_empty(cJSON *attachment)
{
	cJSON *item, *next;

	for (item = attachment->child; item != NULL; item = next) {
		next = item->next;
		if (is_empty(item))
			cJSON_Delete(cJSON_DetachItemViaPointer(attachment, item));
	}
}

static void normalise_fields(cJSON *attachment)
{
	cJSON *field;

	cJSON_ArrayForEach(field, cJSON_GetObjectItemCaseSensitive(attachment, "fields"))
	{
		const cJSON *small = cJSON_GetObjectItemCaseSensitive(field, "short");

		if (!cJSON_IsObject(field))
			continue;
		autolink(field, "value");
		if (!cJSON_IsBool(small)) {
			cJSON_DeleteItemFromObjectCaseSensitive(field, "short");
			(void)cJSON_AddBoolToObject(field, "short", false);
		}
	}
}

/* Every stored attachment has a fallback. */
static void complete_fallback(cJSON *attachment)
{
	static const char *const sources[] = {"title", "pretext", "text"};

	if (text_of(attachment, "fallback")[0] != '\0')
		return;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		if (text_of(attachment, sources[i])[0] != '\0') {
			char *copy = mem_dup(text_of(attachment, sources[i]));

			set_text(attachment, "fallback", copy);
			free(copy);
			return;
		}
	set_text(attachment, "fallback", "[no preview available]");
}

static const char *normalise_attachment(cJSON *attachment, int id, char **ret_detail)
{
	cJSON *blocks;

	if (!cJSON_IsObject(attachment))
		return "invalid_attachments";
	drop_empty(attachment);
	blocks = cJSON_GetObjectItemCaseSensitive(attachment, "blocks");
	if (blocks != NULL) {
		const char *problem = normalise_blocks(blocks, ret_detail);

		if (problem != NULL)
			return problem;
	}
	normalise_colour(attachment);
	normalise_fields(attachment);
	complete_fallback(attachment);
	autolink(attachment, "fallback");
	autolink(attachment, "pretext");
	autolink(attachment, "text");
	cJSON_DeleteItemFromObjectCaseSensitive(attachment, "id");
	(void)cJSON_AddNumberToObject(attachment, "id", id);
	return NULL;
}

static bool attachment_has_content(const cJSON *attachment)
{
	const cJSON *item;

	cJSON_ArrayForEach(item,
			   attachment) if (!is_empty(item) && item->string != NULL &&
					   strcmp(item->string, "color") != 0 &&
					   strcmp(item->string, "mrkdwn_in") != 0) return true;
	return false;
}

bool fake_payload_has_content(const cJSON *payload)
{
	const cJSON *attachment;

	cJSON_ArrayForEach(
	    attachment,
	    cJSON_GetObjectItemCaseSensitive(
		payload, "attachments")) if (attachment_has_content(attachment)) return true;
	return text_of(payload, "text")[0] != '\0' ||
	       cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(payload, "blocks")) > 0;
}

const char *fake_payload_normalise(cJSON *payload, char **ret_detail)
{
	cJSON *attachments = cJSON_GetObjectItemCaseSensitive(payload, "attachments");
	cJSON *blocks = cJSON_GetObjectItemCaseSensitive(payload, "blocks");
	const char *problem;
	cJSON *attachment;
	int id = 1;

	*ret_detail = NULL;
	if (attachments != NULL && !cJSON_IsArray(attachments))
		return "invalid_attachments";
	if (cJSON_GetArraySize(attachments) > MAX_ATTACHMENTS)
		return "too_many_attachments";
	cJSON_ArrayForEach(attachment, attachments)
	{
		problem = normalise_attachment(attachment, id++, ret_detail);
		if (problem != NULL)
			return problem;
	}
	autolink(payload, "text");
	return blocks != NULL ? normalise_blocks(blocks, ret_detail) : NULL;
}
