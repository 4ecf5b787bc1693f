/* Writes drills that are over into the history. */
#include "src/program/chronicle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/json.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/store/history.h"

#define LAST_WAIT_MS 2000  /* for another process that writes, once all drills are over */
#define WAITING_MAX  10000 /* drills that are kept to be written later */

/* A drill that could not be written yet. */
struct entry {
	struct history_drill drill; /* its lists are owned; their texts are in `texts` */
	char **texts;               /* owned, each one */
	size_t text_count;
	struct entry *next; /* owned */
};

struct chronicle {
	struct app *app;         /* borrowed */
	struct history *history; /* owned; NULL: it cannot be opened */
	struct entry *first;     /* owned; oldest first */
	struct entry **end;
	size_t waiting;
	size_t lost; /* drills that are in no history */
	struct error error;
};

/* One drill, with copies of all texts. */

static const char *copy(struct entry *entry, const char *text)
{
	char *copied = mem_dup(text);

	if (copied == NULL)
		return NULL;
	entry->texts = mem_grow(entry->texts, entry->text_count + 1, sizeof *entry->texts);
	entry->texts[entry->text_count++] = copied;
	return copied;
}

static void entry_free(struct entry *entry)
{
	for (size_t i = 0; i < entry->text_count; i++)
		free(entry->texts[i]);
	free(entry->texts);
	free((struct history_expectation *)(uintptr_t)entry->drill.expectations);
	free((struct history_proof *)(uintptr_t)entry->drill.proofs);
	free(entry);
}

static void add_expectations(struct entry *entry, const struct drill_record *record)
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
		    .resolved = found->resolved_wanted ? finding_name(found->resolved) : NULL,
		    .resolved_latency_ms = found->resolved_latency_ms,
		};
	}
	entry->drill.expectations = list;
	entry->drill.expectation_count = count;
}

static void add_proofs(struct entry *entry, const struct drill_record *record)
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

static struct entry *entry_new(struct chronicle *chronicle, const struct drill_record *record)
{
	struct entry *entry = mem_zalloc(sizeof *entry);
	char *report = json_report(record);
	int64_t done_ms = record->phase_ms[PHASE_DONE];

	secret_mask(app_secrets(chronicle->app), report);
	entry->drill = (struct history_drill){
	    .drill = copy(entry, record->id),
	    .scenario = copy(entry, record->scenario->name),
	    .environment = copy(entry, record->environment->name),
	    .kind = kind_name(record->scenario->fault.kind),
	    .via = via_name(record->scenario->fault.via),
	    .verdict = verdict_name(record->judgement.verdict),
	    .reason = reason_name(record->judgement.reason),
	    .exit_code = (int)record->judgement.exit_code,
	    .started_wall_ms = record->started_wall_ms,
	    .ended_wall_ms =
		done_ms != TIME_NEVER ? record_wall_ms(record, done_ms) : clock_wall_ms(),
	    .report = copy(entry, report),
	};
	free(report);
	add_expectations(entry, record);
	add_proofs(entry, record);
	return entry;
}

/* Writing. */

static void keep(struct chronicle *chronicle, struct entry *entry)
{
	if (chronicle->waiting == WAITING_MAX) {
		chronicle->lost++;
		entry_free(entry);
		return;
	}
	*chronicle->end = entry;
	chronicle->end = &entry->next;
	chronicle->waiting++;
}

/* In the order in which they ended; false: the rest has to wait. */
static bool write_waiting(struct chronicle *chronicle, int64_t wait_ms)
{
	while (chronicle->first != NULL) {
		struct entry *entry = chronicle->first;

		if (!history_add(chronicle->history, &entry->drill, wait_ms, &chronicle->error))
			return false;
		chronicle->first = entry->next;
		if (chronicle->first == NULL)
			chronicle->end = &chronicle->first;
		chronicle->waiting--;
		entry_free(entry);
	}
	return true;
}

struct chronicle *chronicle_open(struct app *app)
{
	struct chronicle *chronicle = mem_zalloc(sizeof *chronicle);
	const struct history_limits limits = {.keep_ms = app_config(app)->history.keep_ms,
					      .bytes = HISTORY_BYTES};

	chronicle->app = app;
	chronicle->end = &chronicle->first;
	chronicle->history = history_open(app_config(app)->state, &limits, &chronicle->error);
	return chronicle;
}

void chronicle_add(struct chronicle *chronicle, const struct drill_record *record)
{
	if (chronicle->history == NULL) {
		chronicle->lost++;
		return;
	}
	keep(chronicle, entry_new(chronicle, record));
	(void)write_waiting(chronicle, 0);
}

void chronicle_close(struct chronicle *chronicle)
{
	if (chronicle->first != NULL)
		(void)write_waiting(chronicle, LAST_WAIT_MS);
	while (chronicle->first != NULL) {
		struct entry *gone = chronicle->first;

		chronicle->first = gone->next;
		chronicle->lost++;
		entry_free(gone);
	}
	if (chronicle->lost > 0)
		(void)fprintf(stderr, "firedrill: %zu drill%s not in the history: %s\n",
			      chronicle->lost, chronicle->lost == 1 ? " is" : "s are",
			      chronicle->error.text);
	history_close(chronicle->history);
	free(chronicle);
}
