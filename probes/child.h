/* A child process on the loop: no shell, own process group, clean environment, limits. */
#ifndef PROBES_CHILD_H
#define PROBES_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

struct event_base;
struct child;

/* The environment variable that marks every process of a drill, so that it can be found again. */
#define CHILD_MARK "FIREDRILL_DRILL"

struct child_ask {
	const char *const *argv;        /* NULL-terminated; argv[0] is looked for in the child's
					   own PATH, or /usr/local/bin:/usr/bin:/bin */
	const char *const *environment; /* "NAME=VALUE", NULL-terminated: all that the child gets */
	const char *directory;          /* NULL: ours */
	const char *mark;               /* value of CHILD_MARK */
	int64_t timeout_ms;             /* killed after this, with its process group; 0: never */
	size_t output_limit; /* bytes of stdout and stderr kept; the newest; default 8 KiB */
};

/* Borrowed, valid inside the callback only. */
struct child_end {
	bool started;      /* false: `error` says why not (no such file, ...) */
	const char *error; /* NULL when started */
	bool timed_out;
	int status;         /* exit status, or 128 + signal number */
	const char *output; /* the last output_limit bytes of stdout and stderr together */
};

typedef void child_done_fn(void *arg, const struct child_end *end);
/* Each piece of output as it comes; NULL-able in child_start. */
typedef void child_output_fn(void *arg, const char *data, size_t len);

/*
 * The contract of probes/http.h.  The child dies with us (PR_SET_PDEATHSIG) and is the leader of
 * its own process group, so a Ctrl-C on our terminal does not reach it before we do.  It starts
 * with no descriptor but 0 to 2 (0 reads nothing) and with every signal as usual.  The end is that
 * of the child itself: processes it leaves behind live on, and child_signal_marked finds them.
 * SIGCHLD must not be ignored by this process.
 */
struct child *child_start(struct event_base *base, const struct child_ask *ask,
			  child_output_fn *output, child_done_fn *done, void *arg);
/* Tells once, from the loop, that the child's own program runs: not when it could not be run, and not
 * after the child's end, which may be seen first.  To be asked for right after child_start. */
typedef void child_running_fn(void *arg);
void child_tell_running(struct child *child, child_running_fn *running);
/* Kills the group (SIGKILL), reaps, frees. NULL is fine; allowed from all three callbacks. */
void child_cancel(struct child *child);
/* A signal for the whole group. */
void child_signal(const struct child *child, int signal_number);

/* Processes on this machine that carry CHILD_MARK=mark in their environment, ourselves excluded;
 * signal_number 0 only counts them. Works for processes that an earlier life started, but not for
 * those of other users, nor for the few programs that overwrite their environment. Killed ones
 * take a moment to go: ask again with 0. SIGKILL waits a fifth of a second, at most, for one that begins its
 * program just now; meanwhile one may be counted twice. */
size_t child_signal_marked(const char *mark, int signal_number);
/* The same; *ret_unclear: how many begin their program just now, so that it cannot be told yet whether
 * they carry the mark. They were not signalled: ask again. */
size_t child_signal_marked_or_unclear(const char *mark, int signal_number, size_t *ret_unclear);

#endif
