/* A drill that is over as text for a terminal. */
#include "reports/result.h"

#include <ctype.h>
#include <string.h>

#include "reports/advice.h"
#include "reports/outcome.h"
#include "reports/phrases.h"
#include "reports/timing_text.h"

#define LABEL_COLUMNS 18 /* of the names before what they tell, indentation included */

static enum ink ink_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
		return INK_GREEN;
	case VERDICT_GAP:
		return INK_RED;
	case VERDICT_FLAKY:
	case VERDICT_INCONCLUSIVE:
	case VERDICT_REFUSED:
	case VERDICT_ABORTED:
	case VERDICT_COUNT:
		break;
	}
	return INK_YELLOW;
}

static void labelled(struct buf *buf, const struct view *view, const char *name, enum ink ink,
		     struct buf *text)
{
	struct row row = row_start(buf, view, 0);

	row_space(&row, 2);
	row_add(&row, INK_DIM, name);
	row_space(&row, row.used < LABEL_COLUMNS ? LABEL_COLUMNS - row.used : 1);
	row_paragraph(&row, LABEL_COLUMNS, ink, buf_text(text));
	buf_done(text);
}

static void labelled_text(struct buf *buf, const struct view *view, const char *name,
			  const char *value)
{
	struct buf text = {0};

	if (value == NULL)
		return;
	buf_adds(&text, value);
	labelled(buf, view, name, INK_NONE, &text);
}

/* "GAP  orders-bad-queue in production  fd-k3q9x2m7  12.3 s". */
static void add_title(struct buf *buf, const struct view *view, const struct drill_record *record)
{
	const struct judgement *judgement = &record->judgement;
	const char *verdict = verdict_name(judgement->verdict);
	struct row row = row_start(buf, view, 0);
	int64_t done_ms = record->phase_ms[PHASE_DONE];
	struct buf text = {0};

	for (const char *c = verdict; *c != '\0'; c++)
		buf_addf(&text, "%c", toupper((unsigned char)*c));
	row_take(&row, ink_of(judgement->verdict), &text);
	if (judgement->reason != REASON_NONE) {
		row_space(&row, 1);
		buf_addf(&text, "(%s)", reason_name(judgement->reason));
		row_take(&row, ink_of(judgement->verdict), &text);
	}
	row_space(&row, 2);
	row_add(&row, INK_BOLD, record->scenario->name);
	row_space(&row, 1);
	row_add(&row, INK_NONE, "in");
	row_space(&row, 1);
	row_add(&row, INK_BOLD, record->environment->name);
	row_space(&row, 2);
	row_add(&row, INK_DIM, record->id);
	if (done_ms != TIME_NEVER) {
		row_space(&row, 2);
		phrase_span(&text, done_ms - record->started_ms);
		row_take(&row, INK_DIM, &text);
	}
	buf_adds(buf, "\n");
}

static void add_fault_left(struct buf *buf, const struct view *view,
			   const struct drill_record *record)
{
	struct row row = row_start(buf, view, 0);
	struct buf text = {0};

	buf_adds(&text, "FAULT NOT REVERTED in ");
	buf_adds(&text, record->environment->name);
	buf_adds(&text, record->evidence.left_before ? ", left by an earlier drill" : "");
	buf_adds(&text, ": look at the target yourself, then run \"");
	advice_command(&text, record);
	buf_adds(&text, "\"");
	row_paragraph(&row, 0, INK_RED, buf_text(&text));
	buf_done(&text);
}

static enum mark mark_of(enum finding finding)
{
	if (judge_is_gap(finding))
		return MARK_BAD;
	return finding == FINDING_UNKNOWN ? MARK_UNSURE : MARK_GOOD;
}

/* "✗ missing        OrdersQueueMissing in #ops within 90 s: nothing", and its link. */
static void add_finding(struct buf *buf, const struct view *view, const struct drill_record *record,
			size_t i)
{
	enum finding finding = outcome_finding(record, i);
	const struct sighting *seen =
	    i < record->judgement.finding_count ? record->judgement.findings[i].seen : NULL;
	struct row row = row_start(buf, view, 0);
	struct buf text = {0};

	row_space(&row, 2);
	row_mark(&row, mark_of(finding));
	row_space(&row, 1);
	row_add(&row, INK_NONE, finding_name(finding));
	row_space(&row, row.used < LABEL_COLUMNS ? LABEL_COLUMNS - row.used : 1);
	outcome_expected(&text, record->evidence.expect[i].expect);
	buf_adds(&text, ": ");
	outcome_found(&text, record, i);
	row_paragraph(&row, LABEL_COLUMNS, INK_NONE, buf_text(&text));
	buf_done(&text);
	if (seen != NULL)
		labelled_text(buf, view, "", seen->permalink);
	if (timing_text_line(&text, record, i))
		labelled(buf, view, "timing", INK_NONE, &text);
}

static void add_gap(struct buf *buf, const struct view *view, const struct drill_record *record)
{
	struct buf text = {0};

	if (!record->judgement.gap.found)
		return;
	buf_adds(&text, "between ");
	if (outcome_lacking_hop(record) != NULL) /* it has a line above */
		buf_addf(&text, "%s and %s", record->judgement.gap.after,
			 record->judgement.gap.before);
	else
		outcome_gap(&text, record);
	labelled(buf, view, outcome_gap_label(record), INK_NONE, &text);
	labelled_text(buf, view, "probes", record->judgement.gap.probes);
	labelled_text(buf, view, "likely cause", record->judgement.gap.cause);
}

