/* What became of a drill, in words for people. */
#include "reports/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "reports/phrases.h"
#include "src/base/mem.h"

#define FAULT_TEXT_MAX 120 /* bytes; what is longer is in the details, not in the way */

static void add_alert(struct buf *buf, const struct expectation *expect)
{
	phrase_text(buf, expect->alert, PHRASE_NAME);
}

static void add_after(struct buf *buf, int64_t latency_ms)
{
	if (latency_ms == 0)
		buf_adds(buf, " at once");
	if (latency_ms <= 0)
		return;
	buf_adds(buf, " after ");
	phrase_span(buf, latency_ms);
}

/* Questions. */

bool outcome_is_over(const struct drill_record *record)
{
	return record->phase == PHASE_REPORT || record->phase == PHASE_DONE;
}

bool outcome_is_fault_left(const struct drill_record *record)
{
	enum fault_state state = record->evidence.fault_state;

	if (record->evidence.left_before || state == FAULT_STUCK)
		return true;
	if (outcome_is_over(record))
		return record->judgement.exit_code == EXIT_FAULT_LEFT;
	return record->phase > PHASE_CONFIRM && state != FAULT_ABSENT && state != FAULT_CLEAN;
}

static const struct expectation_finding *finding_of(const struct drill_record *record, size_t i)
{
	static const struct expectation_finding none = {.finding = FINDING_UNKNOWN,
							.latency_ms = TIME_NEVER,
							.resolved_latency_ms = TIME_NEVER};

	return i < record->judgement.finding_count ? &record->judgement.findings[i] : &none;
}

enum finding outcome_finding(const struct drill_record *record, size_t i)
{
	return finding_of(record, i)->finding;
}

size_t outcome_telling(const struct drill_record *record)
{
	size_t unknown = record->evidence.expect_count;

	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		enum finding finding = outcome_finding(record, i);

		if (judge_is_gap(finding))
			return i;
		if (finding == FINDING_UNKNOWN && i < unknown)
			unknown = i;
	}
	return unknown < record->evidence.expect_count ? unknown : 0;
}

/* What was expected, what came. */

void outcome_expected(struct buf *buf, const struct expectation *expect)
{
	if (expect->never)
		buf_adds(buf, "no ");
	add_alert(buf, expect);
	buf_adds(buf, " in ");
	phrase_channel(buf, expect->channel);
	if (expect->never)
		return;
	if (expect->within_ms != SCENARIO_AUTO) {
		buf_adds(buf, " within ");
		phrase_span(buf, expect->within_ms);
	}
	if (expect->resolved_ms > 0) {
		buf_adds(buf, ", resolved within ");
		phrase_span(buf, expect->resolved_ms);
	}
}

/* ", resolved 1.0 s after the repair", for an alert that came. */
static void add_resolved(struct buf *buf, const struct expectation_finding *finding)
{
	if (!finding->resolved_wanted)
		return;
	if (finding->resolved == FINDING_UNRESOLVED) {
		buf_adds(buf, ", but never reported as resolved");
	} else if (finding->resolved == FINDING_UNKNOWN) {
		buf_adds(buf, ", but nobody could see whether it was resolved");
	} else if (finding->resolved_latency_ms == 0) {
		buf_adds(buf, finding->resolved_text == NULL ? ", resolved at once" : ", resolved");
	} else {
		buf_adds(buf, finding->resolved == FINDING_LATE ? ", but resolved only "
								: ", resolved ");
		phrase_span(buf, finding->resolved_latency_ms);
		buf_adds(buf, " after the repair");
	}
	outcome_resolved_how(buf, finding);
}

void outcome_found(struct buf *buf, const struct drill_record *record, size_t i)
{
	const struct expectation_finding *finding = finding_of(record, i);

	switch (finding->finding) {
	case FINDING_MISSING:
		buf_adds(buf, finding->resolved_seen != NULL ? "nothing but its resolved message"
							     : "nothing");
		if (record->evidence.expect[i].alike != NULL) {
			buf_adds(buf, "; one like it came to ");
			phrase_channel(buf, record->evidence.expect[i].alike);
			buf_adds(buf, ", as one did before the fault");
		} else if (record->evidence.expect[i].searched_elsewhere) {
			buf_adds(buf, ", nor in any other readable channel");
		}
		break;
	case FINDING_WRONG_CHANNEL:
		buf_adds(buf, "in ");
		phrase_channel(buf, finding->seen != NULL ? finding->seen->channel : NULL);
		buf_adds(buf, " instead,");
		add_after(buf, finding->latency_ms);
		break;
	case FINDING_LATE:
		phrase_span(buf, finding->late_by_ms);
		buf_adds(buf, " too late,");
		add_after(buf, finding->latency_ms);
		add_resolved(buf, finding);
		break;
	case FINDING_DELIVERED:
	case FINDING_UNRESOLVED:
		buf_adds(buf, "it came");
		add_after(buf, finding->latency_ms);
		add_resolved(buf, finding);
		break;
	case FINDING_UNEXPECTED:
		buf_adds(buf, "it came");
		add_after(buf, finding->latency_ms);
		break;
	case FINDING_SILENT:
		buf_adds(buf, "nothing, as it should be");
		break;
	case FINDING_DUPLICATE:
	case FINDING_UNREADABLE:
	case FINDING_UNKNOWN:
	case FINDING_COUNT:
		phrase_text(buf, finding->text, PHRASE_SUMMARY);
		break;
	}
}

