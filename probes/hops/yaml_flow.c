/* Texts and collections in brackets of the YAML that Alertmanager prints. */
#include "probes/hops/yaml_parts.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define NODE_LIMIT 200000
#define KEY_LIMIT  500 /* of one mapping */

/* Refuses what stands at `where`; always NULL. */
void *yaml_refuse(struct yaml_reader *reader, const char *where, const char *what)
{
	int line = 1;

	if (reader->failed)
		return NULL;
	for (const char *at = reader->text; at < where; at++)
		line += *at == '\n';
	reader->failed = true;
	(void)error_set(reader->error, "line %d: %s", line, what);
	return NULL;
}

char *yaml_skip_blanks(char *at)
{
	return at + strspn(at, " ");
}

bool yaml_is_item(const char *at)
{
	return at[0] == '-' && (at[1] == ' ' || at[1] == '\n' || at[1] == '\0');
}

/* A new node, or NULL when there are too many. */
cJSON *yaml_counted(struct yaml_reader *reader, const char *where, cJSON *node)
{
	if (node != NULL && ++reader->nodes <= NODE_LIMIT)
		return node;
	cJSON_Delete(node);
	return yaml_refuse(reader, where, "too much of it");
}

cJSON *yaml_make_text(struct yaml_reader *reader, const char *where, const char *text, size_t len)
{
	char *copy = mem_dup_n(text, len);
	cJSON *node = cJSON_CreateString(copy);

	free(copy);
	return yaml_counted(reader, where, node);
}

cJSON *yaml_make_plain(struct yaml_reader *reader, const char *text, size_t len)
{
	if (len == 0 || (len == 1 && *text == '~') || (len == 4 && memcmp(text, "null", 4) == 0))
		return yaml_counted(reader, text, cJSON_CreateNull());
	return yaml_make_text(reader, text, text, len);
}

/* Texts in quotes. */

