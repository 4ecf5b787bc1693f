/* What one case is about. */
#include "tests/simulation/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define SECOND 1000

const char *const plan_channels[SIM_CHANNELS] = {"ops-staging", "ops", "general", "drills"};

static const char *const environment_names[PLAN_ENVIRONMENTS] = {"staging", "production", "lab"};

/* Texts that live as long as the plan. */

static char *keep(struct plan *plan, char *text)
{
	plan->texts[plan->text_count++] = text;
	return text;
}

static char *say(struct plan *plan, const char *text)
{
	return keep(plan, mem_dup(text));
}

static char *write_text(struct plan *plan, const char *format, int number)
{
	char text[128];
	const char *gap = strchr(format, '#');

	(void)snprintf(text, sizeof text, "%.*s%d%s", (int)(gap - format), format, number, gap + 1);
	return say(plan, text);
}

static void one_text(struct plan *plan, struct texts *texts, char *text)
{
	texts->list = (char **)(void *)keep(plan, mem_zalloc(sizeof(char *)));
	texts->list[0] = text;
	texts->count = 1;
}

int plan_environment(const struct plan *plan, const char *name)
{
	for (int i = 0; i < PLAN_ENVIRONMENTS; i++) {
		if (strcmp(plan->environments[i].name, name) == 0)
			return i;
	}
	return -1;
}

int plan_channel(const char *name)
{
	name += name[0] == '#' ? 1 : 0;
	for (int i = 0; i < SIM_CHANNELS; i++) {
		if (strcmp(plan_channels[i], name) == 0)
			return i;
	}
	return -1;
}

/* The configuration. */

static void make_config(struct plan *plan, const char *folder)
{
	static const char *const words[] = {"all", "staging", "production", "lab"};

	plan->chat = (struct chat_settings){
	    .name = say(plan, "slack"),
	    .type = say(plan, "sim"),
	    .token = say(plan, SIM_SECRET_REF),
	    .poll_ms = 1 * SECOND,
	    .patience_ms = 8 * SECOND,
	};
	plan->chat_per_minute = 1200;
	for (int i = 0; i < 4; i++)
		(void)snprintf(plan->freeze[i], sizeof plan->freeze[i], "%s/freeze-%s", folder,
			       words[i]);
	for (int i = 0; i < PLAN_ENVIRONMENTS; i++) {
		plan->environments[i] = (struct environment){
		    .name = say(plan, environment_names[i]),
		    .effect_limit = EFFECT_MUTATION,
		    .zone = say(plan, "UTC"),
		};
		plan->hour_from[i] = plan->hour_to[i] = -1;
	}
	plan->config = (struct config){
	    .file = say(plan, "firedrill.cfg"),
	    .chats = &plan->chat,
	    .chat_count = 1,
	    .environments = plan->environments,
	    .environment_count = PLAN_ENVIRONMENTS,
	};
	plan->config.report.announce = true;
}

static void set_hours(struct plan *plan, int i, int from, int to)
{
	char text[32];

	(void)snprintf(text, sizeof text, "daily %02d:00-%02d:00", from, to);
	plan->hour_from[i] = from;
	plan->hour_to[i] = to;
	one_text(plan, &plan->environments[i].hours, say(plan, text));
}

static void set_guards(struct plan *plan, struct dice *dice, int i)
{
	static const int64_t spacings[] = {20 * SECOND, 60 * SECOND, 300 * SECOND};
	struct environment *environment = &plan->environments[i];

	environment->protected_ = i == 1;
	if (dice_chance(dice, 15))
		environment->effect_limit = (enum effect)dice_between(dice, 1, 2);
	if (dice_chance(dice, 12)) {
		int from = dice_below(dice, 12);

		set_hours(plan, i, from, from + 6 + dice_below(dice, 6));
	}
	if (dice_chance(dice, 12))
		one_text(plan, &environment->targets,
			 write_text(plan, "sim-#", dice_below(dice, 3)));
	if (dice_chance(dice, 12))
		environment->spacing_ms = spacings[dice_below(dice, 3)];
	if (dice_chance(dice, 10))
		environment->drills_per_day = 1 + dice_below(dice, 4);
	if (dice_chance(dice, 25))
		environment->freeze = plan->freeze[i + 1];
	if (i == 0 && dice_chance(dice, 25))
		plan->config.freeze = plan->freeze[0];
}

