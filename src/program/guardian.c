/* Our end of the guardian: starting it, telling it what is in place, noticing its death. */
#include "src/program/guardian.h"

#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/guardian_spawn.h"
#include "src/program/wire.h"
#include "src/store/locks.h"

#define READY_LIMIT_MS 30000 /* for a new one to say that it is ready; longer only if it hangs */
#define STARTS_MAX     5     /* in a row */
#define PAUSE_MS       500   /* before the third start; doubled for each after it */
#define STEADY_MS      30000 /* one that lasted so long does not count as one in a row */
#define UNHEARD_MAX    5     /* ticks without an answer */
#define GONE_WAIT_MS   500   /* for a killed one to go */
#define LOOK_MS        10    /* between two looks whether it has */
#define END_WAIT_MS    100   /* for one to end that has nothing left to do */
#define BYE_WAIT_MS    2000  /* for it to look at the ledger once all is over */

struct hold {
	char drill[ID_LEN + 1];
	int64_t due_ms; /* clock_ms() when its lease is over, whatever the wall clock says then */
};

struct guardian {
	struct event_base *base; /* borrowed */
	struct locks *locks;     /* borrowed */
	char *config;            /* owned; absolute */
	guardian_changed_fn *changed;
	void *arg;

	pid_t pid;            /* -1: none runs */
	int socket;           /* owned; -1: none */
	struct event *news;   /* owned; something came by the socket */
	struct event *tick;   /* owned; while something is held */
	struct event *wait;   /* owned; until it is ready, or until the next start */
	bool ready, given_up; /* given_up: there will be none any more */
	bool was_ready;       /* any of them, ever */
	bool refused;         /* it said itself that it could not work */
	int starts;           /* in a row */
	int unheard;          /* ticks since the last answer */
	int64_t started_ms;
	struct error error; /* of the last failure */
	struct hold holds[WIRE_HOLDS_MAX];
	size_t hold_count;
};

static void start_again(struct guardian *guardian);

static void arm(struct event *event, int64_t delay_ms)
{
	const struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

	if (event_add(event, &delay) != 0)
		abort(); /* out of memory, as in mem.h */
}

/* The process. */

static void on_gone(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)waitpid((pid_t)(intptr_t)arg, NULL, WNOHANG);
	(void)close(fd);
}

/* An own child that is dead or was killed goes within a moment. One that goes on is reaped by our loop,
 * should that live longer; else by init. */
static void reap(struct event_base *base, pid_t pid, int wait_ms)
{
	bool reaped;

	struct pollfd gone = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	/* in short pieces: on a machine that stood still it has had no time to go either */
	int look_ms = gone.fd >= 0 ? LOOK_MS : 1; /* no pidfd in an old kernel */

	for (int waited_ms = 0; waitpid(pid, NULL, WNOHANG) == 0 && waited_ms < wait_ms;
	     waited_ms += look_ms)
		(void)poll(&gone, 1, look_ms);
	reaped = waitpid(pid, NULL, WNOHANG) != 0;
	if (gone.fd >= 0 && (reaped || event_base_once(base, gone.fd, EV_READ, on_gone,
						       (void *)(intptr_t)pid, NULL) != 0))
		(void)close(gone.fd);
}

/* It is dead, or as good as dead. Killed before the socket is closed: that would mean our death. */
static void lose(struct guardian *guardian)
{
	if (guardian->pid > 0) {
		(void)kill(guardian->pid, SIGKILL);
		reap(guardian->base, guardian->pid, GONE_WAIT_MS);
	}
	guardian->pid = -1;
	if (guardian->news != NULL)
		event_free(guardian->news);
	guardian->news = NULL;
	if (guardian->socket >= 0)
		(void)close(guardian->socket);
	guardian->socket = -1;
	guardian->ready = false;
	(void)event_del(guardian->tick);
	(void)event_del(guardian->wait);
	start_again(guardian);
}

/* At once, then with growing pauses; at last never. */
static void start_again(struct guardian *guardian)
{
	if (clock_ms() - guardian->started_ms > STEADY_MS)
		guardian->starts = 0;
	guardian->given_up =
	    guardian->starts >= STARTS_MAX || (guardian->refused && !guardian->was_ready);
	arm(guardian->wait,
	    guardian->given_up || guardian->starts < 2 ? 0 : PAUSE_MS << (guardian->starts - 2));
}

/* What it says. */

static bool say(struct guardian *guardian, const struct wire_message *message)
{
	if (wire_send(guardian->socket, message))
		return true;
	(void)error_set(&guardian->error, "it did not listen any more");
	lose(guardian);
	return false;
}

static bool say_hold(struct guardian *guardian, const struct hold *hold)
{
	int64_t left_ms = hold->due_ms - clock_ms();
	struct wire_message message = {.word = WIRE_HOLD, .lease_ms = left_ms > 0 ? left_ms : 0};

	memcpy(message.drill, hold->drill, sizeof message.drill);
	return say(guardian, &message);
}

static void begin(struct guardian *guardian)
{
	(void)event_del(guardian->wait);
	guardian->ready = guardian->was_ready = true;
	guardian->unheard = 0;
	for (size_t i = 0; i < guardian->hold_count; i++) {
		if (!say_hold(guardian, &guardian->holds[i]))
			return;
	}
	if (guardian->hold_count > 0)
		arm(guardian->tick, 0);
	guardian->changed(guardian->arg, true, NULL);
}

