/* What the delivered alerts of a drill prove: the stations are asked when the watch ends with all of
 * them there, and answer while the fault is taken out. */
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
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

/* What comes from outside, without secrets. Owned by the caller. */
static char *keep(const struct drill *drill, const char *text)
{
	char *whole = mem_dup(text != NULL ? text : ""), *kept;

	secret_mask(drill->world->secrets, whole);
	kept = evidence_text(whole, strlen(whole));
	free(whole);
	return kept;
}

static void on_proven(void *arg, const struct hop_item *item)
{
	const struct proving *proving = arg;
	struct drill *drill = proving->drill;
	struct drill_record *record = &drill->record;

	if (record->proof_count == PROOFS_MAX)
		return;
	record->proofs = mem_grow(record->proofs, record->proof_count + 1, sizeof *record->proofs);
	record->proofs[record->proof_count++] = (struct proof){
	    .expect = proving->expect,
	    .kind = item->kind,
	    .station = keep(drill, item->station),
	    .name = keep(drill, item->name),
	    .detail = keep(drill, item->detail),
	    .at_ms = record->evidence.injected_ms + proving->finding->latency_ms,
	    .latency_ms = proving->finding->latency_ms,
	};
}

/* Late, doubled or unreadable is not what was promised, so that it proves nothing. */
void drill_proofs_find(struct drill *drill)
{
	const struct drill_record *record = &drill->record;
	const struct judgement *judgement = &record->judgement;

	if (drill->hops == NULL || !hops_look_was_asked(drill->hops, HOP_PEAK))
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
