/* `firedrill coverage`: which rules and receivers were proven, where, when last and how fast. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hops/hop.h"
#include "reports/coverage.h"
#include "reports/terminal.h"
#include "scenarios/nearest.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/base/percentile.h"
#include "src/base/secret.h"
#include "src/engine/hops.h"
#include "src/engine/proof.h"
#include "src/program/app.h"
#include "src/program/coverage_send.h"
#include "src/program/verbs.h"
#include "src/store/history.h"

#define ASK_MS     30000 /* how long the stations may take to tell what they have */
#define ROWS_SHOWN 30    /* of each environment and kind, without --all */
#define SINCE      "90d"

struct asking {
	struct app *app; /* borrowed */
	const struct options *options;
	unsigned require;
	struct hops *hops; /* owned */
	/* One for each part of the coverage; its look is owned, NULL: no pipeline. */
	struct place {
		const struct environment *environment; /* borrowed */
		const struct pipeline *pipeline;       /* borrowed; NULL */
		struct hops_look *look;
	} * places;
	size_t place_count;
	struct coverage coverage;
};

/* What was typed. */

static bool read_options(struct asking *asking, struct error *error)
{
	const struct options *options = asking->options;
	const char *since = options->since != NULL ? options->since : SINCE;
	char *end = NULL;
	struct error wrong = {""};
	long percent;

	if (!duration_parse(since, &asking->coverage.since_ms, &wrong))
		return error_set(error, "--since: %s", wrong.text);
	if (asking->coverage.since_ms == 0)
		return error_set(error,
				 "--since wants a time that is longer than nothing, such as 30d");
	if (options->require == NULL)
		return true;
	percent = strtol(options->require, &end, 10);
	if (end == options->require || *end != '\0' || percent < 1 || percent > 100)
		return error_set(error,
				 "--require wants a number of percent from 1 to 100, such as 80");
	asking->require = (unsigned)percent;
	return true;
}

static void add_place(struct asking *asking, const struct environment *environment)
{
	const struct config *config = app_config(asking->app);

	asking->places = mem_grow(asking->places, asking->place_count + 1, sizeof *asking->places);
	asking->places[asking->place_count++] = (struct place){
	    .environment = environment,
	    .pipeline = environment->pipeline != NULL
			    ? config_pipeline(config, environment->pipeline)
			    : NULL,
	};
}

/* Always false. */
static bool unknown_environment(const struct config *config, const char *name, struct error *error)
{
	const char **known = mem_zalloc((config->environment_count + 1) * sizeof *known);
	const char *meant;

	for (size_t i = 0; i < config->environment_count; i++)
		known[i] = config->environments[i].name;
	meant = nearest(name, known, config->environment_count);
	free(known);
	return error_set(error, "there is no environment \"%s\" in %s%s%s%s", name, config->file,
			 meant != NULL ? ": did you mean \"" : "", meant != NULL ? meant : "",
			 meant != NULL ? "\"?" : "");
}

/* Those that were named, else all. */
static bool find_places(struct asking *asking, struct error *error)
{
	const struct config *config = app_config(asking->app);
	const struct options *options = asking->options;
	bool any = false;

	for (size_t i = 0; i < options->env_count; i++) {
		const struct environment *named = config_environment(config, options->env[i]);

		if (named == NULL)
			return unknown_environment(config, options->env[i], error);
		add_place(asking, named);
	}
	for (size_t i = 0; options->env_count == 0 && i < config->environment_count; i++)
		add_place(asking, &config->environments[i]);
	for (size_t i = 0; i < asking->place_count; i++)
		any |= asking->places[i].pipeline != NULL;
	return any || error_set(error,
				"no environment names a pipeline, so nobody can be asked for its "
				"rules: set `pipelines` and environments.NAME.pipeline in %s",
				config->file);
}

/* Asking. */

static void on_changed(void *arg)
{
	(void)arg; /* the loop looks again after every turn */
}

static bool have_answered(void *arg)
{
	const struct asking *asking = arg;

	for (size_t i = 0; i < asking->place_count; i++) {
		const struct hops_look *look = asking->places[i].look;

		if (look != NULL && !hops_look_has(look, HOP_BEFORE))
			return false;
	}
	return true;
}

