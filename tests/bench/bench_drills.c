/* What the measurements of many drills share. */
#include "tests/bench/bench_drills.h"

#include <stdio.h>
#include <stdlib.h>

#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

/* The scenario: an alert with the drill's id. */
struct bench_wait {
	char *match[2];
	struct expectation expect;
	struct placement placement;
	struct scenario scenario;
};

/* What the drills call. */

static struct channels *on_chat(void *arg, const char *name, struct error *error)
{
	struct bench_drills *drills = arg;

	(void)name;
	(void)error;
	return drills->channels;
}

static void on_write(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	(void)arg;
	*ret_post = (struct chat_post){.mark = record->id, .headline = "bench"};
}

static bool on_details(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	(void)arg;
	(void)record;
	(void)ret_post;
	return false;
}

static bool on_hold(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		    struct error *error)
{
	(void)arg;
	(void)record;
	(void)lease_wall_ms;
	(void)error;
	return true;
}

static void on_release(void *arg, const struct drill_record *record)
{
	(void)arg;
	(void)record;
}

static void on_changed(void *arg, const struct drill_record *record)
{
	struct bench_drills *drills = arg;

	if (drills->changed != NULL)
		drills->changed(drills->arg, record);
}

/* Making all of it. */

static void give_up(const struct error *error)
{
	(void)fprintf(stderr, "bench: %s\n", error->text);
	exit(1);
}

static struct bench_wait *make_wait(int64_t within_ms)
{
	struct bench_wait *wait = mem_zalloc(sizeof *wait);

	wait->match[0] = mem_dup("BenchAlert");
	wait->match[1] = mem_dup("${drill}");
	wait->expect = (struct expectation){.alert = mem_dup("BenchAlert"),
					    .chat = mem_dup("slack"),
					    .channel = mem_dup("#ops"),
					    .match = {.list = wait->match, .count = 2},
					    .within_ms = within_ms,
					    .grace_ms = 1000};
	wait->scenario = (struct scenario){.name = mem_dup("bench"),
					   .summary = mem_dup("waits"),
					   .fault = {.hold_at_most_ms = 7200000},
					   .expect = &wait->expect,
					   .expect_count = 1,
					   .in = &wait->placement,
					   .in_count = 1};
	return wait;
}

static void make_config(struct bench_drills *drills)
{
	struct config *config = &drills->config;

	config->chats = mem_zalloc(sizeof *config->chats);
	config->chats[0] = (struct chat_settings){.name = mem_dup("slack"),
						  .type = mem_dup("slack"),
						  .url = mem_printf("%s/api", drills->chat),
						  .token = mem_dup("env:BENCH_TOKEN"),
						  .poll_ms = drills->poll_ms,
						  .timeout_ms = 10000,
						  .patience_ms = 600000};
	config->chat_count = 1;
	config->pipelines = drills->pipeline;
	config->pipeline_count = drills->pipeline != NULL;
	config->environments = mem_zalloc(drills->count * sizeof *config->environments);
	config->environment_count = drills->count;
	for (size_t i = 0; i < drills->count; i++)
		config->environments[i] = (struct environment){
		    .name = mem_printf("bench-%zu", i),
		    .effect_limit = EFFECT_MUTATION,
		    .pipeline = mem_dup(drills->pipeline != NULL ? drills->pipeline->name : NULL)};
}

void bench_drills_open(struct bench_drills *drills)
{
	struct fault_context *faults = &drills->faults;
	struct error error = {""};

	make_config(drills);
	(void)setenv("BENCH_TOKEN", drills->token, 1);
	*faults = (struct fault_context){
	    .base = drills->base, .http = http_new(drills->base), .secrets = secrets_new()};
	drills->world = (struct drill_world){.base = drills->base,
					     .config = &drills->config,
					     .faults = faults,
					     .secrets = faults->secrets,
					     .ledger = ledger_open(drills->state, &error),
					     .locks = locks_open(drills->state, &error),
					     .chat = on_chat,
					     .write_post = on_write,
					     .write_details = on_details,
					     .hold = on_hold,
					     .release = on_release,
					     .changed = on_changed,
					     .arg = drills};
	drills->slack =
	    chat_slack.open(&drills->config.chats[0], faults->http, faults->secrets, &error);
	if (drills->world.ledger == NULL || drills->world.locks == NULL || drills->slack == NULL)
		give_up(&error);
	drills->channels = channels_new(drills->base, &chat_slack, drills->slack, drills->poll_ms);
}

void bench_drills_start(struct bench_drills *drills)
{
	const struct drill_options options = {0};
	struct error error = {""};

	drills->wait = make_wait(drills->within_ms);
	drills->list = mem_zalloc(drills->count * sizeof(struct drill *));
	for (size_t i = 0; i < drills->count; i++) {
		const struct environment *environment = &drills->config.environments[i];

		drills->wait->placement.environment = environment->name;
		drills->list[i] = drill_new(&drills->world, &drills->wait->scenario, environment,
					    &options, &error);
		if (drills->list[i] == NULL)
			give_up(&error);
		drill_start(drills->list[i], drills->done, drills->arg);
	}
}

void bench_drills_close(struct bench_drills *drills)
{
	for (size_t i = 0; i < drills->count; i++)
		drill_free(drills->list[i]);
	free(drills->list);
	channels_free(drills->channels);
	chat_slack.close(drills->slack);
	http_free(drills->faults.http);
	ledger_close(drills->world.ledger);
	locks_close(drills->world.locks);
	secrets_free(drills->faults.secrets);
	free(drills->wait); /* its texts, as those of the configuration, end with the process */
}
