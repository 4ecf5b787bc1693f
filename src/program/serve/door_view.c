/* What a guest is shown. */
#include "src/program/serve/door_view.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/json.h"
#include "reports/outlet.h"

#define JSON_MAX (8 << 20) /* bytes that may wait for their reader */

/* Our end is written without waiting, and belongs to nobody else: what the guest does to its own
 * cannot change that. */
static bool open_pipe(FILE **ret_file, int *ret_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	*ret_file = fdopen(ends[1], "w");
	if (*ret_file == NULL) {
		(void)close(ends[0]);
		(void)close(ends[1]);
		return false;
	}
	*ret_end = ends[0];
	return true;
}

bool door_view_open(struct door_view *view, struct event_base *base, struct terminal_options looks,
		    bool json, int ret_pipes[DOOR_PIPES], size_t *ret_count)
{
	*ret_count = 0;
	if (!open_pipe(&view->drawn, &ret_pipes[0]))
		return false;
	*ret_count = 1;
	view->terminal = terminal_new(base, view->drawn, looks);
	if (!json)
		return true;
	if (!open_pipe(&view->lines, &ret_pipes[1]))
		return false;
	*ret_count = 2;
	view->json = outlet_new(view->lines, JSON_MAX);
	return true;
}

void door_view_finish(struct door_view *view, const struct drill_record *record)
{
	char *line;

	terminal_finish(view->terminal, record);
	if (view->json == NULL)
		return;
	line = json_report(record);
	outlet_add(view->json, line, strlen(line));
	outlet_add(view->json, "\n", 1);
	free(line);
}

bool door_view_drain(struct door_view *view)
{
	bool drained = terminal_drain(view->terminal);

	return (view->json == NULL || outlet_drain(view->json)) && drained;
}

bool door_view_has_lost(const struct door_view *view)
{
	return view->json != NULL && outlet_failed(view->json);
}

void door_view_close(struct door_view *view)
{
	if (view->terminal != NULL)
		terminal_drop(view->terminal);
	terminal_free(view->terminal);
	outlet_free(view->json);
	if (view->drawn != NULL)
		(void)fclose(view->drawn);
	if (view->lines != NULL)
		(void)fclose(view->lines);
	*view = (struct door_view){0};
}