/* Environments with one pipeline share its answers. */
static void ask(struct asking *asking)
{
	int64_t now_ms = clock_ms();

	for (size_t i = 0; i < asking->place_count; i++) {
		struct place *place = &asking->places[i];

		if (place->pipeline == NULL)
			continue;
		place->look = hops_look_new(asking->hops, place->pipeline, on_changed, asking);
		hops_look_ask(place->look, HOP_BEFORE, now_ms, ASK_MS);
	}
	(void)app_run_until(asking->app, have_answered, asking, 2 * ASK_MS);
}

/* What was answered. */

struct listing {
	const struct asking *asking; /* borrowed */
	const struct place *place;   /* borrowed */
	struct coverage_part *part;  /* borrowed */
};

static void on_item(void *arg, const struct hop_item *item)
{
	const struct listing *listing = arg;
	const struct coverage_item listed = {
	    .kind = item->kind == HOP_ITEM_RULE ? COVERAGE_RULE : COVERAGE_RECEIVER,
	    .pipeline = (char *)(uintptr_t)listing->place->pipeline->name,
	    .hop = (char *)(uintptr_t)item->station,
	    .name = (char *)(uintptr_t)item->name,
	    .detail = (char *)(uintptr_t)item->detail,
	    .cannot = (char *)(uintptr_t)item->cannot,
	    .listed = true,
	    .p50_ms = -1,
	    .p99_ms = -1,
	};

	coverage_add_item(listing->part, &listed);
}

/* What a station of this type tells of. */
static bool tells_of(const char *type, enum coverage_kind kind)
{
	if (strcmp(type, "prometheus") == 0)
		return kind == COVERAGE_RULE;
	if (strcmp(type, "alertmanager") == 0)
		return kind == COVERAGE_RECEIVER;
	return strcmp(type, "grafana") == 0;
}

static void list_hop(struct listing *listing, size_t i)
{
	const struct hop_settings *settings = &listing->place->pipeline->hops[i];
	struct coverage_trouble trouble = {.hop = settings->name};
	struct error error = {""};

	for (int kind = 0; kind < COVERAGE_KIND_COUNT; kind++) {
		trouble.kinds[kind] = tells_of(settings->type, (enum coverage_kind)kind);
		listing->part->tells[kind] |= trouble.kinds[kind];
	}
	if (hops_look_inventory(listing->place->look, HOP_BEFORE, i, on_item, listing, &error))
		return;
	secret_mask(app_secrets(listing->asking->app), error.text);
	trouble.text = error.text;
	coverage_add_trouble(listing->part, &trouble);
}

/* What the history has. */

static void on_proven(void *arg, const struct history_item *item)
{
	const struct listing *listing = arg;
	const int64_t *latencies = item->latencies_ms;
	const struct coverage_item proven = {
	    .kind = strcmp(item->kind, proof_kind_name(HOP_ITEM_RULE)) == 0 ? COVERAGE_RULE
									    : COVERAGE_RECEIVER,
	    .pipeline = (char *)(uintptr_t)item->pipeline,
	    .hop = (char *)(uintptr_t)item->hop,
	    .name = (char *)(uintptr_t)item->name,
	    .detail = (char *)(uintptr_t)item->detail,
	    .last_drill = (char *)(uintptr_t)item->last_drill,
	    .first_wall_ms = item->first_wall_ms,
	    .last_wall_ms = item->last_wall_ms,
	    .proofs = item->latency_count,
	    .p50_ms = percentile_of(latencies, item->latency_count, 50),
	    .p99_ms = percentile_of(latencies, item->latency_count, 99),
	};

	coverage_add_item(listing->part, &proven);
}

