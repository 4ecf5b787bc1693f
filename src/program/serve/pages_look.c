/* Gathers what the pages of a drill, of a scenario and of coverage show. */
#include <stdlib.h>
#include <string.h>

#include "reports/coverage.h"
#include "reports/phrases.h"
#include "scenarios/config.h"
#include "scenarios/load.h"
#include "src/base/mem.h"
#include "src/base/percentile.h"
#include "src/base/words.h"
#include "src/program/serve/pages_parts.h"
#include "src/store/history.h"

#define LENGTH(array)  (sizeof(array) / sizeof((array)[0]))
#define LINES_SHOWN    60
#define LATENCIES_MOST 4000                /* of a scenario, the newest */
#define LATENCY_SINCE  INT64_C(2592000000) /* 30 days */
#define PROOF_SINCE    INT64_C(7776000000) /* 90 days, as for `firedrill coverage` */

static void drop(const char *text)
{
	free((char *)(uintptr_t)text);
}

/* A drill. */

bool pages_write_drill(struct buf *ret_html, const struct page_frame *frame,
		       const struct history_drill *drill)
{
	struct page_evidence *evidence =
	    mem_grow(NULL, drill->evidence_count + 1, sizeof *evidence);
	bool good;

	for (size_t i = 0; i < drill->evidence_count; i++)
		evidence[i] = (struct page_evidence){
		    drill->evidence[i].kind, drill->evidence[i].source, drill->evidence[i].text,
		    drill->evidence[i].expect, drill->evidence[i].wall_ms};
	good = page_drill(ret_html, frame,
			  &(struct page_drill){
			      .drill = drill->drill,
			      .scenario = drill->scenario,
			      .environment = drill->environment,
			      .verdict = drill->verdict,
			      .reason = drill->reason,
			      .origin = drill->origin,
			      .repeats = drill->repeats,
			      .started_wall_ms = drill->started_wall_ms,
			      .ended_wall_ms = drill->ended_wall_ms,
			      .report = drill->report,
			      .evidence = evidence,
			      .evidence_count = drill->evidence_count,
			  });
	free(evidence);
	return good;
}

/* Lines of drills. */

static bool is_bad(const struct history_expectation *expectation)
{
	return strcmp(expectation->finding, finding_name(FINDING_DELIVERED)) != 0 &&
	       strcmp(expectation->finding, finding_name(FINDING_SILENT)) != 0;
}

/* The first that was not as expected; else the slowest. */
static const struct history_expectation *telling(const struct history_drill *drill)
{
	const struct history_expectation *found = NULL;

	for (size_t i = 0; i < drill->expectation_count; i++) {
		const struct history_expectation *expectation = &drill->expectations[i];

		if (is_bad(expectation))
			return expectation;
		if (found == NULL || expectation->latency_ms > found->latency_ms)
			found = expectation;
	}
	return found;
}

/* "never reached", with the channel behind it. */
static const char *finding_phrase(const char *finding)
{
	static const struct {
		enum finding finding;
		const char *text;
	} phrases[] = {
	    {FINDING_UNKNOWN, "may or may not have reached"},
	    {FINDING_DELIVERED, "reached"},
	    {FINDING_SILENT, "stayed out of"},
	    {FINDING_LATE, "came too late to"},
	    {FINDING_MISSING, "never reached"},
	    {FINDING_DUPLICATE, "came too often to"},
	    {FINDING_WRONG_CHANNEL, "came to another channel than"},
	    {FINDING_UNREADABLE, "lacks a text in"},
	    {FINDING_UNRESOLVED, "was not resolved in"},
	    {FINDING_UNEXPECTED, "must never come, but came to"},
	};

	for (size_t i = 0; i < LENGTH(phrases); i++) {
		if (strcmp(finding, finding_name(phrases[i].finding)) == 0)
			return phrases[i].text;
	}
	return finding;
}

