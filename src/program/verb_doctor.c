/* `firedrill doctor`: do the tokens, channels and addresses work?  Breaks nothing, posts nothing. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/chat.h"
#include "probes/http.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/zone.h"
#include "src/program/app.h"
#include "src/program/standing.h"
#include "src/program/verbs.h"

enum check_kind { CHECK_TOKEN, CHECK_CHANNEL, CHECK_URL };

struct check {
	enum check_kind kind;
	char *chat;  /* owned; of a token or a channel */
	char *what;  /* owned; the channel, or the URL */
	char *where; /* owned; for people: who needs it */
};

struct doctor {
	struct app *app;    /* borrowed */
	struct check *list; /* owned */
	size_t count;
	size_t at;
	size_t state_checks; /* made without asking anybody */
	size_t problems;
	bool answered;
};

static void add(struct doctor *doctor, enum check_kind kind, const char *chat, const char *what,
		const char *where)
{
	for (size_t i = 0; i < doctor->count; i++) {
		const struct check *known = &doctor->list[i];

		if (known->kind == kind && strcmp(known->chat, chat) == 0 &&
		    strcmp(known->what, what) == 0)
			return;
	}
	doctor->list = mem_grow(doctor->list, doctor->count + 1, sizeof *doctor->list);
	doctor->list[doctor->count++] =
	    (struct check){kind, mem_dup(chat), mem_dup(what), mem_dup(where)};
}

static void add_placement(struct doctor *doctor, const struct scenario *scenario,
			  const struct placement *placement)
{
	const struct environment *environment =
	    config_environment(app_config(doctor->app), placement->environment);
	struct error error = {""};
	struct scenario *resolved = scenario_resolve(scenario, environment, "fd-00000000", &error);
	char *where = mem_printf("%s in %s", scenario->name, placement->environment);

	for (size_t i = 0; resolved != NULL && i < resolved->expect_count; i++)
		add(doctor, CHECK_CHANNEL, resolved->expect[i].chat, resolved->expect[i].channel,
		    where);
	if (resolved != NULL && resolved->fault.via == VIA_HTTP)
		add(doctor, CHECK_URL, "", resolved->fault.http.confirm.url, where);
	scenario_free(resolved);
	free(where);
}

static void add_all(struct doctor *doctor)
{
	const struct config *config = app_config(doctor->app);
	const struct scenario_list *scenarios = app_scenarios(doctor->app);

	for (size_t i = 0; i < config->chat_count; i++)
		add(doctor, CHECK_TOKEN, config->chats[i].name, "", "");
	if (config->report.chat != NULL)
		add(doctor, CHECK_CHANNEL, config->report.chat, config->report.channel, "reports");
	for (size_t i = 0; i < scenarios->count; i++) {
		for (size_t j = 0; j < scenarios->list[i]->in_count; j++)
			add_placement(doctor, scenarios->list[i], &scenarios->list[i]->in[j]);
	}
}

/* Each answer is one line. */

static void tell(struct doctor *doctor, bool good, const char *what, const char *text)
{
	const struct check *check = &doctor->list[doctor->at];

	(void)printf("%s  %s: %s%s%s%s\n", good ? "ok     " : "PROBLEM", what, text,
		     check->where[0] != '\0' ? " (" : "", check->where,
		     check->where[0] != '\0' ? ")" : "");
	if (!good)
		doctor->problems++;
	doctor->answered = true;
	(void)event_base_loopbreak(app_base(doctor->app));
}

static void on_token(void *arg, const struct chat_reply *reply)
{
	struct doctor *doctor = arg;
	bool good = reply->result == CHAT_OK;

	tell(doctor, good, doctor->list[doctor->at].chat, good ? reply->self : reply->error);
}

static void on_channel(void *arg, const struct chat_reply *reply)
{
	struct doctor *doctor = arg;
	const char *name = doctor->list[doctor->at].what;

	if (reply->result != CHAT_OK)
		tell(doctor, false, name, reply->error);
	else if (reply->channel_count == 0)
		tell(doctor, false, name, "the chat knows no such channel; check its name");
	else if (reply->channels[0].archived)
		tell(doctor, false, name, "is archived; un-archive it or watch another channel");
	else if (!reply->channels[0].member)
		tell(doctor, false, name, "the bot is not in it; invite it: /invite @firedrill");
	else
		tell(doctor, true, name, "can be read and posted to");
}

static void on_url(void *arg, const struct http_reply *reply)
{
	struct doctor *doctor = arg;
	const char *url = doctor->list[doctor->at].what;
	char text[64];

	(void)snprintf(text, sizeof text, "answers with status %d", reply->status);
	tell(doctor, reply->result == HTTP_ANSWERED && reply->status < 500, url,
	     reply->result == HTTP_ANSWERED ? text : reply->error);
}

