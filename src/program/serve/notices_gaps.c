/* The gaps that are open. */
#include "src/program/serve/notices_gaps.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/store/history.h"

#define LAST_WAIT_MS 1000 /* for another process that writes, at the end */

struct notices_gaps {
	struct history *history;   /* borrowed; NULL: none */
	struct notices *notices;   /* borrowed */
	struct notices_gap *first; /* owned */
};

void notices_gap_set(char **text, const char *value)
{
	char *copy = mem_dup(value != NULL ? value : "");

	free(*text);
	*text = copy;
}

static void gap_free(struct notices_gap *gap)
{
	notices_post_cancel(gap->post);
	notices_words_done(&gap->told);
	notices_words_done(&gap->next);
	notices_words_done(&gap->reply);
	free(gap->scenario);
	free(gap->environment);
	free(gap->first_drill);
	free(gap->last_drill);
	free(gap->finding);
	free(gap->text);
	free(gap->chat);
	free(gap->channel);
	free(gap->channel_id);
	free(gap->ts);
	free(gap->link);
	free(gap);
}

/* The history. */

static bool write_down(struct notices_gaps *gaps, const struct notices_gap *gap, int64_t wait_ms)
{
	const struct history_gap row = {
	    .scenario = gap->scenario,
	    .environment = gap->environment,
	    .first_drill = gap->first_drill,
	    .last_drill = gap->last_drill,
	    .first_wall_ms = gap->first_wall_ms,
	    .last_wall_ms = gap->last_wall_ms,
	    .drills = gap->drills,
	    .finding = gap->finding,
	    .text = gap->text,
	    .chat = gap->chat,
	    .channel = gap->channel,
	    .channel_id = gap->channel_id,
	    .ts = gap->ts,
	};
	struct error error;

	return gaps->history == NULL || history_put_gap(gaps->history, &row, wait_ms, &error);
}

/* Unless it has come again: then the row is that one's. */
static bool close_row(struct notices_gaps *gaps, const struct notices_gap *gap, int64_t wait_ms)
{
	struct error error;

	return gaps->history == NULL ||
	       notices_gaps_find(gaps, gap->scenario, gap->environment) != NULL ||
	       history_close_gap(gaps->history, gap->scenario, gap->environment, wait_ms, &error);
}

/* What could not be written is tried again with the next one. */
static void write_all(struct notices_gaps *gaps, int64_t wait_ms)
{
	struct notices_gap **at = &gaps->first;

	while (*at != NULL) {
		struct notices_gap *gap = *at;

		if (gap->unwritten && !gap->over)
			gap->unwritten = !write_down(gaps, gap, wait_ms);
		if (gap->ended && close_row(gaps, gap, wait_ms)) {
			*at = gap->following;
			gap_free(gap);
		} else {
			at = &gap->following;
		}
	}
}

static bool on_gap(void *arg, const struct history_gap *row)
{
	struct notices_gap *gap = notices_gaps_add(arg, row->scenario, row->environment);

	notices_gap_set(&gap->first_drill, row->first_drill);
	notices_gap_set(&gap->last_drill, row->last_drill);
	notices_gap_set(&gap->finding, row->finding);
	notices_gap_set(&gap->text, row->text);
	notices_gap_set(&gap->chat, row->chat);
	notices_gap_set(&gap->channel, row->channel);
	notices_gap_set(&gap->channel_id, row->channel_id);
	notices_gap_set(&gap->ts, row->ts);
	gap->first_wall_ms = row->first_wall_ms;
	gap->last_wall_ms = row->last_wall_ms;
	gap->drills = row->drills;
	return true;
}

/* Public. */

struct notices_gaps *notices_gaps_new(struct history *history, struct notices *notices,
				      struct error *error)
{
	struct notices_gaps *gaps = mem_zalloc(sizeof *gaps);

	gaps->history = history;
	gaps->notices = notices;
	if (history != NULL && !history_visit_gaps(history, on_gap, gaps, error))
		gaps->history = NULL; /* what it holds must not be overwritten by guesses */
	return gaps;
}

/* What was learnt meanwhile is newer. */
static bool on_gap_of_before(void *arg, const struct history_gap *row)
{
	return notices_gaps_find(arg, row->scenario, row->environment) != NULL || on_gap(arg, row);
}

