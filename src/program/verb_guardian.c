/* `firedrill guardian`: started by firedrill itself before it breaks anything, and by nobody else.
 * It sleeps until firedrill says good-bye, dies in any way, or hangs with a fault in place; then it
 * puts right what is left, from the ledger alone. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/words.h"
#include "src/program/app.h"
#include "src/program/guardian_settle.h"
#include "src/program/guardian_watch.h"
#include "src/program/verbs.h"
#include "src/program/wire.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

#define NAME "firedrill-guard" /* 15 characters, as much as the kernel keeps */

/* What ends or stops a process politely is for firedrill; its guardian ends when all is over.  It
 * was started with every signal blocked, so none of them can have come before. */
static void ignore_signals(void)
{
	static const int numbers[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE, SIGALRM,
				      SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t none;

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		(void)sigaction(numbers[i], &ignore, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool is_our_socket(void)
{
	socklen_t size = sizeof(int);
	int type = 0;

	return getsockopt(WIRE_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	       type == SOCK_SEQPACKET && fcntl(WIRE_SOCKET, F_SETFD, FD_CLOEXEC) == 0 &&
	       fcntl(WIRE_LOCKS, F_SETFD, FD_CLOEXEC) == 0;
}

static int refuse(const char *why)
{
	struct wire_message message = {.word = WIRE_REFUSED};

	(void)snprintf(message.text, sizeof message.text, "%s", why);
	(void)wire_send(WIRE_SOCKET, &message);
	return EXIT_USAGE;
}

/* A guardian that could not put anything right is none, so it tries what it can beforehand. */
static bool could_work(const struct app *app, struct error *error)
{
	struct ledger *ledger = ledger_open(app_config(app)->state, error);

	ledger_close(ledger);
	return ledger != NULL;
}

/* How firedrill ended; it may have died while we started, with a fault in place that the guardian
 * before us watched over. */
static enum watch_end await_end(struct watch_held *ret_held)
{
	struct watched firedrill;
	enum watch_end end;

	ret_held->count = 0;
	if (!watched_find(WIRE_SOCKET, &firedrill))
		return WATCH_DIED;
	(void)wire_send(WIRE_SOCKET, &(struct wire_message){.word = WIRE_READY});
	end = watch_run(WIRE_SOCKET, &firedrill, ret_held);
	/* Whoever is to be replaced is dead first: it must not break anything from now on. */
	if (end != WATCH_BYE)
		watched_kill(&firedrill);
	if (firedrill.pidfd >= 0)
		(void)close(firedrill.pidfd);
	return end;
}

static int guard(struct app *app, struct locks *locks)
{
	const struct guarded_file file = guardian_file(app_config(app)->state);
	struct watch_held held;
	enum watch_end end = await_end(&held);

	if (end != WATCH_BYE)
		guardian_tell_lost(app, file, &held);
	if (!guardian_has_work(app_config(app)->state, end != WATCH_BYE)) {
		locks_close(locks);
		return EXIT_PASS;
	}
	/* Who says good-bye may live on: a daemon with a new configuration, and drills of it. What it
	 * holds is not ours to take, so others' locks from now on, as any other firedrill has. */
	if (end == WATCH_BYE) {
		locks_close(locks);
		locks = NULL;
	}
	(void)close(WIRE_SOCKET); /* firedrill waits for this after its good-bye */
	return guardian_settle(app, locks, end == WATCH_BYE);
}

static int run_guardian(const struct options *options)
{
	struct error error = {""};
	struct locks *locks;
	struct app *app;
	int code;

	if (!is_our_socket()) {
		(void)fputs("firedrill: the guardian is started by `firedrill run` itself\n",
			    stderr);
		return EXIT_USAGE;
	}
	ignore_signals();
	(void)prctl(PR_SET_NAME, NAME);
	app = app_load_config(options);
	if (app == NULL)
		return refuse("the configuration has mistakes by now: see `firedrill check`");
	locks = locks_adopt(WIRE_LOCKS, &error);
	if (locks != NULL) /* firedrill's own ledger, whatever the configuration names by now */
		app_set_state(app, locks_ledger(locks));
	if (locks != NULL && could_work(app, &error)) {
		code = guard(app, locks);
	} else {
		code = refuse(error.text);
		locks_close(locks);
	}
	app_free(app);
	return code;
}

const struct verb verb_guardian = {
    .name = "guardian",
    .words = "",
    .options = 1u << OPTION_CONFIG,
    .summary = "puts right what is in place should firedrill die; started by firedrill itself",
    .help = "Started by `firedrill run` itself, never by hand.",
    .run = run_guardian,
};
