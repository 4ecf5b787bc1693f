/* The drill's message in chat, readable in five seconds on a phone. */
#include "reports/message.h"

#include <stdlib.h>

#include "reports/advice.h"
#include "reports/bisect_text.h"
#include "reports/details.h"
#include "reports/outcome.h"
#include "reports/phrases.h"
#include "reports/when.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define ALSO_MAX      3 /* further expectations with a line of their own */
#define ALSO_FEW      1 /* ... where the cause of a gap needs the room */
#define MINUTE_MS     60000
#define DRILL_HEADING "[DRILL] "
#define DOT           " \xc2\xb7 " /* middle dot */

struct message_writer {
	struct buf headline, body, footer;
};

/* Lines. */

static void add_environment(struct buf *buf, const struct drill_record *record)
{
	phrase_text(buf, record->environment->name, PHRASE_NAME);
}

static void add_name(struct buf *buf, const struct drill_record *record)
{
	phrase_text(buf, record->scenario->name, PHRASE_NAME);
}

static size_t count_bad(const struct drill_record *record)
{
	size_t count = 0;

	for (size_t i = 0; i < record->evidence.expect_count; i++)
		count += judge_is_gap(outcome_finding(record, i));
	return count;
}

/* Unless a fault is left, which is written before everything else. */
static void write_fault(struct buf *body, const struct drill_record *record)
{
	if (outcome_is_fault_left(record))
		return;
	phrase_label(body, "Fault");
	outcome_fault(body, record);
}

static void write_fault_left(struct message_writer *writer, const struct drill_record *record)
{
	struct buf *body = &writer->body;

	buf_adds(&writer->headline, DRILL_HEADING "FAULT NOT REVERTED in ");
	add_environment(&writer->headline, record);
	if (record->evidence.left_before) {
		buf_adds(&writer->headline, ": left by an earlier drill");
	} else {
		buf_adds(&writer->headline, ": ");
		add_name(&writer->headline, record);
	}
	phrase_label(body, "Act now");
	buf_adds(body, "look at the target yourself, then run `");
	advice_command(body, record);
	buf_adds(body, "`");
	phrase_label(body, "Fault");
	outcome_fault(body, record);
	if (!record->evidence.left_before && record->ends_by_itself != NULL) {
		phrase_label(body, "If nobody does");
		phrase_text(body, record->ends_by_itself, PHRASE_SUMMARY);
	}
}

/* While it runs. */

/* The minute by which the fault is gone, whatever happens: the lease, counted from the injection
 * or, before it, from now; one minute more until it is in place. */
