/* What Prometheus answers to a query. */
#include "probes/conditions/prometheus.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/call.h"
#include "probes/faults/text.h"

#define ERROR_SHOWN  200 /* bytes of an error, or of what is no answer */
#define NUMBER_SHOWN 40  /* bytes of a value */
#define SERIES_LIMIT 10  /* asked for: one is enough; older servers send all */

char *prometheus_url(const char *base, const char *query)
{
	size_t len = strlen(base);
	struct buf url = {0};

	if (strpbrk(base, "?#") != NULL)
		return NULL;
	while (len > 0 && base[len - 1] == '/')
		len--;
	buf_add(&url, base, len);
	buf_addf(&url, "/api/v1/query?limit=%d&query=", SERIES_LIMIT);
	call_add_escaped(&url, query);
	return buf_take(&url);
}

static const char *text_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* The value of a sample [time, "value"]; NULL when it is none. */
static const char *value_of(const cJSON *sample)
{
	return cJSON_GetStringValue(cJSON_GetArrayItem(sample, 1));
}

static enum condition_answer read_series(const cJSON *result, const struct secrets *secrets,
					 struct buf *text)
{
	int count = cJSON_GetArraySize(result);
	const cJSON *first = cJSON_GetArrayItem(result, 0);
	const char *value = value_of(cJSON_GetObjectItemCaseSensitive(first, "value"));

	if (!cJSON_IsArray(result)) {
		buf_adds(text, "gave series that cannot be read");
		return CONDITION_UNASKED;
	}
	if (count == 0) {
		buf_adds(text, "gave no series");
		return CONDITION_CALM;
	}
	buf_addf(text, "gave %s%d series", count >= SERIES_LIMIT ? "at least " : "", count);
	if (value != NULL) {
		buf_addf(text, ", %s ", count > 1 ? "the first with the value" : "with the value");
		text_quote(text, secrets, value, strlen(value), NUMBER_SHOWN);
	}
	return CONDITION_MET;
}

static enum condition_answer read_scalar(const cJSON *result, const struct secrets *secrets,
					 struct buf *text)
{
	const char *value = value_of(result);
	double number;
	char *end;

	if (value == NULL) {
		buf_adds(text, "gave a number that cannot be read");
		return CONDITION_UNASKED;
	}
	number = strtod(value, &end);
	buf_adds(text, "gave ");
	text_quote(text, secrets, value, strlen(value), NUMBER_SHOWN);
	if (end == value || *end != '\0') {
		buf_adds(text, ", which is no number");
		return CONDITION_UNASKED;
	}
	return isnan(number) || number == 0 ? CONDITION_CALM : CONDITION_MET;
}

static enum condition_answer read_data(const cJSON *data, const struct secrets *secrets,
				       struct buf *text)
{
	const cJSON *result = cJSON_GetObjectItemCaseSensitive(data, "result");
	const char *type = text_of(data, "resultType");

	if (type != NULL && (strcmp(type, "vector") == 0 || strcmp(type, "matrix") == 0))
		return read_series(result, secrets, text);
	if (type != NULL && strcmp(type, "scalar") == 0)
		return read_scalar(result, secrets, text);
	buf_adds(text, "gave neither series nor a number; ask for one of them");
	return CONDITION_UNASKED;
}

enum condition_answer prometheus_read(int status, const char *body, size_t len,
				      const struct secrets *secrets, struct buf *text)
{
	cJSON *json = cJSON_ParseWithLengthOpts(body, len + 1, NULL, true);
	const char *said = text_of(json, "status"), *error = text_of(json, "error");
	enum condition_answer answer = CONDITION_UNASKED;

	if (said != NULL && strcmp(said, "success") == 0 && status / 100 == 2) {
		answer = read_data(cJSON_GetObjectItemCaseSensitive(json, "data"), secrets, text);
	} else if (said != NULL && strcmp(said, "error") == 0) {
		buf_adds(text, "was refused: ");
		text_quote(text, secrets, error != NULL ? error : "",
			   error != NULL ? strlen(error) : 0, ERROR_SHOWN);
	} else {
		buf_addf(text, "was answered %d, but not as Prometheus does: ", status);
		text_quote(text, secrets, body, len, ERROR_SHOWN);
	}
	cJSON_Delete(json);
	return answer;
}
