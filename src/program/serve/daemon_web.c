/* Those who look: browsers, Prometheus, and whoever asks whether it lives. */
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/program/chronicle.h"
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/pages.h"
#include "src/program/serve/web.h"
#include "src/store/history.h"
#include "src/store/ledger.h"

/* What is true now; texts of the ledger and the history are copied. */
struct gathered {
	struct meter_now now;
	struct meter_fault *faults;
	struct meter_next *next;
	struct meter_gap *gaps;
	char **texts; /* owned, each */
	size_t text_count;
};

static const char *copy(struct gathered *gathered, const char *text)
{
	gathered->texts =
	    mem_grow(gathered->texts, gathered->text_count + 1, sizeof *gathered->texts);
	return gathered->texts[gathered->text_count++] = mem_dup(text);
}

static void gathered_done(struct gathered *gathered)
{
	for (size_t i = 0; i < gathered->text_count; i++)
		free(gathered->texts[i]);
	free(gathered->texts);
	free(gathered->faults);
	free(gathered->next);
	free(gathered->gaps);
}

static bool on_fault(void *arg, const struct ledger_fault *fault)
{
	struct gathered *gathered = arg;

	gathered->faults =
	    mem_grow(gathered->faults, gathered->now.fault_count + 1, sizeof *gathered->faults);
	gathered->faults[gathered->now.fault_count++] = (struct meter_fault){
	    .drill = copy(gathered, fault->drill),
	    .scenario = copy(gathered, fault->scenario),
	    .environment = copy(gathered, fault->environment),
	    .state = fault_state_name(fault->state),
	    .lease_wall_ms = fault->lease_wall_ms,
	};
	return true;
}

static bool on_gap(void *arg, const struct history_gap *gap)
{
	struct gathered *gathered = arg;

	gathered->gaps =
	    mem_grow(gathered->gaps, gathered->now.gap_count + 1, sizeof *gathered->gaps);
	gathered->gaps[gathered->now.gap_count++] = (struct meter_gap){
	    .scenario = copy(gathered, gap->scenario),
	    .environment = copy(gathered, gap->environment),
	    .first_wall_ms = gap->first_wall_ms,
	};
	return true;
}

static void gather_next(struct daemon *daemon, struct gathered *gathered)
{
	const struct scenario_list *scenarios = app_scenarios(daemon->now->app);

	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = scenarios->list[i];
		size_t count = gathered->now.next_count;

		gathered->next = mem_grow(gathered->next, count + scenario->in_count + 1,
					  sizeof *gathered->next);
		for (size_t j = 0; j < scenario->in_count; j++)
			gathered->next[count + j] = (struct meter_next){
			    .scenario = scenario->name,
			    .environment = scenario->in[j].environment,
			    .wall_ms = planner_next(daemon->planner, scenario->name,
						    scenario->in[j].environment),
			};
		gathered->now.next_count += scenario->in_count;
	}
}

static void on_reader(void *arg, const char *chat, const struct channels *channels)
{
	const struct channels_counts counts = channels_counts(channels);

	meter_read(arg, chat, counts.requests, counts.failed);
}

/* What cannot be read is left out: the heartbeat and the log say so. */
static void gather(struct daemon *daemon, struct gathered *gathered)
{
	struct app *app = daemon->now->app;
	struct error error;

	gathered->now.running = daemon->running_count;
	gathered->now.now_wall_ms = clock_wall_ms();
	gathered->now.halted = daemon->halted;
	gathered->now.ledger_lost = daemon->lost != NULL;
	gathered->now.reload_failed = daemon->reload_failed;
	gathered->now.loaded_wall_ms = daemon->now->loaded_wall_ms;
	gathered->now.waiting = planner_waiting(daemon->planner);
	(void)!ledger_visit_open(app_ledger(app), NULL, on_fault, gathered, &error);
	if (daemon->history != NULL)
		(void)!history_visit_gaps(daemon->history, on_gap, gathered, &error);
	gather_next(daemon, gathered);
	gathered->now.faults = gathered->faults;
	gathered->now.next = gathered->next;
	gathered->now.gaps = gathered->gaps;
	app_visit_readers(app, on_reader, daemon->meter);
}

static int64_t next_of(void *arg, const char *scenario, const char *environment)
{
	const struct daemon *daemon = arg;

	return planner_next(daemon->planner, scenario, environment);
}

