/* The kinds of gap, the kinds of end and what stations speak of, in words for people. */
#include <string.h>

#include "reports/outcome.h"
#include "reports/phrases.h"

/* What a gap is called: as a title, and as a label. */
struct called {
	const char *title, *label;
};

static struct called called(const struct drill_record *record)
{
	switch (record->judgement.gap.finding) {
	case FINDING_LATE:
		return (struct called){"Time lost between", "time lost"};
	case FINDING_DUPLICATE:
		return (struct called){"More than one between", "more than one"};
	case FINDING_UNREADABLE:
		return (struct called){"Text lost between", "text lost"};
	case FINDING_UNRESOLVED:
		return (struct called){"Resolved lost between", "resolved lost"};
	case FINDING_UNKNOWN:
	case FINDING_DELIVERED:
	case FINDING_SILENT:
	case FINDING_MISSING:
	case FINDING_WRONG_CHANNEL:
	case FINDING_UNEXPECTED:
	case FINDING_COUNT:
		break;
	}
	return (struct called){"Lost between", "lost"};
}

const char *outcome_gap_title(const struct drill_record *record)
{
	return called(record).title;
}

const char *outcome_gap_label(const struct drill_record *record)
{
	return called(record).label;
}

/* Where the time was lost, or where one became two, no station lacks anything. */
const struct hop_told *outcome_lacking_hop(const struct drill_record *record)
{
	const struct judgement *judgement = &record->judgement;
	const struct gap *gap = &judgement->gap;

	if (!gap->found || gap->finding == FINDING_LATE || gap->finding == FINDING_DUPLICATE)
		return NULL;
	for (size_t i = 0; i < judgement->hop_count; i++) {
		const struct hop_told *told = &judgement->hops[i];

		if (told->name != NULL && told->state == HOP_LACKED_IT &&
		    told->expect == gap->expect && told->about == gap->about &&
		    strcmp(hop_name(told->hop), gap->before) == 0)
			return told;
	}
	return NULL;
}

/* Of several alerts it is named which one. */
static void add_alert(struct buf *buf, const struct drill_record *record,
		      const struct hop_told *told)
{
	if (record->evidence.expect_count > 1)
		phrase_text(buf, record->evidence.expect[told->expect].expect->alert, PHRASE_NAME);
	else
		buf_adds(buf, "it");
}

void outcome_hop_state(struct buf *buf, const struct drill_record *record,
		       const struct hop_told *told)
{
	static const char *const had[] = {
	    [ABOUT_ALERT] = " had ",
	    [ABOUT_TEXT] = " had the text of ",
	    [ABOUT_END] = " saw the end of ",
	};
	static const char *const lacked[] = {
	    [ABOUT_ALERT] = " did not have ",
	    [ABOUT_TEXT] = " did not have the text of ",
	    [ABOUT_END] = " did not pass on the end of ",
	};
	/* True of one that was not asked, and of one whose answer leaves it open. */
	static const char *const not_asked[] = {
	    [ABOUT_ALERT] = " could not tell",
	    [ABOUT_TEXT] = " could not tell of the text",
	    [ABOUT_END] = " could not tell of the end",
	};
	bool posts = told->hop == HOP_RECEIVER && told->about == ABOUT_ALERT;

	switch (told->state) {
	case HOP_HAD_IT:
		buf_adds(buf, posts ? " posted " : had[told->about]);
		break;
	case HOP_LACKED_IT:
		buf_adds(buf, posts ? " did not post " : lacked[told->about]);
		break;
	case HOP_NOT_ASKED:
	case HOP_STATE_COUNT:
		buf_adds(buf, not_asked[told->about]);
		return;
	}
	add_alert(buf, record, told);
}

/* A message of its own is the usual way. */
void outcome_resolved_how(struct buf *buf, const struct expectation_finding *finding)
{
	switch (finding->resolved_how) {
	case RESOLVED_EDIT:
		buf_adds(buf, ", by an edit of its message");
		break;
	case RESOLVED_REPLY:
		buf_adds(buf, ", in its thread");
		break;
	case RESOLVED_NOT:
	case RESOLVED_MESSAGE:
	case RESOLVED_HOW_COUNT:
		break;
	}
	if (finding->resolved_text == NULL)
		return;
	buf_adds(buf, "; ");
	phrase_text(buf, finding->resolved_text, PHRASE_SUMMARY);
}
