/* Looking back at drills that are over. */
#include "src/program/back.h"

#include <stdio.h>
#include <string.h>

#include "scenarios/nearest.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/words.h"

/* What was typed. */

static bool read_verdict(const char *verdict, struct error *error)
{
	const char *names[VERDICT_COUNT], *meant;

	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		names[i] = verdict_name((enum verdict)i);
		if (strcmp(names[i], verdict) == 0)
			return true;
	}
	meant = nearest(verdict, names, VERDICT_COUNT);
	return error_set(error, "there is no verdict \"%s\": %s%s%s", verdict,
			 meant != NULL ? "did you mean \"" : "use one of pass, gap, flaky, ",
			 meant != NULL ? meant : "inconclusive, refused, aborted",
			 meant != NULL ? "\"?" : "");
}

static bool read_options(struct back *back, struct error *error)
{
	const struct options *options = back->options;
	struct error wrong = {""};

	if (options->verdict != NULL && !read_verdict(options->verdict, error))
		return false;
	if (options->since == NULL)
		return true;
	if (!duration_parse(options->since, &back->since_ms, &wrong))
		return error_set(error, "--since: %s", wrong.text);
	return back->since_ms > 0 ||
	       error_set(error, "--since wants a time that is longer than nothing, such as 7d");
}

/* Opening. */

bool back_open(struct back *ret_back, const struct options *options)
{
	struct back *back = ret_back;
	struct history_limits limits = {.bytes = HISTORY_BYTES};
	struct error error = {""};
	bool good;

	*back = (struct back){.options = options, .now_wall_ms = clock_wall_ms()};
	good = read_options(back, &error);
	back->app = good ? app_load_config(options) : NULL;
	if (good && back->app == NULL)
		return false; /* it was printed */
	if (good && history_exists(app_config(back->app)->state)) {
		limits.keep_ms = app_config(back->app)->history.keep_ms;
		back->history = history_open(app_config(back->app)->state, &limits, &error);
		good = back->history != NULL;
	}
	if (!good)
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	return good;
}

void back_close(struct back *back)
{
	history_close(back->history);
	app_free(back->app);
	*back = (struct back){0};
}

/* Looking. */

static bool is_among(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return count == 0;
}

bool back_wants(const struct back *back, const char *scenario, const char *environment)
{
	const struct options *options = back->options;

	return is_among(options->words, options->word_count, scenario) &&
	       is_among(options->env, options->env_count, environment);
}

struct visiting {
	const struct back *back;
	size_t left; /* to be told; 0: all */
	history_drill_fn *visit;
	void *arg;
};

static bool on_drill(void *arg, const struct history_drill *drill)
{
	struct visiting *visiting = arg;

	if (!back_wants(visiting->back, drill->scenario, drill->environment))
		return true;
	return visiting->visit(visiting->arg, drill) &&
	       (visiting->left == 0 || --visiting->left > 0);
}

/* One name is looked up; of several, each drill is asked. */
static const char *only(const char *const *list, size_t count)
{
	return count == 1 ? list[0] : NULL;
}

bool back_visit(const struct back *back, size_t most, bool reports, history_drill_fn *visit,
		void *arg)
{
	const struct options *options = back->options;
	const struct history_filter filter = {
	    .scenario = only(options->words, options->word_count),
	    .environment = only(options->env, options->env_count),
	    .verdict = options->verdict,
	    .since_wall_ms = back->since_ms > 0 ? back->now_wall_ms - back->since_ms : 0,
	};
	struct visiting visiting = {back, most, visit, arg};
	struct error error = {""};

	if (back->history == NULL ||
	    history_visit_drills(back->history, &filter, reports, on_drill, &visiting, &error))
		return true;
	(void)fprintf(stderr, "firedrill: not all of the history can be read: %s\n", error.text);
	return false;
}

static void add_names(struct buf *buf, const char *before, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(buf, "%s%s", i == 0 ? before : " or ", list[i]);
}

void back_describe(const struct back *back, struct buf *buf)
{
	const struct options *options = back->options;

	add_names(buf, " of ", options->words, options->word_count);
	add_names(buf, " in ", options->env, options->env_count);
	if (options->verdict != NULL)
		buf_addf(buf, " that ended as %s", options->verdict);
	if (options->since != NULL)
		buf_addf(buf, " in the last %s", options->since);
}
