/* One drill as one line of JSON. */
#include "reports/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "reports/outcome.h"
#include "reports/plain.h"
#include "src/base/buf.h"
#include "src/base/clock.h"

/* Values. cJSON answers NULL only when memory is out, which ends the process as in base/mem.h. */

static cJSON *must_have(cJSON *item)
{
	if (item == NULL)
		abort();
	return item;
}

static cJSON *add(cJSON *object, const char *key, cJSON *value)
{
	if (!cJSON_AddItemToObject(object, key, must_have(value)))
		abort();
	return value;
}

/* NULL becomes null. cJSON escapes what JSON wants escaped, but does not look at UTF-8. */
static void add_text(cJSON *object, const char *key, const char *text)
{
	char *valid = plain_utf8(text);

	(void)add(object, key, valid != NULL ? cJSON_CreateString(valid) : cJSON_CreateNull());
	free(valid);
}

/* TIME_NEVER becomes null. */
static void add_ms(cJSON *object, const char *key, int64_t ms)
{
	(void)add(object, key,
		  ms != TIME_NEVER ? cJSON_CreateNumber((double)ms) : cJSON_CreateNull());
}

static cJSON *add_list(cJSON *object, const char *key)
{
	return add(object, key, cJSON_CreateArray());
}

static cJSON *add_entry(cJSON *list)
{
	cJSON *entry = must_have(cJSON_CreateObject());

	if (!cJSON_AddItemToArray(list, entry))
		abort();
	return entry;
}

/* The parts of a report, in the order of its keys. */

static void add_fault(cJSON *report, const struct drill_record *record)
{
	const struct fault *fault = &record->scenario->fault;
	cJSON *object = add(report, "fault", cJSON_CreateObject());

	add_text(object, "kind", kind_name(fault->kind));
	add_text(object, "via", via_name(fault->via));
	add_text(object, "effect", effect_name(record->effect));
	add_text(object, "state", fault_state_name(record->evidence.fault_state));
	add_text(object, "text", record->evidence.fault_text);
	add_text(object, "revert_text", record->evidence.revert_text);
}

/* Before the judgement is final there is none: an empty one would read as a pass. */
static void add_judgement(cJSON *report, const struct drill_record *record)
{
	const struct judgement *judgement = &record->judgement;
	bool over = outcome_is_over(record);
	const char *reason = over ? reason_name(judgement->reason) : "";

	add_text(report, "verdict", over ? verdict_name(judgement->verdict) : NULL);
	add_text(report, "reason", reason[0] != '\0' ? reason : NULL);
	add_text(report, "text", over ? judgement->text : NULL);
	(void)add(report, "exit_code",
		  over ? cJSON_CreateNumber((double)judgement->exit_code) : cJSON_CreateNull());
}

static void add_phases(cJSON *report, const struct drill_record *record)
{
	cJSON *list = add_list(report, "phases");

	for (size_t i = 0; i < PHASE_COUNT; i++) {
		cJSON *entry;

		if (record->phase_ms[i] == TIME_NEVER)
			continue;
		entry = add_entry(list);
		add_text(entry, "phase", phase_name((enum phase)i));
		add_ms(entry, "at_ms", record->phase_ms[i] - record->started_ms);
	}
}

static void add_resolved(cJSON *entry, const struct expectation_finding *finding)
{
	cJSON *object;

	if (!finding->resolved_wanted) {
		(void)add(entry, "resolved", cJSON_CreateNull());
		return;
	}
	object = add(entry, "resolved", cJSON_CreateObject());
	add_text(object, "verdict", finding_name(finding->resolved));
	add_ms(object, "latency_ms", finding->resolved_latency_ms);
}

static void add_expectations(cJSON *report, const struct drill_record *record)
{
	static const struct expectation_finding none = {.finding = FINDING_UNKNOWN,
							.latency_ms = TIME_NEVER,
							.resolved_latency_ms = TIME_NEVER};
	cJSON *list = add_list(report, "expectations");

	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		const struct expectation *expect = record->evidence.expect[i].expect;
		const struct expectation_finding *finding =
		    i < record->judgement.finding_count ? &record->judgement.findings[i] : &none;
		const struct sighting *seen = finding->seen;
		cJSON *entry = add_entry(list);

		add_text(entry, "alert", expect->alert);
		add_text(entry, "chat", expect->chat);
		add_text(entry, "channel", expect->channel);
		add_text(entry, "verdict", finding_name(finding->finding));
		add_text(entry, "text", finding->text);
		add_ms(entry, "latency_ms", finding->latency_ms);
		add_text(entry, "permalink", seen != NULL ? seen->permalink : NULL);
		add_text(entry, "found_in", seen != NULL ? seen->channel : NULL);
		add_resolved(entry, finding);
	}
}

static void add_gap(cJSON *report, const struct gap *gap)
{
	cJSON *object;

	if (!gap->found) {
		(void)add(report, "gap", cJSON_CreateNull());
		return;
	}
	object = add(report, "gap", cJSON_CreateObject());
	add_text(object, "after", gap->after);
	add_text(object, "before", gap->before);
	add_text(object, "evidence", gap->evidence);
}

/* DEL, the C1 control characters, and those that turn the writing direction. */
static bool is_control(uint32_t c)
{
	return (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* A copy in which they are escaped too: JSON allows them as they are, but a report is also looked at
 * in a terminal. */
static char *escape_controls(const char *line)
{
	struct buf buf = {0};
	uint32_t c;

	for (size_t size; *line != '\0'; line += size) {
		size = plain_next(line, &c);
		if (is_control(c))
			buf_addf(&buf, "\\u%04x", (unsigned int)c);
		else
			buf_add(&buf, line, size);
	}
	return buf_take(&buf);
}

char *json_report(const struct drill_record *record)
{
	cJSON *report = must_have(cJSON_CreateObject());
	int64_t done_ms = record->phase_ms[PHASE_DONE];
	char started[32], *line, *text;

	clock_rfc3339(record->started_wall_ms, started, sizeof started);
	add_text(report, "drill", record->id);
	add_text(report, "scenario", record->scenario->name);
	add_text(report, "environment", record->environment->name);
	add_fault(report, record);
	add_judgement(report, record);
	add_text(report, "owner", record->scenario->owner);
	add_text(report, "runbook", record->scenario->runbook);
	add_text(report, "started", started);
	add_ms(report, "duration_ms",
	       done_ms != TIME_NEVER ? done_ms - record->started_ms : TIME_NEVER);
	add_phases(report, record);
	add_expectations(report, record);
	add_gap(report, &record->judgement.gap);
	(void)add_list(report, "hops");
	add_text(report, "report_permalink", record->report_permalink);
	add_text(report, "report_problem", record->report_problem);
	line = cJSON_PrintUnformatted(report);
	if (line == NULL)
		abort();
	text = escape_controls(line);
	cJSON_free(line);
	cJSON_Delete(report);
	return text;
}
