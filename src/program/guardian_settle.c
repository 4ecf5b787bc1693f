/* The guardian at work. */
#include "src/program/guardian_settle.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/engine/settler.h"
#include "src/program/siren.h"
#include "src/program/teller.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"
#include "src/store/messages.h"

#define KEEPER         "keeper" /* the lock of the one guardian that goes on trying */
#define OPEN_PAUSE_MS  5000     /* before a ledger that cannot be opened is tried again */
#define UNREAD_PAUSE_S 5        /* the same for one that cannot be read */

struct guard_work {
	struct app *app;         /* borrowed */
	struct teller *teller;   /* owned */
	struct settler *settler; /* owned */
	struct event *hurry;     /* owned; SIGUSR1 */
	struct event *again;     /* owned; after the ledger could not be read */
	bool known;              /* people know what the first round will find stuck */
	bool keeps;              /* the first round is over */
	bool unread_told;
	bool ended; /* nothing is left to do but to tell it */
	bool over;
	int code;
};

static void start_settling(struct guard_work *work);

/* Is there anything to do? */

static bool is_gone(const char *path)
{
	return access(path, F_OK) != 0 && errno == ENOENT;
}

static bool on_open_fault(void *arg, const struct ledger_fault *fault)
{
	bool *has_work = arg;

	*has_work = *has_work || fault->ack_reason == NULL;
	return !*has_work;
}

static bool has_messages(struct ledger *ledger)
{
	struct message_list messages;
	bool any = messages_read(ledger, NULL, &messages, NULL) && messages.count > 0;

	message_list_done(&messages);
	return any;
}

bool guardian_has_work(const char *state, bool died)
{
	struct error error = {""};
	struct ledger *ledger;
	bool has_work = false;

	if (is_gone(state))
		return false;
	ledger = ledger_open(state, &error);
	if (ledger == NULL || !ledger_visit_open(ledger, NULL, on_open_fault, &has_work, &error))
		has_work = true;
	else if (died && !has_work)
		has_work = has_messages(ledger);
	ledger_close(ledger);
	return has_work;
}

/* What a ledger that was lost took with it. */

struct guarded_file guardian_file(const char *state)
{
	struct stat about = {0};

	if (stat(state, &about) != 0)
		return (struct guarded_file){0};
	return (struct guarded_file){about.st_dev, about.st_ino};
}

/* A copy in its place knows as much. */
static bool is_known(struct ledger *ledger, const char *drill)
{
	enum fault_state state = FAULT_ABSENT;
	struct error error;

	return ledger != NULL && ledger_find_state(ledger, drill, &state, &error) &&
	       state != FAULT_ABSENT;
}

static void add_lost(struct buf *drills, const char *state, const struct watch_held *held)
{
	struct error error = {""};
	struct ledger *ledger = is_gone(state) ? NULL : ledger_open(state, &error);

	for (size_t i = 0; i < held->count; i++) {
		if (!is_known(ledger, held->drills[i]))
			buf_addf(drills, "%s%s", drills->len > 0 ? ", " : "", held->drills[i]);
	}
	ledger_close(ledger);
}

void guardian_tell_lost(const struct app *app, struct guarded_file before,
			const struct watch_held *held)
{
	const char *state = app_config(app)->state;
	struct guarded_file now = guardian_file(state);
	struct buf drills = {0}, text = {0};
	struct siren *siren;

	if (now.device == before.device && now.inode == before.inode)
		return;
	add_lost(&drills, state, held);
	if (drills.len > 0) {
		buf_addf(
		    &text,
		    "firedrill died during %s, and its ledger %s was moved or removed before, so "
		    "its guardian cannot put the fault right. Look at the target yourself",
		    drills.data, state);
		siren = siren_new(app_config(app));
		siren_raise(siren, buf_text(&text));
		siren_finish(siren);
		siren_free(siren);
	}
	buf_done(&drills);
	buf_done(&text);
}

/* Callbacks. */

static void end_when_told(struct guard_work *work)
{
	if (work->ended && teller_is_idle(work->teller)) {
		work->over = true;
		(void)event_base_loopbreak(app_base(work->app));
	}
}

static void on_told_all(void *arg)
{
	end_when_told(arg);
}

static void on_told(void *arg, const struct settled *settled)
{
	struct guard_work *work = arg;

	if (work->known && !work->keeps)
		teller_is_known(work->teller, settled->drill);
	teller_tell(work->teller, settled);
}

static void stop_settling(struct guard_work *work, enum exit_code code)
{
	settler_free(work->settler);
	work->settler = NULL;
	work->ended = true;
	work->code = (int)code;
	end_when_told(work);
}

