/* What must fit together in when something runs by itself: schedules, blackouts, holidays. */
#include <stdlib.h>

#include "scenarios/check.h"
#include "scenarios/nearest.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"

#define SUGGESTION_LIMIT 64

static void check_blackouts(struct pass *pass, const struct environment *environment)
{
	struct error error = {""};

	for (size_t i = 0; i < environment->blackout.count; i++) {
		char *path = mem_printf("environments.%s.blackout[%zu]", environment->name, i);

		if (!schedule_check_blackout(environment->blackout.list[i], &error))
			pass_mistake(pass, path, "%s", error.text);
		free(path);
	}
}

static void unknown_calendar(struct pass *pass, const struct config *config, const char *wanted,
			     const char *path)
{
	const char *names[SUGGESTION_LIMIT], *close;
	struct buf known = {.limit = 200};
	size_t count = 0;

	for (; count < config->calendar_count && count < SUGGESTION_LIMIT; count++) {
		names[count] = config->calendars[count].name;
		buf_addf(&known, "%s\"%s\"", count == 0 ? "" : ", ", names[count]);
	}
	close = nearest(wanted, names, count);
	if (close != NULL)
		pass_mistake(pass, path, "there is no calendar \"%.40s\": did you mean \"%s\"?",
			     wanted, close);
	else
		pass_mistake(pass, path, "there is no calendar \"%.40s\"; `calendars` has: %s",
			     wanted, count > 0 ? buf_text(&known) : "none");
	buf_done(&known);
}

static void check_holidays(struct pass *pass, const struct config *config,
			   const struct environment *environment)
{
	for (size_t i = 0; i < environment->holidays.count; i++) {
		const char *wanted = environment->holidays.list[i];
		char *path = mem_printf("environments.%s.holidays[%zu]", environment->name, i);

		if (config_calendar(config, wanted) == NULL)
			unknown_calendar(pass, config, wanted, path);
		free(path);
	}
}

void check_calendars(struct pass *pass, const struct config *config)
{
	struct error error = {""};

	for (size_t i = 0; i < config->environment_count; i++) {
		check_blackouts(pass, &config->environments[i]);
		check_holidays(pass, config, &config->environments[i]);
	}
	if (config->report.digest != NULL && pass_is_good(pass, "report.digest") &&
	    !schedule_check(config->report.digest, &error))
		pass_mistake(pass, "report.digest", "%s", error.text);
	if (config->report.digest != NULL && !pass_has(pass, "report.channel"))
		pass_mistake(pass, "report.digest",
			     "goes to the report channel, and there is none: write report.channel, "
			     "such as channel = \"#drills\";");
}

void check_schedules(struct pass *pass, const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->in_count; i++) {
		const struct placement *placement = &scenario->in[i];
		char *path = mem_printf("in.%s.schedule", placement->environment);
		struct error error = {""};

		if (placement->schedule != NULL && pass_is_good(pass, path) &&
		    !schedule_check(placement->schedule, &error))
			pass_mistake(pass, path, "%s", error.text);
		free(path);
	}
}
