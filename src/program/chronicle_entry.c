/* A drill that is over, as the history keeps it. */
#include "src/program/chronicle_entry.h"

#include <stdlib.h>
#include <string.h>

#include "reports/json.h"
#include "reports/phrases.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/bisect.h"

/* What is being filled in. */
struct writing {
	struct chronicle_entry *entry;
	const struct drill_record *record;
	const struct secrets *secrets;
	struct history_evidence *evidence; /* becomes the entry's */
	size_t evidence_count;
};

static const char *keep(struct chronicle_entry *entry, char *text)
{
	if (text == NULL)
		return NULL;
	entry->texts = mem_grow(entry->texts, entry->text_count + 1, sizeof *entry->texts);
	entry->texts[entry->text_count++] = text;
	entry->bytes += strlen(text);
	return text;
}

static const char *copy(struct chronicle_entry *entry, const char *text)
{
	return keep(entry, mem_dup(text));
}

/* Expectations and proofs. */

static void add_expectations(struct chronicle_entry *entry, const struct drill_record *record)
{
	size_t count = record->judgement.finding_count;
	struct history_expectation *list = mem_zalloc(count * sizeof *list);

	for (size_t i = 0; i < count; i++) {
		const struct expectation_finding *found = &record->judgement.findings[i];
		const struct expectation *expect = record->evidence.expect[i].expect;

		list[i] = (struct history_expectation){
		    .alert = copy(entry, expect->alert),
		    .chat = copy(entry, expect->chat),
		    .channel = copy(entry, expect->channel),
		    .finding = finding_name(found->finding),
		    .latency_ms = found->latency_ms,
		    .within_ms = expect->within_ms == SCENARIO_AUTO ? -1 : expect->within_ms,
		    .resolved = found->resolved_wanted ? finding_name(found->resolved) : NULL,
		    .resolved_latency_ms = found->resolved_latency_ms,
		};
	}
	entry->drill.expectations = list;
	entry->drill.expectation_count = count;
}

static void add_proofs(struct chronicle_entry *entry, const struct drill_record *record)
{
	struct history_proof *list = mem_zalloc(record->proof_count * sizeof *list);

	for (size_t i = 0; i < record->proof_count; i++) {
		const struct proof *proof = &record->proofs[i];

		list[i] = (struct history_proof){
		    .expect = proof->expect,
		    .pipeline = copy(entry, record->environment->pipeline),
		    .kind = proof_kind_name(proof->kind),
		    .hop = copy(entry, proof->station),
		    .name = copy(entry, proof->name),
		    .detail = copy(entry, proof->detail),
		    .wall_ms = record_wall_ms(record, proof->at_ms),
		    .latency_ms = proof->latency_ms,
		};
	}
	entry->drill.proofs = list;
	entry->drill.proof_count = record->proof_count;
}

/* Evidence. What is from outside may hold a secret that it was sent. */

/* text and source are taken over. */
static void add(struct writing *writing, const char *kind, char *source, int expect, int64_t at_ms,
		char *text)
{
	secret_mask(writing->secrets, text);
	secret_mask(writing->secrets, source);
	writing->evidence =
	    mem_grow(writing->evidence, writing->evidence_count + 1, sizeof *writing->evidence);
	writing->evidence[writing->evidence_count++] = (struct history_evidence){
	    .kind = kind,
	    .source = keep(writing->entry, source),
	    .expect = expect,
	    .wall_ms = at_ms != TIME_NEVER ? record_wall_ms(writing->record, at_ms) : 0,
	    .text = keep(writing->entry, text),
	};
}

/* A sentence of our own, when there is one. */
static void note(struct writing *writing, const char *kind, const char *source, int expect,
		 const char *text)
{
	if (text != NULL && text[0] != '\0')
		add(writing, kind, mem_dup(source), expect, TIME_NEVER, mem_dup(text));
}

/* "#ops", "#general, found there instead, resolved". */
static char *source_of(const struct sighting *seen, const struct expectation *expect)
{
	struct buf source = {0};

	buf_adds(&source, seen->channel != NULL ? seen->channel : expect->channel);
	buf_adds(&source, seen->channel != NULL ? ", found there instead" : "");
	buf_adds(&source, seen->reply ? ", in a thread" : "");
	buf_adds(&source, seen->edit ? ", changed later" : "");
	buf_adds(&source, seen->resolved ? ", resolved" : "");
	return buf_take(&source);
}

static void add_messages(struct writing *writing, int i)
{
	const struct expectation_evidence *seen = &writing->record->evidence.expect[i];

	for (size_t j = 0; j < seen->sighting_count; j++) {
		const struct sighting *sighting = &seen->sightings[j];

		if (sighting->text != NULL)
			add(writing, "message", source_of(sighting, seen->expect), i,
			    sighting->at_ms, mem_dup(sighting->text));
	}
	if (seen->near.lacks != NULL && seen->near.text != NULL)
		add(writing, "message",
		    mem_printf("%s, but without \"%s\"", seen->expect->channel, seen->near.lacks),
		    i, seen->near.at_ms, mem_dup(seen->near.text));
	if (seen->unread_count > 0)
		add(writing, "note", mem_dup(seen->expect->channel), i, TIME_NEVER,
		    mem_printf("%zu messages more were like this; they are not kept",
			       seen->unread_count));
	note(writing, "note", seen->expect->channel, i, seen->trouble);
}

