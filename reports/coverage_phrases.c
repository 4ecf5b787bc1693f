/* The words of coverage, and its sentences. */
#include <inttypes.h>

#include "reports/coverage.h"
#include "reports/phrases.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

const char *coverage_kind_name(enum coverage_kind kind)
{
	switch (kind) {
	case COVERAGE_RULE:
		return "rule";
	case COVERAGE_RECEIVER:
		return "receiver";
	case COVERAGE_KIND_COUNT:
		break;
	}
	return "";
}

const char *coverage_state_name(enum coverage_state state)
{
	switch (state) {
	case COVERAGE_NEVER:
		return "never";
	case COVERAGE_CANNOT:
		return "cannot";
	case COVERAGE_OUTDATED:
		return "outdated";
	case COVERAGE_PROVEN:
		return "proven";
	case COVERAGE_GONE:
		return "gone";
	case COVERAGE_STATE_COUNT:
		break;
	}
	return "";
}

void coverage_add_age(struct buf *buf, int64_t now_wall_ms, int64_t wall_ms)
{
	int64_t age_ms = now_wall_ms - wall_ms;

	if (age_ms < MINUTE_MS)
		buf_adds(buf, "just now");
	else if (age_ms < HOUR_MS)
		buf_addf(buf, "%" PRId64 " min ago", age_ms / MINUTE_MS);
	else if (age_ms < 2 * DAY_MS)
		buf_addf(buf, "%" PRId64 " h ago", age_ms / HOUR_MS);
	else
		buf_addf(buf, "%" PRId64 " d ago", age_ms / DAY_MS);
}

/* "90 days", "36 h". */
static void add_since(struct buf *buf, int64_t ms)
{
	if (ms % DAY_MS == 0)
		buf_addf(buf, "%" PRId64 " day%s", ms / DAY_MS, ms == DAY_MS ? "" : "s");
	else if (ms % HOUR_MS == 0)
		buf_addf(buf, "%" PRId64 " h", ms / HOUR_MS);
	else
		phrase_span(buf, ms);
}

void coverage_add_summary(struct buf *buf, const struct coverage *coverage,
			  const struct coverage_part *part, enum coverage_kind kind)
{
	struct coverage_count count = coverage_count(part, kind);
	size_t cannot = count.states[COVERAGE_CANNOT];

	if (count.known)
		buf_addf(buf, "%zu of %zu %s%s proven in ", count.states[COVERAGE_PROVEN],
			 count.total, coverage_kind_name(kind), count.total == 1 ? "" : "s");
	else
		buf_addf(buf, "%zu %s%s proven in ", count.states[COVERAGE_PROVEN],
			 coverage_kind_name(kind), count.states[COVERAGE_PROVEN] == 1 ? "" : "s");
	phrase_text(buf, part->environment, PHRASE_NAME);
	buf_adds(buf, " in the last ");
	add_since(buf, coverage->since_ms);
	if (count.known && count.total > 0)
		buf_addf(buf, " (%u %%)", count.percent);
	if (!count.known)
		buf_adds(buf, "; how many there are is not known");
	if (cannot > 0 && kind == COVERAGE_RULE)
		buf_addf(buf, ", %zu cannot fire", cannot);
	else if (cannot > 0)
		buf_addf(buf, ", %zu post%s nowhere", cannot, cannot == 1 ? "s" : "");
	if (count.states[COVERAGE_GONE] > 0)
		buf_addf(buf, ", %zu gone", count.states[COVERAGE_GONE]);
}
