/* When scenarios run by themselves, in the environments of a configuration. */
#include "scenarios/times.h"

#include <stdlib.h>

#include "scenarios/mistakes.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/calendar/hours.h"

#define LOOKS         400                  /* hours that are allowed, one after the other */
#define LOOK_AHEAD_MS INT64_C(34560000000) /* 400 days */

struct calendar *times_calendar(const struct config *config, struct mistakes *mistakes)
{
	struct calendar *calendar = calendar_new();
	bool good = true;

	for (size_t i = 0; i < config->calendar_count; i++) {
		const struct calendar_settings *settings = &config->calendars[i];
		char *key = mem_printf("calendars.%s.file", settings->name);
		struct error error = {""};

		if (!calendar_add_holidays(calendar, settings->name, settings->file, &error)) {
			mistakes_add(mistakes, config->file, 0, key, "%s", error.text);
			good = false;
		}
		free(key);
	}
	if (good)
		return calendar;
	calendar_free(calendar);
	return NULL;
}

struct schedule *times_schedule(struct calendar *calendar, const struct environment *environment,
				const char *when, struct error *error)
{
	struct schedule_ask ask = {
	    .when = when,
	    .zone = environment->zone,
	    .holidays = (const char *const *)environment->holidays.list,
	    .holiday_count = environment->holidays.count,
	    .blackouts = (const char *const *)environment->blackout.list,
	    .blackout_count = environment->blackout.count,
	};

	return schedule_new(calendar, &ask, error);
}

static bool check_placement(struct calendar *calendar, const struct config *config,
			    const struct scenario *scenario, const struct placement *placement,
			    struct mistakes *mistakes)
{
	const struct environment *environment = config_environment(config, placement->environment);
	struct error error = {""};
	struct schedule *schedule;
	char *key;

	if (placement->schedule == NULL || environment == NULL)
		return true;
	schedule = times_schedule(calendar, environment, placement->schedule, &error);
	if (schedule == NULL) {
		key = mem_printf("in.%s.schedule", placement->environment);
		mistakes_add(mistakes, scenario->file, 0, key, "%s", error.text);
		free(key);
	}
	schedule_free(schedule);
	return schedule != NULL;
}

bool times_check(struct calendar *calendar, const struct config *config,
		 const struct scenario_list *scenarios, struct mistakes *mistakes)
{
	bool good = true;

	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = scenarios->list[i];

		for (size_t k = 0; k < scenario->in_count; k++)
			good = check_placement(calendar, config, scenario, &scenario->in[k],
					       mistakes) &&
			       good;
	}
	return good;
}

/* Does one of the next times lie in the hours, with all that its fault may last? */
static bool is_ever_allowed(const struct schedule *schedule, const struct environment *environment,
			    int64_t hold_ms, int64_t now_ms)
{
	const char *const *texts = (const char *const *)environment->hours.list;
	size_t count = environment->hours.count;
	int64_t at_ms = now_ms;

	for (int i = 0; i < LOOKS && at_ms < now_ms + LOOK_AHEAD_MS; i++) {
		int64_t begin_ms = hours_next(texts, count, environment->zone, at_ms), next_ms;

		if (begin_ms < 0)
			return false;
		next_ms = schedule_next(schedule, begin_ms - 1);
		if (next_ms < 0)
			return false;
		if (hours_next(texts, count, environment->zone, next_ms) == next_ms &&
		    hours_end(texts, count, environment->zone, next_ms) >= next_ms + hold_ms)
			return true;
		at_ms = next_ms + 1;
	}
	return false;
}

static void warn_of_step(int64_t step_ms, int64_t hold_ms, times_warn_fn *warn, void *arg)
{
	char step[32], hold[32], text[200];

	if (step_ms >= hold_ms)
		return;
	duration_format(step_ms, step, sizeof step);
	duration_format(hold_ms, hold, sizeof hold);
	(void)snprintf(text, sizeof text,
		       "the schedule comes round after %s, and a drill may hold its fault for %s; "
		       "what comes meanwhile is skipped",
		       step, hold);
	warn(arg, text, "let it come less often, or write a shorter hold_at_most");
}

void times_warn(struct calendar *calendar, const struct environment *environment,
		const struct scenario *scenario, const struct placement *placement,
		times_warn_fn *warn, void *arg)
{
	int64_t now_ms = clock_wall_ms(), hold_ms = scenario->fault.hold_at_most_ms;
	struct schedule *schedule;

	if (placement->schedule == NULL)
		return;
	schedule = times_schedule(calendar, environment, placement->schedule, NULL);
	if (schedule == NULL)
		return;
	if (environment->hours.count > 0 &&
	    !is_ever_allowed(schedule, environment, hold_ms, now_ms))
		warn(arg,
		     "the schedule never falls inside of the `hours` of the environment, with all "
		     "that hold_at_most needs, so that every drill by it is refused",
		     "write another schedule, or other hours");
	warn_of_step(schedule_step_ms(schedule, now_ms), hold_ms, warn, arg);
	schedule_free(schedule);
}
