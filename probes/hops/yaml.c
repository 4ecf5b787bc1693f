/* The YAML that Alertmanager prints of its own configuration, as JSON. */
#include "probes/hops/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "probes/hops/yaml_parts.h"
#include "src/base/mem.h"

static cJSON *read_block(struct yaml_reader *reader, int indent);

static char *line_end(char *at)
{
	return at + strcspn(at, "\n");
}

/* Looks at the next line with anything on it. False at the end, or when it was refused. */
static bool look(struct yaml_reader *reader)
{
	while (!reader->failed && *reader->at != '\0') {
		char *content = yaml_skip_blanks(reader->at);

		if (*content == '\t' || *content == '\r') {
			(void)yaml_refuse(reader, content, "a tab or a carriage return");
			return false;
		}
		if (*content != '\n' && *content != '#' && *content != '\0') {
			reader->content = content;
			reader->indent = (int)(content - reader->at);
			return true;
		}
		content = line_end(content);
		reader->at = *content == '\n' ? content + 1 : content;
	}
	return false;
}

/* What was read must end its line; goes on to the next one. */
static bool end_line(struct yaml_reader *reader, char *at)
{
	char *rest = yaml_skip_blanks(at);

	if (*rest != '\n' && *rest != '\0' && !(*rest == '#' && rest > at)) {
		(void)yaml_refuse(reader, rest, "more than one value");
		return false;
	}
	rest = line_end(rest);
	reader->at = *rest == '\n' ? rest + 1 : rest;
	return true;
}

/* Values of lines. */

/* A literal text: the lines behind "|" that are further in than `indent`. */
static cJSON *read_literal(struct yaml_reader *reader, char *from, int indent)
{
	struct buf text = {0};
	char chomp = '\0', *at = from + 1;
	int width = 0;
	cJSON *node;

	for (; *at == '-' || *at == '+' || (*at >= '1' && *at <= '9'); at++) {
		if (*at == '-' || *at == '+')
			chomp = *at;
		else
			width = (indent > 0 ? indent : 0) + *at - '0';
	}
	if (!end_line(reader, at))
		return NULL;
	while (*reader->at != '\0') {
		char *line = reader->at, *content = yaml_skip_blanks(line),
		     *end = line_end(content);
		int in = (int)(content - line);

		if (*content != '\n' && *content != '\0') {
			if (width == 0)
				width = in;
			if (in < width || in <= indent)
				break;
		}
		if (width > 0 && in >= width)
			buf_add(&text, line + width, (size_t)(end - line - width));
		buf_adds(&text, "\n");
		reader->at = *end == '\n' ? end + 1 : end;
	}
	while (chomp != '+' && text.len > 0 && text.data[text.len - 1] == '\n')
		text.len--;
	if (chomp == '\0' && text.len > 0)
		text.len++; /* one line break stays */
	node = yaml_make_text(reader, from, buf_text(&text), text.len);
	buf_done(&text);
	return node;
}

static size_t plain_len(char *at)
{
	size_t len = 0;

	while (at[len] != '\n' && at[len] != '\0' && !(at[len] == ' ' && at[len + 1] == '#'))
		len++;
	while (len > 0 && at[len - 1] == ' ')
		len--;
	return len;
}

/* The colon that ends a plain key, NULL when there is none on this line. */
static char *key_end(char *at)
{
	for (; *at != '\n' && *at != '\0'; at++)
		if (*at == ':' && (at[1] == ' ' || at[1] == '\n' || at[1] == '\0'))
			return at;
	return NULL;
}

/* A value that begins at `at`, in a line of a collection at `indent`. */
static cJSON *read_value(struct yaml_reader *reader, char *at, int indent)
{
	char *from = at, *colon;
	size_t len;
	cJSON *node;

	if (*at == '|')
		return read_literal(reader, at, indent);
	if (strchr("\"'[{", *at) != NULL) {
		node = yaml_read_flow(reader, &at);
		if (node != NULL && end_line(reader, at))
			return node;
		cJSON_Delete(node);
		return NULL;
	}
	len = plain_len(at);
	colon = key_end(at);
	if (!yaml_can_be_plain(at) || yaml_is_item(at) || (colon != NULL && colon < at + len))
		return yaml_refuse(reader, at, "a value of a kind that is not known here");
	if (!end_line(reader, at + len))
		return NULL;
	if (look(reader) && reader->indent > indent)
		return yaml_refuse(reader, reader->content, "a plain text over several lines");
	return reader->failed ? NULL : yaml_make_plain(reader, from, len);
}

/* What follows "key:" or "-" at the end of a line. */
static cJSON *read_below(struct yaml_reader *reader, char *where, int indent, bool items_beside)
{
	if (look(reader) && (reader->indent > indent || (items_beside && reader->indent == indent &&
							 yaml_is_item(reader->content))))
		return read_block(reader, reader->indent);
	return reader->failed ? NULL : yaml_counted(reader, where, cJSON_CreateNull());
}