static void add_character(struct buf *text, unsigned long code)
{
	char bytes[4];
	size_t len = 0;

	if (code < 0x80) {
		bytes[len++] = (char)code;
	} else if (code < 0x800) {
		bytes[len++] = (char)(0xc0 | code >> 6);
		bytes[len++] = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		bytes[len++] = (char)(0xe0 | code >> 12);
		bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[len++] = (char)(0x80 | (code & 0x3f));
	} else {
		bytes[len++] = (char)(0xf0 | code >> 18);
		bytes[len++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[len++] = (char)(0x80 | (code & 0x3f));
	}
	buf_add(text, bytes, len);
}

/* \x41, \u00e9, \U0001f600: `digits` of them at `at`; 0 when they are none or no character. */
static unsigned long read_code(const char *at, size_t digits)
{
	char copy[9] = "";
	unsigned long code;

	if (strspn(at, "0123456789abcdefABCDEF") < digits)
		return 0;
	memcpy(copy, at, digits);
	code = strtoul(copy, NULL, 16);
	return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : code;
}

/* What follows a backslash; returns what is behind it, NULL when it is unknown. */
static char *read_escape(struct buf *text, char *at)
{
	static const char plain[] = "\"\\/ abtnvfre", meant[] = "\"\\/ \a\b\t\n\v\f\r\033";
	const char *found = *at != '\0' ? strchr(plain, *at) : NULL;
	size_t digits = *at == 'x' ? 2 : *at == 'u' ? 4 : *at == 'U' ? 8 : 0;
	unsigned long code = 0;

	if (found != NULL) {
		buf_add(text, &meant[found - plain], 1);
		return at + 1;
	}
	if (digits > 0)
		code = read_code(at + 1, digits);
	else if (*at == 'N')
		code = 0x85;
	else if (*at == '_')
		code = 0xa0;
	else if (*at == 'L')
		code = 0x2028;
	else if (*at == 'P')
		code = 0x2029;
	if (code == 0)
		return NULL;
	add_character(text, code);
	return at + 1 + digits;
}

/* One line break becomes a blank, more of them one less; returns the next line's text. */
static char *fold(struct buf *text, char *at)
{
	size_t breaks = 0;

	while (text->len > 0 && text->data[text->len - 1] == ' ')
		text->data[--text->len] = '\0';
	while (*at == '\n' || *at == ' ')
		breaks += *at++ == '\n';
	if (breaks == 1)
		buf_adds(text, " ");
	for (; breaks > 1; breaks--)
		buf_adds(text, "\n");
	return at;
}

/* From the opening quote; *at is then behind the closing one. */
bool yaml_read_quoted(struct yaml_reader *reader, char **at, struct buf *text)
{
	char quote = **at, *from = *at, *next = from + 1;

	while (*next != '\0') {
		if (*next == quote && quote == '\'' && next[1] == quote) {
			buf_adds(text, "'");
			next += 2;
		} else if (*next == quote) {
			*at = next + 1;
			return true;
		} else if (*next == '\\' && quote == '"' && next[1] == '\n') {
			next = yaml_skip_blanks(next + 2);
		} else if (*next == '\\' && quote == '"') {
			next = read_escape(text, next + 1);
			if (next == NULL)
				break;
		} else if (*next == '\n') {
			next = fold(text, next);
		} else {
			buf_add(text, next++, 1);
		}
	}
	(void)yaml_refuse(reader, from,
			  next == NULL ? "an escape that is not known" : "a quote without its end");
	return false;
}

/* Collections in brackets. */

static char *skip_space(char *at)
{
	return at + strspn(at, " \n");
}

/* How many bytes of a plain text there are inside brackets. */
static size_t flow_plain(const char *at)
{
	size_t len = 0;

	while (strchr(",[]{}\n", at[len]) == NULL && at[len] != '\0' &&
	       !(at[len] == ':' && strchr(" ,[]{}\n", at[len + 1]) != NULL) &&
	       !(at[len] == ' ' && at[len + 1] == '#'))
		len++;
	while (len > 0 && at[len - 1] == ' ')
		len--;
	return len;
}

bool yaml_can_be_plain(const char *at)
{
	return strchr("&*!|>%@`#,]}\"'", *at) == NULL && !(*at == '?' && at[1] == ' ');
}

static cJSON *read_flow_text(struct yaml_reader *reader, char **at)
{
	char *from = *at;
	struct buf text = {0};
	cJSON *node = NULL;
	size_t len;

	if (*from == '"' || *from == '\'') {
		if (yaml_read_quoted(reader, at, &text))
			node = yaml_make_text(reader, from, buf_text(&text), text.len);
		buf_done(&text);
		return node;
	}
	len = flow_plain(from);
	if (len == 0 || !yaml_can_be_plain(from) || yaml_is_item(from))
		return yaml_refuse(reader, from, "a value of a kind that is not known here");
	*at = from + len;
	return yaml_make_plain(reader, from, len);
}

bool yaml_add_pair(struct yaml_reader *reader, const char *where, cJSON *object, const char *key,
		   cJSON *value)
{
	const cJSON *other;
	int count = 0;

	if (value == NULL)
		return false;
	cJSON_ArrayForEach(other, object)
	{
		if (++count < KEY_LIMIT && strcmp(other->string, key) != 0)
			continue;
		cJSON_Delete(value);
		(void)yaml_refuse(reader, where, "a key that is there twice, or too many keys");
		return false;
	}
	return cJSON_AddItemToObject(object, key, value);
}

/* One member of a collection in brackets. */
static bool read_member(struct yaml_reader *reader, cJSON *collection, char **at)
{
	char *from = *at;
	cJSON *key, *value = NULL;
	bool good;

	if (cJSON_IsArray(collection)) {
		value = yaml_read_flow(reader, at);
		return value != NULL && cJSON_AddItemToArray(collection, value);
	}
	key = read_flow_text(reader, at);
	*at = skip_space(*at);
	if (key != NULL && cJSON_IsString(key) && **at == ':') {
		*at = skip_space(*at + 1);
		value = yaml_read_flow(reader, at);
	} else {
		(void)yaml_refuse(reader, from, "a key without its value");
	}
	good = value != NULL && yaml_add_pair(reader, from, collection, key->valuestring, value);
	cJSON_Delete(key);
	return good;
}

static cJSON *read_brackets(struct yaml_reader *reader, char **at)
{
	char *from = *at, end = (char)(*from == '[' ? ']' : '}');
	cJSON *collection = end == ']' ? cJSON_CreateArray() : cJSON_CreateObject();

	collection = yaml_counted(reader, from, collection);
	*at = skip_space(from + 1);
	while (collection != NULL && **at != end) {
		bool good = read_member(reader, collection, at);

		*at = skip_space(*at);
		if (good && **at == ',') {
			*at = skip_space(*at + 1);
		} else if (!good || **at != end) {
			cJSON_Delete(collection);
			return yaml_refuse(reader, from, "brackets that cannot be read");
		}
	}
	if (collection != NULL)
		(*at)++;
	return collection;
}

cJSON *yaml_read_flow(struct yaml_reader *reader, char **at)
{
	cJSON *node;

	if (**at != '[' && **at != '{')
		return read_flow_text(reader, at);
	if (++reader->depth > DEPTH_LIMIT)
		return yaml_refuse(reader, *at, "nested too deeply");
	node = read_brackets(reader, at);
	reader->depth--;
	return node;
}
