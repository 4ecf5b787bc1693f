/* Between which two stations an alert was lost: all that is said of it, and which kind of gap it is. */
#include "src/engine/gap.h"

#include "src/base/mem.h"
#include "src/engine/gap_deadline.h"
#include "src/engine/gap_parts.h"
#include "src/engine/gap_probes.h"

/* All that the stations say. */

static bool is_told_of(const struct evidence *evidence, size_t expect)
{
	for (size_t i = 0; i < evidence->told_count; i++) {
		if (evidence->told[i].expect == expect)
			return true;
	}
	return false;
}

static bool is_told_about(const struct evidence *evidence, size_t expect, enum hop_about about)
{
	for (size_t i = 0; i < evidence->told_count; i++) {
		if (evidence->told[i].expect == expect && evidence->told[i].about == about)
			return true;
	}
	return false;
}

static struct hop_told *add_hop(struct judgement *judgement)
{
	judgement->hops =
	    mem_grow(judgement->hops, judgement->hop_count + 1, sizeof *judgement->hops);
	return &judgement->hops[judgement->hop_count++];
}

static void add_stations(const struct evidence *evidence, struct judgement *judgement,
			 size_t expect, enum hop_about about)
{
	for (enum hop hop = HOP_EMISSION; hop < HOP_COUNT; hop++) {
		for (size_t i = 0; i < evidence->told_count; i++) {
			const struct hop_told *told = &evidence->told[i];

			if (told->expect == expect && told->hop == hop && told->about == about)
				hop_told_copy(add_hop(judgement), told);
		}
	}
}

/* What was wrong with one that arrived is told of behind the alert itself. */
static void add_hops(const struct evidence *evidence, struct judgement *judgement, size_t expect)
{
	*add_hop(judgement) = gap_emission(evidence, expect);
	add_stations(evidence, judgement, expect, ABOUT_ALERT);
	*add_hop(judgement) = gap_chat(evidence, judgement, expect);
	if (is_told_about(evidence, expect, ABOUT_TEXT)) {
		add_stations(evidence, judgement, expect, ABOUT_TEXT);
		*add_hop(judgement) = gap_chat_text(evidence, judgement, expect);
	}
	if (is_told_about(evidence, expect, ABOUT_END)) {
		*add_hop(judgement) = gap_reverted(evidence, expect);
		add_stations(evidence, judgement, expect, ABOUT_END);
		*add_hop(judgement) = gap_chat_end(evidence, judgement, expect);
	}
}

/* Where it was lost. */

static enum hop_about about_of(enum finding finding)
{
	return finding == FINDING_UNREADABLE   ? ABOUT_TEXT
	       : finding == FINDING_UNRESOLVED ? ABOUT_END
					       : ABOUT_ALERT;
}

/* Of what arrived somehow, only the stations can tell; a loss is one all the same. */
static bool find(const struct evidence *evidence, const struct judgement *judgement, size_t i,
		 struct gap_trail *trail, struct gap *gap)
{
	const struct expectation_finding *finding = &judgement->findings[i];
	bool told = is_told_of(evidence, i);

	switch (finding->finding) {
	case FINDING_MISSING:
		return gap_between(trail, gap);
	case FINDING_WRONG_CHANNEL:
		return gap_elsewhere(trail, gap);
	case FINDING_LATE:
		return told && gap_late(evidence->injected_ms, trail, gap);
	case FINDING_DUPLICATE:
		return told && gap_double(evidence, trail, gap);
	case FINDING_UNREADABLE:
		return told && gap_of_text(trail, finding->seen->lacks, gap);
	case FINDING_UNRESOLVED:
		return told && (finding->resolved_seen == NULL
				    ? gap_of_end(trail, gap)
				    : gap_late(evidence->reverted_ms, trail, gap));
	case FINDING_UNKNOWN:
	case FINDING_DELIVERED:
	case FINDING_SILENT:
	case FINDING_UNEXPECTED:
	case FINDING_COUNT:
		return false;
	}
	return false;
}

static void find_for(const struct evidence *evidence, struct judgement *judgement, size_t i)
{
	struct gap gap = {.expect = i,
			  .finding = judgement->findings[i].finding,
			  .about = about_of(judgement->findings[i].finding)};
	struct gap_trail trail = {.about = gap.about};
	size_t first = 0;

	while (first < judgement->hop_count && judgement->hops[first].expect != i)
		first++;
	trail.list = &judgement->hops[first];
	while (first + trail.count < judgement->hop_count &&
	       judgement->hops[first + trail.count].expect == i)
		trail.count++;
	if (trail.count == 0 || !find(evidence, judgement, i, &trail, &gap))
		return;
	gap.found = true;
	gap.after = hop_name(trail.after->hop);
	gap.before = hop_name(trail.before->hop);
	gap_blame_deadline(&evidence->expect[i], gap.finding, &gap);
	if (gap.finding == FINDING_MISSING)
		gap_confirm(evidence, i, trail.after->hop, trail.before->hop, &gap);
	judgement->gap = gap;
}

static bool is_lost(enum finding finding)
{
	return finding == FINDING_MISSING || finding == FINDING_WRONG_CHANNEL;
}

/* The first that was lost counts, else the first with another gap. */
static void find_gap(const struct evidence *evidence, struct judgement *judgement)
{
	for (int arrived = 0; arrived < 2; arrived++) {
		for (size_t i = 0; i < judgement->finding_count; i++) {
			if (!judgement->gap.found &&
			    is_lost(judgement->findings[i].finding) == (arrived == 0))
				find_for(evidence, judgement, i);
		}
	}
}

void gap_find(const struct evidence *evidence, struct judgement *judgement)
{
	bool is_gap = judgement->verdict == VERDICT_GAP;

	for (size_t i = 0; i < judgement->finding_count; i++) {
		bool lost = is_gap && is_lost(judgement->findings[i].finding);

		if (lost || is_told_of(evidence, i))
			add_hops(evidence, judgement, i);
		else if (gap_is_of_chat(evidence, judgement, i))
			*add_hop(judgement) = gap_chat(evidence, judgement, i);
	}
	if (is_gap)
		find_gap(evidence, judgement);
	for (size_t i = 0; i < judgement->hop_count; i++) {
		if (judgement->hops[i].hop == HOP_CHAT && judgement->hops[i].name == NULL)
			gap_add_facts(evidence, &judgement->hops[i]);
	}
}
