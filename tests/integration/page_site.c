/* The pages of a daemon without the daemon: its history is written from lines of JSON, then each line of
 * stdin is a path (and a query) that is answered on stdout by "STATUS LENGTH" and so many bytes.
 * usage: page_site CONFIG HISTORY.jsonl [standing]; with "standing" a fault is left, and all is halted.
 * "file:ID" is answered with the page of a drill as one file. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/page/fields.h"
#include "reports/page/page.h"
#include "scenarios/load.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/pages.h"
#include "src/program/standing.h"
#include "src/store/history.h"

#define LIST_MOST 64

struct app {
	struct config *config;
	struct scenario_list scenarios;
	bool standing;
};

/* What the pages ask of the program. */

const struct config *app_config(const struct app *app)
{
	return app->config;
}

const struct scenario_list *app_scenarios(const struct app *app)
{
	return &app->scenarios;
}

const struct scenario *app_scenario(const struct app *app, const char *name)
{
	for (size_t i = 0; i < app->scenarios.count; i++) {
		if (strcmp(app->scenarios.list[i]->name, name) == 0)
			return app->scenarios.list[i];
	}
	return NULL;
}

bool standing_read(struct app *app, struct status *ret_status, struct error *error)
{
	(void)error;
	*ret_status = (struct status){.now_wall_ms = clock_wall_ms()};
	if (!app->standing)
		return true;
	ret_status->halt_reason = mem_dup("the payment provider has an outage");
	ret_status->halt_by = mem_dup("ann@ops-1");
	ret_status->halt_since_wall_ms = ret_status->now_wall_ms - 720000;
	ret_status->faults = mem_zalloc(sizeof *ret_status->faults);
	ret_status->fault_count = 1;
	ret_status->faults[0] = (struct status_fault){
	    .drill = mem_dup("fd-s7uck000"),
	    .scenario = mem_dup("orders-bad-queue"),
	    .environment = mem_dup("production"),
	    .target = mem_dup("https://orders.example/admin/queue"),
	    .note = mem_dup("PUT https://orders.example/admin/queue: connection refused"),
	    .via = VIA_HTTP,
	    .state = FAULT_STUCK,
	    .intended_wall_ms = ret_status->now_wall_ms - 900000,
	    .lease_wall_ms = ret_status->now_wall_ms - 600000,
	};
	return true;
}

static int64_t next_of(void *arg, const char *scenario, const char *environment)
{
	(void)arg;
	return clock_wall_ms() +
	       (int64_t)(strlen(scenario) * 7 % 23 + strlen(environment) * 11) * 360000;
}

static bool runs(void *arg, const char *scenario, const char *environment)
{
	(void)arg;
	return strcmp(scenario, "checkout-silence") == 0 && strcmp(environment, "staging") == 0;
}

/* The history. */

static const char *text_or(const cJSON *object, const char *key, const char *other)
{
	const char *text = field_text(object, key);

	return text != NULL ? text : other;
}

static size_t read_expectations(const cJSON *line, struct history_expectation *list)
{
	const cJSON *entry = field_first(line, "expectations");
	size_t count = 0;

	for (; entry != NULL && count < LIST_MOST; entry = entry->next)
		list[count++] = (struct history_expectation){
		    .alert = text_or(entry, "alert", ""),
		    .chat = text_or(entry, "chat", "slack"),
		    .channel = text_or(entry, "channel", ""),
		    .finding = text_or(entry, "finding", "unknown"),
		    .latency_ms = field_ms(entry, "latency_ms"),
		    .within_ms = field_ms(entry, "within_ms"),
		    .resolved = field_text(entry, "resolved"),
		    .resolved_latency_ms = field_ms(entry, "resolved_latency_ms"),
		};
	return count;
}

static size_t read_evidence(const cJSON *line, struct history_evidence *list)
{
	const cJSON *entry = field_first(line, "evidence");
	size_t count = 0;

	for (; entry != NULL && count < LIST_MOST; entry = entry->next)
		list[count++] = (struct history_evidence){
		    .kind = text_or(entry, "kind", "log"),
		    .source = text_or(entry, "source", ""),
		    .expect = (int)field_ms(entry, "expect"),
		    .wall_ms = field_ms(entry, "wall_ms") > 0 ? field_ms(entry, "wall_ms") : 0,
		    .text = text_or(entry, "text", ""),
		};
	return count;
}

