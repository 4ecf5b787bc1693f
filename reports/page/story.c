/* From a drill's line of JSON to its time line. */
#include "reports/page/story.h"

#include <string.h>

#include "reports/page/fields.h"
#include "reports/phrases.h"
#include "src/base/mem.h"

#define ALERTS_MOST 16

/* When things happened. */

static int64_t phase_ms(const cJSON *report, const char *name)
{
	const cJSON *phase = field_first(report, "phases");

	for (; phase != NULL; phase = phase->next) {
		if (field_is(phase, "phase", name))
			return field_ms(phase, "at_ms");
	}
	return -1;
}

int64_t story_broke_ms(const cJSON *report)
{
	int64_t at_ms = field_ms(field_object(report, "fault"), "injected_ms");

	if (at_ms < 0 && phase_ms(report, "inject") >= 0)
		at_ms = phase_ms(report, "witness");
	return at_ms;
}

int64_t story_reverted_ms(const cJSON *report)
{
	int64_t at_ms = field_ms(field_object(report, "fault"), "reverted_ms");

	return at_ms >= 0 ? at_ms : phase_ms(report, "confirm");
}

static void read_phases(struct timeline *timeline, const cJSON *report)
{
	const cJSON *phase = field_first(report, "phases");

	for (; phase != NULL && timeline->phase_count < TIMELINE_PHASES; phase = phase->next) {
		const char *name = field_text(phase, "phase");
		int64_t at_ms = field_ms(phase, "at_ms");

		if (name == NULL || at_ms < 0)
			continue;
		if (strcmp(name, "done") == 0) {
			timeline->end_ms = at_ms;
			break;
		}
		timeline->phases[timeline->phase_count++] = (struct timeline_phase){name, at_ms};
	}
	if (timeline->end_ms < 0)
		timeline->end_ms = field_ms(report, "duration_ms");
}

/* Notes. */

static char *span_note(const char *before, int64_t ms, const char *after)
{
	struct buf note = {0};

	buf_adds(&note, before);
	phrase_span(&note, ms);
	buf_adds(&note, after);
	return buf_take(&note);
}

/* Lanes. */

static void read_fault(struct timeline *timeline, const cJSON *report)
{
	int64_t reverted_ms = story_reverted_ms(report);
	struct lane *lane;

	if (timeline->broke_ms < 0)
		return;
	if (reverted_ms < timeline->broke_ms) {
		lane = timeline_add(timeline, LANE_UNSURE, "fault in place",
				    mem_dup("its end is not known"));
		if (lane != NULL)
			lane->tone = TONE_BAD;
		return;
	}
	lane = timeline_add(timeline, LANE_SPAN, "fault in place",
			    span_note("", reverted_ms - timeline->broke_ms, ""));
	if (lane == NULL)
		return;
	lane->from_ms = timeline->broke_ms;
	lane->to_ms = reverted_ms;
}

static char *hop_note(const struct timeline *timeline, const cJSON *hop, int64_t at_ms)
{
	bool end = field_is(hop, "of", "resolved");

	if (field_is(hop, "state", "had-it")) {
		if (at_ms < 0)
			return mem_dup(end ? "passed its end on, when is not known"
					   : "had it, since when is not known");
		return at_ms >= timeline->broke_ms
			   ? span_note(end ? "knew its end after " : "had it after ",
				       at_ms - (timeline->broke_ms > 0 ? timeline->broke_ms : 0),
				       "")
			   : mem_dup("had it before the fault");
	}
	if (field_is(hop, "state", "lacked-it"))
		return mem_dup(end                           ? "did not pass its end on"
			       : field_is(hop, "of", "text") ? "did not pass the text on"
							     : "did not have it");
	return mem_dup("could not tell");
}

/* The chat is an expectation's own lane. */
static void read_hop(struct timeline *timeline, const cJSON *hop)
{
	const char *name = field_text(hop, "hop");
	const char *state = field_text(hop, "state");
	int64_t at_ms = field_ms(hop, "at_ms");
	enum lane_look look = LANE_UNSURE;
	struct lane *lane;

	if (name == NULL || state == NULL || strcmp(name, "chat") == 0)
		return;
	if (strcmp(state, "had-it") == 0)
		look = LANE_HAD;
	else if (strcmp(state, "lacked-it") == 0)
		look = LANE_LACKED;
	lane = timeline_add(timeline, look, name, hop_note(timeline, hop, at_ms));
	if (lane == NULL)
		return;
	lane->tone = parts_tone(state);
	lane->detail = field_text(hop, "name");
	lane->to_ms = look == LANE_HAD ? at_ms : -1;
}

