/* What the stations of the pipeline say of a drill's alerts: asked before, at the peak and after. */
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/drill_parts.h"
#include "src/engine/hops.h"

#define EXPLAINED_MAX 3  /* expectations of one drill */
#define TOLD_MAX      64 /* sentences of one drill */

void drill_hops_begin(struct drill *drill)
{
	const char *name = drill->record.environment->pipeline;
	const struct pipeline *pipeline =
	    name != NULL ? config_pipeline(drill->world->config, name) : NULL;

	if (drill->world->hops == NULL || pipeline == NULL)
		return;
	drill->hops = hops_look_new(drill->world->hops, pipeline, drill_on_changed, drill);
	hops_look_ask(drill->hops, HOP_BEFORE, TIME_NEVER, HOPS_BEFORE_MS);
}

bool drill_hops_have(const struct drill *drill, enum hop_time time)
{
	return drill->hops == NULL || hops_look_has(drill->hops, time);
}

/* Nothing may hold up the revert for long, and nothing beyond the lease. */
void drill_hops_ask_peak(struct drill *drill, int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_ms();

	if (drill->hops == NULL || left_ms <= 0 || hops_look_was_asked(drill->hops, HOP_PEAK))
		return;
	hops_look_ask(drill->hops, HOP_PEAK, drill->record.evidence.injected_ms,
		      left_ms < HOPS_PEAK_MS ? left_ms : HOPS_PEAK_MS);
}

static bool is_met(enum finding finding)
{
	return finding == FINDING_DELIVERED || finding == FINDING_SILENT;
}

/* What has arrived may have to be explained all the same: more than one, unreadable, not resolved.
 * Asked in passing: nothing is held for it. */
void drill_hops_ask_arrived(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	struct judgement judgement;
	bool open = false;

	if (drill->hops == NULL || hops_look_was_asked(drill->hops, HOP_PEAK))
		return;
	judge(evidence, &judgement);
	for (size_t i = 0; i < judgement.finding_count; i++) {
		enum finding finding = judgement.findings[i].finding;

		open |= judge_has_arrived(evidence, &evidence->expect[i]) &&
			(evidence->expect[i].expect->resolved_ms > 0 ||
			 evidence->expect[i].expect->settle_ms > 0 ||
			 (finding != FINDING_UNKNOWN && !is_met(finding)));
	}
	judgement_done(&judgement);
	if (open)
		hops_look_ask(drill->hops, HOP_PEAK, evidence->injected_ms, HOPS_AFTER_MS);
}

/* A drill that passes, as far as is known by now, has nothing to be explained: nobody is asked. */
void drill_hops_ask_after(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	struct judgement judgement;

	if (drill->hops == NULL || hops_look_was_asked(drill->hops, HOP_AFTER))
		return;
	judge(evidence, &judgement);
	if (judgement.verdict != VERDICT_PASS && judgement.verdict != VERDICT_FLAKY)
		hops_look_ask(drill->hops, HOP_AFTER, evidence->reverted_ms, HOPS_AFTER_MS);
	judgement_done(&judgement);
}

/* Explaining. */

struct telling {
	struct drill *drill; /* borrowed */
	size_t expect;
};

static void on_told(void *arg, const struct hop_finding *finding)
{
	const struct telling *telling = arg;
	struct drill *drill = telling->drill;
	const struct drill_record *record = &drill->record;
	struct evidence *evidence = &drill->record.evidence;
	const struct secrets *secrets = drill->world->secrets;

	if (evidence->told_count == TOLD_MAX)
		return;
	evidence->told = mem_grow(evidence->told, evidence->told_count + 1, sizeof *evidence->told);
	evidence->told[evidence->told_count++] = (struct hop_told){
	    .expect = telling->expect,
	    .hop = finding->hop,
	    .state = finding->state,
	    .about = finding->about,
	    .count = finding->count,
	    .at_ms = finding->at_wall_ms == 0 ? TIME_NEVER
					      : finding->at_wall_ms - record_wall_ms(record, 0),
	    .name = evidence_masked(secrets, finding->name),
	    .evidence =
		evidence_masked(secrets, finding->evidence != NULL ? finding->evidence : ""),
	    .cause = evidence_masked(secrets, finding->cause),
	    .advice = evidence_masked(secrets, finding->advice),
	};
}

static int64_t wall_or_none(const struct drill_record *record, int64_t at_ms)
{
	return at_ms == TIME_NEVER ? 0 : record_wall_ms(record, at_ms);
}

struct hop_want drill_hops_want(const struct drill *drill, size_t i)
{
	const struct drill_record *record = &drill->record;
	const struct evidence *evidence = &record->evidence;
	const struct expectation *expect = evidence->expect[i].expect;

	return (struct hop_want){
	    .drill = record->id,
	    .alert = expect->alert,
	    .needles = (const char *const *)expect->match.list,
	    .needle_count = expect->match.count,
	    .has_nonce = evidence->expect[i].has_nonce,
	    .injected_wall_ms = wall_or_none(record, evidence->injected_ms),
	    .reverted_wall_ms = wall_or_none(record, evidence->reverted_ms),
	    .deadline_wall_ms = wall_or_none(record, evidence->injected_ms + expect->within_ms),
	};
}

static void explain(struct drill *drill, size_t i, const struct expectation_finding *finding)
{
	struct hop_want want = drill_hops_want(drill, i);
	struct telling telling = {drill, i};

	want.finding = finding->finding;
	want.lacks = finding->finding == FINDING_UNREADABLE ? finding->seen->lacks : NULL;
	hops_look_explain(drill->hops, &want, on_told, &telling);
}

/* Once, for the first expectations that were not met.  Of a drill that was stopped is told what was
 * known by then. */
void drill_hops_explain(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	struct judgement judgement;
	size_t explained = 0;

	if (drill->hops == NULL || evidence->told_count > 0 ||
	    !hops_look_was_asked(drill->hops, drill_is_stopped(drill) ? HOP_PEAK : HOP_AFTER))
		return;
	judge(evidence, &judgement);
	for (size_t i = 0; i < judgement.finding_count && explained < EXPLAINED_MAX; i++) {
		if (is_met(judgement.findings[i].finding))
			continue;
		explain(drill, i, &judgement.findings[i]);
		explained++;
	}
	judgement_done(&judgement);
}

void drill_hops_end(struct drill *drill)
{
	hops_look_free(drill->hops);
	drill->hops = NULL;
}