/* Scenarios. */

static void make_fault(struct plan *plan, struct fault *fault, enum fault_via via, int number)
{
	fault->via = via;
	fault->kind = via == VIA_NONE ? KIND_NONE : KIND_BAD_QUEUE_NAME;
	/* What the drivers of the simulation go by, whatever their name. */
	fault->http.inject.url = write_text(plan, "${environment}/${target}/#", number);
	fault->http.inject.body = say(plan, SIM_SECRET_REF);
}

static void make_expectation(struct plan *plan, struct scenario *scenario, int number, int i)
{
	struct expectation *expect = &plan->expect[number][i];
	char name[32];

	(void)snprintf(name, sizeof name, "Alert%c%d", 'A' + number, i);
	*expect = (struct expectation){
	    .alert = say(plan, name),
	    .chat = plan->chat.name,
	    .channel = say(plan, "${alerts}"),
	    .within_ms = 8 * SECOND,
	    .grace_ms = 3 * SECOND,
	    .settle_ms = 1 * SECOND,
	    .at_most = 1,
	};
	expect->match.list = (char **)(void *)keep(plan, mem_zalloc(2 * sizeof(char *)));
	expect->match.list[0] = expect->alert;
	expect->match.list[1] = say(plan, "${drill}");
	expect->match.count = 2;
	one_text(plan, &expect->resolved_match, say(plan, "resolved"));
	scenario->expect_count = (size_t)i + 1;
}

static struct scenario *make_scenario(struct plan *plan, enum fault_via via)
{
	int number = plan->scenario_count++;
	struct scenario *scenario = &plan->scenarios[number];

	*scenario = (struct scenario){
	    .file = write_text(plan, "s#.cfg", number),
	    .name = write_text(plan, "s#", number),
	    .summary = say(plan, "something breaks"),
	    .expect = plan->expect[number],
	    .in = plan->in[number],
	    .in_count = PLAN_ENVIRONMENTS,
	};
	make_fault(plan, &scenario->fault, via, number);
	scenario->fault.hold_at_most_ms = 30 * SECOND;
	for (int i = 0; i < PLAN_ENVIRONMENTS; i++) {
		struct pair *variables = plan->variables[number][i];

		variables[0] = (struct pair){say(plan, "target"), say(plan, "0")};
		variables[1] =
		    (struct pair){say(plan, "alerts"), say(plan, plan_channels[i == 1 ? 1 : 0])};
		plan->in[number][i] = (struct placement){.environment = plan->environments[i].name,
							 .variables = {variables, 2}};
	}
	make_expectation(plan, scenario, number, 0);
	if (via == VIA_NONE) {
		plan->expect[number][0].never = true;
		plan->expect[number][0].match.count = 1;
	}
	return scenario;
}

static void vary_expectation(struct plan *plan, struct dice *dice, int number, int i)
{
	struct expectation *expect = &plan->expect[number][i];

	expect->within_ms = dice_between(dice, 3, 15) * SECOND;
	expect->grace_ms = dice_between(dice, 1, 5) * SECOND;
	expect->settle_ms = dice_between(dice, 0, 3) * SECOND;
	expect->at_most = dice_chance(dice, 80) ? 1 : 0;
	if (dice_chance(dice, 30))
		expect->resolved_ms = dice_between(dice, 4, 12) * SECOND;
	if (dice_chance(dice, 40))
		one_text(plan, &expect->contains, say(plan, "runbook"));
	if (dice_chance(dice, 12) && !expect->never)
		expect->match.count = 1; /* a sender that drops the id */
	if (i == 1 && dice_chance(dice, 50)) {
		expect->never = true;
		expect->match.list[0] = plan->expect[number][0].alert;
		expect->channel = say(plan, "#general");
	}
}

