/* Firedrill proves itself: each way to lose an alert must be found as what it is. */
#include "src/program/self_test.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "reports/result.h"
#include "reports/terminal.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/words.h"
#include "src/program/app.h"
#include "src/program/mini_world.h"
#include "src/program/runner.h"

#define FALSE_ALARM "false-alarm"

/* What must be found where the miniature world (fake-services/ways.c) loses the alert so. */
static const struct way {
	const char *name, *scenario;
	enum verdict verdict;
	enum finding finding;
	enum hop after, before; /* the gap; HOP_COUNT: none is to be named */
} ways[] = {
    {"healthy", "lost", VERDICT_PASS, FINDING_DELIVERED, HOP_COUNT, HOP_COUNT},
    {"line-lost", "lost", VERDICT_GAP, FINDING_MISSING, HOP_EMISSION, HOP_LOG},
    {"no-rule", "lost", VERDICT_GAP, FINDING_MISSING, HOP_LOG, HOP_RULE},
    {"not-sent", "lost", VERDICT_GAP, FINDING_MISSING, HOP_RULE, HOP_ALERTMANAGER},
    {"posts-nowhere", "lost", VERDICT_GAP, FINDING_MISSING, HOP_ALERTMANAGER, HOP_RECEIVER},
    {"chat-drops", "lost", VERDICT_GAP, FINDING_MISSING, HOP_RECEIVER, HOP_CHAT},
    {"wrong-channel", "lost", VERDICT_GAP, FINDING_WRONG_CHANNEL, HOP_RECEIVER, HOP_CHAT},
    {"late", "lost", VERDICT_GAP, FINDING_LATE, HOP_ALERTMANAGER, HOP_RECEIVER},
    {"twice", "lost", VERDICT_GAP, FINDING_DUPLICATE, HOP_RECEIVER, HOP_CHAT},
    {"not-resolved", "lost", VERDICT_GAP, FINDING_UNRESOLVED, HOP_ALERTMANAGER, HOP_RECEIVER},
    {"garbled", "lost", VERDICT_GAP, FINDING_UNREADABLE, HOP_ALERTMANAGER, HOP_CHAT},
    {"all-quiet", "quiet", VERDICT_PASS, FINDING_SILENT, HOP_COUNT, HOP_COUNT},
    {FALSE_ALARM, "quiet", VERDICT_GAP, FINDING_UNEXPECTED, HOP_COUNT, HOP_COUNT},
};

#define ROW  "%-5s  %-13s  %-32s  %s\n"
#define WAYS (sizeof ways / sizeof ways[0])

/* A result, expected or found. */
struct result {
	enum verdict verdict;
	enum finding finding;
	const char *after, *before; /* static; NULL: no gap is named */
};

struct self_test {
	struct mini_world *world; /* borrowed */
	struct event *alarm;      /* owned while drills run; raises the false alarm */
	bool alarmed;             /* that is on its way */
	bool json;
	FILE *view;       /* the table, or what goes beside JSON */
	size_t told;      /* ways with a result */
	size_t right;     /* ... that is the expected one */
	bool stopped;     /* a drill was ended by hand */
	struct buf wrong; /* the reports of the others */
};

/* Comparing. */

static struct result expected_of(const struct way *way)
{
	bool named = way->after != HOP_COUNT;

	return (struct result){.verdict = way->verdict,
			       .finding = way->finding,
			       .after = named ? hop_name(way->after) : NULL,
			       .before = named ? hop_name(way->before) : NULL};
}

static struct result found_of(const struct judgement *judgement)
{
	bool named = judgement->gap.found;

	return (struct result){.verdict = judgement->verdict,
			       .finding = judgement->finding_count > 0
					      ? judgement->findings[0].finding
					      : FINDING_UNKNOWN,
			       .after = named ? judgement->gap.after : NULL,
			       .before = named ? judgement->gap.before : NULL};
}

static bool is_same(const struct result *a, const struct result *b)
{
	return a->verdict == b->verdict && a->finding == b->finding &&
	       text_is_same(a->after, b->after) && text_is_same(a->before, b->before);
}

static bool is_right(const struct result *expected, const struct drill_record *record)
{
	struct result found = found_of(&record->judgement);

	return is_same(expected, &found) && record->judgement.exit_code != EXIT_FAULT_LEFT;
}

static const struct way *way_of(const struct drill_record *record)
{
	for (size_t i = 0; i < WAYS; i++) {
		if (strcmp(ways[i].name, record->environment->name) == 0)
			return &ways[i];
	}
	return NULL;
}