static int64_t ends_ms(const struct drill_record *record)
{
	int64_t from_ms = record->evidence.injected_ms;
	int64_t entered_ms = record->phase_ms[record->phase];
	int64_t end_ms;

	if (from_ms == TIME_NEVER)
		from_ms = (entered_ms != TIME_NEVER ? entered_ms : record->started_ms) + MINUTE_MS;
	end_ms = record_wall_ms(record, from_ms + record->scenario->fault.hold_at_most_ms);
	return (end_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
}

static void write_calm(struct buf *body, const struct drill_record *record)
{
	buf_adds(body, "\nNo action needed.");
	if (record->scenario->fault.hold_at_most_ms > 0 && record->phase < PHASE_REVERT) {
		buf_adds(body, " Ends by ");
		when_minute(body, ends_ms(record));
		buf_adds(body, " at the latest.");
	}
}

static void write_running(struct message_writer *writer, const struct drill_record *record)
{
	struct buf *body = &writer->body;

	if (!outcome_is_fault_left(record)) {
		buf_adds(&writer->headline, DRILL_HEADING);
		add_name(&writer->headline, record);
		buf_adds(&writer->headline, " in ");
		add_environment(&writer->headline, record);
		buf_adds(&writer->headline, ": running");
	}
	phrase_label(body, record->scenario->fault.kind == KIND_NONE
			       ? "Control drill, nothing is broken"
			       : "Breaking on purpose");
	phrase_text(body, record->scenario->summary, PHRASE_SUMMARY);
	for (size_t i = 0; i < record->evidence.expect_count && i < ALSO_MAX; i++) {
		phrase_label(body, "Expected");
		outcome_expected(body, record->evidence.expect[i].expect);
	}
	phrase_label(body, "Now");
	buf_adds(body, phrase_phase(record->phase));
	if (record->evidence.inject_tried)
		write_fault(body, record);
	if (!outcome_is_fault_left(record))
		write_calm(body, record);
}

/* When it is over. */

/* Nobody was called yet, and nobody needs to look. */
static bool is_to_be_repeated(const struct drill_record *record)
{
	return record->judgement.verdict == VERDICT_GAP && record->repeatable;
}

/* People were told of it where that stands, in full. */
static bool is_known_gap(const struct drill_record *record)
{
	return record->judgement.verdict == VERDICT_GAP && record->open_gap != NULL;
}

static const char *opening(const struct drill_record *record)
{
	const struct judgement *judgement = &record->judgement;

	switch (judgement->verdict) {
	case VERDICT_PASS:
		return "\xe2\x9c\x94 PASS: "; /* heavy check mark */
	case VERDICT_GAP:
		return is_to_be_repeated(record) ? "Gap seen by a first drill: "
		       : is_known_gap(record)    ? "GAP still open: "
						 : "GAP: ";
	case VERDICT_FLAKY:
		return "FLAKY, passed on a retry only: ";
	case VERDICT_REFUSED:
		return "REFUSED: ";
	case VERDICT_ABORTED:
		return "ABORTED: ";
	case VERDICT_INCONCLUSIVE:
	case VERDICT_COUNT:
		break;
	}
	switch (judgement->reason) {
	case REASON_UNOBSERVABLE:
		return "INCONCLUSIVE, the chat could not be watched: ";
	case REASON_FAULT_HAD_NO_EFFECT:
		return "INCONCLUSIVE, the fault had no effect: ";
	case REASON_CONFOUNDED:
		return "INCONCLUSIVE, the alert was there before: ";
	case REASON_NONE:
	case REASON_COUNT:
		break;
	}
	return "INCONCLUSIVE: ";
}

static void write_headline(struct buf *headline, const struct drill_record *record)
{
	enum verdict verdict = record->judgement.verdict;
	size_t bad = count_bad(record);

	buf_adds(headline, DRILL_HEADING);
	buf_adds(headline, opening(record));
	if (record->evidence.expect_count > 0 &&
	    (verdict == VERDICT_PASS || verdict == VERDICT_GAP || verdict == VERDICT_FLAKY))
		outcome_sentence(headline, record, outcome_telling(record));
	else
		add_name(headline, record);
	if (verdict == VERDICT_GAP && bad > 1)
		buf_addf(headline, " and %zu more", bad - 1);
	buf_adds(headline, " (");
	add_environment(headline, record);
	buf_adds(headline, ")");
}

static void write_broke(struct buf *body, const struct drill_record *record)
{
	phrase_label(body, record->scenario->fault.kind == KIND_NONE ? "Broke nothing" : "Broke");
	phrase_text(body, record->scenario->summary, PHRASE_SUMMARY);
	if (record->evidence.injected_ms != TIME_NEVER) {
		buf_adds(body, ", at ");
		phrase_time(body, record, record->evidence.injected_ms);
	}
}

/* The expectation that tells most in two lines; the others in one line each. */
static void write_findings(struct buf *body, const struct drill_record *record)
{
	size_t most = record->judgement.gap.cause != NULL ? ALSO_FEW : ALSO_MAX;
	size_t telling = outcome_telling(record), lines = 0, left = 0;

	if (telling >= record->evidence.expect_count)
		return;
	if (record->judgement.verdict != VERDICT_PASS) {
		phrase_label(body, "Expected");
		outcome_expected(body, record->evidence.expect[telling].expect);
	}
	phrase_label(body, "Found");
	outcome_found(body, record, telling);
	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		if (i == telling)
			continue;
		if (lines == most) {
			left++;
			continue;
		}
		phrase_label(body, "Also");
		outcome_sentence(body, record, i);
		lines++;
	}
	if (left > 0)
		buf_addf(body, "\nand %zu more, see the thread", left);
}

static void write_gap(struct buf *body, const struct drill_record *record)
{
	if (!record->judgement.gap.found)
		return;
	phrase_label(body, outcome_gap_title(record));
	outcome_gap(body, record);
	if (record->judgement.gap.probes != NULL) {
		phrase_label(body, "Probes");
		bisect_text(body, record);
	}
	if (record->judgement.gap.cause == NULL)
		return;
	phrase_label(body, "Likely cause");
	phrase_text(body, record->judgement.gap.cause, PHRASE_EVIDENCE);
}

static void write_advice(struct buf *body, const struct drill_record *record)
{
	const struct scenario *scenario = record->scenario;
	struct buf advice = {0};

	advice_write(&advice, record);
	if (advice.len > 0) {
		phrase_label(body, record->judgement.verdict == VERDICT_INCONCLUSIVE ||
					   advice_is_known(record)
				       ? "What to do"
				       : "Look at");
		buf_adds(body, buf_text(&advice));
	}
	buf_done(&advice);
	if (scenario->runbook != NULL) {
		phrase_label(body, "Runbook");
		phrase_text(body, scenario->runbook, PHRASE_LINK);
	}
	if (scenario->owner != NULL) {
		phrase_label(body, "Owner");
		phrase_text(body, scenario->owner, PHRASE_NAME);
	}
}

static void write_why(struct buf *body, const struct drill_record *record)
{
	phrase_label(body, "Why");
	phrase_text(body, record->judgement.text, PHRASE_EVIDENCE);
}

