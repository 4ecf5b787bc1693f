/* What is in place, and what holds firedrill back, in words. */
#include "reports/status.h"

#include <stdlib.h>

#include "reports/phrases.h"

void status_done(struct status *status)
{
	for (size_t i = 0; i < status->freeze_count; i++) {
		free(status->freezes[i].environment);
		free(status->freezes[i].file);
		free(status->freezes[i].reason);
	}
	for (size_t i = 0; i < status->fault_count; i++) {
		struct status_fault *fault = &status->faults[i];

		free(fault->drill);
		free(fault->scenario);
		free(fault->environment);
		free(fault->target);
		free(fault->note);
		free(fault->ack_reason);
		free(fault->ack_by);
	}
	free(status->freezes);
	free(status->faults);
	free(status->halt_reason);
	free(status->halt_by);
	free(status->daemon_lost);
	*status = (struct status){0};
}

enum status_standing status_standing(const struct status *status, const struct status_fault *fault)
{
	if (fault->ack_reason != NULL)
		return STANDING_ASIDE;
	if (!fault->busy)
		return STANDING_LEFT;
	return fault->drilling && fault->lease_wall_ms > status->now_wall_ms ? STANDING_RUNNING
									     : STANDING_SETTLING;
}

const char *status_standing_name(enum status_standing standing)
{
	switch (standing) {
	case STANDING_RUNNING:
		return "running";
	case STANDING_SETTLING:
		return "settling";
	case STANDING_LEFT:
		return "left";
	case STANDING_ASIDE:
		return "set-aside";
	}
	return "";
}

const char *status_state_name(const struct status_fault *fault)
{
	return fault->unreadable ? "unreadable" : fault_state_name(fault->state);
}

const char *status_via_name(const struct status_fault *fault)
{
	return fault->unreadable ? "unknown" : via_name(fault->via);
}

static size_t count(const struct status *status, enum status_standing standing)
{
	size_t n = 0;

	for (size_t i = 0; i < status->fault_count; i++)
		n += status_standing(status, &status->faults[i]) == standing;
	return n;
}

enum exit_code status_exit_code(const struct status *status)
{
	size_t left = count(status, STANDING_LEFT) + count(status, STANDING_SETTLING);

	return left > 0 || status->daemon_lost != NULL ? EXIT_FAULT_LEFT : EXIT_PASS;
}

/* Paragraphs. */

static void paragraph(struct buf *buf, const struct view *view, size_t indent, enum ink ink,
		      struct buf *text)
{
	struct row row = row_start(buf, view, 0);

	row_space(&row, indent);
	row_paragraph(&row, indent, ink, buf_text(text));
	buf_done(text);
}

/* "for 12 s"; a clock that was set back in between makes no negative age. */
static void add_span(struct buf *buf, int64_t from_ms, int64_t to_ms)
{
	phrase_span(buf, to_ms > from_ms ? to_ms - from_ms : 0);
}

static void write_halt(struct buf *buf, const struct view *view, const struct status *status)
{
	struct buf text = {0};

	if (status->halt_reason == NULL)
		return;
	buf_adds(&text, "HALTED by ");
	phrase_text(&text, status->halt_by, PHRASE_NAME);
	buf_adds(&text, " for ");
	add_span(&text, status->halt_since_wall_ms, status->now_wall_ms);
	buf_adds(&text, ": ");
	buf_adds(&text, status->halt_reason);
	buf_adds(&text, "; nothing new is broken until \"firedrill resume\"");
	paragraph(buf, view, 0, INK_YELLOW, &text);
}

static void write_freeze(struct buf *buf, const struct view *view,
			 const struct status_freeze *freeze)
{
	struct buf text = {0};

	buf_adds(&text, "FROZEN ");
	buf_adds(&text, freeze->environment != NULL ? "in " : "everywhere");
	buf_adds(&text, freeze->environment);
	buf_addf(&text, " by %s: ", freeze->file);
	buf_adds(&text, freeze->reason);
	buf_adds(&text, "; nothing new is broken there until that file is removed");
	paragraph(buf, view, 0, INK_YELLOW, &text);
}

