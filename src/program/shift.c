/* One life of firedrill under one configuration, with all that it needs. */
#include "src/program/shift.h"

#include <event2/event.h>
#include <stdlib.h>

#include "probes/alarm.h"
#include "reports/message.h"
#include "src/base/mem.h"
#include "src/engine/hops.h"
#include "src/program/drill_log.h"
#include "src/program/guardian.h"
#include "src/program/shift_parts.h"
#include "src/program/teller.h"
#include "src/store/ledger.h"

/* The end of one that never began: from the loop, as every other end. */
static void end_soon(struct shift *shift, enum exit_code exit_code)
{
	shift->exit_code = exit_code;
	event_active(shift->end, 0, 0);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct shift *shift = arg;

	(void)fd;
	(void)what;
	if (!shift->over)
		shift_end(shift, shift->exit_code);
}

/* Without a guardian nothing is broken; what is in place is put right at once. */
static void on_guardian(void *arg, bool ready, const char *error)
{
	struct shift *shift = arg;
	struct buf text = {0};

	if (shift->over)
		return;
	if (ready && !shift->started) {
		shift->started = true;
		life_start(shift->life);
		if (shift->hears.ready != NULL)
			shift->hears.ready(shift->hears.arg);
	} else if (ready) {
		buf_adds(&text, "the guardian had died; a new one watches over the drills");
		shift_note(shift, &text);
	} else if (!shift->started) {
		free(shift->trouble);
		shift->trouble =
		    mem_printf("nothing was broken, because the guardian, which puts it right "
			       "should this process die, does not start: %s",
			       error);
		end_soon(shift, EXIT_REFUSED);
	} else {
		buf_addf(&text, "the guardian died and does not start again: %s", error);
		life_stop(shift->life, buf_text(&text));
		shift_note(shift, &text);
	}
}

struct shift *shift_new(struct app *app, struct chronicle *chronicle, const struct shift_ask *ask,
			const struct shift_hears *hears)
{
	struct shift *shift = mem_zalloc(sizeof *shift);
	const struct fault_context *faults = app_faults(app);

	*shift = (struct shift){
	    .app = app,
	    .chronicle = chronicle,
	    .hears = *hears,
	    .stays = ask->stays,
	    .conditions = {faults->http, app_secrets(app)},
	    .webhooks = {faults->http, app_secrets(app)},
	    .stations = {app_base(app), faults->http, app_secrets(app)},
	};
	ledger_hurry(app_ledger(app));
	shift->hops = hops_new(&shift->stations, hop_driver_find);
	shift->drills = (struct drill_world){
	    .base = app_base(app),
	    .config = app_config(app),
	    .faults = faults,
	    .ledger = app_ledger(app),
	    .locks = app_locks(app),
	    .conditions = &condition_http,
	    .condition_context = &shift->conditions,
	    .hops = shift->hops,
	    .webhooks = &webhook_slack,
	    .webhook_context = &shift->webhooks,
	    .secrets = app_secrets(app),
	};
	shift->world = (struct life_world){.drills = &shift->drills};
	shift_hear_drills(shift, &shift->drills);
	shift_hear_life(shift, &shift->world);
	shift->writer = message_writer_new();
	shift->log = drill_log_new(app_secrets(app), hears->event, hears->arg);
	shift->teller = teller_new(app, ask->settled_by, NULL, NULL);
	shift->alarm = alarm_new(app_base(app), faults->http, app_secrets(app), app_config(app));
	shift->end = evtimer_new(app_base(app), on_end, shift);
	shift->look = evtimer_new(app_base(app), shift_on_look, shift);
	shift->life = life_new(&shift->world);
	if (ask->stays)
		life_stay(shift->life);
	return shift;
}

void shift_free(struct shift *shift)
{
	if (shift == NULL)
		return;
	event_free(shift->end);
	event_free(shift->look);
	life_free(shift->life);
	hops_free(shift->hops); /* after the drills */
	guardian_free(shift->guardian);
	teller_free(shift->teller);
	alarm_free(shift->alarm);
	message_writer_free(shift->writer);
	drill_log_free(shift->log);
	free(shift->trouble);
	free(shift);
}

bool shift_add(struct shift *shift, const struct scenario *scenario,
	       const struct environment *environment, const struct drill_options *options,
	       struct error *error)
{
	return life_add(shift->life, scenario, environment, options, error);
}

bool shift_has_place(const struct shift *shift, const struct drill_record *record)
{
	return life_has_place(shift->life, record);
}

void shift_look(struct shift *shift)
{
	life_look(shift->life);
}

void shift_start(struct shift *shift)
{
	struct error error = {""};

	shift_look_for_unfinished(shift);
	shift->guardian = guardian_start(app_base(shift->app), app_config(shift->app)->file,
					 app_locks(shift->app), on_guardian, shift, &error);
	if (shift->guardian == NULL)
		on_guardian(shift, false, error.text);
}

void shift_close(struct shift *shift)
{
	life_close(shift->life);
}

void shift_stop(struct shift *shift, const char *why)
{
	if (shift->started)
		life_stop(shift->life, why);
	else
		end_soon(shift, EXIT_ABORTED);
}

void shift_stop_ask(struct shift *shift, uint64_t ask, const char *why)
{
	life_stop_ask(shift->life, ask, why);
}

void shift_knows_left(struct shift *shift, const char *drill)
{
	teller_is_known(shift->teller, drill);
}

void shift_inherit(struct shift *shift, const struct shift *older)
{
	teller_inherit(shift->teller, older->teller);
}

bool shift_is_told(const struct shift *shift)
{
	return teller_is_idle(shift->teller) && alarm_is_idle(shift->alarm);
}

const char *shift_trouble(const struct shift *shift)
{
	const char *alarm = alarm_trouble(shift->alarm);

	if (shift->trouble != NULL)
		return shift->trouble;
	return alarm != NULL ? alarm : teller_trouble(shift->teller);
}
