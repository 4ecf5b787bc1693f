/* Evidence in, verdict out.  Every rule of what counts as delivered, missing or unknown is here. */
#include "src/engine/judge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/attribution.h"
#include "src/engine/gap.h"
#include "src/engine/judge_parts.h"

/* Ms from the injection to a message; less than 0 within the slack of the clocks. */
static int64_t latency_of(const struct evidence *evidence, const struct sighting *sighting)
{
	int64_t from_ms = evidence->injected_ms != TIME_NEVER ? evidence->injected_ms
							      : evidence->inject_started_ms;

	return sighting->at_ms - from_ms;
}

/* Nobody saw when the fault came into place, so nobody knows when the wait for its alerts began. */
static bool is_start_unknown(const struct evidence *evidence)
{
	return evidence->unseen_end && evidence->witnessed != WITNESS_BITES;
}

/* The lease counts from when the fault was begun, the deadline from when it was in place: an inject that
 * took its time leaves less of it.  A tenth of the wait is no more than is added to it for the chat. */
static bool is_out_too_early(const struct evidence *evidence, const struct expectation *expect)
{
	int64_t lacking_ms = evidence->injected_ms + expect->within_ms - evidence->reverted_ms;

	return evidence->reverted_ms != TIME_NEVER && evidence_is_held_for(evidence, expect) &&
	       lacking_ms > expect->within_ms / 10;
}

/* By whoever or whatever may do so: then nothing was wrong with what it did not come to. */
static bool is_ended_early(const struct evidence *evidence)
{
	switch (evidence->stop) {
	case STOP_REFUSED:
	case STOP_OPERATOR:
	case STOP_CONDITION:
	case STOP_REAL_ALERT:
	case STOP_NO_RECORD:
		return true;
	case STOP_NONE:
	case STOP_UNOBSERVABLE:
	case STOP_CLOCK:
		break;
	}
	return false;
}

static char *tell_out_too_early(const struct evidence *evidence, const struct expectation *expect)
{
	char held[32], within[32];

	duration_format(evidence->reverted_ms - evidence->injected_ms, held, sizeof held);
	duration_format(expect->within_ms, within, sizeof within);
	if (is_ended_early(evidence))
		return mem_printf("the drill was ended %s after the fault was in place, and the "
				  "deadline is %s",
				  held, within);
	return mem_printf("the fault was taken out %s after it was in place, and the deadline is "
			  "%s: it took long to put in; make hold_at_most longer",
			  held, within);
}

/* Why absence proves nothing here; NULL when it does. Owned by the caller. */
static char *why_absence_is_unknown(const struct evidence *evidence,
				    const struct expectation_evidence *expect, int64_t until_ms)
{
	if (!expect->readable && expect->trouble == NULL && is_ended_early(evidence))
		return mem_printf("%s was not looked at: the drill had ended before",
				  expect->expect->channel);
	if (!expect->readable)
		return mem_printf("%s could not be read%s%s", expect->expect->channel,
				  expect->trouble != NULL ? ": " : "",
				  expect->trouble != NULL ? expect->trouble : "");
	if (expect->control_wanted && !expect->control_seen)
		return mem_printf("the control message never appeared in %s",
				  expect->expect->channel);
	if (evidence->injected_ms == TIME_NEVER || !evidence->injected ||
	    evidence->witnessed == WITNESS_NO_EFFECT)
		return mem_dup("the fault was not in place");
	if (evidence->gone_before_revert && evidence_is_held_for(evidence, expect->expect))
		return mem_dup("the fault was gone before the wait was over, or may have been: "
			       "something else put it right, or changed the target");
	if (evidence->lost_sight && evidence_is_held_for(evidence, expect->expect))
		return mem_dup("the target could not be asked at the end of the wait whether the "
			       "fault was still in place");
	if (!attribution_shows_effect(evidence))
		return mem_dup("nobody could tell whether the fault had an effect");
	if (is_start_unknown(evidence))
		return mem_dup("nobody could tell when the fault came into place");
	if (is_out_too_early(evidence, expect->expect))
		return tell_out_too_early(evidence, expect->expect);
	if (expect->covered_ms < until_ms)
		return mem_printf("%s was not read to the end of the wait%s%s",
				  expect->expect->channel, expect->trouble != NULL ? ": " : "",
				  expect->trouble != NULL ? expect->trouble : "");
	if (expect->blind_ms > 0) {
		char length[32];

		duration_format(expect->blind_ms, length, sizeof length);
		return mem_printf("%s could not be read for %s during the wait%s%s",
				  expect->expect->channel, length,
				  expect->trouble != NULL ? ": " : "",
				  expect->trouble != NULL ? expect->trouble : "");
	}
	if (expect->unread_count > 0)
		return mem_printf("%s carried more messages like it than can be kept",
				  expect->expect->channel);
	if (expect->firing_before)
		return mem_dup("the alert was already firing before the drill");
	return mem_dup(attribution_doubt(evidence, expect));
}

