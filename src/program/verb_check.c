/* `firedrill check`: is everything that was written right?  Touches nothing. */
#include <stdio.h>

#include "src/base/words.h"
#include "src/program/app.h"
#include "src/program/verbs.h"

static int run_check(const struct options *options)
{
	struct app *app = app_load(options);
	const struct config *config;

	if (app == NULL)
		return EXIT_USAGE;
	config = app_config(app);
	(void)printf("%s: %zu environments, %zu chats; %zu scenarios in %s: no mistakes\n",
		     config->file, config->environment_count, config->chat_count,
		     app_scenarios(app)->count, config->scenarios);
	app_free(app);
	return EXIT_PASS;
}

const struct verb verb_check = {
    .name = "check",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "look for mistakes in the configuration and the scenarios; touches nothing",
    .help =
	"Reads the configuration and every scenario, and prints all mistakes in one pass: file,\n"
	"line, key, and what would be right. Exit code 0 when there is none, else 2.",
    .run = run_check,
};
