/* What must fit together in firedrill.cfg. */
#include "scenarios/check.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/form.h"
#include "scenarios/walk.h"
#include "src/base/mem.h"

struct checking {
	struct pass *pass;           /* borrowed */
	const struct config *config; /* borrowed */
};

static void check_text(void *arg, const struct walk_text *text)
{
	struct checking *c = arg;
	struct error error;

	if (walk_is_program(text) && (*text->text)[0] == '\0')
		pass_mistake(c->pass, text->path,
			     "is empty: write the program, such as \"/usr/bin/mail\"");
	else if (!form_check(text->key, text->name, *text->text, c->config, &error))
		pass_mistake(c->pass, text->path, "%s", error.text);
	else if (strstr(*text->text, "${") != NULL)
		pass_mistake(c->pass, text->path,
			     "variables are replaced in scenarios only: write the value out");
}

static void complete_environment(struct pass *pass, struct environment *environment)
{
	char *path = mem_printf("environments.%s.effect_limit", environment->name);

	if (!pass_has(pass, path))
		environment->effect_limit = environment->protected_ ? EFFECT_COPY : EFFECT_MUTATION;
	free(path);
}

static void check_report(struct pass *pass, struct config *config)
{
	bool chat = pass_has(pass, "report.chat"), channel = pass_has(pass, "report.channel");

	if (chat && !channel)
		pass_mistake(pass, "report.channel",
			     "is missing: write the channel that gets the reports, such as "
			     "channel = \"#drills\";");
	if (chat || !channel)
		return;
	if (config->chat_count == 1)
		config->report.chat = mem_dup(config->chats[0].name);
	else if (config->chat_count > 1)
		pass_mistake(pass, "report.chat",
			     "is missing: there is more than one chat; say which one has the "
			     "channel");
}

static void check_alarm(struct pass *pass, const struct config *config)
{
	if (!pass_has(pass, "alarm"))
		return;
	if (!pass_has(pass, "alarm.url") && !pass_has(pass, "alarm.command"))
		pass_mistake(pass, "alarm",
			     "tells nobody: write url = \"https://...\"; or command = [ "
			     "\"/usr/local/bin/page\" ]; or take it out");
	if (config->alarm.headers.count > 0 && !pass_has(pass, "alarm.url"))
		pass_mistake(pass, "alarm.headers",
			     "belong to the request that `url` gets: write url, or take them out");
}

void check_config(struct pass *pass, struct config *config)
{
	struct checking checking = {pass, config};

	walk_texts(KEYS_CONFIG, config, check_text, &checking);
	for (size_t i = 0; i < config->environment_count; i++)
		complete_environment(pass, &config->environments[i]);
	check_report(pass, config);
	check_told(pass, config);
	check_calendars(pass, config);
	check_alarm(pass, config);
	check_pipelines(pass, config);
	check_bisect(pass, config);
}