/* What goes between the alert and the expected channel. */
static void add_verb(struct buf *buf, const struct expectation_finding *finding)
{
	switch (finding->finding) {
	case FINDING_DELIVERED:
	case FINDING_LATE:
	case FINDING_DUPLICATE:
	case FINDING_UNREADABLE:
		buf_adds(buf, " reached ");
		break;
	case FINDING_SILENT:
		buf_adds(buf, " stayed out of ");
		break;
	case FINDING_MISSING:
		buf_adds(buf, " never reached ");
		break;
	case FINDING_WRONG_CHANNEL:
		buf_adds(buf, " went to ");
		phrase_channel(buf, finding->seen != NULL ? finding->seen->channel : NULL);
		buf_adds(buf, " instead of ");
		break;
	case FINDING_UNRESOLVED:
		buf_adds(buf, finding->resolved == FINDING_LATE ? " was resolved too late in "
								: " was never resolved in ");
		break;
	case FINDING_UNEXPECTED:
		buf_adds(buf, " came to ");
		break;
	case FINDING_UNKNOWN:
	case FINDING_COUNT:
		buf_adds(buf, " in ");
		break;
	}
}

/* What goes after the expected channel. */
static void add_circumstance(struct buf *buf, const struct expectation_finding *finding)
{
	switch (finding->finding) {
	case FINDING_DELIVERED:
		add_after(buf, finding->latency_ms);
		break;
	case FINDING_LATE:
		buf_adds(buf, " ");
		phrase_span(buf, finding->late_by_ms);
		buf_adds(buf, " too late");
		break;
	case FINDING_DUPLICATE:
		buf_adds(buf, " more than once");
		break;
	case FINDING_UNREADABLE:
		buf_adds(buf, " without \"");
		phrase_text(buf, finding->seen != NULL ? finding->seen->lacks : NULL, PHRASE_NAME);
		buf_adds(buf, "\"");
		break;
	case FINDING_UNEXPECTED:
		buf_adds(buf, ", where it must never be");
		break;
	case FINDING_UNKNOWN:
	case FINDING_COUNT:
		buf_adds(buf, ": could not be decided");
		break;
	case FINDING_SILENT:
	case FINDING_MISSING:
	case FINDING_WRONG_CHANNEL:
	case FINDING_UNRESOLVED:
		break;
	}
}

void outcome_sentence(struct buf *buf, const struct drill_record *record, size_t i)
{
	const struct expectation *expect = record->evidence.expect[i].expect;

	add_alert(buf, expect);
	add_verb(buf, finding_of(record, i));
	phrase_channel(buf, expect->channel);
	add_circumstance(buf, finding_of(record, i));
}

/* The evidence of a gap often ends with the finding itself, which the reader knows by then. */
static size_t evidence_len(const struct drill_record *record)
{
	const char *evidence = record->judgement.gap.evidence;
	size_t i = record->judgement.gap.expect;
	const struct expectation_finding *finding = finding_of(record, i);
	const struct expectation *expect = record->evidence.expect[i].expect;
	char *known =
	    mem_printf("%s %s", expect->alert, finding->text != NULL ? finding->text : "");
	const char *at = strstr(evidence, known);
	size_t len = at != NULL ? (size_t)(at - evidence) : strlen(evidence);

	free(known);
	while (len > 0 && at != NULL && strchr("; ", evidence[len - 1]) != NULL)
		len--;
	return len;
}

/* What stations say is what the reader wants to know; what the fault's driver says is not. */
static bool is_of_stations(const struct drill_record *record)
{
	for (size_t i = 0; i < record->judgement.hop_count; i++) {
		if (record->judgement.hops[i].name != NULL)
			return true;
	}
	return false;
}