static size_t read_proofs(const cJSON *line, struct history_proof *list)
{
	const cJSON *entry = field_first(line, "proofs");
	size_t count = 0;

	for (; entry != NULL && count < LIST_MOST; entry = entry->next)
		list[count++] = (struct history_proof){
		    .pipeline = text_or(entry, "pipeline", "main"),
		    .kind = text_or(entry, "kind", "rule"),
		    .hop = text_or(entry, "hop", "prometheus"),
		    .name = text_or(entry, "name", ""),
		    .detail = text_or(entry, "detail", ""),
		    .wall_ms = field_ms(entry, "wall_ms"),
		    .latency_ms = field_ms(entry, "latency_ms"),
		};
	return count;
}

static bool add_drill(struct history *history, const cJSON *line, struct error *error)
{
	struct history_expectation expectations[LIST_MOST];
	struct history_evidence evidence[LIST_MOST];
	struct history_proof proofs[LIST_MOST];
	const struct history_drill drill = {
	    .drill = text_or(line, "drill", ""),
	    .scenario = text_or(line, "scenario", ""),
	    .environment = text_or(line, "environment", ""),
	    .kind = "bad-queue-name",
	    .via = "http",
	    .origin = text_or(line, "origin", "schedule"),
	    .repeats = text_or(line, "repeats", ""),
	    .verdict = text_or(line, "verdict", ""),
	    .reason = text_or(line, "reason", ""),
	    .started_wall_ms = field_ms(line, "started_wall_ms"),
	    .ended_wall_ms = field_ms(line, "ended_wall_ms"),
	    .report = field_text(line, "report"),
	    .expectations = expectations,
	    .expectation_count = read_expectations(line, expectations),
	    .evidence = evidence,
	    .evidence_count = read_evidence(line, evidence),
	    .proofs = proofs,
	    .proof_count = read_proofs(line, proofs),
	};

	return history_add(history, &drill, 1000, error);
}

static bool fill(struct history *history, FILE *file, struct error *error)
{
	char *text = NULL;
	size_t size = 0;
	bool good = true;

	while (good && getline(&text, &size, file) > 0) {
		cJSON *line = cJSON_Parse(text);

		good = line != NULL ? add_drill(history, line, error)
				    : error_set(error, "a line that is no JSON");
		cJSON_Delete(line);
	}
	free(text);
	return good;
}

/* Answers. */

static bool on_file(void *arg, const struct history_drill *drill)
{
	const struct page_frame frame = {.zone = "Europe/Berlin", .now_wall_ms = clock_wall_ms()};

	(void)pages_write_drill(arg, &frame, drill);
	return true;
}

static void answer(struct pages *pages, struct history *history, char *line)
{
	struct web_answer said = {.status = 200};
	char *query = strchr(line, '?');
	struct error error = {""};
	bool found = false;

	if (query != NULL)
		*query++ = '\0';
	if (strncmp(line, "file:", 5) == 0) {
		if (!history_find_drill(history, line + 5, on_file, &said.body, &found, &error) ||
		    !found)
			said.status = 404;
	} else {
		pages_answer(pages,
			     &(struct web_ask){.path = line, .query = query != NULL ? query : ""},
			     &said);
	}
	(void)printf("%d %zu\n", said.status, said.body.len);
	(void)fwrite(buf_text(&said.body), 1, said.body.len, stdout);
	(void)fflush(stdout);
	buf_done(&said.body);
}

static void serve(struct app *app, struct history *history)
{
	struct pages *pages = pages_new(&(struct pages_sources){
	    .app = app, .history = history, .next_wall_ms = next_of, .is_running = runs});
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		line[len - 1] = '\0';
		answer(pages, history, line);
	}
	free(line);
	pages_free(pages);
}

int main(int argc, char **argv)
{
	const struct history_limits limits = {.keep_ms = INT64_C(31622400000),
					      .bytes = HISTORY_BYTES};
	struct mistakes mistakes = {0};
	struct error error = {""};
	struct app app = {.standing = argc > 3};
	struct history *history = NULL;
	FILE *file = argc > 2 ? fopen(argv[2], "r") : NULL;
	int code = 1;

	if (file == NULL)
		return 2;
	app.config = load_config(argv[1], &mistakes);
	if (app.config != NULL && load_scenarios(app.config, &app.scenarios, &mistakes))
		history = history_open(app.config->state, &limits, &error);
	if (history != NULL && fill(history, file, &error)) {
		serve(&app, history);
		code = 0;
	}
	mistakes_print(&mistakes, stderr);
	if (error.text[0] != '\0')
		(void)fprintf(stderr, "%s\n", error.text);
	(void)fclose(file);
	history_close(history);
	scenario_list_done(&app.scenarios);
	config_free(app.config);
	mistakes_done(&mistakes);
	return code;
}
