/* The parts of `firedrill doctor`: what is asked, by topic, and how it is told. */
#ifndef PROGRAM_DOCTOR_H
#define PROGRAM_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/row.h"
#include "src/program/app.h"

struct doctor {
	struct app *app;  /* borrowed */
	struct view view; /* of stdout */
	size_t checks, problems, warnings;
};

enum doctor_word {
	DOCTOR_OK,
	DOCTOR_PROBLEM, /* a check that failed: the exit code says so */
	DOCTOR_WARNING, /* may spoil a drill; the exit code does not say so */
	DOCTOR_NOTE
};

/* One line, counted: "ok       WHAT: TEXT". Foreign texts are cleaned. */
void doctor_say(struct doctor *doctor, enum doctor_word word, const char *what, const char *format,
		...) __attribute__((format(printf, 4, 5)));

/* Runs the loop until is_over says so. When that takes long, stderr is told what is waited for, as
 * `what` writes it; on a terminal that line goes again. */
void doctor_wait(struct doctor *doctor, bool (*is_over)(void *arg),
		 void (*what)(void *arg, struct buf *text), void *arg);

/* doctor_state.c: what is known without asking anybody. False: there is no state file. */
bool doctor_check_state(struct doctor *doctor);

/* doctor_chats.c: tokens, channels, and addresses that confirm a revert. */
void doctor_check_chats(struct doctor *doctor);

/* doctor_webhooks.c: the webhooks of `bisect`, wherever probes are sent. */
void doctor_check_webhooks(struct doctor *doctor);

/* doctor_told.c: the secrets of the second path, of the heartbeat and of the pages. */
void doctor_check_told(struct doctor *doctor);

/* doctor_hops.c: the stations of every pipeline in use; then how long each alert takes by them, and
 * what will spoil a drill. */
void doctor_check_hops(struct doctor *doctor);

#endif
