/* What the delivered alerts of a drill prove: the stations are asked when the watch ends with all of
 * them there, and answer while the fault is taken out. */
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/drill_parts.h"

#define PROOFS_MAX 64 /* of one drill */

/* Nobody waits for it before the report. */
void drill_proofs_ask(struct drill *drill)
{
	if (drill->hops != NULL && !hops_look_was_asked(drill->hops, HOP_PEAK))
		hops_look_ask_for_proofs(drill->hops, HOP_PEAK, drill->record.evidence.injected_ms,
					 HOPS_AFTER_MS);
}

struct proving {
	struct drill *drill; /* borrowed */
	size_t expect;
	const struct expectation_finding *finding; /* borrowed */
};

static void on_proven(void *arg, const struct hop_item *item)
{
	const struct proving *proving = arg;
	struct drill_record *record = &proving->drill->record;
	const struct secrets *secrets = proving->drill->world->secrets;

	if (record->proof_count == PROOFS_MAX)
		return;
	record->proofs = mem_grow(record->proofs, record->proof_count + 1, sizeof *record->proofs);
	record->proofs[record->proof_count++] = (struct proof){
	    .expect = proving->expect,
	    .kind = item->kind,
	    .station = evidence_masked(secrets, item->station),
	    .name = evidence_masked(secrets, item->name),
	    .detail = evidence_masked(secrets, item->detail != NULL ? item->detail : ""),
	    .at_ms = record->evidence.injected_ms + proving->finding->latency_ms,
	    .latency_ms = proving->finding->latency_ms,
	};
}

/* Times that cannot be trusted are no proof of anything; and what came though the fault had no effect was
 * not its alert, or not for the reason that it should. */
static bool can_prove(const struct drill_record *record)
{
	return record->evidence.stop != STOP_CLOCK &&
	       record->judgement.reason != REASON_FAULT_HAD_NO_EFFECT;
}

/* Late, doubled or unreadable is not what was promised, so that it proves nothing. */
void drill_proofs_find(struct drill *drill)
{
	const struct drill_record *record = &drill->record;
	const struct judgement *judgement = &record->judgement;

	if (drill->hops == NULL || !hops_look_was_asked(drill->hops, HOP_PEAK) ||
	    !can_prove(record))
		return;
	for (size_t i = 0; i < judgement->finding_count; i++) {
		struct proving proving = {drill, i, &judgement->findings[i]};
		struct hop_want want;

		if (proving.finding->finding != FINDING_DELIVERED ||
		    proving.finding->latency_ms < 0)
			continue;
		want = drill_hops_want(drill, i);
		hops_look_proofs(drill->hops, &want, record->evidence.expect[i].expect->channel,
				 on_proven, &proving);
	}
}
