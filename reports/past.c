/* A drill that is over, as the history has it or as its line of JSON tells it. */
#include "reports/past.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/plain.h"
#include "reports/when.h"
#include "src/store/history.h"

/* Values. */

const char *past_text(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

int64_t past_ms(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	/* What is not below 2^53 is no time of ours, and not every double is an int64_t. */
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < 9e15))
		return -1;
	return (int64_t)item->valuedouble;
}

const cJSON *past_object(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsObject(item) ? item : NULL;
}

const cJSON *past_list(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsArray(item) ? item->child : NULL;
}

static const char *known(const char *text)
{
	return text != NULL ? text : "";
}

/* Reading. */

static int64_t known_time(int64_t wall_ms)
{
	return when_is_known(wall_ms) ? wall_ms : 0;
}

static cJSON *parse(const char *json)
{
	char *valid = plain_utf8(json);
	cJSON *report = valid != NULL ? cJSON_Parse(valid) : NULL;

	free(valid);
	if (cJSON_IsObject(report))
		return report;
	cJSON_Delete(report);
	return NULL;
}

void past_of_drill(struct past *ret_past, const struct history_drill *kept)
{
	*ret_past = (struct past){
	    .drill = kept->drill,
	    .scenario = kept->scenario,
	    .environment = kept->environment,
	    .verdict = kept->verdict,
	    .reason = kept->reason,
	    .origin = kept->origin,
	    .repeats = kept->repeats,
	    .exit_code = kept->exit_code,
	    .started_wall_ms = known_time(kept->started_wall_ms),
	    .ended_wall_ms = known_time(kept->ended_wall_ms),
	    .kept = kept,
	    .report = parse(kept->report),
	};
}

/* "2026-11-21T10:00:00.123Z" in ms since 1970; 0: it is none. */
static int64_t wall_ms_of(const char *text)
{
	struct tm tm = {0};
	const char *end = text != NULL ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;

	return end != NULL ? (int64_t)timegm(&tm) * 1000 : 0;
}

bool past_of_report(struct past *ret_past, const char *json)
{
	cJSON *report = parse(json);
	int64_t started_ms = known_time(wall_ms_of(past_text(report, "started")));
	int64_t duration_ms = past_ms(report, "duration_ms");
	int64_t exit_code = past_ms(report, "exit_code");

	if (report == NULL)
		return false;
	*ret_past = (struct past){
	    .drill = known(past_text(report, "drill")),
	    .scenario = known(past_text(report, "scenario")),
	    .environment = known(past_text(report, "environment")),
	    .verdict = known(past_text(report, "verdict")),
	    .reason = known(past_text(report, "reason")),
	    .origin = known(past_text(report, "origin")),
	    .repeats = known(past_text(report, "repeats")),
	    .exit_code = exit_code <= INT_MAX ? (int)exit_code : -1,
	    .started_wall_ms = started_ms,
	    .ended_wall_ms = known_time(started_ms + (duration_ms > 0 ? duration_ms : 0)),
	    .report = report,
	};
	return true;
}

void past_done(struct past *past)
{
	cJSON_Delete(past->report);
	*past = (struct past){0};
}

/* In words. */

void past_what(struct buf *buf, const struct past *past)
{
	const char *text = past_text(past->report, "text");

	if (text != NULL)
		buf_adds(buf, text);
	else if (past->reason[0] != '\0')
		buf_addf(buf, "%s: %s; its report is not kept", past->verdict, past->reason);
	else
		buf_addf(buf, "%s; its report is not kept", past->verdict);
}

void past_origin(struct buf *buf, const struct past *past)
{
	if (strcmp(past->origin, "repeat") == 0 && past->repeats[0] != '\0')
		buf_addf(buf, "to confirm the gap of %s", past->repeats);
	else if (past->origin[0] != '\0')
		buf_addf(buf, "by %s", past->origin);
}
