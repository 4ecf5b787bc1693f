/* Records of drills, made by hand. */
#include "tests/reports/make_record.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

/* When each phase is entered, after the start. */
static const int64_t phase_at_ms[PHASE_COUNT] = {
    [PHASE_GUARD] = 0,        [PHASE_BASELINE] = 12,    [PHASE_ANNOUNCE] = 640,
    [PHASE_RECORD] = 1030,    [PHASE_INJECT] = 1042,    [PHASE_WITNESS] = 1180,
    [PHASE_WATCH] = 1320,     [PHASE_REVERT] = 91200,   [PHASE_CONFIRM] = 91320,
    [PHASE_RECOVERY] = 91450, [PHASE_EXPLAIN] = 121500, [PHASE_REPORT] = 121510,
    [PHASE_DONE] = 121900,
};

static void enter(struct made *made, enum phase last)
{
	made->record.phase = last;
	for (size_t i = 0; i <= last; i++)
		made->record.phase_ms[i] = MADE_STARTED_MS + phase_at_ms[i];
}

void make_text(char **text, const char *value)
{
	char *copy = mem_dup(value);

	free(*text);
	*text = copy;
}

struct expectation *make_expectation(struct made *made, const char *alert, const char *channel)
{
	struct evidence *evidence = &made->record.evidence;
	size_t i = made->scenario.expect_count++;

	made->expect[i] = (struct expectation){
	    .alert = (char *)alert,
	    .chat = "slack",
	    .channel = (char *)channel,
	    .within_ms = 90000,
	    .grace_ms = 30000,
	    .at_most = 1,
	};
	evidence->expect =
	    mem_grow(evidence->expect, made->scenario.expect_count, sizeof *evidence->expect);
	evidence->expect_count = made->scenario.expect_count;
	evidence->expect[i] = (struct expectation_evidence){
	    .expect = &made->expect[i],
	    .has_nonce = true,
	    .readable = true,
	    .control_wanted = true,
	    .control_seen = true,
	    .covered_ms = MADE_STARTED_MS,
	    .searched_elsewhere = true,
	};
	return &made->expect[i];
}

struct made *make_running(void)
{
	struct made *made = mem_zalloc(sizeof *made);
	struct drill_record *record = &made->record;

	made->environment = (struct environment){.name = "production", .protected_ = true};
	made->scenario = (struct scenario){
	    .file = "scenarios/orders-bad-queue.cfg",
	    .name = "orders-bad-queue",
	    .summary = "The orders API publishes to a queue that does not exist",
	    .owner = "payments",
	    .runbook = "https://wiki.example/orders-queue",
	    .fault = {.kind = KIND_BAD_QUEUE_NAME, .via = VIA_HTTP, .hold_at_most_ms = 300000},
	    .expect = made->expect,
	};
	*record = (struct drill_record){
	    .id = "fd-k3q9x2m7",
	    .scenario = &made->scenario,
	    .environment = &made->environment,
	    .effect = EFFECT_MUTATION,
	    .started_wall_ms = INT64_C(1795255258000),
	    .started_ms = MADE_STARTED_MS,
	    .deadline_ms = MADE_INJECTED_MS + 90000,
	    .evidence = {.inject_started_ms = MADE_STARTED_MS + 1042,
			 .injected_ms = MADE_INJECTED_MS,
			 .reverted_ms = TIME_NEVER,
			 .inject_tried = true,
			 .injected = true,
			 .witnessed = WITNESS_BITES,
			 .fault_state = FAULT_INJECTED},
	};
	for (size_t i = 0; i < PHASE_COUNT; i++)
		record->phase_ms[i] = TIME_NEVER;
	enter(made, PHASE_WATCH);
	make_text(
	    &record->evidence.fault_text,
	    "PUT https://orders.example/admin/queue answered 200; orders_up says \"degraded\"");
	(void)make_expectation(made, "OrdersQueueMissing", "#ops");
	return made;
}

void made_free(struct made *made)
{
	if (made == NULL)
		return;
	judgement_done(&made->record.judgement);
	evidence_done(&made->record.evidence);
	free(made->record.report_problem);
	free(made->record.open_gap);
	free(made->record.report_permalink);
	free(made);
}

struct sighting *make_sighting(struct made *made, size_t i, int64_t after_ms, const char *elsewhere,
			       const char *text)
{
	struct expectation_evidence *expect = &made->record.evidence.expect[i];
	struct sighting *sighting;

	expect->sightings =
	    mem_grow(expect->sightings, expect->sighting_count + 1, sizeof *expect->sightings);
	sighting = &expect->sightings[expect->sighting_count++];
	*sighting = (struct sighting){
	    .ts = "1795255261.000100",
	    .at_ms = MADE_INJECTED_MS + after_ms,
	    .read_ms = MADE_INJECTED_MS + after_ms + 400,
	    .channel = mem_dup(elsewhere),
	    .permalink = mem_dup("https://acme.slack.com/archives/C024BE91L/p1795255261000100"),
	    .text = mem_dup(text),
	};
	return sighting;
}