static void read_resolved(struct timeline *timeline, const cJSON *expect, int64_t reverted_ms)
{
	const cJSON *resolved = field_object(expect, "resolved");
	int64_t latency_ms = field_ms(resolved, "latency_ms");
	const char *verdict = field_text(resolved, "verdict");
	struct lane *lane;

	if (verdict == NULL)
		return;
	lane = timeline_add(timeline, latency_ms >= 0 ? LANE_HAD : LANE_LACKED, "resolved",
			    latency_ms >= 0 ? span_note("", latency_ms, " after the revert")
					    : mem_printf("%s", strcmp(verdict, "delivered") == 0
								   ? "came, when is not known"
								   : verdict));
	if (lane == NULL)
		return;
	lane->tone = parts_tone(verdict);
	lane->detail = field_text(expect, "channel");
	lane->to_ms = latency_ms >= 0 && reverted_ms >= 0 ? reverted_ms + latency_ms : -1;
}

static void read_expectation(struct timeline *timeline, const cJSON *expect, int64_t reverted_ms)
{
	const char *verdict = field_text(expect, "verdict");
	const char *elsewhere = field_text(expect, "found_in");
	int64_t latency_ms = field_ms(expect, "latency_ms");
	int64_t within_ms = field_ms(expect, "within_ms");
	int64_t deadline_ms =
	    timeline->broke_ms >= 0 && within_ms >= 0 ? timeline->broke_ms + within_ms : -1;
	const char *channel = field_text(expect, "channel");
	struct lane *lane;
	char *note;

	if (verdict == NULL)
		return;
	if (deadline_ms >= 0)
		timeline_add_deadline(timeline, deadline_ms);
	if (latency_ms >= 0)
		note = span_note(strcmp(verdict, "delivered") == 0 ? "message after "
				 : elsewhere != NULL               ? "in another channel after "
								   : "message after ",
				 latency_ms, "");
	else
		note =
		    mem_dup(strcmp(verdict, "silent") == 0 ? "stayed out, as it should" : verdict);
	lane = timeline_add(timeline,
			    latency_ms >= 0                   ? LANE_HAD
			    : parts_tone(verdict) == TONE_BAD ? LANE_LACKED
							      : LANE_UNSURE,
			    channel != NULL ? channel : "chat", note);
	if (lane == NULL)
		return;
	lane->tone = strcmp(verdict, "silent") == 0 ? TONE_QUIET : parts_tone(verdict);
	lane->detail = field_text(expect, "chat");
	if (latency_ms >= 0 && timeline->broke_ms >= 0)
		lane->to_ms = timeline->broke_ms + latency_ms;
	else
		lane->to_ms = lane->look == LANE_LACKED ? deadline_ms : -1;
	read_resolved(timeline, expect, reverted_ms);
}

/* All lanes of one alert: its stations, then its channels. */
static void read_alert(struct timeline *timeline, const cJSON *report, const char *alert,
		       int64_t reverted_ms)
{
	const cJSON *hop = field_first(report, "hops");
	const cJSON *expect = field_first(report, "expectations");

	(void)timeline_add(timeline, LANE_HEAD, alert, NULL);
	for (; hop != NULL; hop = hop->next) {
		if (field_is(hop, "alert", alert))
			read_hop(timeline, hop);
	}
	for (; expect != NULL; expect = expect->next) {
		if (field_is(expect, "alert", alert))
			read_expectation(timeline, expect, reverted_ms);
	}
}

static bool is_known(const char *const *alerts, size_t count, const char *alert)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(alerts[i], alert) == 0)
			return true;
	}
	return false;
}

void story_read(struct timeline *timeline, const cJSON *report)
{
	const cJSON *expect = field_first(report, "expectations");
	const char *alerts[ALERTS_MOST];
	size_t count = 0;

	*timeline = (struct timeline){.broke_ms = story_broke_ms(report), .end_ms = -1};
	read_phases(timeline, report);
	read_fault(timeline, report);
	for (; expect != NULL && count < ALERTS_MOST; expect = expect->next) {
		const char *alert = field_text(expect, "alert");

		if (alert == NULL || is_known(alerts, count, alert))
			continue;
		alerts[count++] = alert;
		read_alert(timeline, report, alert, story_reverted_ms(report));
	}
}
