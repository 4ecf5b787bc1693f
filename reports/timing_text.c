/* How long an alert takes, and of which parts that is made, in words for people. */
#include "reports/timing_text.h"

#include <inttypes.h>

#include "reports/outcome.h"
#include "reports/phrases.h"

#define SECONDS_BELOW_MS 120000 /* what phrase_span writes in seconds alone */

static void add_span(struct buf *buf, int64_t ms)
{
	if (ms == 0)
		buf_adds(buf, "0 s");
	else
		phrase_span(buf, ms);
}

void timing_text_span(struct buf *buf, int64_t least_ms, int64_t most_ms)
{
	if (most_ms < 0)
		buf_adds(buf, "at least ");
	if (most_ms < 0 || least_ms != most_ms)
		add_span(buf, least_ms);
	if (most_ms >= 0 && least_ms != most_ms)
		buf_adds(buf, " to ");
	if (most_ms >= 0)
		add_span(buf, most_ms);
}

/* "0-15 s" where that can be read, else "0 s to 5 min". */
static void add_short_span(struct buf *buf, int64_t least_ms, int64_t most_ms)
{
	bool whole = least_ms % 1000 == 0 && most_ms % 1000 == 0 && most_ms < SECONDS_BELOW_MS;

	if (whole && least_ms != most_ms)
		buf_addf(buf, "%" PRId64 "-%" PRId64 " s", least_ms / 1000, most_ms / 1000);
	else
		timing_text_span(buf, least_ms, most_ms);
}

/* A part that takes no time is no part. */
void timing_text_parts(struct buf *buf, const struct timing *timing, bool resolving)
{
	const char *before = "";

	for (size_t i = 0; i < timing->part_count; i++) {
		const struct timing_part *part = &timing->parts[i];

		if (part->resolving != resolving || part->most_ms == 0)
			continue;
		buf_addf(buf, "%s%s ", before, part->what);
		add_short_span(buf, part->least_ms, part->most_ms);
		before = ", ";
	}
}

static bool is_known(const struct timing *timing, bool resolving)
{
	return resolving ? timing->resolve_least_ms >= 0 || timing->resolve_most_ms >= 0
			 : timing->least_ms >= 0 || timing->most_ms >= 0;
}

static void add_way(struct buf *buf, const struct timing *timing, bool resolving)
{
	struct buf parts = {0};

	timing_text_parts(&parts, timing, resolving);
	timing_text_span(buf, resolving ? timing->resolve_least_ms : timing->least_ms,
			 resolving ? timing->resolve_most_ms : timing->most_ms);
	if (parts.len > 0)
		buf_addf(buf, ": %s", buf_text(&parts));
	buf_done(&parts);
}

/* "; auto: within 21 s, resolved 20 s". */
static void add_deadlines(struct buf *buf, const struct timing *timing)
{
	bool is_first = true;

	for (int resolving = 0; resolving <= 1; resolving++) {
		if (!(resolving == 1 ? timing->resolved_auto : timing->within_auto))
			continue;
		buf_adds(buf, is_first ? "; auto: " : ", ");
		buf_adds(buf, resolving == 1 ? "resolved " : "within ");
		phrase_span(buf, timing_deadline(timing, resolving == 1));
		is_first = false;
	}
}

static void add_unknown(struct buf *buf, const struct timing *timing, const char *before)
{
	buf_adds(buf, before);
	phrase_text(buf, timing->unknown != NULL ? timing->unknown : "no station told",
		    PHRASE_EVIDENCE);
}

void timing_text(struct buf *buf, const char *alert, const struct timing *timing)
{
	bool known = is_known(timing, false), back = is_known(timing, true);

	buf_adds(buf, known || back ? "" : "how long ");
	phrase_text(buf, alert, PHRASE_NAME);
	if (known) {
		buf_adds(buf, " takes ");
		add_way(buf, timing, false);
	}
	if (back) {
		buf_adds(buf, known ? "; resolved " : " is resolved after ");
		add_way(buf, timing, true);
	}
	if (!known && !back)
		add_unknown(buf, timing, " takes is not known: ");
	else if (timing->unknown != NULL)
		add_unknown(buf, timing, "; how long at most is not known: ");
	add_deadlines(buf, timing);
}

/* Has the deadline to do with what was found? */
static bool is_telling(const struct drill_record *record, size_t i, const struct timing *timing)
{
	const struct expectation *expect = record->evidence.expect[i].expect;

	switch (outcome_finding(record, i)) {
	case FINDING_LATE:
		return true;
	case FINDING_MISSING:
		return timing->most_ms > expect->within_ms || timing->least_ms > expect->within_ms;
	case FINDING_UNRESOLVED:
		return is_known(timing, true);
	case FINDING_UNKNOWN:
	case FINDING_DELIVERED:
	case FINDING_SILENT:
	case FINDING_DUPLICATE:
	case FINDING_WRONG_CHANNEL:
	case FINDING_UNREADABLE:
	case FINDING_UNEXPECTED:
	case FINDING_COUNT:
		break;
	}
	return false;
}

bool timing_text_line(struct buf *buf, const struct drill_record *record, size_t i)
{
	const struct timing *timing =
	    record->timings != NULL && i < record->timing_count ? &record->timings[i] : NULL;
	bool is_auto = timing != NULL && (timing->within_auto || timing->resolved_auto);
	bool resolving, known;

	if (timing == NULL || record->evidence.expect[i].expect->never ||
	    !(is_auto || is_telling(record, i, timing)))
		return false;
	resolving = outcome_finding(record, i) == FINDING_UNRESOLVED && is_known(timing, true);
	known = resolving || is_known(timing, false);
	buf_adds(buf, known ? "" : "how long ");
	phrase_text(buf, record->evidence.expect[i].expect->alert, PHRASE_NAME);
	if (known) {
		buf_adds(buf, resolving ? " is resolved after " : " takes ");
		add_way(buf, timing, resolving);
	}
	if (!known || (is_auto && timing->unknown != NULL))
		add_unknown(buf, timing,
			    known ? "; how long at most is not known: " : " takes is not known: ");
	add_deadlines(buf, timing);
	return true;
}
