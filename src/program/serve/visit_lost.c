/* The daemon is gone in the middle of our drills. */
#include "src/program/serve/visit_lost.h"

#include <event2/event.h>
#include <stdio.h>

#include "reports/status.h"
#include "src/base/clock.h"
#include "src/program/standing.h"

#define LOOK_MS  200
#define LIMIT_MS 15000 /* a guardian needs one or two, unless the target does not answer */

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg; /* ends a turn of the loop */
}

static enum exit_code look(struct app *app, struct error *error)
{
	struct status status = {0};
	enum exit_code code = EXIT_FAULT_LEFT;

	if (standing_read(app, &status, error))
		code = status_exit_code(&status);
	status_done(&status);
	return code;
}

static enum exit_code look_until_clean(struct app *app, struct event_base *base,
				       struct error *error)
{
	static const struct timeval pause = {.tv_usec = LOOK_MS * 1000};
	int64_t end_ms = clock_ms() + LIMIT_MS;
	struct event *event = evtimer_new(base, on_look, NULL);
	enum exit_code code = look(app, error);

	while (code != EXIT_PASS && clock_ms() < end_ms) {
		(void)event_add(event, &pause);
		if (event_base_loop(base, EVLOOP_ONCE) != 0)
			break;
		code = look(app, error);
	}
	event_free(event);
	return code;
}

enum exit_code visit_lost(struct app *app, struct event_base *base, int pid)
{
	struct error error = {""};
	enum exit_code code = EXIT_FAULT_LEFT;

	(void)fprintf(stderr,
		      "firedrill: the firedrill that ran the drills (process %d) is gone; looking "
		      "whether anything is left in place\n",
		      pid);
	if (app_open_state(app, &error))
		code = look_until_clean(app, base, &error);
	if (code == EXIT_PASS) {
		(void)fputs("firedrill: no fault is in place; what the drills that were not over "
			    "would have found is not known: run them again\n",
			    stderr);
		return EXIT_ABORTED;
	}
	(void)fprintf(stderr,
		      "firedrill: %s%sa fault is, or may be, still in place: see `firedrill "
		      "status`, then `firedrill revert --all`\n",
		      error.text, error.text[0] != '\0' ? "; " : "");
	return EXIT_FAULT_LEFT;
}