static void start(struct doctor *doctor)
{
	const struct check *check = &doctor->list[doctor->at];
	const struct chat_driver *driver = NULL;
	struct chat *chat = NULL;
	struct error error = {""};

	doctor->answered = false;
	if (check->kind == CHECK_URL) {
		const struct http_ask ask = {.url = check->what};

		(void)http_start(app_faults(doctor->app)->http, &ask, on_url, doctor);
		return;
	}
	chat = app_chat(doctor->app, check->chat, &driver, &error);
	if (chat == NULL)
		tell(doctor, false, check->kind == CHECK_TOKEN ? check->chat : check->what,
		     error.text);
	else if (check->kind == CHECK_TOKEN)
		(void)driver->check(chat, on_token, doctor);
	else
		(void)driver->find(chat, check->what, on_channel, doctor);
}

/* What is known without asking anybody. */

static void tell_state(struct doctor *doctor, bool good, const char *what, const char *text)
{
	(void)printf("%s  %s: %s\n", good ? "ok     " : "PROBLEM", what, text);
	doctor->state_checks++;
	doctor->problems += !good;
}

static void note(const char *what, const char *text)
{
	(void)printf("note     %s: %s\n", what, text);
}

/* The guardian puts right with the same two files what this process leaves. */
static bool check_files(struct doctor *doctor)
{
	const char *state = app_config(doctor->app)->state;
	struct error error = {""};
	bool good = app_open_settling(doctor->app, NULL, &error);

	tell_state(doctor, good, state,
		   good ? "the ledger and its locks can be written" : error.text);
	return good;
}

static void check_standing(struct doctor *doctor)
{
	struct status status = {0};
	struct error error = {""};
	char text[64];

	if (!standing_read(doctor->app, &status, &error)) {
		tell_state(doctor, false, "ledger", error.text);
	} else if (status_exit_code(&status) == EXIT_FAULT_LEFT) {
		(void)snprintf(text, sizeof text, "%zu not clean; see `firedrill status`",
			       status.fault_count);
		tell_state(doctor, false, "faults", text);
	}
	if (status.halt_reason != NULL)
		note("halted, until `firedrill resume`", status.halt_reason);
	for (size_t i = 0; i < status.freeze_count; i++)
		note(status.freezes[i].file, status.freezes[i].reason);
	status_done(&status);
}

static void check_zones(struct doctor *doctor)
{
	const struct config *config = app_config(doctor->app);

	for (size_t i = 0; i < config->environment_count; i++) {
		const struct environment *environment = &config->environments[i];
		int64_t now_ms = clock_wall_ms();
		char text[ZONE_TIME_SIZE];
		struct error error = {""};
		int minutes;

		if (environment->hours.count == 0 && environment->drills_per_day == 0)
			continue;
		if (!zone_offset(environment->zone, now_ms, &minutes, &error)) {
			tell_state(doctor, false, environment->name, error.text);
			continue;
		}
		zone_format(environment->zone, now_ms, text);
		(void)printf("ok       %s: it is %s in %s\n", environment->name, text,
			     environment->zone);
		doctor->state_checks++;
	}
}

static void check_alarm(const struct config *config)
{
	if (config->alarm.url == NULL && config->alarm.command.count == 0)
		note("alarm",
		     "a fault that stays is told in the chat and in the system log only; set "
		     "alarm.url or alarm.command");
}

static int run_doctor(const struct options *options)
{
	struct app *app = app_load(options);
	struct doctor doctor = {.app = app};

	if (app == NULL)
		return EXIT_USAGE;
	if (!check_files(&doctor)) {
		app_free(app);
		return EXIT_USAGE;
	}
	check_standing(&doctor);
	check_zones(&doctor);
	check_alarm(app_config(app));
	add_all(&doctor);
	for (doctor.at = 0; doctor.at < doctor.count; doctor.at++) {
		start(&doctor);
		while (!doctor.answered && event_base_dispatch(app_base(app)) == 0)
			continue;
	}
	(void)printf("%zu checks, %zu problem%s\n", doctor.count + doctor.state_checks,
		     doctor.problems, doctor.problems == 1 ? "" : "s");
	for (size_t i = 0; i < doctor.count; i++) {
		free(doctor.list[i].chat);
		free(doctor.list[i].what);
		free(doctor.list[i].where);
	}
	free(doctor.list);
	app_free(app);
	return doctor.problems > 0 ? EXIT_USAGE : EXIT_PASS;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "try ledger, tokens, channels, addresses; breaks and posts nothing",
    .help = "Looks whether the ledger can be written and what it holds, asks each chat who\n"
	    "the token is, looks for every channel that a scenario watches, and whether the\n"
	    "addresses that confirm a revert answer. Exit code 0 when all is well, else 2.",
    .run = run_doctor,
};