static bool is_running(void *arg, const char *scenario, const char *environment)
{
	const struct daemon *daemon = arg;

	for (size_t i = 0; i < daemon->running_count; i++) {
		const struct drill_record *record = daemon->running[i];

		if (strcmp(record->scenario->name, scenario) == 0 &&
		    strcmp(record->environment->name, environment) == 0)
			return true;
	}
	return false;
}

/* What cannot be written into the history is kept, and written later. */
static const char *unwritten(void *arg)
{
	const struct daemon *daemon = arg;

	return chronicle_trouble(daemon->chronicle);
}

/* Answers. */

/* Nobody can look before the first configuration works. */
static bool is_there(const struct daemon *daemon, struct web_answer *ret_answer)
{
	if (daemon->now != NULL)
		return true;
	ret_answer->status = 503;
	ret_answer->type = "text/plain; charset=utf-8";
	buf_adds(&ret_answer->body, "firedrill has just been started: come again in a moment\n");
	return false;
}

static void on_metrics(void *arg, const struct web_ask *ask, struct web_answer *ret_answer)
{
	struct daemon *daemon = arg;
	bool open_metrics = meter_wants_open_metrics(ask->accept);
	struct gathered gathered = {.text_count = 0};

	if (!is_there(daemon, ret_answer))
		return;
	gather(daemon, &gathered);
	ret_answer->type = meter_type(open_metrics);
	meter_write(daemon->meter, &gathered.now, open_metrics, &ret_answer->body);
	gathered_done(&gathered);
}

static void on_healthy(void *arg, const struct web_ask *ask, struct web_answer *ret_answer)
{
	(void)ask;
	if (!is_there(arg, ret_answer))
		return;
	ret_answer->type = "text/plain; charset=utf-8";
	buf_adds(&ret_answer->body, "firedrill lives\n");
}

/* Whether it works: not before its guardian watches, not without its ledger, and not when it is about to
 * end. */
static void on_ready(void *arg, const struct web_ask *ask, struct web_answer *ret_answer)
{
	const struct daemon *daemon = arg;

	(void)ask;
	if (!is_there(daemon, ret_answer))
		return;
	ret_answer->type = "text/plain; charset=utf-8";
	if (daemon->stopping || daemon->lost != NULL)
		ret_answer->status = 503;
	buf_adds(&ret_answer->body, daemon->stopping       ? "firedrill is about to end\n"
				    : daemon->lost != NULL ? "firedrill lost its ledger\n"
							   : "firedrill is ready\n");
}

static void on_page(void *arg, const struct web_ask *ask, struct web_answer *ret_answer)
{
	struct daemon *daemon = arg;

	if (is_there(daemon, ret_answer))
		pages_answer(daemon->pages, ask, ret_answer);
}

static const struct web_route routes[] = {
    {.prefix = "/-/healthy", .exact = true, .open = true, .answer = on_healthy},
    {.prefix = "/-/ready", .exact = true, .open = true, .answer = on_ready},
    {.prefix = "/metrics", .exact = true, .answer = on_metrics},
    {.prefix = "/", .answer = on_page},
    {.prefix = NULL},
};

/* Its configuration. */

void daemon_web_remember(struct daemon *daemon)
{
	struct error error = {""};
	const char *const pairs[] = {"why", error.text, NULL};

	if (daemon->history != NULL && !meter_remember(daemon->meter, daemon->history, &error))
		log_event(daemon->log, LEVEL_WARN, "earlier drills are not all in the metrics",
			  pairs);
}

bool daemon_open_web(struct daemon *daemon, struct error *error)
{
	struct app *app = daemon->coming->app;
	const struct config *config = app_config(app);
	const char *token = NULL;
	struct error unset = {""};

	if (config->serve.token != NULL) {
		token = secret_resolve(app_secrets(app), config->serve.token, &unset);
		if (token == NULL)
			return error_set(error, "serve.token: %s", unset.text);
	}
	daemon->meter = meter_new();
	daemon_web_remember(daemon);
	daemon->web = web_new(app_base(app), config->serve.listen, token, config->serve.url, routes,
			      daemon, error);
	return daemon->web != NULL;
}

void daemon_web_reloaded(struct daemon *daemon)
{
	const struct pages_sources sources = {
	    .app = daemon->now->app,
	    .history = daemon->history,
	    .next_wall_ms = next_of,
	    .is_running = is_running,
	    .unwritten = unwritten,
	    .arg = daemon,
	};

	if (daemon->pages == NULL)
		daemon->pages = pages_new(&sources);
	else
		pages_set(daemon->pages, &sources);
}