/* "planned 12 s ago, lease ends in 4 min 48 s". */
static void add_times(struct buf *buf, const struct status *status,
		      const struct status_fault *fault)
{
	bool over = fault->lease_wall_ms <= status->now_wall_ms;

	buf_adds(buf, "planned ");
	add_span(buf, fault->intended_wall_ms, status->now_wall_ms);
	buf_adds(buf, over ? " ago, lease ended " : " ago, lease ends in ");
	if (over)
		add_span(buf, fault->lease_wall_ms, status->now_wall_ms);
	else
		add_span(buf, status->now_wall_ms, fault->lease_wall_ms);
	buf_adds(buf, over ? " ago" : "");
}

static void add_standing(struct buf *buf, const struct status *status,
			 const struct status_fault *fault)
{
	switch (status_standing(status, fault)) {
	case STANDING_RUNNING:
		buf_adds(buf, fault->state == FAULT_REVERTING || fault->state == FAULT_UNCONFIRMED
				  ? "it is being put right"
				  : "its drill runs");
		break;
	case STANDING_SETTLING:
		buf_adds(buf, "a firedrill is putting it right");
		break;
	case STANDING_LEFT:
		buf_adds(buf, status->keeper ? "a guardian tries again from time to time"
					     : "nobody works on it");
		break;
	case STANDING_ASIDE:
		buf_adds(buf, "set aside by ");
		phrase_text(buf, fault->ack_by, PHRASE_NAME);
		buf_adds(buf, " ");
		add_span(buf, fault->ack_wall_ms, status->now_wall_ms);
		buf_adds(buf, " ago: ");
		buf_adds(buf, fault->ack_reason);
		break;
	}
}

static enum ink ink_of(enum status_standing standing)
{
	return standing == STANDING_LEFT || standing == STANDING_SETTLING ? INK_RED : INK_NONE;
}

void status_write_fault(struct buf *buf, const struct view *view, const struct status *status,
			const struct status_fault *fault)
{
	struct buf text = {0};

	buf_addf(&text, "%s  %s in %s  %s, ", fault->drill, fault->scenario, fault->environment,
		 status_state_name(fault));
	add_times(&text, status, fault);
	paragraph(buf, view, 0, ink_of(status_standing(status, fault)), &text);
	add_standing(&text, status, fault);
	paragraph(buf, view, 2, INK_NONE, &text);
	buf_addf(&text, "via %s", status_via_name(fault));
	if (fault->target[0] != '\0')
		buf_addf(&text, ": %s", fault->target);
	paragraph(buf, view, 2, INK_DIM, &text);
	if (fault->note[0] == '\0')
		return;
	buf_adds(&text, fault->note);
	paragraph(buf, view, 2, INK_NONE, &text);
}

static void write_daemon(struct buf *buf, const struct view *view, const struct status *status)
{
	struct buf text = {0};

	if (status->daemon_pid == 0)
		return;
	buf_addf(&text, "a daemon runs: process %d, for ", status->daemon_pid);
	add_span(&text, status->daemon_since_wall_ms, status->now_wall_ms);
	if (status->daemon_guests > 0)
		buf_addf(&text, ", with the drills of %zu `firedrill run`", status->daemon_guests);
	paragraph(buf, view, 0, INK_NONE, &text);
	if (status->daemon_lost == NULL)
		return;
	buf_adds(&text, "it has lost its ledger, and what it had in place is not told here: ");
	phrase_text(&text, status->daemon_lost, PHRASE_EVIDENCE);
	paragraph(buf, view, 0, INK_RED, &text);
}

void status_write(struct buf *buf, const struct view *view, const struct status *status)
{
	struct buf text = {0};

	write_halt(buf, view, status);
	for (size_t i = 0; i < status->freeze_count; i++)
		write_freeze(buf, view, &status->freezes[i]);
	write_daemon(buf, view, status);
	for (size_t i = 0; i < status->fault_count; i++)
		status_write_fault(buf, view, status, &status->faults[i]);
	if (status->fault_count == 0)
		buf_adds(&text, status->daemon_lost != NULL ? "no fault is in this ledger"
							    : "no fault is in place");
	else if (status_exit_code(status) == EXIT_FAULT_LEFT)
		buf_adds(&text, "put one right with \"firedrill revert DRILL\", all with "
				"\"firedrill revert --all\"; set one aside that you put right "
				"yourself with \"firedrill ack DRILL --reason ...\"");
	else if (count(status, STANDING_RUNNING) > 0)
		buf_adds(&text, "stop what runs, and everything new, with "
				"\"firedrill halt --reason ...\"");
	else
		buf_adds(&text, "what is set aside is tried again with \"firedrill revert DRILL\"");
	paragraph(buf, view, 0, INK_NONE, &text);
}