/* It came in time: was it once, readable, and resolved afterwards? */
static void judge_arrived(const struct expectation_evidence *expect, int count,
			  struct expectation_finding *finding)
{
	const struct expectation *wanted = expect->expect;

	if (finding->seen->guessed && wanted->contains.count > 0) {
		finding->finding = FINDING_UNKNOWN;
		finding->text = mem_dup("arrived, but was changed before its text was read");
	} else if (finding->seen->lacks != NULL) {
		finding->finding = FINDING_UNREADABLE;
		finding->text = mem_printf("arrived without \"%s\"", finding->seen->lacks);
	} else if (wanted->at_most > 0 && count > wanted->at_most) {
		finding->finding = FINDING_DUPLICATE;
		finding->text =
		    mem_printf("arrived %d times instead of %d", count, wanted->at_most);
	} else if (finding->resolved_wanted && finding->resolved == FINDING_UNRESOLVED) {
		finding->finding = FINDING_UNRESOLVED;
		finding->text = mem_dup("arrived, but no resolved message followed");
	} else if (finding->resolved_wanted && finding->resolved == FINDING_LATE) {
		finding->finding = FINDING_UNRESOLVED;
		finding->text = judge_lateness("arrived, but the resolved message came",
					       finding->resolved_latency_ms - wanted->resolved_ms);
	} else if (finding->resolved_wanted && finding->resolved == FINDING_UNKNOWN) {
		finding->finding = FINDING_UNKNOWN;
		finding->text =
		    expect->resolved_unsure != NULL
			? mem_printf("arrived, but nobody knows how long its end may take: "
				     "`resolved` is \"auto\", and %s",
				     expect->resolved_unsure)
		    : finding->resolved_seen != NULL
			? mem_dup(
			      "arrived, but its message was changed around the deadline before it "
			      "was read, so nobody could tell whether it said in time that it "
			      "is resolved")
			: mem_printf("arrived, but %s was not read until the resolved deadline",
				     wanted->channel);
	} else if (wanted->at_most > 0 && wanted->settle_ms > 0 &&
		   expect->covered_ms < finding->seen->at_ms + wanted->settle_ms) {
		finding->finding = FINDING_UNKNOWN;
		finding->text = mem_printf("arrived, but %s was not read long enough to know "
					   "whether it did so only once",
					   wanted->channel);
	} else {
		finding->finding = FINDING_DELIVERED;
		finding->text =
		    mem_printf("arrived%s", finding->resolved_wanted ? ", resolved" : "");
	}
}

static void judge_late(const struct evidence *evidence, const struct expectation_evidence *expect,
		       struct expectation_finding *finding)
{
	const struct expectation *wanted = expect->expect;

	finding->finding = FINDING_UNKNOWN;
	if (is_start_unknown(evidence)) {
		finding->text = mem_dup("arrived after the deadline, but nobody could tell when "
					"the fault came into place");
	} else if (finding->seen->guessed) { /* its time is that of the change */
		finding->text = mem_dup("arrived, but was changed before it was read, so nobody "
					"could tell whether it came in time");
	} else if (expect->unsure != NULL) {
		finding->text = mem_printf("arrived, but nobody knows whether that is late: its "
					   "deadline is \"auto\", and %s",
					   expect->unsure);
	} else {
		finding->finding = FINDING_LATE;
		finding->late_by_ms = finding->latency_ms - wanted->within_ms;
		finding->text = judge_lateness("arrived", finding->late_by_ms);
	}
}

/* It was waited for, but maybe not for long enough. Owned by the caller. */
static char *tell_unsure(const struct expectation_evidence *expect)
{
	char length[32];

	duration_format(expect->expect->within_ms, length, sizeof length);
	return mem_printf("nothing came to %s in %s, but nobody knows how long it may take: its "
			  "deadline is \"auto\", and %s",
			  expect->expect->channel, length, expect->unsure);
}