/* "rule had-it: FooDown fired at 10:01:31; likely cause: ...; what to do: ...". */
static void add_hops(struct writing *writing)
{
	const struct judgement *judgement = &writing->record->judgement;

	for (size_t i = 0; i < judgement->hop_count; i++) {
		const struct hop_told *told = &judgement->hops[i];
		struct buf text = {0};

		buf_adds(&text, hop_name(told->hop));
		if (told->about != ABOUT_ALERT)
			buf_addf(&text, " (%s)", hop_about_name(told->about));
		/* In words, as it is shown as it stands: that it was not asked would be untrue. */
		buf_addf(&text, " %s",
			 told->state == HOP_NOT_ASKED ? "could not tell"
						      : hop_state_name(told->state));
		if (told->evidence != NULL)
			buf_addf(&text, ": %s", told->evidence);
		if (told->cause != NULL)
			buf_addf(&text, "; likely cause: %s", told->cause);
		if (told->advice != NULL)
			buf_addf(&text, "; what to do: %s", told->advice);
		add(writing, "hop", mem_dup(told->name != NULL ? told->name : "firedrill"),
		    (int)told->expect, told->at_ms, buf_take(&text));
	}
}

/* "arrived after 1.2 s: ...". */
static void add_probes(struct writing *writing)
{
	const struct evidence *evidence = &writing->record->evidence;

	for (size_t i = 0; i < evidence->probe_count; i++) {
		const struct probe_told *probe = &evidence->probes[i];
		struct buf text = {0};

		buf_adds(&text, probe_result_name(probe->result));
		if (probe->latency_ms >= 0) {
			buf_adds(&text, " after ");
			phrase_span(&text, probe->latency_ms);
		}
		if (probe->text != NULL)
			buf_addf(&text, ": %s", probe->text);
		add(writing, "probe", mem_dup(hop_name(probe->hop)), (int)probe->expect,
		    probe->at_ms, buf_take(&text));
	}
}

static void add_evidence(struct writing *writing, const char *log)
{
	const struct evidence *evidence = &writing->record->evidence;

	note(writing, "fault", "inject", -1, evidence->fault_text);
	note(writing, "fault", "revert", -1, evidence->revert_text);
	note(writing, "note", "stopped", -1, evidence->stop_text);
	note(writing, "note", "ledger", -1, evidence->ledger_problem);
	for (size_t i = 0; i < evidence->expect_count; i++)
		add_messages(writing, (int)i);
	add_hops(writing);
	add_probes(writing);
	if (log != NULL)
		add(writing, "log", mem_dup(""), -1, writing->record->started_ms, mem_dup(log));
	writing->entry->drill.evidence = writing->evidence;
	writing->entry->drill.evidence_count = writing->evidence_count;
}

/* The whole. */

struct chronicle_entry *chronicle_entry_new(const struct drill_record *record,
					    const struct secrets *secrets, const char *log)
{
	struct chronicle_entry *entry = mem_zalloc(sizeof *entry);
	struct writing writing = {.entry = entry, .record = record, .secrets = secrets};
	int64_t done_ms = record->phase_ms[PHASE_DONE];
	char *report = json_report(record);

	secret_mask(secrets, report);
	entry->drill = (struct history_drill){
	    .drill = copy(entry, record->id),
	    .scenario = copy(entry, record->scenario->name),
	    .environment = copy(entry, record->environment->name),
	    .kind = kind_name(record->scenario->fault.kind),
	    .via = via_name(record->scenario->fault.via),
	    .origin = origin_name(record->origin),
	    .repeats = copy(entry, record->repeats),
	    .verdict = verdict_name(record->judgement.verdict),
	    .reason = reason_name(record->judgement.reason),
	    .exit_code = (int)record->judgement.exit_code,
	    .started_wall_ms = record->started_wall_ms,
	    .ended_wall_ms =
		done_ms != TIME_NEVER ? record_wall_ms(record, done_ms) : clock_wall_ms(),
	    .report = keep(entry, report),
	};
	add_expectations(entry, record);
	add_proofs(entry, record);
	entry->seen_from = entry->text_count;
	add_evidence(&writing, log);
	return entry;
}

void chronicle_entry_free(struct chronicle_entry *entry)
{
	for (size_t i = 0; i < entry->text_count; i++)
		free(entry->texts[i]);
	free(entry->texts);
	free((struct history_expectation *)(uintptr_t)entry->drill.expectations);
	free((struct history_proof *)(uintptr_t)entry->drill.proofs);
	free((struct history_evidence *)(uintptr_t)entry->drill.evidence);
	free(entry);
}

void chronicle_entry_strip(struct chronicle_entry *entry)
{
	static const struct history_evidence said = {
	    .kind = "note",
	    .source = "",
	    .expect = -1,
	    .text = "what it saw is not kept: the history could not be written for too long"};
	struct history_evidence *list = mem_zalloc(sizeof *list);

	while (entry->text_count > entry->seen_from) {
		char *text = entry->texts[--entry->text_count];

		entry->bytes -= strlen(text);
		free(text);
	}
	*list = said;
	free((struct history_evidence *)(uintptr_t)entry->drill.evidence);
	entry->drill.evidence = list;
	entry->drill.evidence_count = 1;
}