/* Somebody deleted the ledger, and with it what is still in place. */
static void give_up(struct guard_work *work)
{
	char *text =
	    mem_printf("firedrill: the ledger %s is gone, and with it a fault that could not "
		       "be put right; the guardian ends. Look at the targets yourself",
		       app_config(work->app)->state);

	teller_alarm(work->teller, text);
	free(text);
	stop_settling(work, EXIT_FAULT_LEFT);
}

/* The first round is over: whoever waits for what firedrill held may have it. Of several guardians
 * whose faults are stuck one goes on, for all of them. */
static void on_rest(void *arg)
{
	struct guard_work *work = arg;
	struct locks *locks = app_locks(work->app);
	struct error error = {""};

	if (is_gone(app_config(work->app)->state)) {
		give_up(work);
		return;
	}
	if (work->keeps)
		return;
	work->keeps = true;
	locks_release_all(locks);
	if (locks_take(locks, KEEPER, &error) == LOCK_BUSY)
		stop_settling(work, EXIT_FAULT_LEFT);
}

static void on_settled(void *arg, const char *problem)
{
	struct guard_work *work = arg;
	const struct timeval pause = {.tv_sec = UNREAD_PAUSE_S};
	char *text;

	if (problem == NULL) {
		locks_release_all(app_locks(work->app));
		stop_settling(work, EXIT_PASS);
		return;
	}
	settler_free(work->settler);
	work->settler = NULL;
	if (is_gone(app_config(work->app)->state)) {
		give_up(work);
		return;
	}
	(void)event_add(work->again, &pause);
	if (work->unread_told)
		return;
	work->unread_told = true;
	text = mem_printf("firedrill: the guardian cannot read the ledger, so a fault may be in "
			  "place: %s. It goes on trying; look at the targets yourself, and at "
			  "`firedrill status`",
			  problem);
	teller_alarm(work->teller, text);
	free(text);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	start_settling(arg);
}

static void on_hurry(evutil_socket_t number, short what, void *arg)
{
	struct guard_work *work = arg;

	(void)number;
	(void)what;
	if (work->settler != NULL)
		settler_hurry(work->settler);
}

/* The flow. */

static void start_settling(struct guard_work *work)
{
	const struct settler_world world = {
	    .base = app_base(work->app),
	    .faults = app_faults(work->app),
	    .ledger = app_ledger(work->app),
	    .locks = app_locks(work->app),
	};

	work->settler = settler_start(&world, &(struct settler_ask){.for_ever = true}, on_told,
				      on_rest, on_settled, work);
}

static void tell_unopened(struct siren *siren, const struct error *why)
{
	char *text = mem_printf("firedrill died, and its guardian cannot open the ledger, so a "
				"fault may be in place: %s. It goes on trying; look at the targets "
				"yourself",
				why->text);

	siren_raise(siren, text);
	free(text);
}

/* Until the ledger can be opened: there is nothing else to know what to put right from. False: there
 * is none any more. */
static bool await_ledger(const struct config *config)
{
	struct siren *siren = NULL;
	struct error error = {""};
	bool opened = false;

	while (!opened && !is_gone(config->state)) {
		struct ledger *ledger = ledger_open(config->state, &error);

		opened = ledger != NULL;
		ledger_close(ledger);
		if (opened)
			break;
		if (siren == NULL) {
			siren = siren_new(config);
			tell_unopened(siren, &error);
		}
		siren_run(siren, OPEN_PAUSE_MS);
	}
	siren_free(siren);
	return opened;
}

int guardian_settle(struct app *app, struct locks *locks, bool known)
{
	struct guard_work work = {.app = app, .known = known, .code = EXIT_FAULT_LEFT};
	struct error error = {""};

	if (!await_ledger(app_config(app))) {
		locks_close(locks);
		return EXIT_PASS;
	}
	if (!app_open_settling(app, locks, &error)) {
		syslog(LOG_ALERT | LOG_DAEMON,
		       "firedrill died, and its guardian cannot work, so a fault may be in place: "
		       "%s. Run: firedrill revert --all",
		       error.text);
		return EXIT_FAULT_LEFT;
	}
	ledger_hurry(app_ledger(app));
	work.teller = teller_new(app, TELLER_GUARDIAN, on_told_all, &work);
	work.hurry = evsignal_new(app_base(app), SIGUSR1, on_hurry, &work);
	work.again = evtimer_new(app_base(app), on_again, &work);
	if (work.hurry == NULL || work.again == NULL || event_add(work.hurry, NULL) != 0)
		abort(); /* out of memory, as in mem.h */
	start_settling(&work);
	while (!work.over && event_base_dispatch(app_base(app)) == 0)
		continue;
	settler_free(work.settler);
	teller_free(work.teller);
	event_free(work.hurry);
	event_free(work.again);
	return work.code;
}
