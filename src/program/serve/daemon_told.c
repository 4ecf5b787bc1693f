/* Those who are told: of drills, of a time in a digest, and that all is well. */
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/digest_clock.h"
#include "src/program/serve/heartbeat.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/notices.h"
#include "src/program/serve/planned.h"
#include "src/store/ledger.h"

/* Of drills. */

static void on_told(void *arg, const char *path, const char *why)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"path", path, "why", why, NULL};

	log_event(daemon->log, why == NULL ? LEVEL_DEBUG : LEVEL_WARN,
		  why == NULL ? "told" : "not told", pairs);
	meter_told(daemon->meter, path, why == NULL);
}

static void on_partly(void *arg, const char *path, const char *why)
{
	const struct generation *generation = arg;
	const struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"path", path, "why", why, NULL};

	log_event(daemon->log, LEVEL_WARN, "not told by every way", pairs);
}

/* That all is well. */

static bool on_stuck(void *arg, const struct ledger_fault *fault)
{
	struct error *why = arg;

	if (fault->state != FAULT_STUCK || fault->ack_reason != NULL)
		return true;
	return error_set(why, "a fault is left: drill %s (%s in %s); see `firedrill status`",
			 fault->drill, fault->scenario, fault->environment);
}

/* What became of the last beat: said once, and once when it is heard again. */
static void log_heartbeat(struct daemon *daemon, const char *why)
{
	const char *const pairs[] = {"why", why, NULL};

	if (why != NULL && !daemon->unheard_told)
		log_event(daemon->log, LEVEL_WARN, "the heartbeat is not heard", pairs);
	else if (why == NULL && daemon->unheard_told)
		log_event(daemon->log, LEVEL_INFO, "the heartbeat is heard again", NULL);
	daemon->unheard_told = why != NULL;
}

static bool is_well(void *arg, struct error *ret_why)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *untold = notices_trouble(generation->notices);

	log_heartbeat(daemon, heartbeat_trouble(generation->heartbeat));
	ret_why->text[0] = '\0';
	if (daemon->lost != NULL)
		return error_set(ret_why, "%s", daemon->lost);
	if (!ledger_visit_open(app_ledger(generation->app), NULL, on_stuck, ret_why, ret_why))
		return false;
	if (ret_why->text[0] == '\0' && daemon->reload_failed)
		(void)error_set(ret_why, "the configuration has mistakes: the last reload failed");
	if (ret_why->text[0] == '\0' && untold != NULL)
		(void)error_set(ret_why, "people cannot be told: %s", untold);
	return ret_why->text[0] == '\0';
}

bool daemon_begin_telling(struct generation *generation, struct error *error)
{
	const struct daemon *daemon = generation->daemon;
	const struct notices_hears hears = {
	    .told = on_told, .partly = on_partly, .arg = generation};
	struct app *app = generation->app;

	error->text[0] = '\0';
	generation->notices = notices_new(app, daemon->history, &hears);
	generation->heartbeat = heartbeat_new(app_base(app), app_secrets(app), app_config(app),
					      is_well, generation, error);
	return generation->heartbeat != NULL || error->text[0] == '\0';
}

/* The digest. */

static void on_promised(void *arg, int64_t due_wall_ms)
{
	struct daemon *daemon = arg;

	planned_digest(daemon->planned, due_wall_ms);
	if (!planned_is_written(daemon->planned))
		daemon_look_soon(daemon);
}

static void on_digest(void *arg, const struct digest_due *due)
{
	const struct daemon *daemon = arg;

	notices_digest(daemon->now->notices, due);
}

void daemon_plan_digest(struct daemon *daemon)
{
	const struct digest_clock_hears hears = {on_promised, on_digest, daemon};

	if (daemon->digest == NULL)
		daemon->digest = digest_clock_new(app_base(daemon->now->app),
						  planned_digest_before(daemon->planned), &hears);
	digest_clock_set(daemon->digest, daemon->now->digest);
}
