/* From what became of each alert to what became of the drill. */
#include "src/base/mem.h"
#include "src/engine/attribution.h"
#include "src/engine/judge_parts.h"

bool judge_is_gap(enum finding finding)
{
	switch (finding) {
	case FINDING_LATE:
	case FINDING_MISSING:
	case FINDING_DUPLICATE:
	case FINDING_WRONG_CHANNEL:
	case FINDING_UNREADABLE:
	case FINDING_UNRESOLVED:
	case FINDING_UNEXPECTED:
		return true;
	case FINDING_UNKNOWN:
	case FINDING_DELIVERED:
	case FINDING_SILENT:
	case FINDING_COUNT:
		return false;
	}
	return false;
}

/* Was it another alert that made this one undecidable? */
static bool is_confounded(const struct evidence *evidence,
			  const struct expectation_evidence *expect)
{
	return attribution_is_mixed_up(evidence, expect) ||
	       (evidence->injected_ms != TIME_NEVER &&
		(expect->firing_before ||
		 (!expect->has_nonce && attribution_doubt(evidence, expect) != NULL)));
}

/* How much one finding says about the drill. */
enum weight { WEIGHT_FINE, WEIGHT_UNKNOWN, WEIGHT_NO_EFFECT, WEIGHT_CONFOUNDED, WEIGHT_GAP };

static enum weight weight_of(const struct evidence *evidence, const struct judgement *judgement,
			     size_t i)
{
	const struct expectation_finding *finding = &judgement->findings[i];

	if (finding->finding != FINDING_UNKNOWN)
		return judge_is_gap(finding->finding) ? WEIGHT_GAP : WEIGHT_FINE;
	if (is_confounded(evidence, &evidence->expect[i]))
		return WEIGHT_CONFOUNDED;
	return evidence->gone_before_revert && finding->seen == NULL ? WEIGHT_NO_EFFECT
								     : WEIGHT_UNKNOWN;
}

/* What ended the drill early decides before any finding does. */
static bool judge_stop(const struct evidence *evidence, struct judgement *judgement)
{
	switch (evidence->stop) {
	case STOP_NONE:
		return false;
	case STOP_REFUSED:
	case STOP_NO_RECORD:
		judgement->verdict = VERDICT_REFUSED;
		break;
	case STOP_OPERATOR:
	case STOP_CONDITION:
	case STOP_REAL_ALERT:
		judgement->verdict = VERDICT_ABORTED;
		break;
	case STOP_UNOBSERVABLE:
	case STOP_CLOCK:
		judgement->verdict = VERDICT_INCONCLUSIVE;
		judgement->reason = REASON_UNOBSERVABLE;
		break;
	}
	judgement->text = mem_dup(evidence->stop_text != NULL ? evidence->stop_text : "stopped");
	return true;
}

static bool judge_fault(const struct evidence *evidence, struct judgement *judgement)
{
	if (evidence->inject_tried && evidence->injected &&
	    evidence->witnessed != WITNESS_NO_EFFECT)
		return false;
	if (!evidence->inject_tried)
		return false;
	judgement->verdict = VERDICT_INCONCLUSIVE;
	judgement->reason = REASON_FAULT_HAD_NO_EFFECT;
	judgement->text =
	    mem_printf("the fault had no effect%s%s", evidence->fault_text != NULL ? ": " : "",
		       evidence->fault_text != NULL ? evidence->fault_text : "");
	return true;
}

static void judge_findings(const struct evidence *evidence, struct judgement *judgement)
{
	enum weight worst = WEIGHT_FINE;
	size_t worst_at = 0;
	static const enum reason reasons[] = {
	    [WEIGHT_FINE] = REASON_NONE,
	    [WEIGHT_UNKNOWN] = REASON_UNOBSERVABLE,
	    [WEIGHT_NO_EFFECT] = REASON_FAULT_HAD_NO_EFFECT,
	    [WEIGHT_CONFOUNDED] = REASON_CONFOUNDED,
	    [WEIGHT_GAP] = REASON_NONE,
	};

	for (size_t i = 0; i < judgement->finding_count; i++) {
		enum weight weight = weight_of(evidence, judgement, i);

		if (weight > worst) {
			worst = weight;
			worst_at = i;
		}
	}
	if (worst == WEIGHT_FINE) {
		judgement->verdict = evidence->is_repeat ? VERDICT_FLAKY : VERDICT_PASS;
		judgement->text =
		    mem_dup(evidence->is_repeat ? "every alert did what was expected, but only "
						  "when the drill was repeated"
						: "every alert did what was expected");
		return;
	}
	judgement->verdict = worst == WEIGHT_GAP ? VERDICT_GAP : VERDICT_INCONCLUSIVE;
	judgement->reason = reasons[worst];
	judgement->text =
	    mem_printf("%s%s %s", evidence->expect[worst_at].expect->alert,
		       worst == WEIGHT_GAP ? "" : ":", judgement->findings[worst_at].text);
}

static enum exit_code exit_code_of(const struct evidence *evidence, enum verdict verdict)
{
	bool clean = evidence->fault_state == FAULT_ABSENT || evidence->fault_state == FAULT_CLEAN;

	if (!clean || evidence->left_before)
		return EXIT_FAULT_LEFT;
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_FLAKY:
		return EXIT_PASS;
	case VERDICT_GAP:
		return EXIT_GAP;
	case VERDICT_INCONCLUSIVE:
		return EXIT_INCONCLUSIVE;
	case VERDICT_REFUSED:
		return EXIT_REFUSED;
	case VERDICT_ABORTED:
	case VERDICT_COUNT:
		return EXIT_ABORTED;
	}
	return EXIT_ABORTED;
}

void judge_drill(const struct evidence *evidence, struct judgement *judgement)
{
	if (!judge_stop(evidence, judgement) && !judge_fault(evidence, judgement))
		judge_findings(evidence, judgement);
	judgement->exit_code = exit_code_of(evidence, judgement->verdict);
}
