/* A child process on the loop: its output as it comes, its end, its time limit. */
#include "probes/child.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/child_parts.h"
#include "src/base/mem.h"

#define OUTPUT_DEFAULT 8192
#define OUTPUT_MOST    (16U << 20)
#define READ_SIZE      16384
#define DRAIN_LIMIT    (1U << 20) /* bytes still read once the child is gone */
#define LOOK_AGAIN_MS  10         /* between two looks whether it has ended */
#define STATUS_UNSEEN  127        /* somebody else took it: not a success */
#define CANCEL_WAIT_MS 500        /* for a killed process to go: longer only inside the kernel */

struct child {
	struct child_process process; /* owned; pid 0: never started, or reaped */
	char *program, *directory;    /* owned; for error texts */
	struct event *exit;           /* owned; the process may be gone */
	struct event *readable;       /* owned */
	struct event *launched;       /* owned; its program runs, or cannot; NULL: nobody asked */
	struct event *timeout;        /* owned; NULL: no time limit */
	char *kept;                   /* owned; up to twice the limit, the newest last */
	size_t kept_len, limit;       /* bytes */
	bool cut;                     /* older output was dropped */
	bool timed_out, ended;
	bool never_ran; /* `error` says why; already read from the failure pipe */
	bool in_output; /* the output callback runs: a cancel from there frees nothing yet */
	struct error error;
	child_output_fn *on_output; /* NULL: nobody looks */
	child_running_fn *running;  /* NULL: nobody asked */
	child_done_fn *done;
	void *arg;
};

