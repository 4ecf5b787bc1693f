/* How long an alert must be waited for: adding up what the stations tell. */
#include "src/engine/timing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define PARTS_MAX   64   /* of one alert */
#define WORRIES_MAX 32   /* of one alert */
#define CHAT_MS     5000 /* what a chat and its sender may take, and a tenth of all */
#define SECOND_MS   1000
#define MINUTE_MS   60000
#define TEXT_LIMIT  400 /* bytes of the parts in a sentence */

struct span {
	int64_t least_ms, most_ms;
	bool any;
};

/* What the stations tell. */

static void on_delay(void *arg, const struct hop_delay *delay)
{
	struct timing *timing = arg;
	struct timing_part *part;

	if (timing->part_count == PARTS_MAX || delay->least_ms < 0 ||
	    delay->most_ms < delay->least_ms)
		return;
	timing->parts = mem_grow(timing->parts, timing->part_count + 1, sizeof *timing->parts);
	part = &timing->parts[timing->part_count++];
	*part = (struct timing_part){.hop = delay->hop,
				     .name = mem_dup(delay->name),
				     .what = delay->what,
				     .resolving = delay->resolving,
				     .least_ms = delay->least_ms,
				     .most_ms = delay->most_ms};
}

static void on_caution(void *arg, const struct hop_caution *caution)
{
	struct timing *timing = arg;
	struct timing_worry *worry;

	if (timing->worry_count == WORRIES_MAX)
		return;
	timing->worries =
	    mem_grow(timing->worries, timing->worry_count + 1, sizeof *timing->worries);
	worry = &timing->worries[timing->worry_count++];
	*worry = (struct timing_worry){.hop = caution->hop,
				       .name = mem_dup(caution->name),
				       .worry = caution->worry,
				       .ms = caution->ms,
				       .text = mem_dup(caution->text),
				       .advice = mem_dup(caution->advice)};
}

static void on_labels(void *arg, const char *json)
{
	(void)arg; /* for the stations behind: they have got them by now */
	(void)json;
}

static void on_unknown(void *arg, const char *name, const char *why)
{
	char *text = mem_printf("%s: %s", name, why);

	timing_miss(arg, text);
	free(text);
}

struct hop_forecast timing_listen(struct timing *timing)
{
	return (struct hop_forecast){.delay = on_delay,
				     .caution = on_caution,
				     .labels = on_labels,
				     .unknown = on_unknown,
				     .arg = timing};
}

void timing_miss(struct timing *timing, const char *why)
{
	if (timing->unknown == NULL)
		timing->unknown = mem_dup(why);
}

void timing_done(struct timing *timing)
{
	for (size_t i = 0; i < timing->part_count; i++)
		free(timing->parts[i].name);
	for (size_t i = 0; i < timing->worry_count; i++) {
		free(timing->worries[i].name);
		free(timing->worries[i].text);
		free(timing->worries[i].advice);
	}
	free(timing->parts);
	free(timing->worries);
	free(timing->unknown);
	*timing = (struct timing){0};
}

/* Adding up. */

/* What one station tells of its hop. */
static struct span span_of(const struct timing *timing, enum hop hop, const char *name,
			   bool resolving)
{
	struct span span = {0};

	for (size_t i = 0; i < timing->part_count; i++) {
		const struct timing_part *part = &timing->parts[i];

		if (part->hop != hop || part->resolving != resolving ||
		    strcmp(part->name, name) != 0)
			continue;
		span.any = true;
		span.least_ms += part->least_ms;
		span.most_ms += part->most_ms;
	}
	return span;
}

/* Stations of a kind stand beside each other: the alert passes one of them. */
static struct span span_of_hop(const struct timing *timing, enum hop hop, bool resolving)
{
	struct span span = {0};

	for (size_t i = 0; i < timing->part_count; i++) {
		struct span one = {0};

		if (timing->parts[i].hop == hop)
			one = span_of(timing, hop, timing->parts[i].name, resolving);
		if (!one.any)
			continue;
		if (!span.any || one.least_ms < span.least_ms)
			span.least_ms = one.least_ms;
		if (!span.any || one.most_ms > span.most_ms)
			span.most_ms = one.most_ms;
		span.any = true;
	}
	return span;
}

static struct span span_of_way(const struct timing *timing, bool resolving)
{
	struct span all = {0};

	for (enum hop hop = HOP_EMISSION; hop < HOP_COUNT; hop++) {
		struct span one = span_of_hop(timing, hop, resolving);

		all.any |= one.any;
		all.least_ms += one.least_ms;
		all.most_ms += one.most_ms;
	}
	return all;
}

static bool has_told(const struct timing *timing, enum hop first, enum hop last)
{
	for (size_t i = 0; i < timing->part_count; i++) {
		if (timing->parts[i].hop >= first && timing->parts[i].hop <= last)
			return true;
	}
	return false;
}

void timing_sum(struct timing *timing)
{
	struct span way = span_of_way(timing, false), back = span_of_way(timing, true);

	if (!has_told(timing, HOP_RULE, HOP_RULE))
		timing_miss(timing, "no station of the pipeline told when the alert's rule is "
				    "evaluated; name its Prometheus in the pipeline");
	else if (!has_told(timing, HOP_ALERTMANAGER, HOP_RECEIVER))
		timing_miss(timing,
			    "no station of the pipeline told how long an alert waits behind "
			    "its rule; name its Alertmanager in the pipeline");
	timing->least_ms = way.any ? way.least_ms : -1;
	timing->most_ms = timing->unknown == NULL ? way.most_ms : -1;
	timing->resolve_least_ms = back.any ? back.least_ms : -1;
	timing->resolve_most_ms = timing->unknown == NULL && back.any ? back.most_ms : -1;
}

