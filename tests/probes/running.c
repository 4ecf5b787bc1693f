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
#include "tests/support/begun.h"
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

	const char *at = strstr(wanted->ended->live, wanted->text);

	return at != NULL && strchr(at, '\n') != NULL;
}

void running_until_output(struct event_base *base, struct ended *ended, const char *text)
{
	loop_until_true(base, has_output, &(struct wanted){ended, text});
}

static bool is_nobody_left(void *arg)
{
	size_t unclear;

	return child_signal_marked_or_unclear(arg, 0, &unclear) == 0 && unclear == 0;
}

void running_until_none(struct event_base *base, const char *mark)
{
	loop_until_true(base, is_nobody_left, (void *)(uintptr_t)mark);
}

static bool sleep_as_many(void *arg)
{
	return begun_count(running_mark(), "sleep") == *(const size_t *)arg;
}

void running_until_sleeping(struct event_base *base, size_t count)
{
	loop_until_true(base, sleep_as_many, &count);
}