static void on_news(evutil_socket_t fd, short what, void *arg)
{
	struct guardian *guardian = arg;
	struct wire_message message;
	enum wire_got got = wire_receive(fd, &message);

	(void)what;
	if (got == WIRE_END) {
		(void)error_set(&guardian->error, "it died");
		lose(guardian);
	}
	if (got != WIRE_MESSAGE)
		return;
	if (message.word == WIRE_READY) {
		begin(guardian);
	} else if (message.word == WIRE_TOCK) {
		guardian->unheard = 0;
	} else if (message.word == WIRE_REFUSED) {
		guardian->refused = true;
		(void)error_set(&guardian->error, "%s", message.text);
		lose(guardian);
	}
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct guardian *guardian = arg;

	(void)fd;
	(void)what;
	if (guardian->unheard >= UNHEARD_MAX) {
		(void)error_set(&guardian->error, "it did not answer any more");
		lose(guardian);
		return;
	}
	guardian->unheard++;
	if (say(guardian, &(struct wire_message){.word = WIRE_TICK}))
		arm(guardian->tick, WIRE_TICK_MS);
}

/* The flow. */

static bool start(struct guardian *guardian, struct error *error)
{
	guardian->starts++;
	guardian->started_ms = clock_ms();
	guardian->refused = false;
	if (!guardian_spawn(guardian->config, locks_fd(guardian->locks), &guardian->pid,
			    &guardian->socket, error)) {
		guardian->pid = -1;
		return false;
	}
	guardian->news =
	    event_new(guardian->base, guardian->socket, EV_READ | EV_PERSIST, on_news, guardian);
	if (guardian->news == NULL || event_add(guardian->news, NULL) != 0)
		abort(); /* out of memory, as in mem.h */
	arm(guardian->wait, READY_LIMIT_MS);
	return true;
}

static void on_wait(evutil_socket_t fd, short what, void *arg)
{
	struct guardian *guardian = arg;

	(void)fd;
	(void)what;
	if (guardian->given_up) {
		guardian->changed(guardian->arg, false, guardian->error.text);
	} else if (guardian->pid > 0) {
		(void)error_set(&guardian->error, "it was not ready in %d s",
				READY_LIMIT_MS / 1000);
		lose(guardian);
	} else if (!start(guardian, &guardian->error)) {
		start_again(guardian);
	}
}

/* The guardian may be started anew when our working directory is another. Links are not followed:
 * what is relative in the file counts from where it is named. */
static char *absolute(const char *path)
{
	char *folder = path[0] != '/' ? getcwd(NULL, 0) : NULL;
	char *whole = folder != NULL ? mem_printf("%s/%s", folder, path) : mem_dup(path);

	free(folder);
	return whole;
}

struct guardian *guardian_start(struct event_base *base, const char *config, struct locks *locks,
				guardian_changed_fn *changed, void *arg, struct error *error)
{
	struct guardian *guardian = mem_zalloc(sizeof *guardian);

	*guardian = (struct guardian){
	    .base = base,
	    .locks = locks,
	    .config = absolute(config),
	    .changed = changed,
	    .arg = arg,
	    .pid = -1,
	    .socket = -1,
	    .tick = evtimer_new(base, on_tick, guardian),
	    .wait = evtimer_new(base, on_wait, guardian),
	};
	if (guardian->tick == NULL || guardian->wait == NULL)
		abort(); /* out of memory, as in mem.h */
	if (start(guardian, error))
		return guardian;
	guardian_free(guardian);
	return NULL;
}

bool guardian_hold(struct guardian *guardian, const char *drill, int64_t lease_wall_ms,
		   struct error *error)
{
	struct hold hold = {.due_ms = clock_ms() + (lease_wall_ms - clock_wall_ms())};

	if (guardian->hold_count == WIRE_HOLDS_MAX)
		return error_set(error,
				 "the guardian looks after %d faults at most: run fewer "
				 "drills at once",
				 WIRE_HOLDS_MAX);
	(void)strncpy(hold.drill, drill, ID_LEN);
	if (!guardian->ready || !say_hold(guardian, &hold))
		return error_set(error, "there is no guardian just now (%.200s): run it again",
				 guardian->error.text);
	guardian->holds[guardian->hold_count++] = hold;
	if (guardian->hold_count == 1) {
		guardian->unheard = 0;
		arm(guardian->tick, WIRE_TICK_MS);
	}
	return true;
}

void guardian_release(struct guardian *guardian, const char *drill)
{
	struct wire_message message = {.word = WIRE_RELEASE};
	size_t i = 0;

	while (i < guardian->hold_count && strcmp(guardian->holds[i].drill, drill) != 0)
		i++;
	if (i == guardian->hold_count)
		return;
	memcpy(message.drill, guardian->holds[i].drill, sizeof message.drill);
	guardian->holds[i] = guardian->holds[--guardian->hold_count];
	if (guardian->hold_count == 0)
		(void)event_del(guardian->tick);
	if (guardian->ready)
		(void)say(guardian, &message);
}

pid_t guardian_pid(const struct guardian *guardian)
{
	return guardian->pid;
}

/* It closes its end when it has looked whether something is left for it to do. */
static void say_bye(struct guardian *guardian)
{
	struct pollfd end = {.fd = guardian->socket, .events = POLLRDHUP};

	if (wire_send(guardian->socket, &(struct wire_message){.word = WIRE_BYE}))
		(void)poll(&end, 1, BYE_WAIT_MS);
	reap(guardian->base, guardian->pid, END_WAIT_MS);
}

void guardian_free(struct guardian *guardian)
{
	if (guardian == NULL)
		return;
	if (guardian->pid > 0)
		say_bye(guardian);
	if (guardian->news != NULL)
		event_free(guardian->news);
	if (guardian->socket >= 0)
		(void)close(guardian->socket);
	event_free(guardian->tick);
	event_free(guardian->wait);
	free(guardian->config);
	free(guardian);
}