static enum mark mark_of_hop(enum hop_state state)
{
	switch (state) {
	case HOP_HAD_IT:
		return MARK_GOOD;
	case HOP_LACKED_IT:
		return MARK_BAD;
	case HOP_NOT_ASKED:
	case HOP_STATE_COUNT:
		break;
	}
	return MARK_UNSURE;
}

/* The way up to the gap is told in short: the two stations at its ends say more, or the line behind
 * them all does. */
static bool is_brief(const struct drill_record *record, const struct hop_told *told)
{
	const struct gap *gap = &record->judgement.gap;

	if (!gap->found || told->state != HOP_HAD_IT || told->about != ABOUT_ALERT ||
	    told->expect != gap->expect)
		return false;
	return outcome_lacking_hop(record) == NULL || gap->about != ABOUT_ALERT ||
	       strcmp(hop_name(told->hop), gap->after) != 0;
}

/* "✓ rule           prometheus: OrdersQueueMissing fired at 10:01:31", for each that was asked. */
static void add_hops(struct buf *buf, const struct view *view, const struct drill_record *record)
{
	for (size_t i = 0; i < record->judgement.hop_count; i++) {
		struct hop_told told = record->judgement.hops[i]; /* its texts are borrowed */
		struct row row = row_start(buf, view, 0);
		struct buf text = {0};

		if (told.name == NULL)
			continue;
		if (is_brief(record, &told))
			told.evidence = NULL;
		row_space(&row, 2);
		row_mark(&row, mark_of_hop(told.state));
		row_space(&row, 1);
		row_add(&row, INK_NONE, hop_name(told.hop));
		row_space(&row, row.used < LABEL_COLUMNS ? LABEL_COLUMNS - row.used : 1);
		outcome_hop(&text, record, &told);
		row_paragraph(&row, LABEL_COLUMNS, INK_NONE, buf_text(&text));
		buf_done(&text);
	}
}

static void add_hints(struct buf *buf, const struct view *view, const struct drill_record *record)
{
	const struct scenario *scenario = record->scenario;
	enum verdict verdict = record->judgement.verdict;
	bool is_gap = verdict == VERDICT_GAP || verdict == VERDICT_FLAKY;
	struct buf text = {0};

	advice_write(&text, record);
	if (text.len > 0)
		labelled(buf, view, is_gap && !advice_is_known(record) ? "look at" : "what to do",
			 INK_NONE, &text);
	if (is_gap) {
		labelled_text(buf, view, "runbook", scenario->runbook);
		labelled_text(buf, view, "owner", scenario->owner);
	}
	labelled_text(buf, view, "report", record->report_permalink);
	if (record->report_problem != NULL) {
		buf_adds(&text, "did not reach the chat: ");
		buf_adds(&text, record->report_problem);
		labelled(buf, view, "report", INK_YELLOW, &text);
	}
}

void result_block(struct buf *buf, const struct view *view, const struct drill_record *record)
{
	bool touched = record->evidence.inject_tried;
	bool left = outcome_is_fault_left(record);
	struct row row = row_start(buf, view, 0);
	struct buf text = {0};

	if (left)
		add_fault_left(buf, view, record);
	add_title(buf, view, record);
	row_space(&row, 2);
	row_paragraph(&row, 2, INK_NONE, record->judgement.text);
	for (size_t i = 0; touched && i < record->evidence.expect_count; i++)
		add_finding(buf, view, record, i);
	add_hops(buf, view, record);
	add_gap(buf, view, record);
	outcome_fault(&text, record);
	labelled(buf, view, "fault", left ? INK_RED : INK_NONE, &text);
	add_hints(buf, view, record);
	buf_adds(buf, "\n");
}

void result_summary(struct buf *buf, const struct view *view, const size_t counts[VERDICT_COUNT],
		    size_t faults_left)
{
	struct row row = row_start(buf, view, 0);
	struct buf text = {0};
	size_t drills = 0;
	bool first = true;

	for (size_t i = 0; i < VERDICT_COUNT; i++)
		drills += counts[i];
	if (drills == 0)
		return;
	buf_addf(&text, "%zu drill%s:", drills, drills == 1 ? "" : "s");
	row_take(&row, INK_BOLD, &text);
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		if (counts[i] == 0)
			continue;
		row_add(&row, INK_NONE, first ? "" : ",");
		row_space(&row, 1);
		buf_addf(&text, "%zu %s", counts[i], verdict_name((enum verdict)i));
		row_take(&row, ink_of((enum verdict)i), &text);
		first = false;
	}
	buf_adds(buf, "\n");
	if (faults_left == 0)
		return;
	row = row_start(buf, view, 0);
	buf_addf(&text, "%zu fault%s not confirmed reverted: run \"firedrill revert --all\"",
		 faults_left, faults_left == 1 ? " is" : "s are");
	row_paragraph(&row, 0, INK_RED, buf_text(&text));
	buf_done(&text);
}