/* What another channel had is not denied, be it the drill's or not. Owned by the caller. */
static char *tell_missing(const struct expectation_evidence *expect)
{
	const char *channel = expect->expect->channel;

	if (expect->alike != NULL)
		return mem_printf("never arrived in %s; one like it came to %s, but one did before "
				  "the fault, too, so nobody can tell whose it is",
				  channel, expect->alike);
	return mem_printf("never arrived in %s%s", channel,
			  expect->searched_elsewhere ? ", nor in any other channel that can be read"
						     : "");
}

static void judge_absent(const struct evidence *evidence, const struct expectation_evidence *expect,
			 struct expectation_finding *finding)
{
	const struct expectation *wanted = expect->expect;
	int elsewhere_count;
	const struct sighting *elsewhere =
	    attribution_first_firing(evidence, expect, true, &elsewhere_count);
	int64_t until_ms = evidence->injected_ms + wanted->within_ms + wanted->grace_ms;
	char *unknown = why_absence_is_unknown(evidence, expect, until_ms);

	if (unknown != NULL) {
		finding->finding = FINDING_UNKNOWN;
		finding->text = unknown;
	} else if (elsewhere != NULL) {
		finding->finding = FINDING_WRONG_CHANNEL;
		finding->seen = elsewhere;
		finding->latency_ms = latency_of(evidence, elsewhere);
		finding->text =
		    mem_printf("arrived in %s instead of %s", elsewhere->channel, wanted->channel);
	} else if (judge_resolved_alone(evidence, expect, finding)) {
		finding->finding = FINDING_MISSING;
		finding->text = mem_printf("never arrived in %s, only its resolved message did",
					   wanted->channel);
	} else if (expect->unsure != NULL) {
		finding->finding = FINDING_UNKNOWN;
		finding->text = tell_unsure(expect);
	} else {
		finding->finding = FINDING_MISSING;
		finding->text = tell_missing(expect);
	}
}

/* What was odd about its end is told whatever became of it. */
static void add_odd(struct expectation_finding *finding)
{
	char *text = finding->text;

	if (finding->resolved_text == NULL)
		return;
	finding->text = mem_printf("%s; %s", text, finding->resolved_text);
	free(text);
}

static void judge_expected(const struct evidence *evidence,
			   const struct expectation_evidence *expect,
			   struct expectation_finding *finding)
{
	const struct expectation *wanted = expect->expect;
	int count;

	if (attribution_is_mixed_up(evidence, expect)) {
		finding->finding = FINDING_UNKNOWN;
		finding->text =
		    mem_printf("%s carried the same alert just before the drill, so one "
			       "now could not be told from it",
			       wanted->channel);
		return;
	}
	finding->seen = attribution_first_firing(evidence, expect, false, &count);
	if (finding->seen == NULL) {
		judge_absent(evidence, expect, finding);
	} else {
		finding->latency_ms = latency_of(evidence, finding->seen);
		if (wanted->resolved_ms > 0)
			judge_resolved(evidence, expect, finding);
		if (finding->latency_ms > wanted->within_ms)
			judge_late(evidence, expect, finding);
		else
			judge_arrived(expect, count, finding);
		add_odd(finding);
	}
}

/* A deadline that cannot be kept says more than that it was not kept. */
static void explain_deadline(const struct expectation_evidence *expect,
			     struct expectation_finding *finding)
{
	bool unresolved = finding->finding == FINDING_UNRESOLVED;
	const char *why = unresolved ? expect->resolved_impossible : expect->impossible;
	char *text;

	if (why == NULL || (!unresolved && finding->finding != FINDING_LATE &&
			    finding->finding != FINDING_MISSING))
		return;
	text = mem_printf("%s; %s", finding->text, why);
	free(finding->text);
	finding->text = text;
}

/* Without the drill's id, only what came within the wait counts against it. */
static bool is_unexpected(const struct evidence *evidence,
			  const struct expectation_evidence *expect, const struct sighting *seen)
{
	return seen != NULL &&
	       (expect->has_nonce || latency_of(evidence, seen) <= expect->expect->within_ms);
}

