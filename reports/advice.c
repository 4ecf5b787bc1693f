/* What to look at or to do after a drill. */
#include "reports/advice.h"

#include "reports/outcome.h"
#include "reports/phrases.h"

static void advise_on_gap(struct buf *buf, const struct drill_record *record, size_t i)
{
	const struct expectation *expect = record->evidence.expect[i].expect;
	enum finding finding = outcome_finding(record, i);

	switch (finding) {
	case FINDING_MISSING:
		buf_adds(buf, "the rule, the route and the receiver of ");
		break;
	case FINDING_LATE:
		buf_adds(buf, "the waiting times in the rule and the route of ");
		break;
	case FINDING_DUPLICATE:
		buf_adds(buf, "whether two senders or two routes post ");
		break;
	case FINDING_WRONG_CHANNEL:
	case FINDING_UNEXPECTED:
		buf_adds(buf, "the route of ");
		break;
	case FINDING_UNREADABLE:
		buf_adds(buf, "the message template of ");
		break;
	case FINDING_UNRESOLVED:
		buf_adds(buf, "whether resolved messages are sent for ");
		break;
	case FINDING_UNKNOWN:
	case FINDING_DELIVERED:
	case FINDING_SILENT:
	case FINDING_COUNT:
		return;
	}
	phrase_text(buf, expect->alert, PHRASE_NAME);
	buf_adds(buf, " in ");
	phrase_text(buf, record->environment->name, PHRASE_NAME);
}

static void advise_on_doubt(struct buf *buf, const struct drill_record *record, size_t i)
{
	const struct expectation *expect = record->evidence.expect[i].expect;

	switch (record->judgement.reason) {
	case REASON_UNOBSERVABLE:
		if (record->evidence.stop != STOP_NONE)
			return; /* its sentence says what to do */
		buf_adds(buf, "put right what kept firedrill from reading ");
		phrase_channel(buf, expect->channel);
		buf_adds(buf, ", then run it again");
		break;
	case REASON_FAULT_HAD_NO_EFFECT:
		buf_adds(buf, "make the fault of this scenario fit the service again, then run "
			      "it again");
		break;
	case REASON_CONFOUNDED:
		buf_adds(buf, "wait until ");
		phrase_text(buf, expect->alert, PHRASE_NAME);
		buf_adds(buf, " is over in ");
		phrase_channel(buf, expect->channel);
		buf_adds(buf, ", then run it again");
		break;
	case REASON_NONE:
	case REASON_COUNT:
		break;
	}
}

bool advice_is_known(const struct drill_record *record)
{
	return record->judgement.gap.found && record->judgement.gap.advice != NULL;
}

void advice_write(struct buf *buf, const struct drill_record *record)
{
	size_t i = outcome_telling(record);

	if (i >= record->evidence.expect_count)
		return;
	switch (record->judgement.verdict) {
	case VERDICT_GAP:
		if (advice_is_known(record))
			phrase_text(buf, record->judgement.gap.advice, PHRASE_SUMMARY);
		else
			advise_on_gap(buf, record, i);
		break;
	case VERDICT_INCONCLUSIVE:
		advise_on_doubt(buf, record, i);
		break;
	case VERDICT_FLAKY:
		buf_adds(buf, "why it failed the first time");
		if (record->repeats[0] != '\0')
			buf_addf(buf, " (%s)", record->repeats);
		buf_adds(buf, "; it passed on a retry");
		break;
	case VERDICT_PASS:
	case VERDICT_REFUSED:
	case VERDICT_ABORTED:
	case VERDICT_COUNT:
		break;
	}
}

void advice_command(struct buf *buf, const struct drill_record *record)
{
	buf_addf(buf, "firedrill revert %s", record->evidence.left_before ? "--all" : record->id);
}
