/* Reading a line of JSON that may be damaged. */
#include "reports/page/fields.h"

#include <stddef.h>
#include <string.h>

#define MS_MOST 1e14 /* since 1970: the year 5138 */

static const cJSON *find(const cJSON *object, const char *key)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const char *field_text(const cJSON *object, const char *key)
{
	const cJSON *value = find(object, key);

	return cJSON_IsString(value) && value->valuestring != NULL && value->valuestring[0] != '\0'
		   ? value->valuestring
		   : NULL;
}

int64_t field_ms(const cJSON *object, const char *key)
{
	const cJSON *value = find(object, key);

	if (!cJSON_IsNumber(value) || !(value->valuedouble >= 0 && value->valuedouble <= MS_MOST))
		return -1;
	return (int64_t)value->valuedouble;
}

bool field_true(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(find(object, key));
}

const cJSON *field_object(const cJSON *object, const char *key)
{
	const cJSON *value = find(object, key);

	return cJSON_IsObject(value) ? value : NULL;
}

const cJSON *field_first(const cJSON *object, const char *key)
{
	const cJSON *value = find(object, key);

	return cJSON_IsArray(value) ? value->child : NULL;
}

bool field_is(const cJSON *object, const char *key, const char *text)
{
	const char *value = field_text(object, key);

	return value != NULL && strcmp(value, text) == 0;
}
