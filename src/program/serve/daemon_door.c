/* Those who come in: drills by hand, in turn with those by schedule. */
#include <string.h>

#include "src/base/clock.h"
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/door.h"
#include "src/program/shift.h"
#include "src/program/wanted.h"

/* The first line of what was found to be wrong. */
static bool refuse(const struct buf *text, struct error *error)
{
	return error_set(error, "%.*s", (int)strcspn(buf_text(text), "\n"), buf_text(text));
}

static void ask_plan(struct daemon *daemon, const struct door_wish *wish,
		     const struct wanted *wanted, size_t *ret_drills)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct planner_due due = {
		    .scenario = wanted->list[i].scenario->name,
		    .environment = wanted->list[i].environment->name,
		    .origin = ORIGIN_HAND,
		    .repeats = "",
		    .planned_wall_ms = clock_wall_ms(),
		    .ask = wish->guest,
		    .allow_protected = wish->allow_protected,
		};

		(*ret_drills)++;
		if (!planner_ask(daemon->planner, &due))
			door_drop(daemon->door, wish->guest,
				  "the daemon does not know that environment: reload it");
	}
}

static bool on_wish(void *arg, const struct door_wish *wish, size_t *ret_drills,
		    enum exit_code *ret_code, struct error *error)
{
	struct daemon *daemon = arg;
	const struct wanted_names names = {
	    .scenarios = wish->scenarios,
	    .scenario_count = wish->scenario_count,
	    .environments = wish->environments,
	    .environment_count = wish->environment_count,
	    .all = wish->all,
	};
	struct wanted wanted = {0};
	struct buf text = {0};
	bool good = false;

	*ret_drills = 0;
	if (daemon->halted || daemon->lost != NULL)
		*ret_code = EXIT_REFUSED; /* as of `run` alone */
	if (daemon->now == NULL || daemon->stopping)
		(void)error_set(error, "the daemon %s: run it again in a moment",
				daemon->stopping ? "is about to end" : "has just been started");
	else if (daemon->halted)
		(void)error_set(error, "firedrill is halted, nothing is broken: see `firedrill "
				       "status` and `firedrill resume`");
	else if (daemon->lost != NULL)
		(void)error_set(error, "nothing is broken without the ledger: %s", daemon->lost);
	else if (!wanted_find(daemon->now->app, &names, &wanted, &text))
		(void)refuse(&text, error);
	else
		good = true;
	if (good)
		ask_plan(daemon, wish, &wanted, ret_drills);
	wanted_done(&wanted);
	buf_done(&text);
	return good;
}

static const char *on_lost(void *arg)
{
	return ((const struct daemon *)arg)->lost;
}

static void on_stop(void *arg, uint64_t guest, const char *why)
{
	struct daemon *daemon = arg;

	planner_drop_ask(daemon->planner, guest);
	for (struct generation *at = daemon->now; at != NULL; at = at->older)
		shift_stop_ask(at->shift, guest, why);
}

static void on_note(void *arg, const char *text)
{
	struct daemon *daemon = arg;
	const char *const pairs[] = {"text", text, NULL};

	log_event(daemon->log, LEVEL_WARN, "door", pairs);
}

bool daemon_open_door(struct daemon *daemon, struct error *error)
{
	const struct door_hears hears = {
	    .wish = on_wish, .stop = on_stop, .lost = on_lost, .note = on_note, .arg = daemon};
	struct app *app = daemon->coming->app;

	daemon->door = door_new(app_base(app), app_config(app)->state, &hears, error);
	return daemon->door != NULL;
}
