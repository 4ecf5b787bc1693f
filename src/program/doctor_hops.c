/* What `firedrill doctor` asks the stations of the alert pipelines, and what it makes of that: how
 * long each alert will take, and what will spoil a drill. */
#include <stdlib.h>
#include <string.h>

#include "probes/hops/hop.h"
#include "probes/hops/summary.h"
#include "reports/timing_text.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/hops.h"
#include "src/engine/timing.h"
#include "src/program/doctor.h"

#define EXAMPLE "fd-00000000" /* the id of a drill that is not run */
#define MORE_MS 1000          /* on top of what the requests may take */
#define ROUNDS  2             /* of requests, one after the other, that a station is asked by */

/* One pipeline, once its stations are asked. */
struct asked {
	const struct pipeline *pipeline; /* borrowed */
	struct hops_look *look;          /* owned; NULL: nobody uses it */
};

struct hop_checks {
	struct doctor *doctor; /* borrowed */
	struct hop_context context;
	struct hops *hops;   /* owned */
	struct asked *asked; /* owned; one for each pipeline of the configuration */
	const struct asked *awaited;
	size_t hop; /* ... of which station */
};

/* Asking: all stations at once. */

static bool is_used(const struct config *config, const struct pipeline *pipeline)
{
	for (size_t i = 0; i < config->environment_count; i++) {
		const char *name = config->environments[i].pipeline;

		if (name != NULL && strcmp(name, pipeline->name) == 0)
			return true;
	}
	return false;
}

static void on_changed(void *arg)
{
	(void)arg; /* the wait looks for itself */
}

static int64_t patience_of(const struct pipeline *pipeline)
{
	int64_t longest_ms = 0;

	for (size_t i = 0; i < pipeline->hop_count; i++) {
		if (pipeline->hops[i].timeout_ms > longest_ms)
			longest_ms = pipeline->hops[i].timeout_ms;
	}
	return ROUNDS * longest_ms + MORE_MS;
}

static void ask(struct hop_checks *checks, struct asked *asked)
{
	const struct pipeline *pipeline = asked->pipeline;

	if (!is_used(app_config(checks->doctor->app), pipeline)) {
		doctor_say(checks->doctor, DOCTOR_NOTE, pipeline->name,
			   "this pipeline is not asked: no environment names it");
		return;
	}
	asked->look = hops_look_new(checks->hops, pipeline, on_changed, NULL);
	hops_look_ask(asked->look, HOP_BEFORE, clock_ms(), patience_of(pipeline));
}

/* Stations. */

struct telling {
	struct doctor *doctor;           /* borrowed */
	const char *what;                /* borrowed */
	const struct scenario *resolved; /* borrowed; of a warning */
};

static void on_summary(void *arg, bool good, const char *text)
{
	const struct telling *telling = arg;

	doctor_say(telling->doctor, good ? DOCTOR_OK : DOCTOR_WARNING, telling->what, "%s", text);
}

static bool has_answered(void *arg)
{
	const struct hop_checks *checks = arg;
	const struct hops_look *look = checks->awaited->look;

	return hops_look_seen(look, HOP_BEFORE, checks->hop) != NULL ||
	       hops_look_error(look, HOP_BEFORE, checks->hop) != NULL ||
	       hops_look_has(look, HOP_BEFORE);
}

static void add_station(void *arg, struct buf *text)
{
	const struct hop_checks *checks = arg;
	const struct pipeline *pipeline = checks->awaited->pipeline;

	buf_addf(text, "%s (%s)", pipeline->hops[checks->hop].name, pipeline->name);
}

static void tell_station(struct hop_checks *checks)
{
	const struct hops_look *look = checks->awaited->look;
	const struct hop_settings *settings = &checks->awaited->pipeline->hops[checks->hop];
	const struct hop_observation *seen = hops_look_seen(look, HOP_BEFORE, checks->hop);
	const char *error = hops_look_error(look, HOP_BEFORE, checks->hop);
	struct buf what = {0};
	struct telling telling = {.doctor = checks->doctor};

	add_station(checks, &what);
	telling.what = buf_text(&what);
	if (seen != NULL)
		summary_tell(settings, seen, on_summary, &telling);
	else
		doctor_say(checks->doctor, DOCTOR_PROBLEM, telling.what, "%s",
			   error != NULL ? error : "this firedrill cannot ask such a station");
	buf_done(&what);
}

static void tell_stations(struct hop_checks *checks, const struct asked *asked)
{
	if (asked->look == NULL)
		return;
	checks->awaited = asked;
	for (checks->hop = 0; checks->hop < asked->pipeline->hop_count; checks->hop++) {
		doctor_wait(checks->doctor, has_answered, add_station, checks);
		tell_station(checks);
	}
}

/* Times. */

