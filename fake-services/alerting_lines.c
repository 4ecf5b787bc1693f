/* What came into the alerting service, as Loki tells it. */
#include "fake-services/alerting_lines.h"

#include <cjson/cJSON.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "fake-services/server.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define MAX_LINES   1000
#define MAX_FILTERS 4
#define MAX_LABELS  8
#define PART_BYTES  200 /* of a label or filter */
#define LEVEL_BYTES 16

struct line {
	int64_t wall_ms;
	char *text;          /* owned */
	const char *service; /* static */
	char level[LEVEL_BYTES];
	TAILQ_ENTRY(line) link;
};

struct lines {
	char *environment;                  /* owned */
	TAILQ_HEAD(line_list, line) newest; /* owned; the newest first */
	size_t count;
};

/* A query, taken apart. */
struct query {
	struct {
		char name[PART_BYTES], value[PART_BYTES];
	} labels[MAX_LABELS];
	size_t label_count;
	struct {
		bool is_expression;
		char text[PART_BYTES];
	} filters[MAX_FILTERS];
	size_t filter_count;
};

/* Reading a query. */

/* A text in "quotes" or `backticks`, without escapes; returns what follows, or NULL. */
static const char *read_quoted(const char *at, char ret_text[PART_BYTES])
{
	char quote = *at;
	size_t len;

	if (quote != '"' && quote != '`')
		return NULL;
	len = strcspn(++at, quote == '"' ? "\"" : "`");
	if (at[len] != quote || len >= PART_BYTES)
		return NULL;
	(void)snprintf(ret_text, PART_BYTES, "%.*s", (int)len, at);
	return at + len + 1;
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* environment="staging", level="error"} */
static const char *read_labels(const char *at, struct query *query)
{
	while (query->label_count < MAX_LABELS) {
		size_t len = strcspn(at, "=!~{}\", ");
		char *name = query->labels[query->label_count].name;

		if (len == 0 || len >= PART_BYTES || at[len] != '=')
			return NULL;
		(void)snprintf(name, PART_BYTES, "%.*s", (int)len, at);
		at = read_quoted(at + len + 1, query->labels[query->label_count++].value);
		if (at == NULL)
			return NULL;
		at = skip_space(at);
		if (*at != ',')
			return *at == '}' ? at + 1 : NULL;
		at = skip_space(at + 1);
	}
	return NULL;
}

static bool read_query(const char *at, struct query *query)
{
	at = skip_space(at);
	at = *at == '{' ? read_labels(skip_space(at + 1), query) : NULL;
	while (at != NULL && *(at = skip_space(at)) != '\0') {
		bool expression = strncmp(at, "|~", 2) == 0;

		if ((!expression && strncmp(at, "|=", 2) != 0) ||
		    query->filter_count == MAX_FILTERS)
			return false;
		query->filters[query->filter_count].is_expression = expression;
		at = read_quoted(skip_space(at + 2), query->filters[query->filter_count++].text);
	}
	return at != NULL;
}

/* Selecting. */

static bool fits_expression(const char *expression, const char *text)
{
	regex_t regex;
	bool fits;

	if (regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	fits = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return fits;
}

static bool is_selected(const struct lines *lines, const struct line *line,
			const struct query *query)
{
	const struct {
		const char *name, *value;
	} labels[] = {{"environment", lines->environment},
		      {"service", line->service},
		      {"level", line->level}};

	for (size_t i = 0; i < query->label_count; i++) {
		const char *value = "";

		for (size_t k = 0; k < sizeof labels / sizeof labels[0]; k++)
			if (strcmp(labels[k].name, query->labels[i].name) == 0)
				value = labels[k].value;
		if (strcmp(value, query->labels[i].value) != 0)
			return false;
	}
	for (size_t i = 0; i < query->filter_count; i++) {
		const char *text = query->filters[i].text;

		if (query->filters[i].is_expression ? !fits_expression(text, line->text)
						    : strstr(line->text, text) == NULL)
			return false;
	}
	return true;
}

/* The values of the stream that a line belongs to: one for each set of labels. */
static cJSON *values_for(const struct lines *lines, const struct line *line, cJSON *result)
{
	cJSON *stream, *labels;

	cJSON_ArrayForEach(stream, result)
	{
		labels = cJSON_GetObjectItem(stream, "stream");
		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(labels, "service")),
			   line->service) == 0 &&
		    strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(labels, "level")),
			   line->level) == 0)
			return cJSON_GetObjectItem(stream, "values");
	}
	stream = cJSON_CreateObject();
	labels = cJSON_AddObjectToObject(stream, "stream");
	(void)cJSON_AddStringToObject(labels, "environment", lines->environment);
	(void)cJSON_AddStringToObject(labels, "service", line->service);
	(void)cJSON_AddStringToObject(labels, "level", line->level);
	(void)cJSON_AddItemToArray(result, stream);
	return cJSON_AddArrayToObject(stream, "values");
}