/* Telling. */

/* "missing alertmanager>receiver", "late", "delivered". */
static char *words_of(const struct result *result)
{
	struct buf text = {0};
	bool decided = result->verdict == VERDICT_PASS || result->verdict == VERDICT_GAP;

	buf_adds(&text, decided ? finding_name(result->finding) : verdict_name(result->verdict));
	if (result->after != NULL)
		buf_addf(&text, " %s>%s", result->after, result->before);
	return buf_take(&text);
}

static void print_row(const struct self_test *test, const struct way *way,
		      const struct result *expected, const struct result *found, bool right)
{
	char *left = words_of(expected), *other = words_of(found);

	(void)fprintf(test->view, ROW, right ? "ok" : "WRONG", way->name, left,
		      is_same(expected, found) ? "the same" : other);
	(void)fflush(test->view);
	free(left);
	free(other);
}

static void add_result(cJSON *line, const char *key, const struct result *result)
{
	cJSON *object = cJSON_AddObjectToObject(line, key);

	(void)cJSON_AddStringToObject(object, "verdict", verdict_name(result->verdict));
	(void)cJSON_AddStringToObject(object, "finding", finding_name(result->finding));
	if (result->after != NULL) {
		(void)cJSON_AddStringToObject(object, "after", result->after);
		(void)cJSON_AddStringToObject(object, "before", result->before);
	} else {
		(void)cJSON_AddNullToObject(object, "after");
		(void)cJSON_AddNullToObject(object, "before");
	}
}

static void print_json(const struct drill_record *record, const struct way *way,
		       const struct result *expected, const struct result *found, bool right)
{
	cJSON *line = cJSON_CreateObject();
	const char *evidence = record->judgement.gap.evidence;
	char *text;

	(void)cJSON_AddStringToObject(line, "way", way->name);
	(void)cJSON_AddStringToObject(line, "drill", record->id);
	(void)cJSON_AddBoolToObject(line, "ok", right);
	add_result(line, "expected", expected);
	add_result(line, "found", found);
	(void)cJSON_AddStringToObject(line, "text",
				      record->judgement.text != NULL ? record->judgement.text : "");
	if (evidence != NULL)
		(void)cJSON_AddStringToObject(line, "evidence", evidence);
	text = cJSON_PrintUnformatted(line);
	(void)puts(text);
	(void)fflush(stdout);
	cJSON_free(text);
	cJSON_Delete(line);
}

static void on_alarm(evutil_socket_t fd, short what, void *arg)
{
	struct self_test *test = arg;

	(void)fd;
	(void)what;
	mini_world_signal(test->world, SIGUSR1);
}

/* The false alarm comes while a drill is waiting for silence: well inside that time, so that no
 * inaccuracy of clocks puts it before. */
static void on_changed(void *arg, const struct drill_record *record)
{
	const struct timeval delay = {.tv_sec = 1, .tv_usec = 500000};
	struct self_test *test = arg;

	if (test->alarmed || record->phase != PHASE_WATCH ||
	    strcmp(record->environment->name, FALSE_ALARM) != 0)
		return;
	test->alarmed = true;
	(void)event_add(test->alarm, &delay);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct self_test *test = arg;
	const struct way *way = way_of(record);
	struct result expected, found;
	bool right;

	if (record->evidence.stop == STOP_OPERATOR) {
		test->stopped = true;
		return;
	}
	if (way == NULL)
		return;
	expected = expected_of(way);
	found = found_of(&record->judgement);
	right = is_right(&expected, record);
	test->told++;
	test->right += right;
	if (!right) {
		struct view view = terminal_view_for(test->view);

		view.colour = false;
		result_block(&test->wrong, &view, record);
	}
	if (test->json)
		print_json(record, way, &expected, &found, right);
	else
		print_row(test, way, &expected, &found, right);
}

/* The world. */

static void write_config(FILE *file, const cJSON *ready)
{
	const cJSON *list = cJSON_GetObjectItem(ready, "ways"), *one;

	(void)fputs("pipelines = {\n", file);
	cJSON_ArrayForEach(one, list) mini_world_write_pipeline(file, mini_world_text(one, "way"),
								mini_world_text(one, "alerting"));
	(void)fputs("};\n\nenvironments = {\n", file);
	cJSON_ArrayForEach(one, list)
	{
		const char *name = mini_world_text(one, "way");

		(void)fprintf(file,
			      "  %s = { pipeline = \"%s\"; variables = { api = \"%s\"; alerts = "
			      "\"%s\"; }; };\n",
			      name, name, mini_world_text(one, "orders"),
			      mini_world_text(one, "channel"));
	}
	(void)fputs("};\n", file);
}

