/* A path into JSON. */
#include "scenarios/json_path.h"

#include <stdlib.h>
#include <string.h>

#define INDEX_DIGITS 6

/* What stands in brackets; the text behind it, NULL when it is wrong. */
static const char *read_brackets(const char *at, struct json_step *ret_step)
{
	size_t digits = strspn(at, "0123456789");

	if (at[0] == '*') {
		*ret_step = (struct json_step){.kind = JSON_STEP_EVERY};
		at++;
	} else if (at[0] == '\'') {
		size_t len = strcspn(at + 1, "'");

		*ret_step = (struct json_step){JSON_STEP_NAME, at + 1, len, 0};
		if (at[1 + len] == '\0')
			return NULL;
		at += len + 2;
	} else if (digits > 0 && digits <= INDEX_DIGITS) {
		*ret_step =
		    (struct json_step){.kind = JSON_STEP_INDEX, .index = (int)strtol(at, NULL, 10)};
		at += digits;
	}
	return at[0] == ']' && ret_step->kind != JSON_STEP_COUNT ? at + 1 : NULL;
}

/* One step; the text behind it, NULL when it is wrong. */
static const char *read_step(const char *at, bool first, struct json_step *ret_step)
{
	size_t len;

	ret_step->kind = JSON_STEP_COUNT;
	if (at[0] == '[')
		return read_brackets(at + 1, ret_step);
	if (!first && *at++ != '.')
		return NULL;
	len = strcspn(at, ".[]");
	*ret_step = (struct json_step){JSON_STEP_NAME, at, len, 0};
	return len > 0 ? at + len : NULL;
}

size_t json_path_read(const char *path, struct json_step ret_steps[JSON_PATH_STEPS],
		      struct error *error)
{
	const char *at = path;
	size_t count = 0;

	do {
		const char *next = NULL;

		if (count < JSON_PATH_STEPS)
			next = read_step(at, count == 0, &ret_steps[count]);
		if (next == NULL) {
			(void)error_set(error,
					count == JSON_PATH_STEPS
					    ? "has more than %d steps, at \"%.40s\""
					    : "is not a path of at most %d steps, at \"%.40s\": "
					      "write it like \"data.items[*].labels\"",
					JSON_PATH_STEPS, at);
			return 0;
		}
		at = next;
		count++;
	} while (*at != '\0');
	return count;
}