/* Answering. */

struct asked {
	struct query query;
	bool readable;
	size_t limit;
};

static void take_argument(void *arg, const char *name, const char *value)
{
	struct asked *asked = arg;

	if (strcmp(name, "query") == 0)
		asked->readable = read_query(value, &asked->query);
	else if (strcmp(name, "limit") == 0)
		asked->limit = strtoul(value, NULL, 10);
}

static cJSON *select_lines(const struct lines *lines, const struct asked *asked)
{
	cJSON *result = cJSON_CreateArray();
	const struct line *line;
	size_t count = 0;

	TAILQ_FOREACH(line, &lines->newest, link)
	{
		cJSON *value;
		char ns[32];

		if (count == asked->limit || !is_selected(lines, line, &asked->query))
			continue;
		(void)snprintf(ns, sizeof ns, "%lld000000", (long long)line->wall_ms);
		value = cJSON_CreateArray();
		(void)cJSON_AddItemToArray(value, cJSON_CreateString(ns));
		(void)cJSON_AddItemToArray(value, cJSON_CreateString(line->text));
		(void)cJSON_AddItemToArray(values_for(lines, line, result), value);
		count++;
	}
	return result;
}

void fake_lines_send(const struct lines *lines, struct fake_request *request)
{
	struct asked asked = {.limit = 100};
	cJSON *answer, *data;
	char *text;

	fake_form_parse(fake_request_query(request), take_argument, &asked);
	if (!asked.readable) {
		fake_reply_text(request, 400,
				"parse error: this knows {label=\"value\"} with |= "
				"\"text\" and |~ \"expression\"\n");
		return;
	}
	answer = cJSON_CreateObject();
	(void)cJSON_AddStringToObject(answer, "status", "success");
	data = cJSON_AddObjectToObject(answer, "data");
	(void)cJSON_AddStringToObject(data, "resultType", "streams");
	(void)cJSON_AddItemToObject(data, "result", select_lines(lines, &asked));
	text = cJSON_PrintUnformatted(answer);
	fake_reply(request, 200, "application/json; charset=UTF-8", text, strlen(text));
	cJSON_free(text);
	cJSON_Delete(answer);
}

/* Keeping. */

static void drop_oldest(struct lines *lines)
{
	struct line *line = TAILQ_LAST(&lines->newest, line_list);

	TAILQ_REMOVE(&lines->newest, line, link);
	lines->count--;
	free(line->text);
	free(line);
}

void fake_lines_add(struct lines *lines, const char *service, const char *text, size_t len)
{
	struct line *line = mem_zalloc(sizeof *line);
	const char *level;

	*line = (struct line){
	    .wall_ms = clock_wall_ms(), .text = mem_dup_n(text, len), .service = service};
	level = strstr(line->text, "level=");
	if (level != NULL) {
		level += strlen("level=");
		(void)snprintf(line->level, sizeof line->level, "%.*s", (int)strcspn(level, " "),
			       level);
	}
	if (lines->count == MAX_LINES)
		drop_oldest(lines);
	TAILQ_INSERT_HEAD(&lines->newest, line, link);
	lines->count++;
}

struct lines *fake_lines_new(const char *environment)
{
	struct lines *lines = mem_zalloc(sizeof *lines);

	lines->environment = mem_dup(environment);
	TAILQ_INIT(&lines->newest);
	return lines;
}

void fake_lines_free(struct lines *lines)
{
	if (lines == NULL)
		return;
	while (lines->count > 0)
		drop_oldest(lines);
	free(lines->environment);
	free(lines);
}
