/* What is printed while faults are in place. A reader who has stopped (a pause by Ctrl-S, a pipe that
 * is full) must not hold up the drills, whose faults would stay in. */
#include "reports/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

#define PIECE_BYTES 4096 /* what a writable pipe takes without blocking (PIPE_BUF) */

struct outlet {
	FILE *out;          /* borrowed */
	int own;            /* owned; -1: none, and out's is used */
	struct buf pending; /* not written yet: nobody reads */
	bool failed;
};

/* A terminal that is called writable may take less than a piece and keep whoever writes waiting for
 * the rest. It is opened once more, since others share the first open file and its flags. */
static int open_own(FILE *out)
{
	char name[64];

	if (isatty(fileno(out)) != 1)
		return -1;
	(void)snprintf(name, sizeof name, "/proc/self/fd/%d", fileno(out));
	return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

struct outlet *outlet_new(FILE *out, size_t limit)
{
	struct outlet *outlet = mem_zalloc(sizeof *outlet);

	*outlet = (struct outlet){.out = out, .own = open_own(out), .pending.limit = limit};
	return outlet;
}

void outlet_free(struct outlet *outlet)
{
	if (outlet == NULL)
		return;
	if (outlet->own >= 0)
		(void)close(outlet->own);
	buf_done(&outlet->pending);
	free(outlet);
}

static int fd_of(const struct outlet *outlet)
{
	return outlet->own >= 0 ? outlet->own : fileno(outlet->out);
}

static bool is_writable(const struct outlet *outlet, bool wait)
{
	struct pollfd poll_fd = {.fd = fd_of(outlet), .events = POLLOUT};

	return poll(&poll_fd, 1, wait ? -1 : 0) > 0;
}

/* As much as goes out: a frame in one piece where that is possible, since half a frame flickers. */
static void push(struct outlet *outlet, bool wait)
{
	struct buf *pending = &outlet->pending;
	size_t done = 0;

	if (fflush(outlet->out) != 0)
		outlet->failed = true;
	while (done < pending->len && (is_writable(outlet, wait) || (wait && errno == EINTR))) {
		size_t left = pending->len - done;
		ssize_t n = write(fd_of(outlet), pending->data + done,
				  left < PIECE_BYTES ? left : PIECE_BYTES);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR && errno != EAGAIN) {
			done = pending->len; /* the reader is gone; the drills go on */
			outlet->failed = true;
		} else if (!wait) {
			break;
		}
	}
	if (done > 0) {
		memmove(pending->data, pending->data + done, pending->len - done + 1);
		pending->len -= done;
	}
}

void outlet_add(struct outlet *outlet, const char *data, size_t len)
{
	buf_add(&outlet->pending, data, len);
	push(outlet, false);
}

bool outlet_flush(struct outlet *outlet)
{
	push(outlet, false);
	return outlet->pending.len == 0 && is_writable(outlet, false);
}

bool outlet_drain(struct outlet *outlet)
{
	push(outlet, false);
	return outlet->pending.len == 0;
}

void outlet_drop(struct outlet *outlet)
{
	if (outlet->pending.len > 0)
		outlet->failed = true;
	buf_done(&outlet->pending);
}

void outlet_finish(struct outlet *outlet)
{
	push(outlet, true);
}

bool outlet_failed(const struct outlet *outlet)
{
	return outlet->failed || outlet->pending.full;
}