/* What comes of it, in words that stay true: nobody changes this message later. */
static void write_next(struct buf *body, const struct drill_record *record)
{
	int64_t done_ms = record->phase_ms[PHASE_REPORT];

	if (is_to_be_repeated(record)) {
		phrase_label(body, "Repeat");
		if (record->environment->spacing_ms > 0 && done_ms != TIME_NEVER) {
			buf_adds(body, "not before ");
			phrase_time(body, record, done_ms + record->environment->spacing_ms);
			buf_adds(body, "; ");
		}
		buf_adds(body, "people are called only if that finds the gap, too");
	} else if (is_known_gap(record)) {
		phrase_label(body, "Still open, see");
		phrase_text(body, record->open_gap, PHRASE_LINK);
	}
}

static void write_over(struct message_writer *writer, const struct drill_record *record)
{
	struct buf *body = &writer->body;

	if (writer->headline.len == 0)
		write_headline(&writer->headline, record);
	switch (record->judgement.verdict) {
	case VERDICT_PASS:
		write_broke(body, record);
		write_findings(body, record);
		write_fault(body, record);
		break;
	case VERDICT_GAP:
	case VERDICT_FLAKY:
		write_next(body, record);
		write_broke(body, record);
		write_findings(body, record);
		write_gap(body, record);
		write_fault(body, record);
		if (!is_known_gap(record))
			write_advice(body, record);
		break;
	case VERDICT_INCONCLUSIVE:
		write_why(body, record);
		write_broke(body, record);
		write_fault(body, record);
		write_advice(body, record);
		break;
	case VERDICT_REFUSED:
	case VERDICT_ABORTED:
	case VERDICT_COUNT:
		write_why(body, record);
		if (record->evidence.inject_tried)
			write_broke(body, record);
		write_fault(body, record);
		break;
	}
}

/* The whole. */

static enum chat_tone tone_of(const struct drill_record *record)
{
	if (outcome_is_fault_left(record))
		return CHAT_BAD;
	if (!outcome_is_over(record))
		return CHAT_RUNNING;
	switch (record->judgement.verdict) {
	case VERDICT_PASS:
		return CHAT_GOOD;
	case VERDICT_GAP:
		return is_to_be_repeated(record) ? CHAT_UNSURE : CHAT_BAD;
	case VERDICT_FLAKY:
	case VERDICT_INCONCLUSIVE:
	case VERDICT_REFUSED:
	case VERDICT_ABORTED:
	case VERDICT_COUNT:
		break;
	}
	return CHAT_UNSURE;
}

/* "orders-bad-queue · fd-k3q9x2m7 · 2026-11-21 10:00:58 UTC, took 2 min 16 s". */
static void write_footer(struct buf *footer, const struct drill_record *record)
{
	int64_t done_ms = record->phase_ms[PHASE_DONE];

	if (done_ms == TIME_NEVER)
		done_ms = record->phase_ms[PHASE_REPORT];
	add_name(footer, record);
	buf_addf(footer, DOT "%s" DOT, record->id);
	when_day(footer, record->started_wall_ms);
	buf_adds(footer, " ");
	phrase_time(footer, record, record->started_ms);
	if (outcome_is_over(record) && done_ms != TIME_NEVER) {
		buf_adds(footer, ", took ");
		phrase_span(footer, done_ms - record->started_ms);
	} else if (!outcome_is_over(record) && record->scenario->owner != NULL) {
		buf_adds(footer, DOT "owner ");
		phrase_text(footer, record->scenario->owner, PHRASE_NAME);
	}
}

static void start(struct message_writer *writer)
{
	buf_done(&writer->headline);
	buf_done(&writer->body);
	buf_done(&writer->footer);
}

static void finish(struct message_writer *writer, const struct drill_record *record,
		   struct chat_post *ret_post)
{
	*ret_post = (struct chat_post){
	    .mark = record->id,
	    .tone = tone_of(record),
	    .headline = buf_text(&writer->headline),
	    .body = writer->body.len > 0 ? buf_text(&writer->body) : NULL,
	    .footer = writer->footer.len > 0 ? buf_text(&writer->footer) : NULL,
	};
}

struct message_writer *message_writer_new(void)
{
	return mem_zalloc(sizeof(struct message_writer));
}

void message_writer_free(struct message_writer *writer)
{
	if (writer == NULL)
		return;
	start(writer);
	free(writer);
}

void message_write(struct message_writer *writer, const struct drill_record *record,
		   struct chat_post *ret_post)
{
	start(writer);
	if (outcome_is_fault_left(record))
		write_fault_left(writer, record);
	if (outcome_is_over(record))
		write_over(writer, record);
	else
		write_running(writer, record);
	write_footer(&writer->footer, record);
	finish(writer, record, ret_post);
}

bool message_write_details(struct message_writer *writer, const struct drill_record *record,
			   struct chat_post *ret_post)
{
	start(writer);
	if (record->judgement.verdict == VERDICT_REFUSED)
		return false;
	buf_addf(&writer->headline, DRILL_HEADING "Details of %s", record->id);
	details_write(&writer->body, record);
	finish(writer, record, ret_post);
	return true;
}