static bool read_pair(struct yaml_reader *reader, cJSON *mapping, int indent)
{
	char *from = reader->content, *at = from, *colon;
	struct buf key = {0};
	cJSON *value = NULL;
	bool good;

	if (*at == '"' || *at == '\'') {
		if (!yaml_read_quoted(reader, &at, &key)) {
			buf_done(&key);
			return false;
		}
		colon = key_end(at) == at ? at : NULL;
	} else {
		colon = yaml_can_be_plain(at) && *at != '[' && *at != '{' ? key_end(at) : NULL;
		if (colon != NULL)
			buf_add(&key, from, (size_t)(colon - from));
	}
	if (colon == NULL) {
		(void)yaml_refuse(reader, from, "no key where one should be");
	} else {
		at = yaml_skip_blanks(colon + 1);
		if (*at != '\n' && *at != '\0' && *at != '#')
			value = read_value(reader, at, indent);
		else if (end_line(reader, colon + 1))
			value = read_below(reader, from, indent, true);
	}
	good = yaml_add_pair(reader, from, mapping, buf_text(&key), value);
	buf_done(&key);
	return good;
}

/* Is there a key at `at`, or a value? */
static bool begins_mapping(struct yaml_reader *reader, char *at)
{
	struct buf skipped = {0};
	bool is_key;

	if (*at == '[' || *at == '{' || *at == '|')
		return false;
	if (*at != '"' && *at != '\'')
		return key_end(at) != NULL && key_end(at) < at + plain_len(at);
	is_key = yaml_read_quoted(reader, &at, &skipped) && key_end(at) == at;
	buf_done(&skipped);
	return is_key;
}

static bool read_item(struct yaml_reader *reader, cJSON *list, int indent)
{
	char *at = reader->content + 1;
	cJSON *value = NULL;

	if (*yaml_skip_blanks(at) == '\n' || *yaml_skip_blanks(at) == '\0') {
		if (end_line(reader, at))
			value = read_below(reader, at, indent, false);
	} else {
		at = yaml_skip_blanks(at);
		*reader->content = ' '; /* so that what follows is a line further in */
		if (yaml_is_item(at) || begins_mapping(reader, at))
			value = read_block(reader, (int)(at - reader->at));
		else if (!reader->failed)
			value = read_value(reader, at, indent);
	}
	return value != NULL && cJSON_AddItemToArray(list, value);
}

/* The collection whose first line was looked at, and is at `indent`. */
static cJSON *read_collection(struct yaml_reader *reader, int indent)
{
	bool items = yaml_is_item(reader->content);
	cJSON *collection = items ? cJSON_CreateArray() : cJSON_CreateObject();

	collection = yaml_counted(reader, reader->content, collection);
	while (collection != NULL && look(reader) && reader->indent == indent &&
	       yaml_is_item(reader->content) == items) {
		if (items ? !read_item(reader, collection, indent)
			  : !read_pair(reader, collection, indent)) {
			(void)yaml_refuse(reader, reader->content, "cannot be read");
			break;
		}
	}
	if (collection != NULL && !reader->failed && look(reader) && reader->indent > indent)
		(void)yaml_refuse(reader, reader->content, "a line that is too far in");
	if (!reader->failed)
		return collection;
	cJSON_Delete(collection);
	return NULL;
}

static cJSON *read_block(struct yaml_reader *reader, int indent)
{
	cJSON *collection;

	if (!look(reader) || reader->indent != indent)
		return yaml_refuse(reader, reader->at, "nothing where a value should be");
	if (!yaml_is_item(reader->content) && !begins_mapping(reader, reader->content))
		return reader->failed ? NULL : read_value(reader, reader->content, indent - 1);
	if (++reader->depth > DEPTH_LIMIT)
		return yaml_refuse(reader, reader->content, "nested too deeply");
	collection = read_collection(reader, indent);
	reader->depth--;
	return collection;
}

cJSON *yaml_read(const char *text, size_t len, struct error *error)
{
	struct yaml_reader reader = {.error = error};
	cJSON *root = NULL;

	if (len > YAML_MAX || memchr(text, '\0', len) != NULL) {
		(void)error_set(error, "it is over %u bytes, or holds a zero byte", YAML_MAX);
		return NULL;
	}
	reader.text = mem_dup_n(text, len);
	reader.at = reader.text;
	reader.content = reader.text;
	if (strncmp(reader.text, "---\n", 4) == 0)
		reader.at += 4;
	if (look(&reader))
		root = read_block(&reader, reader.indent);
	else if (!reader.failed)
		(void)yaml_refuse(&reader, reader.at, "it is empty");
	if (root != NULL && look(&reader))
		(void)yaml_refuse(&reader, reader.content,
				  "more than one document, or a line too far out");
	free(reader.text);
	if (!reader.failed)
		return root;
	cJSON_Delete(root);
	return NULL;
}
