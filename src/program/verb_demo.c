/* `firedrill demo`: three faults in a miniature staging and production. */
#include <cjson/cJSON.h>
#include <event2/event.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/words.h"
#include "src/program/mini_world.h"
#include "src/program/runner.h"
#include "src/program/verbs.h"

/* What the miniature world is built to show: in production, OrdersQueueMissing fires but has no
 * chat integration, and OrdersHealthDown is routed to the wrong channel. */
static const struct expected {
	const char *scenario, *environment;
	enum verdict verdict;
	enum finding finding; /* of the first expectation */
} story[] = {
    {"bad-queue", "staging", VERDICT_PASS, FINDING_DELIVERED},
    {"missing-env", "staging", VERDICT_PASS, FINDING_DELIVERED},
    {"dead-health", "staging", VERDICT_PASS, FINDING_DELIVERED},
    {"bad-queue", "production", VERDICT_GAP, FINDING_MISSING},
    {"missing-env", "production", VERDICT_PASS, FINDING_DELIVERED},
    {"dead-health", "production", VERDICT_GAP, FINDING_WRONG_CHANNEL},
};

#define STORY_LENGTH (sizeof story / sizeof story[0])

struct outcome {
	size_t as_expected;
	bool fault_left;
	FILE *view;
	struct buf surprises; /* told when the live view is gone */
};

static void on_finished(void *arg, const struct drill_record *record)
{
	struct outcome *outcome = arg;
	const struct judgement *judgement = &record->judgement;

	if (judgement->exit_code == EXIT_FAULT_LEFT)
		outcome->fault_left = true;
	for (size_t i = 0; i < STORY_LENGTH; i++) {
		if (strcmp(story[i].scenario, record->scenario->name) != 0 ||
		    strcmp(story[i].environment, record->environment->name) != 0)
			continue;
		if (story[i].verdict == judgement->verdict && judgement->finding_count > 0 &&
		    story[i].finding == judgement->findings[0].finding) {
			outcome->as_expected++;
			return;
		}
		buf_addf(&outcome->surprises, "demo: %s in %s was to be %s (%s) but is %s\n",
			 story[i].scenario, story[i].environment, verdict_name(story[i].verdict),
			 finding_name(story[i].finding), verdict_name(judgement->verdict));
	}
}

static int run_story(struct app *app, const struct options *options, struct outcome *outcome)
{
	struct runner_drill drills[STORY_LENGTH];
	const struct runner_ask ask = {
	    .drills = drills,
	    .drill_count = STORY_LENGTH,
	    .allow_protected = true,
	    .json = options->json,
	    .finished = on_finished,
	    .arg = outcome,
	};
	struct error error = {""};

	for (size_t i = 0; i < STORY_LENGTH; i++) {
		drills[i].scenario = app_scenario(app, story[i].scenario);
		drills[i].environment = config_environment(app_config(app), story[i].environment);
		if (drills[i].scenario == NULL) {
			(void)fprintf(stderr, "firedrill: the demo lacks its scenario %s\n",
				      story[i].scenario);
			return EXIT_USAGE;
		}
	}
	if (!app_open(app, &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		return EXIT_USAGE;
	}
	return runner_run(app, &ask);
}

static void print_moral(const struct outcome *outcome)
{
	(void)fputs(
	    "\nIn staging every alert reached the team. In production the same drills found\n"
	    "two gaps, and the stations on the way say where:\n"
	    "  OrdersQueueMissing  fires, and goes to the receiver \"orders-team\": nobody\n"
	    "                      connected that to a chat\n"
	    "  OrdersHealthDown    is posted to #general: whoever is on call reads #ops\n"
	    "Without the drills, the first real fault would have told you.\n",
	    outcome->view);
}

static void write_environment(FILE *file, const cJSON *ready, const char *name, const char *alerts,
			      const char *rest)
{
	const cJSON *one = cJSON_GetObjectItem(ready, name);

	(void)fprintf(file,
		      "  %s = {%s pipeline = \"%s\";\n"
		      "    variables = { api = \"%s\"; alerting = \"%s\"; services = \"%s\"; "
		      "alerts = \"%s\"; };\n"
		      "  };\n",
		      name, rest, name, mini_world_text(one, "orders"),
		      mini_world_text(one, "alerting"), FIREDRILL_FAKE_SERVICES, alerts);
}

static void write_config(FILE *file, const cJSON *ready)
{
	static const char *const names[] = {"staging", "production"};

	(void)fputs("pipelines = {\n", file);
	for (size_t i = 0; i < 2; i++)
		mini_world_write_pipeline(
		    file, names[i],
		    mini_world_text(cJSON_GetObjectItem(ready, names[i]), "alerting"));
	(void)fputs("};\n\nenvironments = {\n", file);
	write_environment(file, ready, names[0], "#ops-staging", "");
	write_environment(file, ready, names[1], "#ops",
			  " protected = true; effect_limit = \"mutation\";");
	(void)fputs("};\n\n"
		    "report = { channel = \"#drills\"; digest = \"@every 10m\"; };\n"
		    "owners = { payments = { mention = \"here\"; }; };\n"
		    "serve  = { listen = \"127.0.0.1:0\"; };\n",
		    file);
}

static const char *const words[] = {"world", "--stay", "--quiet", NULL};
static const struct mini_world_kind demo = {.name = "demo",
					    .words = words,
					    .scenarios = FIREDRILL_DEMO_SCENARIOS,
					    .poll = "250ms",
					    .write = write_config};

static void on_signal(evutil_socket_t number, short what, void *base)
{
	(void)number;
	(void)what;
	(void)event_base_loopbreak(base);
}

/* Until Ctrl-C. */
static void keep_open(struct app *app, const struct mini_world *world, FILE *view)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct event *signals[3];
	char program[PATH_MAX] = "firedrill"; /* it need not be in PATH */
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);

	if (len > 0)
		program[len] = '\0';
	(void)fprintf(view,
		      "\nThe team chat is open at  %s/\n"
		      "More drills, in another terminal:\n"
		      "  export FIREDRILL_CONFIG=%s\n"
		      "  export " MINI_WORLD_TOKEN_ENV "=" MINI_WORLD_TOKEN
		      " ORDERS_DATABASE_URL=x\n"
		      "  %s run bad-queue --env staging\n"
		      "Ctrl-C ends the demo.\n",
		      mini_world_chat(world), mini_world_config(world), program);
	(void)fflush(view);
	for (size_t i = 0; i < 3; i++) {
		signals[i] = evsignal_new(app_base(app), numbers[i], on_signal, app_base(app));
		(void)event_add(signals[i], NULL);
	}
	mini_world_let_signals_in(true);
	(void)event_base_dispatch(app_base(app));
	mini_world_let_signals_in(false);
	for (size_t i = 0; i < 3; i++)
		event_free(signals[i]);
}