static char *line_text(const struct history_drill *drill)
{
	const struct history_expectation *expectation = telling(drill);
	struct buf text = {0};

	if (drill->reason != NULL && drill->reason[0] != '\0')
		buf_adds(&text, drill->reason);
	if (expectation != NULL && strcmp(drill->verdict, verdict_name(VERDICT_REFUSED)) != 0) {
		buf_addf(&text, "%s%s %s ", text.len > 0 ? ": " : "", expectation->alert,
			 finding_phrase(expectation->finding));
		phrase_channel(&text, expectation->channel);
		if (expectation->latency_ms >= 0) {
			buf_adds(&text, " after ");
			phrase_span(&text, expectation->latency_ms);
		}
	}
	return buf_take(&text);
}

static bool on_line(void *arg, const struct history_drill *drill)
{
	struct pages_lines *lines = arg;

	lines->list = mem_grow(lines->list, lines->count + 1, sizeof *lines->list);
	lines->list[lines->count++] = (struct page_drill_line){
	    .drill = mem_dup(drill->drill),
	    .scenario = mem_dup(drill->scenario),
	    .environment = mem_dup(drill->environment),
	    .verdict = mem_dup(drill->verdict),
	    .text = line_text(drill),
	    .origin = mem_dup(drill->origin),
	    .ended_wall_ms = drill->ended_wall_ms,
	};
	return true;
}

bool pages_read_lines(struct history *history, const char *scenario, const char *environment,
		      size_t most, struct pages_lines *ret_lines, struct error *error)
{
	const struct history_filter filter = {
	    .scenario = scenario, .environment = environment, .most = most};

	*ret_lines = (struct pages_lines){.count = 0};
	return history_visit_drills(history, &filter, false, on_line, ret_lines, error);
}

void pages_lines_done(struct pages_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		drop(lines->list[i].drill);
		drop(lines->list[i].scenario);
		drop(lines->list[i].environment);
		drop(lines->list[i].verdict);
		drop(lines->list[i].text);
		drop(lines->list[i].origin);
	}
	free(lines->list);
	*lines = (struct pages_lines){.count = 0};
}

/* A scenario. */

/* A ring of the newest; in their order once it is read. */
struct latencies {
	struct page_latency *list; /* owned, texts too */
	size_t count;              /* that were visited */
};

static void drop_latency(struct page_latency *latency)
{
	drop(latency->environment);
	drop(latency->drill);
	drop(latency->alert);
	drop(latency->channel);
	drop(latency->finding);
}

static bool on_latency(void *arg, const struct history_latency *latency)
{
	struct latencies *latencies = arg;
	struct page_latency *place;

	if (latencies->count < LATENCIES_MOST)
		latencies->list =
		    mem_grow(latencies->list, latencies->count + 1, sizeof *latencies->list);
	place = &latencies->list[latencies->count % LATENCIES_MOST];
	if (latencies->count >= LATENCIES_MOST)
		drop_latency(place);
	*place = (struct page_latency){
	    .environment = mem_dup(latency->environment),
	    .drill = mem_dup(latency->drill),
	    .alert = mem_dup(latency->alert),
	    .channel = mem_dup(latency->channel),
	    .finding = mem_dup(latency->finding),
	    .wall_ms = latency->wall_ms,
	    .latency_ms = latency->latency_ms,
	    .within_ms = latency->within_ms,
	};
	latencies->count++;
	return true;
}

/* Turns the ring so that the oldest comes first. */
static void straighten(struct latencies *latencies)
{
	size_t first = latencies->count % LATENCIES_MOST;
	struct page_latency *list;

	if (latencies->count <= LATENCIES_MOST || first == 0)
		return;
	list = mem_grow(NULL, LATENCIES_MOST, sizeof *list);
	memcpy(list, &latencies->list[first], (LATENCIES_MOST - first) * sizeof *list);
	memcpy(&list[LATENCIES_MOST - first], latencies->list, first * sizeof *list);
	free(latencies->list);
	latencies->list = list;
}

