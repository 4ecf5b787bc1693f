/* What running drills, and the life that runs them, tell: written down, passed on. */
#include <event2/event.h>
#include <stdlib.h>

#include "probes/alarm.h"
#include "reports/message.h"
#include "reports/phrases.h"
#include "reports/plain.h"
#include "src/program/chronicle.h"
#include "src/program/drill_log.h"
#include "src/program/guardian.h"
#include "src/program/shift_parts.h"
#include "src/program/teller.h"
#include "src/program/unfinished.h"

#define WHY_CHARS 400
#define LOOK_S    5 /* until the next look for drills that nobody finished, while there are any */

void shift_note(struct shift *shift, struct buf *text)
{
	if (shift->hears.note != NULL)
		shift->hears.note(shift->hears.arg, buf_text(text));
	buf_done(text);
}

void shift_end(struct shift *shift, enum exit_code exit_code)
{
	shift->over = true;
	(void)event_del(shift->look);
	shift_look_for_unfinished(shift);
	shift->hears.over(shift->hears.arg, exit_code);
}

/* Drills that nobody finished. */

static void on_unfinished(void *arg, const struct history_drill *drill)
{
	const struct shift *shift = arg;

	if (shift->hears.unfinished != NULL)
		shift->hears.unfinished(shift->hears.arg, drill);
}

void shift_look_for_unfinished(struct shift *shift)
{
	static const struct timeval later = {.tv_sec = LOOK_S};
	struct app *app = shift->app;

	if (!unfinished_write(shift->chronicle, app_ledger(app), app_locks(app), on_unfinished,
			      shift) &&
	    !shift->over)
		(void)event_add(shift->look, &later);
}

void shift_on_look(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	shift_look_for_unfinished(arg);
}

/* What the drills call. */

static void on_begun(void *arg, const struct drill_record *record)
{
	const struct shift *shift = arg;

	chronicle_begin(shift->chronicle, record);
}

static struct channels *on_chat(void *arg, const char *name, struct error *error)
{
	struct shift *shift = arg;

	return app_channels(shift->app, name, error);
}

static void on_write_post(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	struct shift *shift = arg;

	message_write(shift->writer, record, ret_post);
}

static bool on_write_details(void *arg, const struct drill_record *record,
			     struct chat_post *ret_post)
{
	struct shift *shift = arg;

	return message_write_details(shift->writer, record, ret_post);
}

static bool on_hold(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		    struct error *error)
{
	struct shift *shift = arg;

	return guardian_hold(shift->guardian, record->id, lease_wall_ms, error);
}

static void on_release(void *arg, const struct drill_record *record)
{
	struct shift *shift = arg;

	guardian_release(shift->guardian, record->id);
}

static bool on_is_taken(void *arg, const struct drill_record *record)
{
	const struct shift *shift = arg;

	return shift->hears.is_taken != NULL && shift->hears.is_taken(shift->hears.arg, record);
}

static void on_changed(void *arg, const struct drill_record *record)
{
	struct shift *shift = arg;

	drill_log_changed(shift->log, record);
	if (shift->hears.changed != NULL)
		shift->hears.changed(shift->hears.arg, record);
}

/* What the life calls. */

static bool is_left(const struct drill_record *record)
{
	return record->judgement.exit_code == EXIT_FAULT_LEFT && !record->evidence.left_before;
}

