/* What `firedrill doctor` asks one after the other: tokens, channels, and the addresses that confirm
 * a revert. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/chat.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/program/doctor.h"

enum check_kind { CHECK_TOKEN, CHECK_CHANNEL, CHECK_URL };

struct check {
	enum check_kind kind;
	char *chat;  /* owned; of a token or a channel */
	char *what;  /* owned; the channel, or the URL */
	char *where; /* owned; for people: who needs it */
};

struct checks {
	struct doctor *doctor; /* borrowed */
	struct check *list;    /* owned */
	size_t count;
	size_t at;
	bool answered;
};

static void add(struct checks *checks, enum check_kind kind, const char *chat, const char *what,
		const char *where)
{
	for (size_t i = 0; i < checks->count; i++) {
		const struct check *known = &checks->list[i];

		if (known->kind == kind && strcmp(known->chat, chat) == 0 &&
		    strcmp(known->what, what) == 0)
			return;
	}
	checks->list = mem_grow(checks->list, checks->count + 1, sizeof *checks->list);
	checks->list[checks->count++] =
	    (struct check){kind, mem_dup(chat), mem_dup(what), mem_dup(where)};
}

static void add_placement(struct checks *checks, const struct scenario *scenario,
			  const struct placement *placement)
{
	const struct environment *environment =
	    config_environment(app_config(checks->doctor->app), placement->environment);
	struct error error = {""};
	struct scenario *resolved = scenario_resolve(scenario, environment, "fd-00000000", &error);
	char *where = mem_printf("%s in %s", scenario->name, placement->environment);

	for (size_t i = 0; resolved != NULL && i < resolved->expect_count; i++)
		add(checks, CHECK_CHANNEL, resolved->expect[i].chat, resolved->expect[i].channel,
		    where);
	if (resolved != NULL && resolved->fault.via == VIA_HTTP)
		add(checks, CHECK_URL, "", resolved->fault.http.confirm.url, where);
	scenario_free(resolved);
	free(where);
}

static void add_all(struct checks *checks)
{
	const struct config *config = app_config(checks->doctor->app);
	const struct scenario_list *scenarios = app_scenarios(checks->doctor->app);

	for (size_t i = 0; i < config->chat_count; i++)
		add(checks, CHECK_TOKEN, config->chats[i].name, "", "");
	if (config->report.chat != NULL)
		add(checks, CHECK_CHANNEL, config->report.chat, config->report.channel, "reports");
	if (config->report.second.channel != NULL)
		add(checks, CHECK_CHANNEL, config->report.second.chat,
		    config->report.second.channel, "second path of reports");
	for (size_t i = 0; i < scenarios->count; i++) {
		for (size_t j = 0; j < scenarios->list[i]->in_count; j++)
			add_placement(checks, scenarios->list[i], &scenarios->list[i]->in[j]);
	}
}

/* Each answer is one line. */

static void tell(struct checks *checks, bool good, const char *what, const char *text)
{
	const char *where = checks->list[checks->at].where;
	bool has_place = where[0] != '\0';

	doctor_say(checks->doctor, good ? DOCTOR_OK : DOCTOR_PROBLEM, what, "%s%s%s%s", text,
		   has_place ? " (" : "", where, has_place ? ")" : "");
	checks->answered = true;
	(void)event_base_loopbreak(app_base(checks->doctor->app));
}

/* What a token may not do is named before a drill needs it. */
static void on_token(void *arg, const struct chat_reply *reply)
{
	struct checks *checks = arg;
	bool good = reply->result == CHAT_OK;
	const char *chat = checks->list[checks->at].chat;

	if (good && reply->lacks_some != NULL)
		doctor_say(checks->doctor, DOCTOR_NOTE, chat, "%s", reply->lacks_some);
	if (good && reply->lacks != NULL)
		tell(checks, false, chat, reply->lacks);
	else
		tell(checks, good, chat, good ? reply->self : reply->error);
}

static void on_channel(void *arg, const struct chat_reply *reply)
{
	struct checks *checks = arg;
	const char *name = checks->list[checks->at].what;

	if (reply->result != CHAT_OK)
		tell(checks, false, name, reply->error);
	else if (reply->channel_count == 0)
		tell(checks, false, name, "the chat knows no such channel; check its name");
	else if (reply->channels[0].archived)
		tell(checks, false, name, "is archived; un-archive it or watch another channel");
	else if (!reply->channels[0].member)
		tell(checks, false, name, "the bot is not in it; invite it: /invite @firedrill");
	else
		tell(checks, true, name, "can be read and posted to");
}

static void on_url(void *arg, const struct http_reply *reply)
{
	struct checks *checks = arg;
	const char *url = checks->list[checks->at].what;
	char text[64];

	(void)snprintf(text, sizeof text, "answers with status %d", reply->status);
	tell(checks, reply->result == HTTP_ANSWERED && reply->status < 500, url,
	     reply->result == HTTP_ANSWERED ? text : reply->error);
}

static void start(struct checks *checks)
{
	const struct check *check = &checks->list[checks->at];
	const struct chat_driver *driver = NULL;
	struct chat *chat = NULL;
	struct error error = {""};

	checks->answered = false;
	if (check->kind == CHECK_URL) {
		const struct http_ask ask = {.url = check->what};

		(void)http_start(app_faults(checks->doctor->app)->http, &ask, on_url, checks);
		return;
	}
	chat = app_chat(checks->doctor->app, check->chat, &driver, &error);
	if (chat == NULL)
		tell(checks, false, check->kind == CHECK_TOKEN ? check->chat : check->what,
		     error.text);
	else if (check->kind == CHECK_TOKEN)
		(void)driver->check(chat, on_token, checks);
	else
		(void)driver->find(chat, check->what, on_channel, checks);
}

static bool is_answered(void *arg)
{
	const struct checks *checks = arg;

	return checks->answered;
}

static void add_what(void *arg, struct buf *text)
{
	const struct checks *checks = arg;
	const struct check *check = &checks->list[checks->at];

	buf_adds(text, check->kind == CHECK_TOKEN ? check->chat : check->what);
}

void doctor_check_chats(struct doctor *doctor)
{
	struct checks checks = {.doctor = doctor};

	add_all(&checks);
	for (; checks.at < checks.count; checks.at++) {
		start(&checks);
		doctor_wait(doctor, is_answered, add_what, &checks);
	}
	for (size_t i = 0; i < checks.count; i++) {
		free(checks.list[i].chat);
		free(checks.list[i].what);
		free(checks.list[i].where);
	}
	free(checks.list);
}
