/* Answers what a browser asks of the daemon: routes to histories to pages. */
#include "src/program/serve/pages.h"

#include <stdlib.h>
#include <string.h>

#include "reports/page/page.h"
#include "scenarios/config.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/pages_parts.h"
#include "src/store/history.h"

#define HOME_MOST 48  /* bytes of the way back from a page that there is not */
#define NAME_MOST 256 /* bytes of what a path or a query names */

struct pages {
	struct pages_sources sources;
};

struct pages *pages_new(const struct pages_sources *sources)
{
	struct pages *pages = mem_zalloc(sizeof *pages);

	pages->sources = *sources;
	return pages;
}

void pages_free(struct pages *pages)
{
	free(pages);
}

void pages_set(struct pages *pages, const struct pages_sources *sources)
{
	pages->sources = *sources;
}

/* What is asked for. */

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The value of a key of a query. Owned by the caller; NULL: it is not there, too long, or no text. */
static char *query_value(const char *query, const char *key)
{
	size_t key_len = strlen(key);
	struct buf value = {.limit = NAME_MOST};

	while (query != NULL && !(strncmp(query, key, key_len) == 0 && query[key_len] == '=')) {
		query = strchr(query, '&');
		query = query != NULL ? query + 1 : NULL;
	}
	if (query == NULL)
		return NULL;
	for (query += key_len + 1; *query != '\0' && *query != '&'; query++) {
		char c = *query == '+' ? ' ' : *query;

		if (c == '%' && hex_of(query[1]) >= 0 && hex_of(query[2]) >= 0) {
			c = (char)(hex_of(query[1]) * 16 + hex_of(query[2]));
			query += 2;
		}
		if (c == '\0')
			break;
		buf_add(&value, &c, 1);
	}
	if (value.len == 0 || value.full) {
		buf_done(&value);
		return NULL;
	}
	return buf_take(&value);
}

/* Answers. */

static void answer_message(const struct page_frame *frame, struct web_answer *answer, int status,
			   const char *title, const char *text)
{
	answer->status = status;
	page_message(&answer->body, frame, title, text);
}

static void answer_error(const struct page_frame *frame, struct web_answer *answer,
			 const struct error *error)
{
	answer_message(frame, answer, 503, "The history could not be read", error->text);
}

struct answering {
	const struct page_frame *frame; /* borrowed */
	struct buf *html;               /* borrowed */
};

static bool on_drill(void *arg, const struct history_drill *drill)
{
	const struct answering *answering = arg;

	(void)pages_write_drill(answering->html, answering->frame, drill);
	return true;
}

static void answer_drill(const struct pages_sources *sources, const struct page_frame *frame,
			 const char *drill, struct web_answer *answer)
{
	struct answering answering = {frame, &answer->body};
	struct error error = {""};
	bool found = false;

	if (sources->history == NULL)
		(void)error_set(&error, "No history is open.");
	if (sources->history == NULL ||
	    !history_find_drill(sources->history, drill, on_drill, &answering, &found, &error)) {
		buf_done(&answer->body);
		answer_error(frame, answer, &error);
	} else if (!found) {
		answer_message(frame, answer, 404, "There is no such drill",
			       "The history does not know it, or not any more: drills are kept as "
			       "long as history.keep says.");
	}
}

static void answer_scenario(const struct pages_sources *sources, const struct page_frame *frame,
			    const char *name, struct web_answer *answer)
{
	struct error error = {""};
	bool found = false;

	if (!pages_write_scenario(&answer->body, frame, sources, name, &found, &error)) {
		buf_done(&answer->body);
		answer_error(frame, answer, &error);
	} else if (!found) {
		buf_done(&answer->body);
		answer_message(frame, answer, 404, "There is no such scenario",
			       "Neither the configuration nor the history knows it.");
	}
}

static void answer_overview(const struct pages_sources *sources, const struct page_frame *frame,
			    const char *query, struct web_answer *answer)
{
	char *environment = query_value(query, "environment");
	char *only = query_value(query, "only");

	if (environment != NULL &&
	    config_environment(app_config(sources->app), environment) == NULL)
		answer_message(frame, answer, 404, "There is no such environment",
			       "The configuration does not name it.");
	else
		pages_write_overview(&answer->body, frame, sources, environment,
				     only != NULL && strcmp(only, "open") == 0);
	free(environment);
	free(only);
}

static void answer_coverage(const struct pages_sources *sources, const struct page_frame *frame,
			    struct web_answer *answer)
{
	struct error error = {""};

	if (pages_write_coverage(&answer->body, frame, sources, &error))
		return;
	buf_done(&answer->body);
	answer_error(frame, answer, &error);
}

/* What follows a folder in a path, if it is a name of one part. */
static const char *name_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (strncmp(path, folder, len) != 0 || path[len] == '\0' || strlen(path + len) > NAME_MOST)
		return NULL;
	return path + len;
}

/* The way back to the overview, relative to the page, so that the pages also work behind a proxy that
 * serves them under a path of its own. */
static void find_home(struct buf *home, const char *path)
{
	for (const char *at = strchr(path + (path[0] == '/'), '/');
	     at != NULL && home->len < HOME_MOST; at = strchr(at + 1, '/'))
		buf_adds(home, "../");
	if (home->len == 0)
		buf_adds(home, "./");
}

void pages_answer(struct pages *pages, const struct web_ask *ask, struct web_answer *ret_answer)
{
	const struct pages_sources *sources = &pages->sources;
	const struct config *config = app_config(sources->app);
	struct buf home = {0};
	struct page_frame frame = {
	    .zone = config->report.zone != NULL ? config->report.zone : "UTC",
	    .now_wall_ms = clock_wall_ms(),
	};
	const char *name;

	find_home(&home, ask->path);
	frame.home = buf_text(&home);
	if (strcmp(ask->path, "/") == 0)
		answer_overview(sources, &frame, ask->query, ret_answer);
	else if (strcmp(ask->path, "/coverage") == 0)
		answer_coverage(sources, &frame, ret_answer);
	else if ((name = name_in(ask->path, "/drill/")) != NULL)
		answer_drill(sources, &frame, name, ret_answer);
	else if ((name = name_in(ask->path, "/scenario/")) != NULL)
		answer_scenario(sources, &frame, name, ret_answer);
	else
		answer_message(&frame, ret_answer, 404, "There is no such page",
			       "The overview leads to all that there are.");
	buf_done(&home);
}
