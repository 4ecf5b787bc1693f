/* Cursors: base64 of "next_ts:1700000000000100" or "team:C0000000001", as Slack's are. */
#include <stdlib.h>
#include <string.h>

#include "fake-services/chat_api.h"
#include "src/base/mem.h"

#define MAX_CURSOR_LEN 200

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *base64_encode(const char *text)
{
	size_t len = strlen(text);
	char *code = mem_zalloc((len + 2) / 3 * 4 + 1);
	char *at = code;

	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = (unsigned)(unsigned char)text[i] << 16;

		if (i + 1 < len)
			bits |= (unsigned)(unsigned char)text[i + 1] << 8;
		if (i + 2 < len)
			bits |= (unsigned)(unsigned char)text[i + 2];
		*at++ = base64[bits >> 18 & 63];
		*at++ = base64[bits >> 12 & 63];
		*at++ = i + 1 < len ? base64[bits >> 6 & 63] : '=';
		*at++ = i + 2 < len ? base64[bits & 63] : '=';
	}
	return code;
}

/* "" for what is not base64. */
static char *base64_decode(const char *code)
{
	char *text = mem_zalloc(strlen(code) + 1);
	unsigned bits = 0;
	int count = 0;
	size_t len = 0;

	for (; *code != '\0' && *code != '='; code++) {
		const char *digit = strchr(base64, *code);

		if (digit == NULL) {
			text[0] = '\0';
			return text;
		}
		bits = bits << 6 | (unsigned)(digit - base64);
		count += 6;
		if (count >= 8) {
			count -= 8;
			text[len++] = (char)(bits >> count & 0xff);
		}
	}
	text[len] = '\0';
	return text;
}

void fake_api_add_cursor(cJSON *answer, const char *prefix, const char *value)
{
	char *text = mem_printf("%s%s", prefix, value);
	char *cursor = base64_encode(text);
	cJSON *metadata = cJSON_AddObjectToObject(answer, "response_metadata");

	(void)cJSON_AddStringToObject(metadata, "next_cursor", cursor);
	free(cursor);
	free(text);
}

char *fake_api_cursor(const struct api_call *call, const char *prefix)
{
	const char *cursor = fake_api_text(call, "cursor");
	char *text = base64_decode(strlen(cursor) <= MAX_CURSOR_LEN ? cursor : "");
	char *value = NULL;

	if (strncmp(text, prefix, strlen(prefix)) == 0 && text[strlen(prefix)] != '\0')
		value = mem_dup(text + strlen(prefix));
	free(text);
	return value;
}
