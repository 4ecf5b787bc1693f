/* One drill as one line of JSON. */
#include "reports/json.h"

#include "reports/bisect_text.h"
#include "reports/json_value.h"
#include "reports/outcome.h"
#include "reports/timing_json.h"
#include "src/base/clock.h"

/* The parts of a report, in the order of its keys. */

/* Counted from the start of the drill. */
static void add_since_start(cJSON *object, const char *key, const struct drill_record *record,
			    int64_t at_ms)
{
	json_add_ms(object, key, at_ms != TIME_NEVER ? at_ms - record->started_ms : TIME_NEVER);
}

static void add_fault(cJSON *report, const struct drill_record *record)
{
	const struct fault *fault = &record->scenario->fault;
	cJSON *object = json_add(report, "fault", cJSON_CreateObject());

	json_add_text(object, "kind", kind_name(fault->kind));
	json_add_text(object, "via", via_name(fault->via));
	json_add_text(object, "effect", effect_name(record->effect));
	json_add_text(object, "state", fault_state_name(record->evidence.fault_state));
	add_since_start(object, "injected_ms", record, record->evidence.injected_ms);
	add_since_start(object, "reverted_ms", record, record->evidence.reverted_ms);
	json_add_text(object, "text", record->evidence.fault_text);
	json_add_text(object, "revert_text", record->evidence.revert_text);
}

/* Before the judgement is final there is none: an empty one would read as a pass. */
static void add_judgement(cJSON *report, const struct drill_record *record)
{
	const struct judgement *judgement = &record->judgement;
	bool over = outcome_is_over(record);
	const char *reason = over ? reason_name(judgement->reason) : "";

	json_add_text(report, "verdict", over ? verdict_name(judgement->verdict) : NULL);
	json_add_text(report, "reason", reason[0] != '\0' ? reason : NULL);
	json_add_text(report, "text", over ? judgement->text : NULL);
	(void)json_add(report, "exit_code",
		       over ? cJSON_CreateNumber((double)judgement->exit_code)
			    : cJSON_CreateNull());
}

static void add_phases(cJSON *report, const struct drill_record *record)
{
	cJSON *list = json_add_list(report, "phases");

	for (size_t i = 0; i < PHASE_COUNT; i++) {
		cJSON *entry;

		if (record->phase_ms[i] == TIME_NEVER)
			continue;
		entry = json_add_entry(list);
		json_add_text(entry, "phase", phase_name((enum phase)i));
		json_add_ms(entry, "at_ms", record->phase_ms[i] - record->started_ms);
	}
}

static void add_resolved(cJSON *entry, const struct expectation_finding *finding)
{
	cJSON *object;

	if (!finding->resolved_wanted) {
		(void)json_add(entry, "resolved", cJSON_CreateNull());
		return;
	}
	object = json_add(entry, "resolved", cJSON_CreateObject());
	json_add_text(object, "verdict", finding_name(finding->resolved));
	json_add_text(object, "how",
		      finding->resolved_how != RESOLVED_NOT
			  ? resolved_how_name(finding->resolved_how)
			  : NULL);
	json_add_ms(object, "latency_ms", finding->resolved_latency_ms);
	json_add_text(object, "permalink",
		      finding->resolved_seen != NULL ? finding->resolved_seen->permalink : NULL);
	json_add_text(object, "text", finding->resolved_text);
}

static void add_expectations(cJSON *report, const struct drill_record *record)
{
	static const struct expectation_finding none = {.finding = FINDING_UNKNOWN,
							.latency_ms = TIME_NEVER,
							.resolved_latency_ms = TIME_NEVER};
	cJSON *list = json_add_list(report, "expectations");

	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		const struct expectation *expect = record->evidence.expect[i].expect;
		const struct expectation_finding *finding =
		    i < record->judgement.finding_count ? &record->judgement.findings[i] : &none;
		const struct sighting *seen = finding->seen;
		cJSON *entry = json_add_entry(list);

		json_add_text(entry, "alert", expect->alert);
		json_add_text(entry, "chat", expect->chat);
		json_add_text(entry, "channel", expect->channel);
		json_add_text(entry, "verdict", finding_name(finding->finding));
		json_add_text(entry, "text", finding->text);
		json_add_ms(entry, "latency_ms", finding->latency_ms);
		json_add_text(entry, "permalink", seen != NULL ? seen->permalink : NULL);
		json_add_text(entry, "found_in", seen != NULL ? seen->channel : NULL);
		add_resolved(entry, finding);
		timing_json_add(entry, record, i);
	}
}

static void add_gap(cJSON *report, const struct drill_record *record)
{
	const struct gap *gap = &record->judgement.gap;
	cJSON *object;

	if (!gap->found) {
		(void)json_add(report, "gap", cJSON_CreateNull());
		return;
	}
	object = json_add(report, "gap", cJSON_CreateObject());
	json_add_text(object, "alert", record->evidence.expect[gap->expect].expect->alert);
	json_add_text(object, "of", hop_about_name(gap->about));
	json_add_text(object, "verdict", finding_name(gap->finding));
	json_add_text(object, "after", gap->after);
	json_add_text(object, "before", gap->before);
	json_add_text(object, "evidence", gap->evidence);
	json_add_text(object, "cause", gap->cause);
	json_add_text(object, "advice", gap->advice);
	(void)json_add(object, "confirmed", cJSON_CreateBool(gap->confirmed));
	json_add_text(object, "probes", gap->probes);
}

static void add_hops(cJSON *report, const struct drill_record *record)
{
	cJSON *list = json_add_list(report, "hops");

	for (size_t i = 0; i < record->judgement.hop_count; i++) {
		const struct hop_told *told = &record->judgement.hops[i];
		cJSON *entry = json_add_entry(list);

		json_add_text(entry, "alert", record->evidence.expect[told->expect].expect->alert);
		json_add_text(entry, "hop", hop_name(told->hop));
		json_add_text(entry, "of", hop_about_name(told->about));
		json_add_text(entry, "name", told->name);
		json_add_text(entry, "state", hop_state_name(told->state));
		json_add_ms(entry, "at_ms",
			    told->at_ms != TIME_NEVER ? told->at_ms - record->started_ms
						      : TIME_NEVER);
		json_add_text(entry, "evidence", told->evidence);
		json_add_text(entry, "cause", told->cause);
		json_add_text(entry, "advice", told->advice);
	}
}

char *json_report(const struct drill_record *record)
{
	cJSON *report = json_object();
	int64_t done_ms = record->phase_ms[PHASE_DONE];
	char started[32];

	clock_rfc3339(record->started_wall_ms, started, sizeof started);
	json_add_text(report, "drill", record->id);
	json_add_text(report, "scenario", record->scenario->name);
	json_add_text(report, "environment", record->environment->name);
	json_add_text(report, "origin", origin_name(record->origin));
	json_add_text(report, "repeats", record->repeats[0] != '\0' ? record->repeats : NULL);
	add_fault(report, record);
	add_judgement(report, record);
	json_add_text(report, "owner", record->scenario->owner);
	json_add_text(report, "runbook", record->scenario->runbook);
	json_add_text(report, "started", started);
	json_add_ms(report, "duration_ms",
		    done_ms != TIME_NEVER ? done_ms - record->started_ms : TIME_NEVER);
	add_phases(report, record);
	add_expectations(report, record);
	add_gap(report, record);
	add_hops(report, record);
	bisect_text_json(report, record);
	json_add_text(report, "report_permalink", record->report_permalink);
	json_add_text(report, "report_problem", record->report_problem);
	return json_line(report);
}
