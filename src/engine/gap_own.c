/* What firedrill itself says of an alert: of the fault, and of the channel where it was expected. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/engine/attribution.h"
#include "src/engine/gap_parts.h"

#define QUOTE_BYTES 120 /* of a message in a sentence */

/* The fault. */

struct hop_told gap_emission(const struct evidence *evidence, size_t expect)
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

struct hop_told gap_reverted(const struct evidence *evidence, size_t expect)
{
	bool clean = evidence->fault_state == FAULT_CLEAN || evidence->fault_state == FAULT_ABSENT;
	struct hop_told told = {.expect = expect,
				.hop = HOP_EMISSION,
				.about = ABOUT_END,
				.state = clean ? HOP_HAD_IT : HOP_LACKED_IT,
				.at_ms = clean ? evidence->reverted_ms : TIME_NEVER};

	told.evidence =
	    mem_printf("%s%s%s", clean ? "the fault is gone" : "the fault may still be in place",
		       evidence->revert_text != NULL ? ": " : "",
		       evidence->revert_text != NULL ? evidence->revert_text : "");
	return told;
}

/* The channel. */

/* What stands in the channel and is almost it says more than that nothing does. */
static void tell_near_miss(const struct evidence *evidence,
			   const struct expectation_evidence *expect, struct hop_told *chat)
{
	const struct near_miss *near = &expect->near;
	char *quoted;

	if (near->lacks == NULL || (!near->has_nonce && near->at_ms < evidence->inject_started_ms))
		return;
	quoted = evidence_quote(near->text, strlen(near->text), QUOTE_BYTES);
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

static void tell_resolved_alone(const struct expectation_evidence *expect,
				const struct expectation_finding *finding, struct hop_told *chat)
{
	if (finding->resolved_seen == NULL || chat->cause != NULL)
		return;
	chat->cause =
	    mem_printf("the resolved message of %s came without the alert itself: the first post "
		       "failed or was held back, and what came later was its end",
		       expect->expect->alert);
	chat->advice = mem_dup("look in the sender's log for a post that failed while the fault "
			       "was in place");
}

static void add_search(char **sentence, const struct expectation_evidence *expect)
{
	size_t count = expect->searched_count;

	if (count == 0)
		gap_add(sentence,
			mem_dup(expect->searched_elsewhere ? "the bot is in no other channel"
							   : "no other channel was searched"));
	else
		gap_add(sentence,
			mem_printf("%zu other channel%s searched%s", count,
				   count == 1 ? " was" : "s were",
				   expect->searched_elsewhere ? "" : ", not everything in them"));
}

/* What silence in the channel is worth. */
static void add_facts(char **sentence, const struct evidence *evidence,
		      const struct expectation_evidence *expect)
{
	if (!expect->readable)
		return;
	if (evidence->injected_ms != TIME_NEVER && expect->blind_ms == 0)
		gap_add(sentence, mem_dup("the bot is in it and could read it the whole time"));
	gap_add(sentence, mem_dup(expect->control_seen ? "the drill's own message was read back"
				  : expect->control_wanted
				      ? "the drill's own message was never read back"
				      : "no message of the drill's own was posted there"));
	if (!expect->expect->never && evidence->injected_ms != TIME_NEVER)
		add_search(sentence, expect);
}

/* What is wrong with the channel, and what to do: the part behind the last "; ", without the chat's
 * code in brackets. */
static char *advice_in(const char *trouble)
{
	const char *advice = NULL, *code;
	size_t len;

	for (const char *at = trouble; (at = strstr(at, "; ")) != NULL; at += 2)
		advice = at + 2;
	if (advice == NULL)
		return mem_dup("run `firedrill doctor`: it tries the token and every channel");
	len = strlen(advice);
	code = strrchr(advice, '(');
	if (code != NULL && code > advice && code[-1] == ' ' && advice[len - 1] == ')')
		len = (size_t)(code - 1 - advice);
	return mem_printf("%.*s; then run the drill again", (int)len, advice);
}

static void tell_not_asked(const struct evidence *evidence,
			   const struct expectation_evidence *expect,
			   const struct expectation_finding *finding, struct hop_told *chat)
{
	const char *trouble = expect->trouble != NULL ? expect->trouble : evidence->stop_text;

	if (evidence->stop == STOP_UNOBSERVABLE)
		chat->evidence = mem_dup(trouble != NULL ? trouble : "it could not be watched");
	else
		chat->evidence = mem_printf("%s %s", expect->expect->alert,
					    finding->text != NULL ? finding->text : "");
	if (trouble != NULL)
		chat->advice = advice_in(trouble);
}

struct hop_told gap_chat(const struct evidence *evidence, const struct judgement *judgement,
			 size_t i)
{
	const struct expectation_evidence *expect = &evidence->expect[i];
	const struct expectation_finding *finding = &judgement->findings[i];
	struct hop_told told = {.expect = i, .hop = HOP_CHAT, .at_ms = TIME_NEVER};

	if (finding->finding == FINDING_UNKNOWN) {
		tell_not_asked(evidence, expect, finding, &told);
		return told;
	}
	told.evidence =
	    mem_printf("%s %s", expect->expect->alert, finding->text != NULL ? finding->text : "");
	if (finding->finding == FINDING_MISSING || finding->finding == FINDING_WRONG_CHANNEL ||
	    finding->finding == FINDING_SILENT) {
		told.state = HOP_LACKED_IT;
		tell_near_miss(evidence, expect, &told);
		tell_resolved_alone(expect, finding, &told);
	} else {
		told.state = HOP_HAD_IT;
		told.at_ms = finding->seen != NULL ? finding->seen->at_ms : TIME_NEVER;
	}
	return told;
}

struct hop_told gap_chat_end(const struct evidence *evidence, const struct judgement *judgement,
			     size_t i)
{
	const struct expectation_finding *finding = &judgement->findings[i];
	bool came = finding->resolved_seen != NULL;

	return (struct hop_told){
	    .expect = i,
	    .hop = HOP_CHAT,
	    .about = ABOUT_END,
	    .state = came ? HOP_HAD_IT : HOP_LACKED_IT,
	    .at_ms = came ? finding->resolved_seen->at_ms : TIME_NEVER,
	    .evidence = mem_printf("%s %s", evidence->expect[i].expect->alert,
				   finding->text != NULL ? finding->text : ""),
	};
}

struct hop_told gap_chat_text(const struct evidence *evidence, const struct judgement *judgement,
			      size_t i)
{
	const struct expectation_finding *finding = &judgement->findings[i];

	return (struct hop_told){
	    .expect = i,
	    .hop = HOP_CHAT,
	    .about = ABOUT_TEXT,
	    .state = HOP_LACKED_IT,
	    .at_ms = TIME_NEVER,
	    .evidence = mem_printf("%s %s", evidence->expect[i].expect->alert,
				   finding->text != NULL ? finding->text : ""),
	};
}

void gap_add_facts(const struct evidence *evidence, struct hop_told *chat)
{
	if (chat->about == ABOUT_ALERT && chat->state != HOP_HAD_IT)
		add_facts(&chat->evidence, evidence, &evidence->expect[chat->expect]);
}

static bool is_troubled(const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->expect_count; i++) {
		if (evidence->expect[i].trouble != NULL)
			return true;
	}
	return false;
}

bool gap_is_of_chat(const struct evidence *evidence, const struct judgement *judgement, size_t i)
{
	if (evidence->stop == STOP_UNOBSERVABLE)
		return judgement->findings[i].finding == FINDING_UNKNOWN &&
		       (is_troubled(evidence) ? evidence->expect[i].trouble != NULL : i == 0);
	return evidence->stop == STOP_NONE && judgement->reason == REASON_UNOBSERVABLE &&
	       judgement->findings[i].finding == FINDING_UNKNOWN;
}