static const struct asked *asked_of(const struct hop_checks *checks,
				    const struct environment *environment)
{
	const struct config *config = app_config(checks->doctor->app);

	for (size_t i = 0; environment->pipeline != NULL && i < config->pipeline_count; i++) {
		if (strcmp(config->pipelines[i].name, environment->pipeline) == 0)
			return &checks->asked[i];
	}
	return NULL;
}

static void foresee(const struct hops_look *look, const struct expectation *expect,
		    struct timing *timing)
{
	bool has_nonce = false;
	struct hop_want want = {
	    .drill = EXAMPLE,
	    .alert = expect->alert,
	    .needles = (const char *const *)expect->match.list,
	    .needle_count = expect->match.count,
	    .injected_wall_ms = clock_wall_ms(),
	};
	struct hop_forecast forecast = timing_listen(timing);

	for (size_t i = 0; i < expect->match.count; i++)
		has_nonce = has_nonce || strstr(expect->match.list[i], EXAMPLE) != NULL;
	want.has_nonce = has_nonce;
	want.deadline_wall_ms =
	    want.injected_wall_ms + (expect->within_ms > 0 ? expect->within_ms : 0);
	timing->within_auto = expect->within_ms == SCENARIO_AUTO;
	timing->resolved_auto = expect->resolved_ms == SCENARIO_AUTO;
	hops_look_foresee(look, HOP_BEFORE, &want, &forecast);
	timing_sum(timing);
}

/* "OrdersQueueMissing takes 22 s to 97 s: scrape interval 0-15 s, ...; within = 2 min 10 s". */
static void tell_timing(struct doctor *doctor, const char *where, const struct expectation *expect,
			const struct timing *timing)
{
	struct buf text = {0};

	timing_text(&text, expect->alert, timing);
	doctor_say(doctor, timing->most_ms >= 0 ? DOCTOR_OK : DOCTOR_NOTE, where, "%s",
		   buf_text(&text));
	buf_done(&text);
}

static void on_warning(void *arg, const struct timing_warning *warning)
{
	const struct telling *telling = arg;

	const char *alert = telling->resolved->expect[warning->expect].alert;
	bool is_one_of_many = telling->resolved->expect_count > 1;

	doctor_say(telling->doctor, DOCTOR_WARNING, telling->what, "%s%s%s%s%s",
		   is_one_of_many ? alert : "", is_one_of_many ? ": " : "", warning->text,
		   warning->advice != NULL ? "; " : "",
		   warning->advice != NULL ? warning->advice : "");
}

static void check_expectation(struct hop_checks *checks, const struct scenario *resolved, size_t i,
			      const struct environment *environment)
{
	char *where = mem_printf("%s in %s", resolved->name, environment->name);
	const struct asked *asked = asked_of(checks, environment);
	const struct expectation *expect = &resolved->expect[i];
	struct telling telling = {checks->doctor, where, resolved};
	struct timing timing = {0};
	bool has_stations = asked != NULL && asked->look != NULL;

	if (has_stations && !expect->never) {
		foresee(asked->look, expect, &timing);
		tell_timing(checks->doctor, where, expect, &timing);
	}
	timing_warn(resolved, i, environment->spacing_ms, has_stations ? &timing : NULL, on_warning,
		    &telling);
	timing_done(&timing);
	free(where);
}

static void check_placement(struct hop_checks *checks, const struct scenario *scenario,
			    const struct placement *placement)
{
	const struct environment *environment =
	    config_environment(app_config(checks->doctor->app), placement->environment);
	struct error error = {""};
	struct scenario *resolved = scenario_resolve(scenario, environment, EXAMPLE, &error);

	for (size_t i = 0; resolved != NULL && i < resolved->expect_count; i++)
		check_expectation(checks, resolved, i, environment);
	scenario_free(resolved);
}

void doctor_check_hops(struct doctor *doctor)
{
	const struct config *config = app_config(doctor->app);
	const struct scenario_list *scenarios = app_scenarios(doctor->app);
	const struct fault_context *faults = app_faults(doctor->app);
	struct hop_checks checks = {.doctor = doctor,
				    .context = {faults->base, faults->http, faults->secrets}};

	checks.hops = hops_new(&checks.context, hop_driver_find);
	checks.asked = mem_zalloc((config->pipeline_count + 1) * sizeof *checks.asked);
	for (size_t i = 0; i < config->pipeline_count; i++) {
		checks.asked[i].pipeline = &config->pipelines[i];
		ask(&checks, &checks.asked[i]);
	}
	for (size_t i = 0; i < config->pipeline_count; i++)
		tell_stations(&checks, &checks.asked[i]);
	for (size_t i = 0; i < scenarios->count; i++) {
		for (size_t j = 0; j < scenarios->list[i]->in_count; j++)
			check_placement(&checks, scenarios->list[i], &scenarios->list[i]->in[j]);
	}
	for (size_t i = 0; i < config->pipeline_count; i++)
		hops_look_free(checks.asked[i].look);
	free(checks.asked);
	hops_free(checks.hops);
}
