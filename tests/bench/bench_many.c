/* N drills wait on one channel in one process, each in an environment of its own, for there is one at
 * a time in each: memory, chat requests a minute, and how long after its message each verdict comes.  usage: bench_many DRILLS SECONDS-OF-WAITING STATE-FILE */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "probes/chats/channel.h"
#include "probes/faults/fault.h"
#include "probes/http.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/drill.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"
#include "tests/bench/many_chat.h"

#define POLL_MS    2000
#define ALERTS_MAX 1000 /* so many of the drills get their alert; the others go on waiting */

struct bench {
	struct event_base *base;
	struct channels *channels;
	size_t drills, alerts, watching, passed, over;
	int64_t worst_ms; /* message posted to verdict's revert */
};

static struct channels *on_chat(void *arg, const char *name, struct error *error)
{
	struct bench *bench = arg;

	(void)name;
	(void)error;
	return bench->channels;
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
	struct bench *bench = arg;

	if (record->phase == PHASE_WATCH && ++bench->watching == bench->drills)
		(void)event_base_loopbreak(bench->base);
}

static void on_done(void *arg, struct drill *drill)
{
	struct bench *bench = arg;
	const struct drill_record *record = drill_record(drill);
	const struct expectation_evidence *expect = &record->evidence.expect[0];

	if (record->judgement.verdict == VERDICT_PASS && expect->sighting_count > 0) {
		int64_t ms = record->phase_ms[PHASE_REVERT] - expect->sightings[0].at_ms;

		bench->passed++;
		if (ms > bench->worst_ms)
			bench->worst_ms = ms;
	}
	if (++bench->over == bench->alerts)
		(void)event_base_loopbreak(bench->base);
}

static void make_scenario(struct scenario *ret_scenario, struct expectation *expect,
			  struct placement *placement, char **match)
{
	*expect = (struct expectation){
	    .alert = mem_dup("BenchAlert"),
	    .chat = mem_dup("slack"),
	    .channel = mem_dup("#ops"),
	    .match = {.list = match, .count = 2},
	    .within_ms = 3600000,
	    .grace_ms = 1000,
	};
	*ret_scenario = (struct scenario){
	    .name = mem_dup("bench"),
	    .summary = mem_dup("waits"),
	    .fault = {.hold_at_most_ms = 7200000},
	    .expect = expect,
	    .expect_count = 1,
	    .in = placement,
	    .in_count = 1,
	};
}

static void run(struct bench *bench, const struct many_chat *chat, const struct drill_world *world,
		int waiting_s)
{
	char *match[] = {mem_dup("BenchAlert"), mem_dup("${drill}")};
	const struct drill_options options = {0};
	const struct timeval wait = {.tv_sec = waiting_s};
	struct drill **drills = mem_zalloc(bench->drills * sizeof(struct drill *));
	struct channel *channel = channels_get(bench->channels, "#ops");
	struct error error = {""};
	struct expectation expect;
	struct placement placement = {0};
	struct scenario scenario;
	struct rusage usage;
	size_t requests;

	make_scenario(&scenario, &expect, &placement, match);
	for (size_t i = 0; i < bench->drills; i++) {
		placement.environment = world->config->environments[i].name;
		drills[i] =
		    drill_new(world, &scenario, &world->config->environments[i], &options, &error);
		if (drills[i] == NULL) {
			(void)fprintf(stderr, "bench_many: %s\n", error.text);
			exit(1);
		}
		drill_start(drills[i], on_done, bench);
	}
	(void)event_base_dispatch(bench->base);
	requests = channel_counts(channel).requests;
	(void)event_base_loopexit(bench->base, &wait);
	(void)event_base_dispatch(bench->base);
	requests = channel_counts(channel).requests - requests;
	(void)getrusage(RUSAGE_SELF, &usage);
	bench->alerts = bench->drills < ALERTS_MAX ? bench->drills : ALERTS_MAX;
	for (size_t i = 0; i < bench->alerts; i++)
		many_chat_alert(chat,
				drill_record(drills[i * (bench->drills / bench->alerts)])->id);
	(void)event_base_dispatch(bench->base);
	(void)printf(
	    "{\"drills\":%zu,\"watching\":%zu,\"alerts\":%zu,\"passed\":%zu,\"requests_per_minute\":%zu,"
	    "\"peak_kib\":%ld,\"poll_ms\":%d,\"worst_verdict_ms\":%lld}\n",
	    bench->drills, bench->watching, bench->alerts, bench->passed,
	    requests * 60 / (size_t)waiting_s, usage.ru_maxrss, POLL_MS,
	    (long long)bench->worst_ms);
	for (size_t i = 0; i < bench->drills; i++)
		drill_free(drills[i]);
	free(drills);
}

static void make_environments(struct config *config, size_t count)
{
	config->environments = mem_zalloc(count * sizeof *config->environments);
	config->environment_count = count;
	for (size_t i = 0; i < count; i++)
		config->environments[i] = (struct environment){.name = mem_printf("bench-%zu", i),
							       .effect_limit = EFFECT_MUTATION};
}

int main(int argc, char **argv)
{
	struct bench bench = {.drills = argc == 4 ? strtoul(argv[1], NULL, 10) : 0};
	struct config config = {0};
	struct chat_settings settings = {.name = mem_dup("slack"),
					 .type = mem_dup("slack"),
					 .token = mem_dup("env:BENCH_TOKEN"),
					 .poll_ms = POLL_MS,
					 .timeout_ms = 10000,
					 .patience_ms = 600000};
	struct fault_context faults = {0};
	struct drill_world world = {.config = &config,
				    .faults = &faults,
				    .chat = on_chat,
				    .write_post = on_write,
				    .write_details = on_details,
				    .hold = on_hold,
				    .release = on_release,
				    .changed = on_changed,
				    .arg = &bench};
	struct many_chat chat;
	struct chat *slack;
	struct error error = {""};

	if (bench.drills == 0)
		return 2;
	make_environments(&config, bench.drills);
	many_chat_start(&chat);
	(void)setenv("BENCH_TOKEN", MANY_CHAT_TOKEN, 1);
	settings.url = mem_printf("%s/api", chat.url);
	config.chats = &settings;
	config.chat_count = 1;
	faults.base = world.base = bench.base = event_base_new();
	faults.http = http_new(bench.base);
	faults.secrets = world.secrets = secrets_new();
	world.ledger = ledger_open(argv[3], &error);
	world.locks = locks_open(argv[3], &error);
	slack = chat_slack.open(&settings, faults.http, faults.secrets, &error);
	if (world.ledger == NULL || world.locks == NULL || slack == NULL) {
		(void)fprintf(stderr, "bench_many: %s\n", error.text);
		return 1;
	}
	bench.channels = channels_new(bench.base, &chat_slack, slack, POLL_MS);
	run(&bench, &chat, &world, (int)strtol(argv[2], NULL, 10));
	channels_free(bench.channels);
	chat_slack.close(slack);
	http_free(faults.http);
	event_base_free(bench.base);
	ledger_close(world.ledger);
	locks_close(world.locks);
	secrets_free(faults.secrets);
	many_chat_stop(&chat);
	return bench.passed == bench.alerts ? 0 : 1;
}
