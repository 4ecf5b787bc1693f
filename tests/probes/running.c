/* What became of a child, copied, and commands for tests. */
#include "tests/probes/running.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/id.h"
#include "tests/support/loop.h"

void ended_keep(void *arg, const struct child_end *end)
{
	struct ended *ended = arg;

	ended->done = true;
	ended->times++;
	ended->started = end->started;
	ended->timed_out = end->timed_out;
	ended->status = end->status;
	(void)snprintf(ended->error, sizeof ended->error, "%s",
		       end->error != NULL ? end->error : "");
	(void)snprintf(ended->output, sizeof ended->output, "%s", end->output);
}

void ended_output(void *arg, const char *data, size_t len)
{
	struct ended *ended = arg;
	size_t had = strlen(ended->live), room = sizeof ended->live - 1 - had;

	memcpy(ended->live + had, data, len < room ? len : room);
}

const char *running_mark(void)
{
	static char mark[ID_LEN + 1];

	if (mark[0] == '\0')
		id_new(mark);
	return mark;
}

struct child_ask running_script(const char *script, const char **argv)
{
	static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};

	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	return (struct child_ask){.argv = argv, .environment = environment, .mark = running_mark()};
}

struct wanted {
	const struct ended *ended;
	const char *text;
};

static bool has_output(void *arg)
{
	const struct wanted *wanted = arg;

	return strstr(wanted->ended->live, wanted->text) != NULL;
}

void running_until_output(struct event_base *base, struct ended *ended, const char *text)
{
	loop_until_true(base, has_output, &(struct wanted){ended, text});
}

static bool is_nobody_left(void *arg)
{
	return child_signal_marked(arg, 0) == 0;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg; /* only turns the loop, so that the condition is looked at again */
}

void running_until_none(struct event_base *base, const char *mark)
{
	const struct timeval wait = {.tv_usec = 5000};
	struct event *tick = event_new(base, -1, EV_PERSIST, on_tick, NULL);

	assert_non_null(tick);
	assert_int_equal(event_add(tick, &wait), 0);
	loop_until_true(base, is_nobody_left, (void *)(uintptr_t)mark);
	event_free(tick);
}