static void add_condition(struct plan *plan, struct scenario *scenario, int number)
{
	plan->stop[number] = (struct stop_condition){
	    .check = say(plan, "http://shop.example/health"),
	    .every_ms = 2 * SECOND,
	    .times = 2,
	};
	scenario->stop_when = &plan->stop[number];
	scenario->stop_when_count = 1;
}

static void vary_scenario(struct plan *plan, struct dice *dice, struct scenario *scenario)
{
	int number = (int)(scenario - plan->scenarios);

	if (scenario->fault.via != VIA_NONE && dice_chance(dice, 40))
		make_expectation(plan, scenario, number, 1);
	for (int i = 0; i < (int)scenario->expect_count; i++)
		vary_expectation(plan, dice, number, i);
	scenario->fault.hold_at_most_ms = dice_between(dice, 10, 40) * SECOND;
	if (dice_chance(dice, 30))
		add_condition(plan, scenario, number);
	if (dice_chance(dice, 50))
		one_text(plan, &scenario->service, say(plan, "checkout"));
	for (int i = 0; i < PLAN_ENVIRONMENTS; i++) {
		plan->target_of[number][i] = dice_below(dice, SIM_TARGETS);
		plan->variables[number][i][0].value =
		    write_text(plan, "#", plan->target_of[number][i]);
		if (dice_chance(dice, 50))
			plan->in[number][i].schedule = say(plan, "0 10 * * Tue");
	}
}

/* How bad the world is: most cases have a few things that go wrong, some have all. */
static void set_odds(struct plan_odds *odds, struct dice *dice)
{
	int *const each[] = {
	    &odds->refuse,
	    &odds->hang,
	    &odds->half,
	    &odds->late,
	    &odds->no_effect,
	    &odds->confirm_fails,
	    &odds->capture_fails,
	    &odds->meddle,
	    &odds->alert_lost,
	    &odds->alert_late,
	    &odds->alert_elsewhere,
	    &odds->alert_twice,
	    &odds->alert_lacking,
	    &odds->resolved_lost,
	    &odds->real_alert,
	    &odds->post_lost,
	    &odds->post_half,
	    &odds->no_guardian,
	    &odds->disk_fails,
	};
	int share = dice_below(dice, 50);

	for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
		*each[i] = dice_chance(dice, share) ? (int)dice_between(dice, 3, 35) : 0;
}

struct plan *plan_random(struct dice *dice, const char *folder)
{
	static const enum fault_via vias[] = {VIA_HTTP,   VIA_HTTP,     VIA_HTTP,
					      VIA_EXEC,   VIA_EXEC,     VIA_PROCESS,
					      VIA_CANARY, VIA_RABBITMQ, VIA_NONE};
	struct plan *plan = mem_zalloc(sizeof *plan);

	make_config(plan, folder);
	for (int i = 0; i < PLAN_ENVIRONMENTS; i++)
		set_guards(plan, dice, i);
	for (int i = 0; i < PLAN_SCENARIOS; i++)
		vary_scenario(
		    plan, dice,
		    make_scenario(plan, vias[dice_below(dice, sizeof vias / sizeof vias[0])]));
	set_odds(&plan->odds, dice);
	plan->irreversible = dice_chance(dice, 2);
	plan->config.report.announce = !dice_chance(dice, 10);
	if (dice_chance(dice, 30)) {
		plan->config.report.chat = plan->chat.name;
		plan->config.report.channel = say(plan, "#drills");
	}
	if (dice_chance(dice, 10))
		plan->chat_per_minute = 60;
	return plan;
}

struct plan *plan_simple(enum fault_via via, const char *folder)
{
	struct plan *plan = mem_zalloc(sizeof *plan);

	make_config(plan, folder);
	(void)make_scenario(plan, via);
	return plan;
}

void plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	for (int i = 0; i < plan->text_count; i++)
		free(plan->texts[i]);
	free(plan);
}
