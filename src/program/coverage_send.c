/* Coverage as a message goes to a channel, and the answer is waited for. */
#include "src/program/coverage_send.h"

#include <stdlib.h>

#include "reports/coverage.h"
#include "src/base/mem.h"
#include "src/program/app.h"
#include "src/program/errand.h"

#define POST_MS 75000 /* how long the chat may take */

struct sending {
	bool over;
	char *trouble; /* owned; NULL: none */
};

static void on_posted(void *arg, struct errand *errand, const char *trouble)
{
	struct sending *sending = arg;

	(void)errand;
	sending->over = true;
	sending->trouble = mem_dup(trouble);
}

static bool is_over(void *arg)
{
	const struct sending *sending = arg;

	return sending->over;
}

/* The report channel, else the first one that a scenario watches. The texts of the latter are
 * borrowed from the resolved scenario, which the caller owns. */
static bool find_channel(struct app *app, struct errand_ask *ask, struct scenario **ret_scenario,
			 struct error *error)
{
	const struct config *config = app_config(app);
	const struct scenario_list *scenarios = app_scenarios(app);

	ask->chat = config->report.chat;
	ask->channel = config->report.channel;
	for (size_t i = 0; ask->channel == NULL && i < scenarios->count; i++) {
		const struct scenario *scenario = scenarios->list[i];
		const struct environment *environment =
		    scenario->in_count > 0 ? config_environment(config, scenario->in[0].environment)
					   : NULL;

		scenario_free(*ret_scenario);
		*ret_scenario = environment != NULL
				    ? scenario_resolve(scenario, environment, "fd-00000000", error)
				    : NULL;
		if (*ret_scenario == NULL || (*ret_scenario)->expect_count == 0)
			continue;
		ask->chat = (*ret_scenario)->expect[0].chat;
		ask->channel = (*ret_scenario)->expect[0].channel;
	}
	return ask->channel != NULL ||
	       error_set(error, "there is no channel to post to: set report.channel in %s",
			 config->file);
}

bool coverage_send(struct app *app, const struct coverage *coverage, struct error *error)
{
	struct coverage_post texts = {.headline = {0}};
	struct sending sending = {.over = false};
	struct scenario *scenario = NULL;
	struct chat_post post;
	struct errand_ask ask = {.app = app, .post = &post};
	struct errand *errand = NULL;
	bool good = find_channel(app, &ask, &scenario, error);

	if (good) {
		coverage_write_post(&texts, coverage, &post);
		errand = errand_start(&ask, on_posted, &sending);
		if (!app_run_until(app, is_over, &sending, POST_MS))
			good = error_set(error, "the chat did not take the summary in time");
		else if (sending.trouble != NULL)
			good = error_set(error, "the summary was not posted: %s", sending.trouble);
	}
	errand_free(errand);
	free(sending.trouble);
	scenario_free(scenario);
	coverage_post_done(&texts);
	return good;
}
