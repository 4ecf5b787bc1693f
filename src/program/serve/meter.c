/* What `/metrics` counts: every drill that ends, and what came before. */
#include "src/program/serve/meter.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/meter_parts.h"
#include "src/store/history.h"

#define METER_OWN "drill" /* the path of a drill's own report */

/* In whole or half seconds; what takes longer than half an hour is beyond what a drill waits for. */
const int64_t meter_bounds_ms[METER_BUCKETS - 1] = {1000,   2500,   5000,    10000,  15000,  30000,
						    45000,  60000,  90000,   120000, 180000, 300000,
						    600000, 900000, 1200000, 1800000};
const char *const meter_paths[METER_PATHS] = {METER_OWN, "chat", "second"};

static const char other_place[] = "scenario=\"other\",environment=\"other\"";
static const char other_alert[] = "scenario=\"other\",environment=\"other\",alert=\"other\"";
static const char other_environment[] = "environment=\"other\"";
static const char other_chat[] = "chat=\"other\"";
static const char other_channel[] = "chat=\"other\",channel=\"other\"";

/* Rows. */

static struct meter_table table_of(size_t row_size, size_t limit)
{
	return (struct meter_table){.row_size = row_size, .limit = limit};
}

/* The row with these one, two or three labels; name NULL ends them. */
static void *row_of(struct meter_table *table, const char *others, const char *const labels[][2])
{
	struct buf text = {0};
	void *row;

	for (size_t i = 0; labels[i][0] != NULL; i++)
		meter_label(&text, labels[i][0], labels[i][1]);
	row = meter_table_get(table, buf_text(&text), others);
	buf_done(&text);
	return row;
}

struct meter_place *meter_place_of(struct meter *meter, const char *scenario,
				   const char *environment)
{
	const char *const labels[][2] = {
	    {"scenario", scenario}, {"environment", environment}, {NULL, NULL}};
	size_t before = meter->places.count;
	struct meter_place *place = row_of(&meter->places, other_place, labels);

	if (meter->places.count > before)
		place->verdict = -1;
	return place;
}

/* Counting. */

static void add_latency(struct meter_table *table, const struct drill_record *record,
			const char *alert, int64_t latency_ms, int64_t wall_ms)
{
	const char *const labels[][2] = {{"scenario", record->scenario->name},
					 {"environment", record->environment->name},
					 {"alert", alert},
					 {NULL, NULL}};
	struct meter_histogram *histogram = row_of(table, other_alert, labels);
	size_t i = 0;

	while (i < METER_BUCKETS - 1 && latency_ms > meter_bounds_ms[i])
		i++;
	histogram->counts[i]++;
	histogram->sum_ms += latency_ms;
	(void)memcpy(histogram->last[i].drill, record->id, sizeof record->id);
	histogram->last[i].latency_ms = latency_ms;
	histogram->last[i].wall_ms = wall_ms;
}

/* Did it come where it was expected, whatever else was wrong with it? */
static bool has_come(enum finding finding)
{
	switch (finding) {
	case FINDING_DELIVERED:
	case FINDING_LATE:
	case FINDING_DUPLICATE:
	case FINDING_UNREADABLE:
	case FINDING_UNRESOLVED:
		return true;
	case FINDING_UNKNOWN:
	case FINDING_SILENT:
	case FINDING_MISSING:
	case FINDING_WRONG_CHANNEL:
	case FINDING_UNEXPECTED:
	case FINDING_COUNT:
		break;
	}
	return false;
}

static void count_findings(struct meter *meter, const struct drill_record *record, int64_t wall_ms)
{
	const char *const labels[][2] = {{"environment", record->environment->name}, {NULL, NULL}};
	struct meter_findings *row = row_of(&meter->findings, other_environment, labels);

	for (size_t i = 0; i < record->judgement.finding_count; i++) {
		const struct expectation_finding *finding = &record->judgement.findings[i];
		const char *alert = record->evidence.expect[i].expect->alert;

		row->counts[finding->finding]++;
		if (has_come(finding->finding) && finding->latency_ms >= 0)
			add_latency(&meter->deliveries, record, alert, finding->latency_ms,
				    wall_ms);
		if (finding->resolved_wanted && finding->resolved_latency_ms >= 0)
			add_latency(&meter->resolutions, record, alert,
				    finding->resolved_latency_ms, wall_ms);
	}
}

static bool is_same_channel(const struct expectation *a, const struct expectation *b)
{
	return strcmp(a->chat, b->chat) == 0 && strcmp(a->channel, b->channel) == 0;
}

/* Of each channel once: the longest that any expectation says that looked there. */
static void count_blindness(struct meter *meter, const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation *expect = evidence->expect[i].expect;
		const char *const labels[][2] = {
		    {"chat", expect->chat}, {"channel", expect->channel}, {NULL, NULL}};
		bool counted = false;
		int64_t most_ms = 0;

		for (size_t k = 0; k < evidence->expect_count; k++) {
			const struct expectation_evidence *other = &evidence->expect[k];

			if (!is_same_channel(other->expect, expect))
				continue;
			counted |= k < i;
			if (other->blind_ms > most_ms)
				most_ms = other->blind_ms;
		}
		if (!counted)
			((struct meter_blind *)row_of(&meter->blind, other_channel, labels))->ms +=
			    most_ms;
	}
}