/* Where it was lost says more than where it still was. */
void outcome_gap(struct buf *buf, const struct drill_record *record)
{
	const struct gap *gap = &record->judgement.gap;
	const struct hop_told *lacking = outcome_lacking_hop(record);
	char *evidence;

	buf_addf(buf, "%s and %s", gap->after, gap->before);
	if (gap->evidence == NULL || record->evidence.expect_count == 0)
		return;
	evidence = lacking != NULL ? mem_dup(lacking->evidence)
				   : mem_dup_n(gap->evidence, evidence_len(record));
	if (evidence[0] != '\0' && (is_of_stations(record) || strlen(evidence) <= FAULT_TEXT_MAX)) {
		buf_adds(buf, ": ");
		phrase_text(buf, evidence, PHRASE_EVIDENCE);
	}
	free(evidence);
}

void outcome_hop(struct buf *buf, const struct drill_record *record, const struct hop_told *told)
{
	int64_t injected_ms = record->evidence.injected_ms;

	phrase_text(buf, told->name != NULL ? told->name : hop_name(told->hop), PHRASE_NAME);
	outcome_hop_state(buf, record, told);
	if (told->at_ms != TIME_NEVER && injected_ms != TIME_NEVER && told->at_ms > injected_ms) {
		buf_adds(buf, " after ");
		phrase_span(buf, told->at_ms - injected_ms);
	}
	if (told->evidence == NULL || told->evidence[0] == '\0')
		return;
	buf_adds(buf, ": ");
	phrase_text(buf, told->evidence, PHRASE_EVIDENCE);
}

/* The fault. */

/* When the target was read back: the phase after PHASE_CONFIRM begins. */
static int64_t confirmed_ms(const struct drill_record *record)
{
	for (size_t i = PHASE_CONFIRM + 1; i < PHASE_COUNT; i++) {
		if (record->phase_ms[PHASE_CONFIRM] != TIME_NEVER &&
		    record->phase_ms[i] != TIME_NEVER)
			return record->phase_ms[i];
	}
	return record->evidence.reverted_ms;
}

static void add_clean(struct buf *buf, const struct drill_record *record)
{
	int64_t at_ms = confirmed_ms(record);

	if (!record->evidence.inject_tried) {
		buf_adds(buf, "nothing was touched");
	} else if (record->scenario->fault.kind == KIND_NONE) {
		buf_adds(buf, "nothing was broken in this control drill");
	} else if (record->effect == EFFECT_EMISSION) {
		buf_adds(buf, "nothing is left of it");
	} else {
		buf_adds(buf, "reverted and confirmed");
		if (at_ms != TIME_NEVER) {
			buf_adds(buf, " at ");
			phrase_time(buf, record, at_ms);
		}
		if (at_ms != TIME_NEVER && record->evidence.injected_ms != TIME_NEVER) {
			buf_adds(buf, " (in place for ");
			phrase_span(buf, at_ms - record->evidence.injected_ms);
			buf_adds(buf, ")");
		}
	}
}

void outcome_fault(struct buf *buf, const struct drill_record *record)
{
	const struct evidence *evidence = &record->evidence;
	bool left = outcome_is_fault_left(record);

	switch (evidence->fault_state) {
	case FAULT_ABSENT:
	case FAULT_CLEAN:
		if (evidence->left_before)
			buf_adds(buf, "an earlier one is not confirmed reverted");
		else
			add_clean(buf, record);
		if (evidence->ledger_problem != NULL) {
			buf_adds(buf,
				 ", but the ledger does not know it yet, run \"firedrill revert "
				 "--all\": ");
			phrase_text(buf, evidence->ledger_problem, PHRASE_EVIDENCE);
		}
		return;
	case FAULT_INTENT:
	case FAULT_INJECTING:
	case FAULT_INJECTED:
	case FAULT_REVERTING:
	case FAULT_UNCONFIRMED:
	case FAULT_STUCK:
	case FAULT_STATE_COUNT:
		break;
	}
	if (left) {
		buf_adds(buf, "NOT confirmed reverted");
		if (evidence->revert_text != NULL)
			buf_adds(buf, ": ");
		phrase_text(buf, evidence->revert_text, PHRASE_EVIDENCE);
	} else if (evidence->injected_ms == TIME_NEVER) {
		buf_adds(buf, "not in place yet");
	} else {
		buf_adds(buf, record->phase < PHASE_REVERT ? "in place since "
							   : "being put back; in place since ");
		phrase_time(buf, record, evidence->injected_ms);
	}
}