int64_t timing_known(const struct timing *timing, bool resolving)
{
	int64_t most_ms = span_of_way(timing, resolving).most_ms;
	int64_t deadline_ms = most_ms + CHAT_MS + most_ms / 10;

	return (deadline_ms + SECOND_MS - 1) / SECOND_MS * SECOND_MS;
}

int64_t timing_deadline(const struct timing *timing, bool resolving)
{
	int64_t known_ms = resolving ? timing->resolve_most_ms : timing->most_ms;
	int64_t deadline_ms = timing_known(timing, resolving);

	return known_ms < 0 && deadline_ms < TIMING_UNKNOWN_MS ? TIMING_UNKNOWN_MS : deadline_ms;
}

/* Sentences. */

/* "0-15 s" where that can be read, else "0 to 5 min". */
static void add_span(struct buf *text, int64_t least_ms, int64_t most_ms)
{
	bool whole = least_ms % SECOND_MS == 0 && most_ms % SECOND_MS == 0;
	char least[32], most[32];

	if (whole && most_ms < 2 * MINUTE_MS) {
		if (least_ms != most_ms)
			buf_addf(text, " %" PRId64 "-%" PRId64 " s", least_ms / SECOND_MS,
				 most_ms / SECOND_MS);
		else
			buf_addf(text, " %" PRId64 " s", most_ms / SECOND_MS);
		return;
	}
	duration_format(least_ms, least, sizeof least);
	duration_format(most_ms, most, sizeof most);
	if (least_ms == most_ms)
		buf_addf(text, " %s", most);
	else if (least_ms == 0)
		buf_addf(text, " 0 to %s", most);
	else
		buf_addf(text, " %s to %s", least, most);
}

void timing_add_parts(struct buf *text, const struct timing *timing, bool resolving)
{
	size_t count = 0;

	for (size_t i = 0; i < timing->part_count; i++) {
		const struct timing_part *part = &timing->parts[i];

		if (part->resolving != resolving || part->most_ms == 0)
			continue;
		buf_addf(text, "%s%s", count++ > 0 ? ", " : "", part->what);
		add_span(text, part->least_ms, part->most_ms);
	}
}

char *timing_impossible(const struct timing *timing, const struct expectation *expect,
			bool resolving)
{
	int64_t least_ms = resolving ? timing->resolve_least_ms : timing->least_ms;
	int64_t deadline_ms = resolving ? expect->resolved_ms : expect->within_ms;
	bool is_auto = resolving ? timing->resolved_auto : timing->within_auto;
	struct buf parts = {.limit = TEXT_LIMIT};
	char least[32], deadline[32], *text;

	if (is_auto || expect->never || deadline_ms <= 0 || least_ms <= deadline_ms)
		return NULL;
	duration_format(least_ms, least, sizeof least);
	duration_format(deadline_ms, deadline, sizeof deadline);
	timing_add_parts(&parts, timing, resolving);
	text = mem_printf("the deadline of %s cannot be kept: as the stations are set up, %s takes "
			  "at least %s (%s)",
			  deadline, resolving ? "the resolved message" : "the alert", least,
			  buf_text(&parts));
	buf_done(&parts);
	return text;
}

void timing_written(int64_t ms, char *ret_text, size_t size)
{
	if (ms >= 2 * MINUTE_MS)
		(void)snprintf(ret_text, size, "%lldm",
			       (long long)((ms + MINUTE_MS - 1) / MINUTE_MS));
	else
		(void)snprintf(ret_text, size, "%llds",
			       (long long)((ms + SECOND_MS - 1) / SECOND_MS));
}

/* The guard. */

static bool refuse_deadline(const struct scenario *resolved, size_t i, const struct timing *timing,
			    struct error *error)
{
	const struct expectation *expect = &resolved->expect[i];
	char needed[32], held[32], written[32];
	struct buf parts = {.limit = TEXT_LIMIT / 2};

	duration_format(expect->within_ms, needed, sizeof needed);
	duration_format(resolved->fault.hold_at_most_ms, held, sizeof held);
	timing_written(expect->within_ms + MINUTE_MS, written, sizeof written);
	timing_add_parts(&parts, timing, false);
	(void)error_set(
	    error,
	    "guard timing: %.60s may take %s to come (%s), but the fault is held for at "
	    "most %s; write hold_at_most = \"%s\", or a `within` of your own",
	    expect->alert, needed, buf_text(&parts), held, written);
	buf_done(&parts);
	return false;
}

bool timing_allows(const struct scenario *resolved, const struct timing *timings,
		   struct error *error)
{
	const struct fault *fault = &resolved->fault;
	char needed[32], held[32], written[32];

	for (size_t i = 0; i < resolved->expect_count; i++) {
		if (timings[i].within_auto &&
		    resolved->expect[i].within_ms > fault->hold_at_most_ms)
			return refuse_deadline(resolved, i, &timings[i], error);
	}
	if (fault->hold_ms <= fault->hold_at_most_ms)
		return true;
	duration_format(fault->hold_ms, needed, sizeof needed);
	duration_format(fault->hold_at_most_ms, held, sizeof held);
	timing_written(fault->hold_ms + MINUTE_MS, written, sizeof written);
	return error_set(
	    error,
	    "guard timing: every alert could have come after %s, which is `hold`, but "
	    "the fault is held for at most %s; write hold_at_most = \"%s\", or a `hold` "
	    "of your own",
	    needed, held, written);
}