static int64_t end_of(const struct drill_record *record)
{
	int64_t end_ms = record->started_ms;

	for (size_t i = 0; i < PHASE_COUNT; i++) {
		if (record->phase_ms[i] > end_ms)
			end_ms = record->phase_ms[i];
	}
	return record_wall_ms(record, end_ms);
}

static bool is_proof(int verdict)
{
	return verdict == VERDICT_PASS || verdict == VERDICT_FLAKY;
}

void meter_finished(struct meter *meter, const struct drill_record *record)
{
	struct meter_place *place =
	    meter_place_of(meter, record->scenario->name, record->environment->name);
	enum verdict verdict = record->judgement.verdict;
	int64_t wall_ms = end_of(record);

	place->drills[verdict][record->origin]++;
	place->ran = true;
	place->verdict = (int)verdict;
	place->last_wall_ms = wall_ms;
	if (is_proof(place->verdict))
		place->passed_wall_ms = wall_ms;
	count_findings(meter, record, wall_ms);
	count_blindness(meter, &record->evidence);
	/* One that posted nothing has neither. */
	if (record->report_problem != NULL || record->report_permalink != NULL)
		meter_told(meter, METER_OWN, record->report_problem == NULL);
}

void meter_unfinished(struct meter *meter, const struct history_drill *drill)
{
	struct meter_place *place = meter_place_of(meter, drill->scenario, drill->environment);

	for (int i = 0; i < ORIGIN_COUNT; i++) {
		if (strcmp(origin_name((enum origin)i), drill->origin) == 0)
			place->drills[VERDICT_ABORTED][i]++;
	}
	if (drill->ended_wall_ms < place->last_wall_ms)
		return;
	place->verdict = VERDICT_ABORTED;
	place->last_wall_ms = drill->ended_wall_ms;
}

void meter_missed(struct meter *meter, const char *scenario, const char *environment, size_t count)
{
	meter_place_of(meter, scenario, environment)->missed += count;
}

void meter_told(struct meter *meter, const char *path, bool delivered)
{
	for (size_t i = 0; i < METER_PATHS; i++) {
		if (strcmp(meter_paths[i], path) == 0)
			meter->told[i][delivered]++;
	}
}

static uint64_t risen(uint64_t last, uint64_t now)
{
	return now < last ? now : now - last;
}

void meter_read(struct meter *meter, const char *chat, uint64_t reads, uint64_t errors)
{
	const char *const labels[][2] = {{"chat", chat}, {NULL, NULL}};
	struct meter_reader *row = row_of(&meter->readers, other_chat, labels);
	bool anew = reads < row->last_reads || errors < row->last_errors;

	row->reads += anew ? reads : risen(row->last_reads, reads);
	row->errors += anew ? errors : risen(row->last_errors, errors);
	row->last_reads = reads;
	row->last_errors = errors;
}

/* What came before. */

static bool on_last(void *arg, const struct history_last *last)
{
	struct meter_place *place = meter_place_of(arg, last->scenario, last->environment);

	if (last->passed_wall_ms > place->passed_wall_ms)
		place->passed_wall_ms = last->passed_wall_ms;
	if (last->ended_wall_ms < place->last_wall_ms) /* more has been seen since */
		return true;
	for (int i = 0; i < VERDICT_COUNT; i++) {
		if (strcmp(verdict_name((enum verdict)i), last->verdict) == 0)
			place->verdict = i;
	}
	place->last_wall_ms = last->ended_wall_ms;
	return true;
}

bool meter_remember(struct meter *meter, struct history *history, struct error *error)
{
	return history_visit_last(history, on_last, meter, error);
}

struct meter *meter_new(void)
{
	struct meter *meter = mem_zalloc(sizeof *meter);

	*meter = (struct meter){
	    .started_wall_ms = clock_wall_ms(),
	    .places = table_of(sizeof(struct meter_place), METER_PLACES),
	    .deliveries = table_of(sizeof(struct meter_histogram), METER_ALERTS),
	    .resolutions = table_of(sizeof(struct meter_histogram), METER_ALERTS),
	    .findings = table_of(sizeof(struct meter_findings), METER_READERS),
	    .readers = table_of(sizeof(struct meter_reader), METER_READERS),
	    .blind = table_of(sizeof(struct meter_blind), METER_READERS),
	};
	return meter;
}

void meter_free(struct meter *meter)
{
	if (meter == NULL)
		return;
	meter_table_done(&meter->places);
	meter_table_done(&meter->deliveries);
	meter_table_done(&meter->resolutions);
	meter_table_done(&meter->findings);
	meter_table_done(&meter->readers);
	meter_table_done(&meter->blind);
	free(meter);
}
