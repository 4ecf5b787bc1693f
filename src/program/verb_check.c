/* `firedrill check`: is everything that was written right?  Touches nothing. */
#include <stdio.h>

#include "src/base/words.h"
#include "src/program/app.h"
#include "src/program/verbs.h"

/* What is no mistake, and yet worth a thought. */
static void print_notes(const struct config *config)
{
	bool is_told = config->alarm.url != NULL || config->alarm.command.count > 0;

	for (size_t i = 0; i < config->environment_count; i++) {
		const struct environment *environment = &config->environments[i];

		if (environment->protected_ && !is_told)
			(void)printf(
			    "note: %s is protected, and nobody is told of a fault that "
			    "stays when the chat is down: set alarm.url or alarm.command\n",
			    environment->name);
	}
}

static const char *s(size_t count)
{
	return count == 1 ? "" : "s";
}

static int run_check(const struct options *options)
{
	struct app *app = app_load(options);
	const struct config *config;

	if (app == NULL)
		return EXIT_USAGE;
	config = app_config(app);
	(void)printf("%s: no mistakes; %zu environment%s, %zu chat%s, %zu scenario%s in %s\n",
		     config->file, config->environment_count, s(config->environment_count),
		     config->chat_count, s(config->chat_count), app_scenarios(app)->count,
		     s(app_scenarios(app)->count), config->scenarios);
	print_notes(config);
	app_free(app);
	return EXIT_PASS;
}

const struct verb verb_check = {
    .name = "check",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "look for mistakes in configuration and scenarios; touches nothing",
    .help = "Reads the configuration and, once that is right, every scenario, and prints all\n"
	    "mistakes: file, line, key, and what would be right. Exit code 0 when there is\n"
	    "none, else 2. Notes are no mistakes.",
    .run = run_check,
};