static bool collect(struct asking *asking, struct history *history, struct error *error)
{
	struct coverage *coverage = &asking->coverage;
	bool good = true;

	coverage->now_wall_ms = clock_wall_ms();
	for (size_t i = 0; good && i < asking->place_count; i++) {
		const struct place *place = &asking->places[i];
		struct listing listing = {.asking = asking, .place = place};

		listing.part = coverage_add_part(coverage, place->environment->name,
						 place->environment->pipeline);
		for (size_t j = 0; place->look != NULL && j < place->pipeline->hop_count; j++)
			list_hop(&listing, j);
		good = history == NULL ||
		       history_visit_items(history, place->environment->name,
					   coverage->now_wall_ms - coverage->since_ms, on_proven,
					   &listing, error);
	}
	coverage_finish(coverage);
	return good;
}

/* Where no drill has run yet there is no history, and none is made. */
static bool collect_all(struct asking *asking, struct error *error)
{
	const struct config *config = app_config(asking->app);
	const struct history_limits limits = {.keep_ms = config->history.keep_ms,
					      .bytes = HISTORY_BYTES};
	struct history *history;
	bool good;

	if (!history_exists(config->state))
		return collect(asking, NULL, error);
	history = history_open(config->state, &limits, error);
	good = history != NULL && collect(asking, history, error);
	history_close(history);
	return good;
}

/* Telling. */

static void print(const struct asking *asking)
{
	const struct view view = terminal_view_for(stdout);
	struct buf text = {0};

	if (asking->options->json) {
		char *line = coverage_json(&asking->coverage, asking->require);

		(void)puts(line);
		free(line);
		return;
	}
	coverage_write(&text, &view, &asking->coverage, asking->options->all ? 0 : ROWS_SHOWN);
	(void)fputs(buf_text(&text), stdout);
	buf_done(&text);
}

/* The flow. */

static int tell(struct asking *asking)
{
	enum exit_code code = coverage_exit_code(&asking->coverage, asking->require);
	struct error error = {""};

	print(asking);
	if (!asking->options->post || coverage_send(asking->app, &asking->coverage, &error))
		return (int)code;
	(void)fprintf(stderr, "firedrill: %s\n", error.text);
	return (int)exit_code_worst(code, EXIT_USAGE);
}

static int look(struct asking *asking)
{
	const struct hop_context stations = {app_base(asking->app), app_faults(asking->app)->http,
					     app_secrets(asking->app)};
	struct error error = {""};
	int code;

	asking->hops = hops_new(&stations, hop_driver_find);
	ask(asking);
	if (collect_all(asking, &error)) {
		code = tell(asking);
	} else {
		(void)fprintf(stderr, "firedrill: what was proven is not known: %s\n", error.text);
		code = EXIT_INCONCLUSIVE;
	}
	for (size_t i = 0; i < asking->place_count; i++)
		hops_look_free(asking->places[i].look);
	hops_free(asking->hops);
	return code;
}

static int run_coverage(const struct options *options)
{
	struct asking asking = {.options = options};
	struct error error = {""};
	int code = EXIT_USAGE;

	if (!read_options(&asking, &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		return EXIT_USAGE;
	}
	asking.app = app_load(options);
	if (asking.app == NULL)
		return EXIT_USAGE;
	if (find_places(&asking, &error) && app_open_asking(asking.app, &error))
		code = look(&asking);
	else
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	coverage_done(&asking.coverage);
	free(asking.places);
	app_free(asking.app);
	return code;
}

const struct verb verb_coverage = {
    .name = "coverage",
    .words = "",
    .options = 1u << OPTION_CONFIG | 1u << OPTION_ENV | 1u << OPTION_ALL | 1u << OPTION_JSON |
	       1u << OPTION_POST | 1u << OPTION_SINCE | 1u << OPTION_REQUIRE,
    .summary = "which rules and receivers were proven, where, when last, how fast",
    .help = "Asks the pipelines of all environments, or of those that --env names, for their\n"
	    "alerting rules and for the receivers that some route delivers to, and tells of\n"
	    "each whether a drill has proven it: an alert of that rule, or by that receiver,\n"
	    "that was read in its channel. What needs you comes first; --all shows every\n"
	    "row, and for --json they all are there anyway. --post sends the summary to the\n"
	    "report channel, or else to the first one that a scenario watches.\n"
	    "Exit code 0; 1 when less than --require percent of the rules or of the\n"
	    "receivers is proven; 5 when something could not be asked.",
    .run = run_coverage,
};