void make_over(struct made *made, enum verdict verdict, const char *text)
{
	struct drill_record *record = &made->record;

	enter(made, PHASE_DONE);
	record->deadline_ms = TIME_NEVER;
	record->evidence.reverted_ms = MADE_REVERTED_MS;
	record->evidence.fault_state = FAULT_CLEAN;
	make_text(&record->evidence.revert_text, "GET https://orders.example/admin/queue says "
						 "\"orders\" again");
	record->judgement = (struct judgement){
	    .verdict = verdict,
	    .text = mem_dup(text),
	    .findings =
		mem_zalloc(record->evidence.expect_count * sizeof *record->judgement.findings),
	    .finding_count = record->evidence.expect_count,
	    .exit_code = verdict == VERDICT_PASS || verdict == VERDICT_FLAKY ? EXIT_PASS
			 : verdict == VERDICT_GAP                            ? EXIT_GAP
			 : verdict == VERDICT_INCONCLUSIVE                   ? EXIT_INCONCLUSIVE
			 : verdict == VERDICT_REFUSED                        ? EXIT_REFUSED
									     : EXIT_ABORTED,
	};
	for (size_t i = 0; i < record->judgement.finding_count; i++)
		(void)make_finding(made, i, FINDING_DELIVERED, 2100, "arrived");
}

struct expectation_finding *make_finding(struct made *made, size_t i, enum finding finding,
					 int64_t latency_ms, const char *text)
{
	struct expectation_finding *made_finding = &made->record.judgement.findings[i];
	const struct expectation_evidence *expect = &made->record.evidence.expect[i];

	make_text(&made_finding->text, text);
	made_finding->finding = finding;
	made_finding->latency_ms = latency_ms;
	made_finding->resolved_latency_ms = TIME_NEVER;
	made_finding->seen = expect->sighting_count > 0 ? &expect->sightings[0] : NULL;
	return made_finding;
}

void make_gap(struct made *made, const char *after, const char *before, const char *evidence)
{
	made->record.judgement.gap = (struct gap){.found = true, .after = after, .before = before};
	make_text(&made->record.judgement.gap.evidence, evidence);
}

void make_hop(struct made *made, enum hop hop, const char *name, enum hop_state state,
	      int64_t at_ms, const char *evidence)
{
	struct judgement *judgement = &made->record.judgement;

	judgement->hops =
	    mem_grow(judgement->hops, judgement->hop_count + 1, sizeof *judgement->hops);
	judgement->hops[judgement->hop_count++] = (struct hop_told){
	    .hop = hop,
	    .state = state,
	    .at_ms = at_ms == TIME_NEVER ? TIME_NEVER : MADE_INJECTED_MS + at_ms,
	    .name = mem_dup(name),
	    .evidence = mem_dup(evidence),
	};
}

void make_cause(struct made *made, const char *cause, const char *advice)
{
	make_text(&made->record.judgement.gap.cause, cause);
	make_text(&made->record.judgement.gap.advice, advice);
}

void make_refused(struct made *made, const char *text)
{
	struct drill_record *record = &made->record;

	make_over(made, VERDICT_REFUSED, text);
	for (size_t i = PHASE_BASELINE; i < PHASE_REPORT; i++)
		record->phase_ms[i] = TIME_NEVER;
	record->evidence.stop = STOP_REFUSED;
	record->evidence.inject_tried = false;
	record->evidence.injected = false;
	record->evidence.injected_ms = TIME_NEVER;
	record->evidence.reverted_ms = TIME_NEVER;
	record->evidence.witnessed = WITNESS_NOT_ASKED;
	record->evidence.fault_state = FAULT_ABSENT;
	make_text(&record->evidence.fault_text, NULL);
	make_text(&record->evidence.revert_text, NULL);
	make_text(&record->evidence.stop_text, text);
	for (size_t i = 0; i < record->judgement.finding_count; i++)
		(void)make_finding(made, i, FINDING_UNKNOWN, TIME_NEVER,
				   "the fault was not in place");
}

void make_stuck(struct made *made, const char *text)
{
	made->record.evidence.fault_state = FAULT_STUCK;
	made->record.judgement.exit_code = EXIT_FAULT_LEFT;
	make_text(&made->record.evidence.revert_text, text);
}

char *make_hostile(size_t len)
{
	size_t head = strlen(HOSTILE);
	char *text = mem_dup_n(HOSTILE, head);

	text = mem_grow(text, head + len + 1, 1);
	memset(text + head, '<', len);
	text[head + len] = '\0';
	return text;
}