static void judge_never(const struct evidence *evidence, const struct expectation_evidence *expect,
			struct expectation_finding *finding)
{
	int64_t until_ms = evidence->injected_ms + expect->expect->within_ms;
	int count;
	const struct sighting *seen = attribution_first_firing(evidence, expect, false, &count);

	if (attribution_is_mixed_up(evidence, expect)) {
		finding->text = mem_printf("%s carried the same alert just before the drill",
					   expect->expect->channel);
	} else if (is_unexpected(evidence, expect, seen)) {
		finding->finding = FINDING_UNEXPECTED;
		finding->seen = seen;
		finding->latency_ms = latency_of(evidence, seen);
		finding->text =
		    mem_printf("arrived in %s, where it must never be", expect->expect->channel);
	} else {
		finding->text = why_absence_is_unknown(evidence, expect, until_ms);
		if (finding->text == NULL && expect->unsure != NULL)
			finding->text = tell_unsure(expect);
		if (finding->text == NULL) {
			finding->finding = FINDING_SILENT;
			finding->text = mem_printf("stayed out of %s", expect->expect->channel);
		}
	}
}

void judge(const struct evidence *evidence, struct judgement *ret_judgement)
{
	struct judgement judgement = {
	    .findings = mem_zalloc(evidence->expect_count * sizeof *judgement.findings),
	    .finding_count = evidence->expect_count,
	};

	for (size_t i = 0; i < evidence->expect_count; i++) {
		struct expectation_finding *finding = &judgement.findings[i];

		*finding = (struct expectation_finding){.latency_ms = TIME_NEVER,
							.resolved_latency_ms = TIME_NEVER};
		if (evidence->expect[i].expect->never)
			judge_never(evidence, &evidence->expect[i], finding);
		else
			judge_expected(evidence, &evidence->expect[i], finding);
		explain_deadline(&evidence->expect[i], finding);
		if (finding->seen != NULL && finding->latency_ms < 0)
			finding->latency_ms = 0; /* within the slack of the clocks */
	}
	judge_drill(evidence, &judgement);
	gap_find(evidence, &judgement);
	*ret_judgement = judgement;
}

void judgement_done(struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->finding_count; i++) {
		free(judgement->findings[i].text);
		free(judgement->findings[i].resolved_text);
	}
	free(judgement->findings);
	free(judgement->text);
	free(judgement->gap.evidence);
	free(judgement->gap.cause);
	free(judgement->gap.advice);
	free(judgement->gap.probes);
	for (size_t i = 0; i < judgement->hop_count; i++)
		hop_told_done(&judgement->hops[i]);
	free(judgement->hops);
	*judgement = (struct judgement){0};
}

bool judge_has_arrived(const struct evidence *evidence, const struct expectation_evidence *expect)
{
	int count;

	return attribution_first_firing(evidence, expect, false, &count) != NULL;
}

int64_t judge_read_until(const struct evidence *evidence, const struct expectation_evidence *expect)
{
	const struct expectation *wanted = expect->expect;
	int64_t until_ms = TIME_NEVER;
	const struct sighting *firing;
	int count;

	if (evidence->injected_ms == TIME_NEVER)
		return TIME_NEVER;
	firing = attribution_first_firing(evidence, expect, false, &count);
	if (wanted->never)
		return firing != NULL ? TIME_NEVER : evidence->injected_ms + wanted->within_ms;
	if (firing == NULL)
		return evidence->injected_ms + wanted->within_ms + wanted->grace_ms;
	if (wanted->settle_ms > 0)
		until_ms = firing->at_ms + wanted->settle_ms;
	if (wanted->resolved_ms > 0 && evidence->reverted_ms != TIME_NEVER &&
	    attribution_first_resolved(evidence, expect) == NULL &&
	    evidence->reverted_ms + wanted->resolved_ms > until_ms)
		until_ms = evidence->reverted_ms + wanted->resolved_ms;
	return until_ms;
}

enum exit_code exit_code_worst(enum exit_code a, enum exit_code b)
{
	static const int rank[] = {
	    [EXIT_PASS] = 0,         [EXIT_UNTOLD] = 1,  [EXIT_USAGE] = 2, [EXIT_REFUSED] = 3,
	    [EXIT_INCONCLUSIVE] = 4, [EXIT_ABORTED] = 5, [EXIT_GAP] = 6,   [EXIT_FAULT_LEFT] = 7,
	};

	return rank[a] >= rank[b] ? a : b;
}