/* The same drills again and again, by schedule, until Ctrl-C. */
static int go_on(const struct options *options, const struct mini_world *world, FILE *view)
{
	(void)fprintf(
	    view,
	    "\nNow the same drills by schedule, each every 40 seconds: `firedrill serve`.\n"
	    "The team chat is open at  %s/\n"
	    "The pages are where the next line says pages=. Ctrl-C ends the demo.\n\n",
	    mini_world_chat(world));
	(void)fflush(view);
	return verb_serve.run(options);
}

static int run_demo(const struct options *options)
{
	struct outcome outcome = {.view = options->json ? stderr : stdout};
	struct options with_config = *options;
	struct error error = {""};
	struct mini_world *world;
	struct app *app = NULL;
	int code = EXIT_USAGE;

	(void)fputs("Starting a miniature staging and production, with a team chat.\n\n",
		    outcome.view);
	(void)fflush(outcome.view);
	world = mini_world_new(&demo, &error);
	if (world == NULL) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		return EXIT_USAGE;
	}
	with_config.config = mini_world_config(world);
	app = app_load(&with_config);
	if (app != NULL)
		code = run_story(app, options, &outcome);
	(void)fputs(buf_text(&outcome.surprises), outcome.view);
	buf_done(&outcome.surprises);
	if (outcome.as_expected == STORY_LENGTH) {
		code = outcome.fault_left ? EXIT_FAULT_LEFT : EXIT_PASS;
		print_moral(&outcome);
	}
	if (options->keep && !options->serve && app != NULL && code != EXIT_ABORTED)
		keep_open(app, world, outcome.view);
	app_free(app);
	if (options->serve && (code == EXIT_PASS || code == EXIT_GAP))
		code = go_on(&with_config, world, outcome.view);
	mini_world_free(world);
	return code;
}

const struct verb verb_demo = {
    .name = "demo",
    .words = "",
    .options = 1u << OPTION_JSON | 1u << OPTION_KEEP | 1u << OPTION_SERVE,
    .summary = "watch it work: three faults in a miniature staging and production",
    .help = "Starts a miniature world (an orders API, a worker, alerting, a team chat) on\n"
	    "this machine, breaks three things in its staging and its production, reads the\n"
	    "chat, puts everything back and reports. Needs no configuration and touches\n"
	    "nothing else. Exit code 0 when all six drills came out as the story has it.\n\n"
	    "--serve then hands the world to the daemon, which runs the same drills again and\n"
	    "again, and leaves its pages open for your browser.",
    .run = run_demo,
};
