/* Between which two stations an alert was lost. */
#include "src/engine/gap.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/engine/attribution.h"

#define QUOTE_BYTES 120 /* of a message in a sentence */

/* What the stations say of the alert that was lost, in order. */
struct trail {
	const struct hop_told *list; /* borrowed */
	size_t count;
	const struct hop_told *after, *before; /* of the list */
};

/* What firedrill itself says. */

/* A foreign text on one line, in whole characters. Owned by the caller. */
static char *quote(const char *text)
{
	size_t len = strlen(text), kept = len < QUOTE_BYTES ? len : QUOTE_BYTES;
	char *quoted;

	while (kept < len && kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
		kept--;
	quoted = mem_printf("\"%.*s%s\"", (int)kept, text, kept < len ? "..." : "");
	for (char *c = quoted; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = ' ';
	}
	return quoted;
}

static struct hop_told emission_of(const struct evidence *evidence, size_t expect)
{
	struct hop_told told = {.expect = expect, .hop = HOP_EMISSION, .at_ms = TIME_NEVER};

	if (!evidence->injected || evidence->witnessed == WITNESS_NO_EFFECT) {
		told.state = HOP_LACKED_IT;
		told.evidence = mem_dup("the fault was not in place");
	} else if (attribution_shows_effect(evidence)) {
		told.state = HOP_HAD_IT;
		told.at_ms = evidence->injected_ms;
		told.evidence = mem_dup(evidence->fault_text != NULL ? evidence->fault_text : "");
	} else {
		told.evidence = mem_dup("nobody could tell whether the fault had an effect");
	}
	return told;
}

/* What stands in the channel and is almost it says more than that nothing does. */
static void tell_near_miss(const struct evidence *evidence,
			   const struct expectation_evidence *expect, struct hop_told *chat)
{
	const struct near_miss *near = &expect->near;
	char *quoted;

	if (near->lacks == NULL || (!near->has_nonce && near->at_ms < evidence->inject_started_ms))
		return;
	quoted = quote(near->text);
	if (near->has_nonce) {
		chat->cause = mem_printf("%s has %s, which has the drill's id but lacks \"%s\"",
					 expect->expect->channel, quoted, near->lacks);
		chat->advice = mem_printf("make `match` of %s and what the sender writes agree",
					  expect->expect->alert);
	} else {
		chat->cause = mem_printf("%s has %s, which lacks the drill's id: the template "
					 "drops the label that carries it, or it is another alert",
					 expect->expect->channel, quoted);
		chat->advice = mem_dup("write the label that carries the drill's id into the "
				       "message's title or text");
	}
	free(quoted);
}

static struct hop_told chat_of(const struct evidence *evidence, const struct judgement *judgement,
			       size_t i)
{
	const struct expectation_evidence *expect = &evidence->expect[i];
	const struct expectation_finding *finding = &judgement->findings[i];
	struct hop_told told = {.expect = i, .hop = HOP_CHAT, .at_ms = TIME_NEVER};

	told.evidence =
	    mem_printf("%s %s", expect->expect->alert, finding->text != NULL ? finding->text : "");
	switch (finding->finding) {
	case FINDING_MISSING:
	case FINDING_WRONG_CHANNEL:
	case FINDING_SILENT:
		told.state = HOP_LACKED_IT;
		tell_near_miss(evidence, expect, &told);
		break;
	case FINDING_DELIVERED:
	case FINDING_LATE:
	case FINDING_DUPLICATE:
	case FINDING_UNREADABLE:
	case FINDING_UNRESOLVED:
	case FINDING_UNEXPECTED:
		told.state = HOP_HAD_IT;
		told.at_ms = finding->seen != NULL ? finding->seen->at_ms : TIME_NEVER;
		break;
	case FINDING_UNKNOWN:
	case FINDING_COUNT:
		break;
	}
	return told;
}

/* All that the stations say. */

static bool is_told_of(const struct evidence *evidence, size_t expect)
{
	for (size_t i = 0; i < evidence->told_count; i++) {
		if (evidence->told[i].expect == expect)
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

static void add_hops(const struct evidence *evidence, struct judgement *judgement, size_t expect)
{
	*add_hop(judgement) = emission_of(evidence, expect);
	for (enum hop hop = HOP_EMISSION; hop < HOP_COUNT; hop++) {
		for (size_t i = 0; i < evidence->told_count; i++) {
			if (evidence->told[i].expect == expect && evidence->told[i].hop == hop)
				hop_told_copy(add_hop(judgement), &evidence->told[i]);
		}
	}
	*add_hop(judgement) = chat_of(evidence, judgement, expect);
}

/* Where it was lost. */

static bool had_it(const struct trail *trail, enum hop hop)
{
	for (size_t i = 0; i < trail->count; i++) {
		if (trail->list[i].hop == hop && trail->list[i].state == HOP_HAD_IT)
			return true;
	}
	return false;
}

/* Of two stations of a kind one is enough to have had it. */
static void find_ends(struct trail *trail)
{
	for (size_t i = 0; i < trail->count; i++) {
		const struct hop_told *told = &trail->list[i];

		if (told->state == HOP_HAD_IT && told->hop != HOP_CHAT &&
		    (trail->after == NULL || told->hop > trail->after->hop))
			trail->after = told;
	}
	for (size_t i = 0; i < trail->count && trail->before == NULL; i++) {
		const struct hop_told *told = &trail->list[i];

		if (told->state == HOP_LACKED_IT &&
		    (trail->after == NULL || told->hop > trail->after->hop))
			trail->before = told;
	}
}

static bool has_one_that_lacked(const struct trail *trail)
{
	for (size_t i = 0; i < trail->count; i++) {
		if (trail->list[i].state == HOP_LACKED_IT && trail->list[i].hop != HOP_CHAT)
			return true;
	}
	return false;
}

static void add_part(char **sentence, char *part)
{
	char *both = *sentence != NULL && part[0] != '\0' ? mem_printf("%s; %s", *sentence, part)
		     : *sentence != NULL                  ? mem_dup(*sentence)
		     : part[0] != '\0'                    ? mem_dup(part)
							  : NULL;

	free(*sentence);
	free(part);
	*sentence = both;
}

/* "rule, alertmanager" for those that had it. Owned by the caller. */
static char *names_of_had(const struct trail *trail)
{
	char *names = NULL;

	for (enum hop hop = HOP_EMISSION + 1; hop < HOP_CHAT; hop++) {
		char *more;

		if (!had_it(trail, hop))
			continue;
		more = mem_printf("%s%s%s", names != NULL ? names : "", names != NULL ? ", " : "",
				  hop_name(hop));
		free(names);
		names = more;
	}
	return names;
}

/* All stations claim success and the chat has nothing: that is what there is to say. */
static void add_claims(const struct trail *trail, char **sentence)
{
	char *names = names_of_had(trail);

	if (names != NULL && trail->before != NULL && trail->before->hop == HOP_CHAT &&
	    !has_one_that_lacked(trail))
		add_part(sentence, mem_printf("every station that was asked had it (%s)", names));
	free(names);
}

static void add_unasked(const struct trail *trail, char **sentence)
{
	for (size_t i = 0; i < trail->count; i++) {
		const struct hop_told *told = &trail->list[i];

		if (told->state == HOP_NOT_ASKED && told->hop > trail->after->hop &&
		    told->hop < trail->before->hop)
			add_part(sentence, mem_printf("%s was not asked: %s", hop_name(told->hop),
						      told->evidence));
	}
}

/* What the first that lacked it says tells more than what the last that had it does. */
static void find_cause(const struct trail *trail, bool elsewhere, struct gap *gap)
{
	const struct hop_told *told = trail->before;

	if (told->cause == NULL && told->advice == NULL &&
	    (!elsewhere || trail->after->hop == HOP_RECEIVER))
		told = trail->after;
	gap->cause = mem_dup(told->cause);
	gap->advice = mem_dup(told->advice);
	if (gap->cause == NULL && gap->advice == NULL && !elsewhere &&
	    trail->after->hop == HOP_RECEIVER && trail->before->hop == HOP_CHAT)
		gap->advice = mem_dup("compare the address that the receiver posts to with the "
				      "channel: its sender took the message for delivered");
}

static void fill_gap(struct trail *trail, bool elsewhere, struct gap *gap)
{
	char *sentence = NULL;

	find_ends(trail);
	if (trail->after == NULL || trail->before == NULL)
		return;
	*gap = (struct gap){.found = true,
			    .after = hop_name(trail->after->hop),
			    .before = hop_name(trail->before->hop)};
	if (elsewhere) { /* it has passed every station but the last */
		gap->after = hop_name(HOP_RECEIVER);
		gap->before = hop_name(HOP_CHAT);
		trail->before = &trail->list[trail->count - 1];
		if (trail->after->hop == HOP_RECEIVER)
			add_part(&sentence, mem_dup(trail->after->evidence));
	} else {
		add_claims(trail, &sentence);
		/* of the fault everybody knows, once a station speaks */
		if (trail->after->hop != HOP_EMISSION || trail->before->hop == HOP_CHAT)
			add_part(&sentence, mem_dup(trail->after->evidence));
		add_unasked(trail, &sentence);
	}
	add_part(&sentence, mem_dup(trail->before->evidence));
	gap->evidence = sentence;
	find_cause(trail, elsewhere, gap);
}

static bool is_lost(enum finding finding)
{
	return finding == FINDING_MISSING || finding == FINDING_WRONG_CHANNEL;
}

void gap_find(const struct evidence *evidence, struct judgement *judgement)
{
	bool is_gap = judgement->verdict == VERDICT_GAP;

	for (size_t i = 0; i < judgement->finding_count; i++) {
		enum finding finding = judgement->findings[i].finding;
		bool lost = is_gap && !judgement->gap.found && is_lost(finding);
		size_t first = judgement->hop_count;
		struct trail trail = {0};

		if (!lost && !is_told_of(evidence, i))
			continue;
		add_hops(evidence, judgement, i);
		trail.list = &judgement->hops[first];
		trail.count = judgement->hop_count - first;
		if (lost)
			fill_gap(&trail, finding == FINDING_WRONG_CHANNEL, &judgement->gap);
	}
}
