/* What running drills, and the life that runs them, tell: shown, written down, passed on. */
#include <stdlib.h>
#include <string.h>

#include "probes/alarm.h"
#include "reports/json.h"
#include "reports/message.h"
#include "reports/outlet.h"
#include "reports/phrases.h"
#include "reports/settled.h"
#include "reports/terminal.h"
#include "src/base/clock.h"
#include "src/program/chronicle.h"
#include "src/program/guardian.h"
#include "src/program/runner_parts.h"
#include "src/program/teller.h"

void runner_note(struct runner *runner, struct buf *text)
{
	terminal_note(runner->terminal, buf_text(text));
	buf_done(text);
}

/* What the drills call. */

static struct channels *on_chat(void *arg, const char *name, struct error *error)
{
	struct runner *runner = arg;

	return app_channels(runner->app, name, error);
}

static void on_write_post(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	struct runner *runner = arg;

	message_write(runner->writer, record, ret_post);
}

static bool on_write_details(void *arg, const struct drill_record *record,
			     struct chat_post *ret_post)
{
	struct runner *runner = arg;

	return message_write_details(runner->writer, record, ret_post);
}

static bool on_hold(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		    struct error *error)
{
	struct runner *runner = arg;

	return guardian_hold(runner->guardian, record->id, lease_wall_ms, error);
}

static void on_release(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	guardian_release(runner->guardian, record->id);
}

static void on_changed(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	runner->seen = true;
	terminal_show(runner->terminal, record);
	if (runner->ask->changed != NULL)
		runner->ask->changed(runner->ask->arg, record);
	if (runner->json != NULL)
		(void)outlet_flush(runner->json);
}

/* What the life calls. */

static bool is_left(const struct drill_record *record)
{
	return record->judgement.exit_code == EXIT_FAULT_LEFT && !record->evidence.left_before;
}

/* The drill's own message may not arrive where the chat is what is broken. */
static void tell_left(struct runner *runner, const struct drill_record *record)
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
	alarm_raise(runner->alarm, buf_text(&text));
	buf_done(&text);
	if (guardian_pid(runner->guardian) > 0)
		buf_addf(&text, "the guardian (process %d) stays and goes on trying %s; ",
			 (int)guardian_pid(runner->guardian), record->id);
	buf_addf(&text, "once you put it right yourself: firedrill ack %s --reason \"...\"",
		 record->id);
	runner_note(runner, &text);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct runner *runner = arg;

	terminal_finish(runner->terminal, record);
	if (is_left(record))
		tell_left(runner, record);
	if (runner->json != NULL) {
		char *line = json_report(record);

		outlet_add(runner->json, line, strlen(line));
		outlet_add(runner->json, "\n", 1);
		free(line);
	}
	chronicle_add(runner->chronicle, record);
	if (runner->ask->finished != NULL)
		runner->ask->finished(runner->ask->arg, record);
}

static void on_settled(void *arg, const struct settled *settled)
{
	struct runner *runner = arg;
	const struct settled_view view = {.settled = settled,
					  .by = RUNNER_SETTLED_BY,
					  .now_wall_ms = clock_wall_ms(),
					  .ascii = runner->ascii};
	char *paragraph = settled_paragraph(&view);

	runner->seen = true;
	terminal_note(runner->terminal, paragraph);
	free(paragraph);
	teller_tell(runner->teller, settled);
}

static void on_halted(void *arg, const char *reason, const char *by)
{
	struct runner *runner = arg;
	struct buf text = {0};

	buf_addf(&text, "halted by %s: %s; what runs is put right, and nothing more is broken", by,
		 reason);
	runner_note(runner, &text);
}

static void on_done(void *arg, enum exit_code worst)
{
	struct runner *runner = arg;

	runner->exit_code = exit_code_worst(runner->exit_code, worst);
	runner->over = true;
}

/* For runner.c. */

void runner_hear_drills(struct runner *runner, struct drill_world *drills)
{
	drills->chat = on_chat;
	drills->write_post = on_write_post;
	drills->write_details = on_write_details;
	drills->hold = on_hold;
	drills->release = on_release;
	drills->changed = on_changed;
	drills->arg = runner;
}

void runner_hear_life(struct runner *runner, struct life_world *life)
{
	life->finished = on_finished;
	life->settled = on_settled;
	life->halted = on_halted;
	life->done = on_done;
	life->arg = runner;
}