/* What the alarm says, and what is added for those who look on. */
static void tell_left(struct shift *shift, const struct drill_record *record)
{
	const char *left = record->evidence.revert_text;
	struct buf text = {0};

	buf_addf(&text, "firedrill: FAULT NOT REVERTED: drill %s (%s in %s): ", record->id,
		 record->scenario->name, record->environment->name);
	/* Whoever is woken must learn what is wrong with the fault, not with the alert. */
	phrase_text(&text, left != NULL ? left : record->judgement.text, PHRASE_EVIDENCE);
	buf_addf(&text,
		 ". Look at the target yourself, then run: firedrill revert %s. Until it is clean, "
		 "or set aside with: firedrill ack %s --reason \"...\", no other drill runs there.",
		 record->id, record->id);
	/* The drill's own message may not arrive where the chat is what is broken. */
	alarm_raise(shift->alarm, buf_text(&text));
	shift_knows_left(shift, record->id);
	buf_done(&text);
	if (shift->stays)
		buf_addf(&text, "firedrill serve goes on trying %s; ", record->id);
	else if (guardian_pid(shift->guardian) > 0)
		buf_addf(&text, "the guardian (process %d) stays and goes on trying %s; ",
			 (int)guardian_pid(shift->guardian), record->id);
	buf_addf(&text, "once you put it right yourself: firedrill ack %s --reason \"...\"",
		 record->id);
	if (shift->hears.left != NULL)
		shift->hears.left(shift->hears.arg, record, buf_text(&text));
	buf_done(&text);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct shift *shift = arg;
	char *log = drill_log_take(shift->log, record);

	chronicle_add(shift->chronicle, record, app_secrets(shift->app), log);
	free(log);
	if (shift->hears.finished != NULL)
		shift->hears.finished(shift->hears.arg, record);
	if (is_left(record))
		tell_left(shift, record);
}

static void on_settled(void *arg, const struct settled *settled)
{
	struct shift *shift = arg;

	if (shift->hears.settled != NULL)
		shift->hears.settled(shift->hears.arg, settled);
	teller_tell(shift->teller, settled);
	if (settled->how != SETTLED_BEGUN && settled->how != SETTLED_BUSY)
		shift_look_for_unfinished(shift);
}

static void on_halted(void *arg, const char *reason, const char *by)
{
	struct shift *shift = arg;
	struct buf text = {0};

	if (shift->hears.halted != NULL) {
		shift->hears.halted(shift->hears.arg, reason, by);
		return;
	}
	buf_addf(&text, "halted by %s: %s; what runs is put right, and nothing more is broken", by,
		 reason);
	shift_note(shift, &text);
}

static void on_resumed(void *arg)
{
	struct shift *shift = arg;

	if (shift->hears.resumed != NULL)
		shift->hears.resumed(shift->hears.arg);
}

static void on_lost(void *arg, const char *why)
{
	static const struct plain how = {.limit = WHY_CHARS, .chat = true};
	struct shift *shift = arg;
	struct buf body = {0};

	(void)plain_add(&body, why, &how);
	if (why != NULL)
		teller_say(shift->teller, "firedrill lost its ledger: no drill begins",
			   buf_text(&body));
	else if (shift->lost)
		teller_say(shift->teller, "firedrill has its ledger again: drills go on", NULL);
	shift->lost = why != NULL;
	buf_done(&body);
	if (shift->hears.lost != NULL)
		shift->hears.lost(shift->hears.arg, why);
}

static void on_done(void *arg, enum exit_code worst)
{
	struct shift *shift = arg;
	struct buf text = {0};

	if (life_trouble(shift->life) != NULL) {
		buf_adds(&text, life_trouble(shift->life));
		shift_note(shift, &text);
	}
	shift_end(shift, worst);
}

/* For shift.c. */

void shift_hear_drills(struct shift *shift, struct drill_world *drills)
{
	drills->chat = on_chat;
	drills->write_post = on_write_post;
	drills->write_details = on_write_details;
	drills->begun = on_begun;
	drills->hold = on_hold;
	drills->release = on_release;
	drills->is_taken = on_is_taken;
	drills->changed = on_changed;
	drills->arg = shift;
}

void shift_hear_life(struct shift *shift, struct life_world *life)
{
	life->finished = on_finished;
	life->settled = on_settled;
	life->halted = on_halted;
	life->resumed = on_resumed;
	life->lost = on_lost;
	life->done = on_done;
	life->arg = shift;
}