void notices_gaps_set_history(struct notices_gaps *gaps, struct history *history)
{
	for (struct notices_gap *gap = gaps->first; gap != NULL; gap = gap->following)
		gap->unwritten = true;
	if (gaps->history == NULL && history_visit_gaps(history, on_gap_of_before, gaps, NULL))
		gaps->history = history;
	write_all(gaps, 0);
}

void notices_gaps_free(struct notices_gaps *gaps)
{
	if (gaps == NULL)
		return;
	write_all(gaps, LAST_WAIT_MS);
	while (gaps->first != NULL) {
		struct notices_gap *gone = gaps->first;

		gaps->first = gone->following;
		gap_free(gone);
	}
	free(gaps);
}

struct notices_gap *notices_gaps_find(struct notices_gaps *gaps, const char *scenario,
				      const char *environment)
{
	for (struct notices_gap *gap = gaps->first; gap != NULL; gap = gap->following) {
		if (!gap->over && strcmp(gap->scenario, scenario) == 0 &&
		    strcmp(gap->environment, environment) == 0)
			return gap;
	}
	return NULL;
}

struct notices_gap *notices_gaps_add(struct notices_gaps *gaps, const char *scenario,
				     const char *environment)
{
	struct notices_gap *gap = mem_zalloc(sizeof *gap);

	*gap = (struct notices_gap){
	    .scenario = mem_dup(scenario),
	    .environment = mem_dup(environment),
	    .first_drill = mem_dup(""),
	    .last_drill = mem_dup(""),
	    .finding = mem_dup(""),
	    .text = mem_dup(""),
	    .chat = mem_dup(""),
	    .channel = mem_dup(""),
	    .channel_id = mem_dup(""),
	    .ts = mem_dup(""),
	    .notices = gaps->notices,
	    .following = gaps->first,
	};
	gaps->first = gap;
	return gap;
}

static bool on_first(void *arg, const struct history_drill *drill)
{
	struct notices_gap *gap = arg;

	notices_gap_set(&gap->first_drill, drill->drill);
	gap->first_wall_ms = drill->ended_wall_ms;
	gap->drills++;
	return true;
}

void notices_gaps_date(const struct notices_gaps *gaps, struct notices_gap *gap, const char *drill)
{
	struct error error = {""};
	bool found = false;

	if (drill[0] != '\0' && gaps->history != NULL)
		(void)!history_find_drill(gaps->history, drill, on_first, gap, &found, &error);
}

void notices_gaps_changed(struct notices_gaps *gaps, struct notices_gap *gap)
{
	gap->unwritten = true;
	write_all(gaps, 0);
}

void notices_gaps_drop(struct notices_gaps *gaps, struct notices_gap *gap)
{
	gap->over = true;
	gap->ended = true;
	write_all(gaps, 0);
}

/* Those that were read from the history are as old as that: unless the older ones could not be read. */
static void drop_outdated(struct notices_gaps *gaps, const struct notices_gaps *older)
{
	struct notices_gap **at = &gaps->first;

	while (*at != NULL) {
		struct notices_gap *gap = *at;
		bool known = false;

		for (const struct notices_gap *other = older->first; other != NULL;
		     other = other->following)
			known = known || (strcmp(other->scenario, gap->scenario) == 0 &&
					  strcmp(other->environment, gap->environment) == 0);
		if (known || older->history != NULL) {
			*at = gap->following;
			gap_free(gap);
		} else {
			at = &gap->following;
		}
	}
}

void notices_gaps_take_over(struct notices_gaps *gaps, struct notices_gaps *older)
{
	struct notices_gap **end = &gaps->first;

	drop_outdated(gaps, older);
	for (struct notices_gap *gap = older->first; gap != NULL; gap = gap->following)
		gap->notices = gaps->notices;
	while (*end != NULL)
		end = &(*end)->following;
	*end = older->first;
	older->first = NULL;
}

bool notices_gaps_use(const struct notices_gaps *gaps, const struct app *app)
{
	for (const struct notices_gap *gap = gaps->first; gap != NULL; gap = gap->following) {
		if (gap->post != NULL && notices_post_app(gap->post) == app)
			return true;
	}
	return false;
}

bool notices_gaps_are_quiet(const struct notices_gaps *gaps)
{
	for (const struct notices_gap *gap = gaps->first; gap != NULL; gap = gap->following) {
		if (gap->post != NULL)
			return false;
	}
	return true;
}