static struct timeval in_ms(int64_t ms)
{
	return (struct timeval){.tv_sec = (time_t)(ms / 1000),
				.tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void free_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

/* After this the loop does not call back any more. */
static void let_go(struct child *child)
{
	free_event(&child->exit);
	free_event(&child->readable);
	free_event(&child->launched);
	free_event(&child->timeout);
	close_fd(&child->process.pidfd);
	close_fd(&child->process.output);
	close_fd(&child->process.failure);
	child->ended = true;
}

static void child_free(struct child *child)
{
	free(child->program);
	free(child->directory);
	free(child->kept);
	free(child);
}

/* Output. */

/* Keeps the newest: the front half is dropped only when both halves are full. */
static void keep(struct child *child, const char *data, size_t len)
{
	if (len > child->limit) {
		data += len - child->limit;
		len = child->limit;
		child->kept_len = 0;
		child->cut = true;
	}
	if (child->kept_len + len > 2 * child->limit) {
		size_t stay = child->limit - len;

		memmove(child->kept, child->kept + child->kept_len - stay, stay);
		child->kept_len = stay;
		child->cut = true;
	}
	memcpy(child->kept + child->kept_len, data, len);
	child->kept_len += len;
}

/* The newest bytes as a text: without NULs, and not starting inside a UTF-8 character. */
static const char *newest(struct child *child)
{
	char *text = child->kept, *end = child->kept + child->kept_len;

	if (child->kept_len > child->limit) {
		text = end - child->limit;
		child->cut = true;
	}
	for (char *at = text; at < end; at++) {
		if (*at == '\0')
			*at = '?';
	}
	*end = '\0';
	while (child->cut && ((unsigned char)*text & 0xc0) == 0x80)
		text++;
	return text;
}

enum reading { READ_SOME, READ_NOTHING, READ_CANCELLED };

static enum reading read_some(struct child *child, size_t *ret_len)
{
	char data[READ_SIZE];
	ssize_t len = read(child->process.output, data, sizeof data);

	if (len < 0)
		return errno == EINTR ? READ_SOME : READ_NOTHING;
	if (len == 0) {
		free_event(&child->readable);
		close_fd(&child->process.output);
		return READ_NOTHING;
	}
	*ret_len += (size_t)len;
	keep(child, data, (size_t)len);
	if (child->on_output == NULL)
		return READ_SOME;
	child->in_output = true;
	child->on_output(child->arg, data, (size_t)len);
	child->in_output = false;
	if (!child->ended)
		return READ_SOME;
	child_free(child);
	return READ_CANCELLED;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	size_t len = 0;

	(void)fd;
	(void)what;
	(void)read_some(arg, &len); /* one piece a turn: a flood must not starve others */
}

/* Reads what is there without waiting: processes that the child left behind may hold the pipe
 * open for as long as they like. False when the output callback cancelled the child. */
static bool drain(struct child *child)
{
	enum reading reading = READ_SOME;
	size_t total = 0;

	while (reading == READ_SOME && child->process.output >= 0 && total < DRAIN_LIMIT)
		reading = read_some(child, &total);
	return reading != READ_CANCELLED;
}

/* The end. */

static void finish(struct child *child, const struct child_end *end)
{
	let_go(child);
	child->done(child->arg, end);
	child_free(child);
}

static void on_never_started(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	const struct child_end end = {.error = child->error.text, .output = ""};

	(void)fd;
	(void)what;
	finish(child, &end);
}

/* True when it never came to run its program; `error` says why. */
static bool never_ran(struct child *child)
{
	if (!child->never_ran)
		child->never_ran = child_launch_failed(child->process.failure, child->program,
						       child->directory, &child->error);
	return child->never_ran;
}

/* The pipe of what goes wrong before exec has something to say, or is closed by exec. */
static void on_launched(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd;
	(void)what;
	if (!never_ran(child)) /* else its end is about to be seen */
		child->running(child->arg);
}

static void kill_group(const struct child *child)
{
	if (child->process.pid == 0)
		return;
	(void)kill(-child->process.pid, SIGKILL);
	(void)kill(child->process.pid, SIGKILL); /* should it not lead its group yet */
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd;
	(void)what;
	child->timed_out = true;
	kill_group(child); /* its end is then seen as any other */
}

/* True when the process has ended and is reaped: from then on its number is not ours any more. */
static bool reap(struct child *child, int *ret_status)
{
	siginfo_t about = {0};

	*ret_status = STATUS_UNSEEN;
	if (waitid(P_PID, (id_t)child->process.pid, &about, WEXITED | WNOHANG) == 0) {
		if (about.si_pid == 0)
			return false;
		*ret_status = about.si_code == CLD_EXITED ? about.si_status : 128 + about.si_status;
	}
	child->process.pid = 0;
	return true;
}

static void on_exit_seen(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	struct child_end end = {.started = true, .timed_out = child->timed_out};

	(void)fd;
	(void)what;
	if (!reap(child, &end.status) || !drain(child))
		return;
	if (never_ran(child))
		end = (struct child_end){.error = child->error.text};
	end.output = newest(child);
	finish(child, &end);
}

/* Setting up. */

static struct event *arm(struct event_base *base, int fd, short what, event_callback_fn on_event,
			 struct child *child, const struct timeval *wait)
{
	struct event *event = event_new(base, fd, what, on_event, child);

	if (event == NULL || event_add(event, wait) != 0)
		abort(); /* out of memory, as in mem.h */
	return event;
}

static void watch(struct event_base *base, struct child *child, int64_t timeout_ms)
{
	const struct timeval limit = in_ms(timeout_ms), again = in_ms(LOOK_AGAIN_MS);
	int pidfd = child->process.pidfd;

	child->readable =
	    arm(base, child->process.output, EV_READ | EV_PERSIST, on_readable, child, NULL);
	if (pidfd >= 0)
		child->exit = arm(base, pidfd, EV_READ | EV_PERSIST, on_exit_seen, child, NULL);
	else
		child->exit = arm(base, -1, EV_PERSIST, on_exit_seen, child, &again);
	if (timeout_ms > 0)
		child->timeout = arm(base, -1, 0, on_timeout, child, &limit);
}

static size_t limit_of(size_t asked)
{
	if (asked == 0)
		return OUTPUT_DEFAULT;
	return asked < OUTPUT_MOST ? asked : OUTPUT_MOST;
}

/* What others call. */

struct child *child_start(struct event_base *base, const struct child_ask *ask,
			  child_output_fn *output, child_done_fn *done, void *arg)
{
	struct child *child = mem_zalloc(sizeof *child);
	const struct timeval at_once = {0};

	*child = (struct child){
	    .process = {.pidfd = -1, .output = -1, .failure = -1},
	    .program = mem_dup(ask->argv[0]),
	    .directory = mem_dup(ask->directory),
	    .limit = limit_of(ask->output_limit),
	    .on_output = output,
	    .done = done,
	    .arg = arg,
	};
	child->kept = mem_zalloc(2 * child->limit + 1);
	if (child_launch(ask, &child->process, &child->error))
		watch(base, child, ask->timeout_ms);
	else
		child->exit = arm(base, -1, 0, on_never_started, child, &at_once);
	return child;
}

void child_tell_running(struct child *child, child_running_fn *running)
{
	if (child->process.failure < 0) /* there is no process: the end says so */
		return;
	child->running = running;
	child->launched = arm(event_get_base(child->exit), child->process.failure, EV_READ,
			      on_launched, child, NULL);
}

/* A killed process is gone within a moment; one that hangs in the kernel is left to init.  What counts is how often was
 * looked, not the clock: on a machine that stood still the process has had no time either. */
static void await_reaped(struct child *child)
{
	struct pollfd gone = {.fd = child->process.pidfd, .events = POLLIN};
	int wait_ms = child->process.pidfd >= 0 ? LOOK_AGAIN_MS : 1;
	int status;

	for (int waited = 0; !reap(child, &status) && waited < CANCEL_WAIT_MS; waited += wait_ms)
		(void)poll(&gone, 1, wait_ms);
	if (child->process.pid != 0)
		(void)reap(child, &status);
}

void child_cancel(struct child *child)
{
	if (child == NULL || child->ended) /* from inside its own done */
		return;
	kill_group(child);
	if (child->process.pid != 0)
		await_reaped(child);
	let_go(child);
	if (!child->in_output)
		child_free(child);
}

void child_signal(const struct child *child, int signal_number)
{
	if (child->process.pid != 0)
		(void)kill(-child->process.pid, signal_number);
}
