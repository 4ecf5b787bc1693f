/* What became of the drills of a time: for people. */
#include <inttypes.h>

#include "reports/past_table.h"
#include "reports/period.h"
#include "reports/phrases.h"
#include "reports/when.h"

struct writing {
	struct buf *buf;         /* borrowed */
	const struct view *view; /* borrowed */
	const struct period *period;
};

static void heading(const struct writing *writing, const char *text)
{
	struct row row = row_start(writing->buf, writing->view, 0);

	buf_adds(writing->buf, "\n");
	row_add(&row, INK_BOLD, text);
	buf_adds(writing->buf, "\n");
}

/* A line of a list; empties the text. */
static void line(const struct writing *writing, enum mark mark, struct buf *text)
{
	struct row row = row_start(writing->buf, writing->view, 0);

	row_space(&row, 2);
	row_mark(&row, mark);
	row_space(&row, 1);
	row_paragraph(&row, 4, INK_NONE, buf_text(text));
	buf_done(text);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void add_counts(const struct writing *writing)
{
	const struct period *period = writing->period;
	struct row row = row_start(writing->buf, writing->view, 0);
	struct buf text = {0};
	bool first = true;

	when_text(&text, period->since_wall_ms);
	buf_adds(&text, " to ");
	when_text(&text, period->until_wall_ms);
	buf_addf(&text, ": %zu drill%s of %zu scenario%s in %zu environment%s", period->drills,
		 plural(period->drills), period->scenario_count, plural(period->scenario_count),
		 period->environment_count, plural(period->environment_count));
	row_paragraph(&row, 2, INK_BOLD, buf_text(&text));
	buf_done(&text);
	row = row_start(writing->buf, writing->view, 0);
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		if (period->counts[i] == 0)
			continue;
		row_space(&row, first ? 2 : 0);
		row_add(&row, INK_NONE, first ? "" : ",");
		row_space(&row, first ? 0 : 1);
		buf_addf(&text, "%zu %s", period->counts[i], verdict_name((enum verdict)i));
		row_take(&row, past_ink(verdict_name((enum verdict)i)), &text);
		first = false;
	}
	buf_adds(writing->buf, first ? "" : "\n");
	if (period->faults_left == 0)
		return;
	buf_addf(&text,
		 "%zu drill%s ended with a fault that was not confirmed reverted: see `firedrill "
		 "status` for what is left now",
		 period->faults_left, plural(period->faults_left));
	line(writing, MARK_BAD, &text);
}

/* "bad-queue in production: open for 3 d, since ... (fd-..., 5 drills): QueueMissing never ...". */
static void add_gaps(const struct writing *writing)
{
	const struct period *period = writing->period;
	struct buf text = {0};

	if (period->gap_count > 0)
		heading(writing, "Gaps");
	for (size_t i = 0; i < period->gap_count; i++) {
		const struct period_gap *gap = &period->gaps[i];
		bool open = gap->until_wall_ms == 0;

		buf_addf(&text, "%s in %s: %s ", gap->scenario, gap->environment,
			 open ? "open for" : "was open for");
		phrase_span(&text, (open ? period->until_wall_ms : gap->until_wall_ms) -
				       gap->since_wall_ms);
		buf_adds(&text, ", since ");
		when_text(&text, gap->since_wall_ms);
		buf_addf(&text, " (%zu drill%s, last %s)", gap->drills, plural(gap->drills),
			 gap->last_drill);
		if (gap->what != NULL && gap->what[0] != '\0')
			buf_addf(&text, ": %s", gap->what);
		line(writing, open ? MARK_BAD : MARK_GOOD, &text);
	}
}

static void add_flaky(const struct writing *writing)
{
	const struct period *period = writing->period;
	struct buf text = {0};

	if (period->flaky_count > 0)
		heading(writing, "Flaky: a gap once, a pass when it was repeated");
	for (size_t i = 0; i < period->flaky_count; i++) {
		const struct period_flaky *flaky = &period->flaky[i];

		buf_addf(&text, "%s in %s: %zu time%s, last %s", flaky->scenario,
			 flaky->environment, flaky->count, plural(flaky->count), flaky->drill);
		line(writing, MARK_UNSURE, &text);
	}
}

static void add_speeds(const struct writing *writing)
{
	const struct period *period = writing->period;
	struct buf text = {0};

	if (period->speed_count > 0)
		heading(writing, "Slowest");
	for (size_t i = 0; i < period->speed_count && i < PERIOD_SHOWN; i++) {
		const struct period_speed *speed = &period->speeds[i];

		buf_addf(&text, "%s in %s: p50 ", speed->scenario, speed->environment);
		phrase_span(&text, speed->p50_ms);
		buf_adds(&text, ", p99 ");
		phrase_span(&text, speed->p99_ms);
		buf_addf(&text, " of %zu alert%s", speed->count, plural(speed->count));
		if (speed->within_ms >= 0) {
			buf_adds(&text, ", deadline ");
			phrase_span(&text, speed->within_ms);
		}
		line(writing, MARK_AHEAD, &text);
	}
}

static void add_missed(const struct writing *writing)
{
	const struct period *period = writing->period;
	struct buf text = {0};

	if (period->missed_count > 0)
		heading(writing, "Missed starts");
	for (size_t i = 0; i < period->missed_count; i++) {
		const struct period_missed *missed = &period->missed[i];

		buf_addf(&text, "%s in %s: %" PRId64 ", the last planned for ", missed->scenario,
			 missed->environment, missed->count);
		when_text(&text, missed->last_wall_ms);
		buf_addf(&text, ": %s", missed->why);
		line(writing, MARK_UNSURE, &text);
	}
}

static void add_proofs(const struct writing *writing)
{
	const struct period *period = writing->period;
	struct buf text = {0};

	if (period->proof_count > 0)
		heading(writing, "Oldest proofs");
	for (size_t i = 0; i < period->proof_count && i < PERIOD_SHOWN; i++) {
		const struct period_proof *proof = &period->proofs[i];

		buf_addf(&text, "%s in %s: ", proof->scenario, proof->environment);
		if (proof->wall_ms == 0) {
			buf_adds(&text, "never passed");
		} else {
			buf_adds(&text, "passed ");
			phrase_span(&text, period->until_wall_ms - proof->wall_ms);
			buf_addf(&text, " ago (%s)", proof->drill);
		}
		line(writing, proof->wall_ms == 0 ? MARK_BAD : MARK_AHEAD, &text);
	}
}

void period_write(struct buf *buf, const struct view *view, const struct period *period)
{
	const struct writing writing = {buf, view, period};

	add_counts(&writing);
	add_gaps(&writing);
	add_flaky(&writing);
	add_speeds(&writing);
	add_missed(&writing);
	add_proofs(&writing);
}
