/* N drills wait on one channel in one process: memory, chat requests a minute, and how long after its
 * message each verdict comes.  usage: bench_many DRILLS SECONDS-OF-WAITING STATE-FILE */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "tests/bench/bench_drills.h"
#include "tests/bench/many_chat.h"

#define POLL_MS    2000
#define ALERTS_MAX 1000 /* so many of the drills get their alert; the others go on waiting */

struct bench {
	struct bench_drills drills;
	size_t alerts, watching, passed, over;
	int64_t worst_ms; /* message posted to verdict's revert */
};

static void on_changed(void *arg, const struct drill_record *record)
{
	struct bench *bench = arg;

	if (record->phase == PHASE_WATCH && ++bench->watching == bench->drills.count)
		(void)event_base_loopbreak(bench->drills.base);
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
		(void)event_base_loopbreak(bench->drills.base);
}

static void run(struct bench *bench, const struct many_chat *chat, int waiting_s)
{
	const struct timeval wait = {.tv_sec = waiting_s};
	struct bench_drills *drills = &bench->drills;
	struct channel *channel = channels_get(drills->channels, "#ops");
	struct rusage usage;
	size_t requests;

	bench_drills_start(drills);
	(void)event_base_dispatch(drills->base);
	requests = channel_counts(channel).requests;
	(void)event_base_loopexit(drills->base, &wait);
	(void)event_base_dispatch(drills->base);
	requests = channel_counts(channel).requests - requests;
	(void)getrusage(RUSAGE_SELF, &usage);
	bench->alerts = drills->count < ALERTS_MAX ? drills->count : ALERTS_MAX;
	for (size_t i = 0; i < bench->alerts; i++)
		many_chat_alert(
		    chat, drill_record(drills->list[i * (drills->count / bench->alerts)])->id);
	(void)event_base_dispatch(drills->base);
	(void)printf(
	    "{\"drills\":%zu,\"watching\":%zu,\"alerts\":%zu,\"passed\":%zu,\"requests_per_minute\":%zu,"
	    "\"peak_kib\":%ld,\"poll_ms\":%d,\"worst_verdict_ms\":%lld}\n",
	    drills->count, bench->watching, bench->alerts, bench->passed,
	    requests * 60 / (size_t)waiting_s, usage.ru_maxrss, POLL_MS,
	    (long long)bench->worst_ms);
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	struct many_chat chat;

	if (argc != 4 || strtoul(argv[1], NULL, 10) == 0)
		return 2;
	many_chat_start(&chat);
	bench.drills = (struct bench_drills){.base = event_base_new(),
					     .chat = chat.url,
					     .token = MANY_CHAT_TOKEN,
					     .state = argv[3],
					     .poll_ms = POLL_MS,
					     .within_ms = 3600000,
					     .count = strtoul(argv[1], NULL, 10),
					     .changed = on_changed,
					     .done = on_done,
					     .arg = &bench};
	bench_drills_open(&bench.drills);
	run(&bench, &chat, (int)strtol(argv[2], NULL, 10));
	bench_drills_close(&bench.drills);
	event_base_free(bench.drills.base);
	many_chat_stop(&chat);
	return bench.passed == bench.alerts ? 0 : 1;
}
