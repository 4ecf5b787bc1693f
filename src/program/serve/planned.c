/* Writes into the history what was begun and what was missed by schedule. */
#include "src/program/serve/planned.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/program/chronicle.h"
#include "src/store/history.h"

#define SLICE       200 /* starts that are written at once: some milliseconds */
#define AGAIN_MS    250 /* after one that could not be written */
#define BACKLOG_MAX (PLANNED_WAITING_MAX / 2) /* beyond, nothing is put off any more */

struct entry {
	char *scenario, *environment; /* owned */
	char *why;                    /* owned; of a missed start; NULL: it was begun */
	int64_t first_wall_ms, last_wall_ms, count;
	struct entry *next; /* owned */
};

struct planned {
	struct chronicle *chronicle; /* borrowed; its history may be opened later */
	struct event *write_on;      /* owned; the next slice */
	struct entry *first;         /* owned; of a scenario in an environment, the oldest first */
	struct entry **end;
	size_t waiting;
};

static void on_write(evutil_socket_t fd, short what, void *arg);

struct planned *planned_new(struct event_base *base, struct chronicle *chronicle)
{
	struct planned *planned = mem_zalloc(sizeof *planned);

	planned->chronicle = chronicle;
	planned->write_on = evtimer_new(base, on_write, planned);
	planned->end = &planned->first;
	return planned;
}

static void drop_first(struct planned *planned)
{
	struct entry *gone = planned->first;

	planned->first = gone->next;
	if (planned->first == NULL)
		planned->end = &planned->first;
	planned->waiting--;
	free(gone->scenario);
	free(gone->environment);
	free(gone->why);
	free(gone);
}

void planned_free(struct planned *planned)
{
	if (planned == NULL)
		return;
	while (planned->first != NULL)
		drop_first(planned);
	event_free(planned->write_on);
	free(planned);
}

/* Writing. */

static void write_after(struct planned *planned, int64_t ms)
{
	const struct timeval delay = {ms / 1000, ms % 1000 * 1000};

	(void)event_add(planned->write_on, &delay);
}

/* The first ones, all in one go. */
static bool write_some(struct planned *planned, size_t count, int64_t wait_ms, struct error *error)
{
	struct history *history = chronicle_history(planned->chronicle);
	struct history_missed *missed = mem_zalloc(count * sizeof *missed);
	struct history_start *starts = mem_zalloc(count * sizeof *starts);
	const struct entry *entry = planned->first;
	bool good;

	for (size_t i = 0; i < count; i++, entry = entry->next) {
		missed[i] = (struct history_missed){
		    .scenario = entry->scenario,
		    .environment = entry->environment,
		    .why = entry->why,
		    .first_wall_ms = entry->first_wall_ms,
		    .last_wall_ms = entry->last_wall_ms,
		    .count = entry->count,
		};
		starts[i] = (struct history_start){
		    {entry->scenario, entry->environment, entry->last_wall_ms},
		    entry->why != NULL ? &missed[i] : NULL};
	}
	good = history != NULL ? history_add_starts(history, starts, count, wait_ms, error)
			       : error_set(error, "it is not open");
	free(missed);
	free(starts);
	for (size_t i = 0; good && i < count; i++)
		drop_first(planned);
	return good;
}

static bool write_slice(struct planned *planned, int64_t wait_ms, struct error *error)
{
	return planned->first == NULL ||
	       write_some(planned, planned->waiting < SLICE ? planned->waiting : SLICE, wait_ms,
			  error);
}

/* A timer, so that whatever else the loop has to do comes between two slices. */
static void on_write(evutil_socket_t fd, short what, void *arg)
{
	struct planned *planned = arg;
	bool good = write_slice(planned, 0, NULL);

	(void)fd;
	(void)what;
	if (planned->first != NULL)
		write_after(planned, good ? 0 : AGAIN_MS);
}

bool planned_write(struct planned *planned, int64_t wait_ms, struct error *error)
{
	bool good = write_slice(planned, wait_ms, error);

	while (good && wait_ms > 0 && planned->first != NULL)
		good = write_slice(planned, wait_ms, error);
	return good;
}

bool planned_is_written(const struct planned *planned)
{
	return planned->first == NULL;
}

/* What is to be written. */

static void add(struct planned *planned, const struct entry *entry)
{
	if (planned->waiting == PLANNED_WAITING_MAX)
		drop_first(planned);
	*planned->end = mem_zalloc(sizeof **planned->end);
	**planned->end = *entry;
	planned->end = &(*planned->end)->next;
	planned->waiting++;
	if (!evtimer_pending(planned->write_on, NULL))
		write_after(planned, 0);
}

/* Those of the same scenario in the same environment come first now, in their order. */
static size_t bring_forward(struct planned *planned, const struct entry *like)
{
	struct entry **at = &planned->first, *rest, *own = NULL, **own_end = &own;
	size_t count = 0;

	while (*at != NULL) {
		struct entry *entry = *at;

		if (strcmp(entry->scenario, like->scenario) != 0 ||
		    strcmp(entry->environment, like->environment) != 0) {
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		*own_end = entry;
		own_end = &entry->next;
		count++;
	}
	rest = planned->first;
	*own_end = rest;
	planned->first = own;
	planned->end = rest != NULL ? at : own_end;
	return count;
}

/* Before the drill begins: it must not begin once more in the next life. */
static void add_now(struct planned *planned, const struct entry *entry)
{
	add(planned, entry);
	(void)!write_some(planned, bring_forward(planned, entry), 0, NULL);
}

void planned_begun(struct planned *planned, const struct planner_due *due)
{
	const struct entry entry = {
	    .scenario = mem_dup(due->scenario),
	    .environment = mem_dup(due->environment),
	    .last_wall_ms = due->planned_wall_ms,
	};

	add_now(planned, &entry);
}

void planned_missed(struct planned *planned, const struct planner_missed *missed)
{
	const struct entry entry = {
	    .scenario = mem_dup(missed->scenario),
	    .environment = mem_dup(missed->environment),
	    .why = mem_dup(missed->why),
	    .first_wall_ms = missed->first_wall_ms,
	    .last_wall_ms = missed->last_wall_ms,
	    .count = (int64_t)missed->count,
	};

	add(planned, &entry);
	if (planned->waiting > BACKLOG_MAX)
		(void)!write_slice(planned, 0, NULL);
}

/* Among the planned starts it is the one of no scenario, in no environment. */

void planned_digest(struct planned *planned, int64_t due_wall_ms)
{
	const struct entry entry = {
	    .scenario = mem_dup(""),
	    .environment = mem_dup(""),
	    .last_wall_ms = due_wall_ms,
	};

	add_now(planned, &entry);
}

static bool on_planned(void *arg, const struct history_planned *planned)
{
	int64_t *due_wall_ms = arg;
	bool is_digest = planned->scenario[0] == '\0' && planned->environment[0] == '\0';

	if (is_digest)
		*due_wall_ms = planned->wall_ms;
	return !is_digest;
}

int64_t planned_digest_before(const struct planned *planned)
{
	struct history *history = chronicle_history(planned->chronicle);
	int64_t due_wall_ms = -1;
	struct error error;

	if (history != NULL)
		(void)!history_visit_planned(history, on_planned, &due_wall_ms, &error);
	return due_wall_ms;
}
