/* Writes into the history what was begun and what was missed by schedule. */
#include "src/program/serve/planned.h"

#include <stdlib.h>

#include "src/base/mem.h"
#include "src/program/chronicle.h"
#include "src/store/history.h"

struct entry {
	char *scenario, *environment; /* owned */
	char *why;                    /* owned; of a missed start; NULL: it was begun */
	int64_t first_wall_ms, last_wall_ms, count;
	bool missed_written;
	struct entry *next; /* owned */
};

struct planned {
	struct chronicle *chronicle; /* borrowed; its history may be opened later */
	struct entry *first;         /* owned; oldest first */
	struct entry **end;
	size_t waiting;
};

struct planned *planned_new(struct chronicle *chronicle)
{
	struct planned *planned = mem_zalloc(sizeof *planned);

	planned->chronicle = chronicle;
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
	free(planned);
}

static void add(struct planned *planned, const struct entry *entry)
{
	struct error error;

	if (planned->waiting == PLANNED_WAITING_MAX)
		drop_first(planned);
	*planned->end = mem_zalloc(sizeof **planned->end);
	**planned->end = *entry;
	planned->end = &(*planned->end)->next;
	planned->waiting++;
	(void)planned_write(planned, 0, &error);
}

void planned_begun(struct planned *planned, const struct planner_due *due)
{
	const struct entry entry = {
	    .scenario = mem_dup(due->scenario),
	    .environment = mem_dup(due->environment),
	    .last_wall_ms = due->planned_wall_ms,
	};

	add(planned, &entry);
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
}

/* Among the planned starts it is the one of no scenario, in no environment. */

void planned_digest(struct planned *planned, int64_t due_wall_ms)
{
	const struct entry entry = {
	    .scenario = mem_dup(""),
	    .environment = mem_dup(""),
	    .last_wall_ms = due_wall_ms,
	};

	add(planned, &entry);
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

static bool write_one(struct history *history, struct entry *entry, int64_t wait_ms,
		      struct error *error)
{
	const struct history_missed missed = {
	    .scenario = entry->scenario,
	    .environment = entry->environment,
	    .why = entry->why,
	    .first_wall_ms = entry->first_wall_ms,
	    .last_wall_ms = entry->last_wall_ms,
	    .count = entry->count,
	};
	const struct history_planned begun = {entry->scenario, entry->environment,
					      entry->last_wall_ms};

	if (entry->why != NULL && !entry->missed_written &&
	    !history_add_missed(history, &missed, wait_ms, error))
		return false;
	entry->missed_written = true; /* not twice, should the other one fail */
	return history_set_planned(history, &begun, wait_ms, error);
}

bool planned_write(struct planned *planned, int64_t wait_ms, struct error *error)
{
	struct history *history = chronicle_history(planned->chronicle);

	if (history == NULL)
		return planned->first == NULL || error_set(error, "it is not open");
	while (planned->first != NULL) {
		if (!write_one(history, planned->first, wait_ms, error))
			return false;
		drop_first(planned);
	}
	return true;
}

bool planned_is_written(const struct planned *planned)
{
	return planned->first == NULL;
}
