/* What the daemon draws for us, carried to where we stand. */
#include "src/program/serve/visit_stream.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/outlet.h"
#include "src/base/mem.h"

#define PIECE_BYTES 16384

struct visit_stream {
	int from;              /* owned; -1: ended */
	struct event *event;   /* owned */
	struct event *stuck;   /* owned; after which our reader is tried again */
	struct outlet *outlet; /* owned */
	void (*ended)(void *arg);
	void *arg;
};

/* The event goes before the descriptor that it watches. */
static void end(struct visit_stream *stream)
{
	event_free(stream->event);
	stream->event = NULL;
	(void)close(stream->from);
	stream->from = -1;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = {.tv_usec = 50000};
	struct visit_stream *stream = arg;
	char piece[PIECE_BYTES];
	ssize_t got;

	(void)what;
	if (!outlet_flush(stream->outlet)) { /* more would only pile up here */
		(void)event_del(stream->event);
		(void)event_add(stream->stuck, &soon);
		return;
	}
	got = read(fd, piece, sizeof piece);
	if (got > 0) {
		outlet_add(stream->outlet, piece, (size_t)got);
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		end(stream);
		stream->ended(stream->arg);
	}
}

static void on_stuck(evutil_socket_t fd, short what, void *arg)
{
	struct visit_stream *stream = arg;

	(void)fd;
	(void)what;
	if (stream->event != NULL)
		(void)event_add(stream->event, NULL);
}

struct visit_stream *visit_stream_new(struct event_base *base, int from, FILE *to,
				      void (*ended)(void *arg), void *arg)
{
	struct visit_stream *stream = mem_zalloc(sizeof *stream);

	*stream = (struct visit_stream){.from = from, .ended = ended, .arg = arg};
	stream->outlet = outlet_new(to, 0);
	stream->event = event_new(base, from, EV_READ | EV_PERSIST, on_readable, stream);
	stream->stuck = evtimer_new(base, on_stuck, stream);
	(void)event_add(stream->event, NULL);
	return stream;
}

bool visit_stream_finish(struct visit_stream *stream)
{
	if (stream == NULL)
		return true;
	outlet_finish(stream->outlet);
	return !outlet_failed(stream->outlet);
}

bool visit_stream_has_ended(const struct visit_stream *stream)
{
	return stream->from < 0;
}

void visit_stream_free(struct visit_stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->event != NULL)
		end(stream);
	event_free(stream->stuck);
	outlet_free(stream->outlet);
	free(stream);
}