static void latencies_done(struct latencies *latencies)
{
	for (size_t i = 0; i < latencies->count && i < LATENCIES_MOST; i++)
		drop_latency(&latencies->list[i]);
	free(latencies->list);
}

static bool read_scenario(const struct page_frame *frame, struct history *history, const char *name,
			  struct latencies *latencies, struct pages_lines *lines,
			  struct error *error)
{
	if (history == NULL)
		return error_set(error, "No history is open.");
	return history_visit_latencies(history, name, NULL, frame->now_wall_ms - LATENCY_SINCE,
				       on_latency, latencies, error) &&
	       pages_read_lines(history, name, NULL, LINES_SHOWN, lines, error);
}

bool pages_write_scenario(struct buf *ret_html, const struct page_frame *frame,
			  const struct pages_sources *sources, const char *name, bool *ret_found,
			  struct error *error)
{
	const struct scenario *scenario = app_scenario(sources->app, name);
	struct latencies latencies = {.count = 0};
	struct pages_lines lines = {.count = 0};
	bool good = read_scenario(frame, sources->history, name, &latencies, &lines, error);

	*ret_found = scenario != NULL || lines.count > 0;
	straighten(&latencies);
	if (good && *ret_found)
		page_scenario(ret_html, frame,
			      &(struct page_scenario){
				  .scenario = name,
				  .summary = scenario != NULL ? scenario->summary : NULL,
				  .owner = scenario != NULL ? scenario->owner : NULL,
				  .runbook = scenario != NULL ? scenario->runbook : NULL,
				  .latencies = latencies.list,
				  .latency_count = latencies.count < LATENCIES_MOST
						       ? latencies.count
						       : LATENCIES_MOST,
				  .left_out = latencies.count > LATENCIES_MOST,
				  .drills = lines.list,
				  .drill_count = lines.count,
			      });
	latencies_done(&latencies);
	pages_lines_done(&lines);
	return good;
}

/* Coverage: what the history has; what was never proven, only the stations know. */

static void on_item(void *arg, const struct history_item *item)
{
	const struct coverage_item proven = {
	    .kind = strcmp(item->kind, coverage_kind_name(COVERAGE_RULE)) == 0 ? COVERAGE_RULE
									       : COVERAGE_RECEIVER,
	    .pipeline = (char *)(uintptr_t)item->pipeline,
	    .hop = (char *)(uintptr_t)item->hop,
	    .name = (char *)(uintptr_t)item->name,
	    .detail = (char *)(uintptr_t)item->detail,
	    .listed = true,
	    .last_drill = (char *)(uintptr_t)item->last_drill,
	    .first_wall_ms = item->first_wall_ms,
	    .last_wall_ms = item->last_wall_ms,
	    .proofs = item->latency_count,
	    .p50_ms = percentile_of(item->latencies_ms, item->latency_count, 50),
	    .p99_ms = percentile_of(item->latencies_ms, item->latency_count, 99),
	};

	coverage_add_item(arg, &proven);
}

bool pages_write_coverage(struct buf *ret_html, const struct page_frame *frame,
			  const struct pages_sources *sources, struct error *error)
{
	const struct config *config = app_config(sources->app);
	struct coverage coverage = {.now_wall_ms = frame->now_wall_ms, .since_ms = PROOF_SINCE};
	bool good = sources->history != NULL || error_set(error, "No history is open.");

	for (size_t i = 0; good && i < config->environment_count; i++) {
		const struct environment *environment = &config->environments[i];
		struct coverage_part *part =
		    coverage_add_part(&coverage, environment->name, environment->pipeline);

		good = history_visit_items(sources->history, environment->name,
					   frame->now_wall_ms - PROOF_SINCE, on_item, part, error);
	}
	coverage_finish(&coverage);
	if (good)
		page_coverage(ret_html, frame, &coverage);
	coverage_done(&coverage);
	return good;
}