static const char *const words[] = {"world", "--ways", "--stay", "--quiet", "--for", "300ms", NULL};
static const struct mini_world_kind kind = {.name = "self-test",
					    .words = words,
					    .scenarios = FIREDRILL_SELF_TEST_SCENARIOS,
					    .poll = "500ms",
					    .write = write_config};

/* The flow. */

/* False when the world is not the one that is wanted. */
static bool find_drills(struct app *app, struct runner_drill drills[WAYS])
{
	for (size_t i = 0; i < WAYS; i++) {
		drills[i] = (struct runner_drill){
		    .scenario = app_scenario(app, ways[i].scenario),
		    .environment = config_environment(app_config(app), ways[i].name)};
		if (drills[i].scenario != NULL && drills[i].environment != NULL)
			continue;
		(void)fprintf(stderr, "firedrill: the miniature world lacks the way %s\n",
			      ways[i].name);
		return false;
	}
	return true;
}

static int run_ways(struct self_test *test, struct app *app)
{
	struct runner_drill drills[WAYS];
	struct runner_ask ask = {.drills = drills,
				 .drill_count = WAYS,
				 .changed = on_changed,
				 .finished = on_finished,
				 .arg = test};
	struct error error = {""};
	int code = EXIT_USAGE;

	if (!find_drills(app, drills))
		return EXIT_USAGE;
	ask.view = fopen("/dev/null", "we"); /* the table is all there is to look at */
	if (ask.view == NULL) {
		(void)error_set(&error, "/dev/null cannot be opened: %s", strerror(errno));
	} else if (app_open(app, &error)) {
		test->alarm = evtimer_new(app_base(app), on_alarm, test);
		code = runner_run(app, &ask);
		event_free(test->alarm);
	}
	if (error.text[0] != '\0')
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
	if (ask.view != NULL)
		(void)fclose(ask.view);
	return code;
}

/* What it all comes to. */
static int conclude(const struct self_test *test, int code)
{
	if (test->stopped || code == EXIT_ABORTED) {
		(void)fputs("\nStopped before it was over: nothing is proven.\n", test->view);
		return EXIT_ABORTED;
	}
	if (test->told == 0)
		return EXIT_USAGE; /* it has been said why */
	if (test->right == WAYS) {
		(void)fprintf(test->view,
			      "\nAll %zu as expected: each loss was found where it was, and "
			      "nothing else.\n",
			      WAYS);
		return EXIT_PASS;
	}
	(void)fprintf(test->view,
		      "\n%s\n%zu of %zu were not as expected. Do not trust this firedrill on this "
		      "machine:\nrun it again when the machine is less busy; if it stays so, "
		      "report a bug with this\noutput and `firedrill --version`.\n",
		      buf_text(&test->wrong), WAYS - test->right, WAYS);
	return EXIT_GAP;
}

static bool is_alone(const struct options *options)
{
	return options->word_count == 0 && options->env_count == 0 && !options->all &&
	       options->config == NULL && !options->allow_protected;
}

int self_test_run(const struct options *options)
{
	struct self_test test = {.json = options->json, .view = options->json ? stderr : stdout};
	struct options with_config = *options;
	struct error error = {""};
	struct mini_world *world;
	struct app *app;
	int code = EXIT_USAGE;

	if (!is_alone(options)) {
		(void)fputs("firedrill: --self-test runs in a miniature world of its own: leave "
			    "out everything else but --json\n",
			    stderr);
		return EXIT_USAGE;
	}
	world = mini_world_new(&kind, &error);
	if (world == NULL) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		return EXIT_USAGE;
	}
	test.world = world;
	(void)fprintf(test.view,
		      "%zu drills at once in a miniature world that loses alerts on purpose.\n\n",
		      WAYS);
	if (!test.json)
		(void)fprintf(test.view, ROW, "", "way", "expected", "found");
	(void)fflush(test.view);
	with_config.config = mini_world_config(world);
	app = app_load(&with_config);
	if (app != NULL)
		code = run_ways(&test, app);
	code = conclude(&test, code);
	app_free(app);
	mini_world_free(world);
	buf_done(&test.wrong);
	return code;
}
