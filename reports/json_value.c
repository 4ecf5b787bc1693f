/* The values of our JSON lines. */
#include "reports/json_value.h"

#include <stdlib.h>

#include "reports/plain.h"
#include "reports/when.h"
#include "src/base/buf.h"
#include "src/engine/evidence.h"

/* Values. cJSON answers NULL only when memory is out, which ends the process as in base/mem.h. */

static cJSON *must_have(cJSON *item)
{
	if (item == NULL)
		abort();
	return item;
}

cJSON *json_object(void)
{
	return must_have(cJSON_CreateObject());
}

cJSON *json_add(cJSON *object, const char *key, cJSON *value)
{
	if (!cJSON_AddItemToObject(object, key, must_have(value)))
		abort();
	return value;
}

/* cJSON escapes what JSON wants escaped, but does not look at UTF-8. */
void json_add_text(cJSON *object, const char *key, const char *text)
{
	char *valid = plain_utf8(text);

	(void)json_add(object, key, valid != NULL ? cJSON_CreateString(valid) : cJSON_CreateNull());
	free(valid);
}

void json_add_ms(cJSON *object, const char *key, int64_t ms)
{
	(void)json_add(object, key,
		       ms != TIME_NEVER ? cJSON_CreateNumber((double)ms) : cJSON_CreateNull());
}

void json_add_time(cJSON *object, const char *key, int64_t wall_ms)
{
	char text[32];

	json_add_text(object, key, when_rfc3339(wall_ms, text, sizeof text) ? text : NULL);
}

cJSON *json_add_list(cJSON *object, const char *key)
{
	return json_add(object, key, cJSON_CreateArray());
}

cJSON *json_add_entry(cJSON *list)
{
	cJSON *entry = must_have(cJSON_CreateObject());

	if (!cJSON_AddItemToArray(list, entry))
		abort();
	return entry;
}

/* DEL, the C1 control characters, and those that turn the writing direction. */
static bool is_control(uint32_t c)
{
	return (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* A copy in which they are escaped too: JSON allows them as they are, but a report is also looked at
 * in a terminal. */
static char *escape_controls(const char *line)
{
	struct buf buf = {0};
	uint32_t c;

	for (size_t size; *line != '\0'; line += size) {
		size = plain_next(line, &c);
		if (is_control(c))
			buf_addf(&buf, "\\u%04x", (unsigned int)c);
		else
			buf_add(&buf, line, size);
	}
	return buf_take(&buf);
}

char *json_line(cJSON *object)
{
	char *line = cJSON_PrintUnformatted(object), *text;

	if (line == NULL)
		abort();
	text = escape_controls(line);
	cJSON_free(line);
	cJSON_Delete(object);
	return text;
}
