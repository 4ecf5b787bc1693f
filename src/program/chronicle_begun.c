/* The drills of this process that have begun and are not in the history yet. */
#include "src/program/chronicle_begun.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct chronicle_begun {
	struct history_begun begun; /* of its texts, those of the record are owned */
	bool noted;
	struct chronicle_begun *next; /* owned */
};

static struct chronicle_begun **find(struct chronicle_begun_list *list, const char *drill)
{
	struct chronicle_begun **at = &list->first;

	while (*at != NULL && strcmp((*at)->begun.drill, drill) != 0)
		at = &(*at)->next;
	return at;
}

void chronicle_begun_add(struct chronicle_begun_list *list, const struct drill_record *record)
{
	struct chronicle_begun **at = find(list, record->id);

	if (*at != NULL)
		return;
	*at = mem_zalloc(sizeof **at);
	(*at)->begun = (struct history_begun){
	    .drill = mem_dup(record->id),
	    .scenario = mem_dup(record->scenario->name),
	    .environment = mem_dup(record->environment->name),
	    .kind = kind_name(record->scenario->fault.kind),
	    .via = via_name(record->scenario->fault.via),
	    .origin = origin_name(record->origin),
	    .repeats = mem_dup(record->repeats),
	    .started_wall_ms = record->started_wall_ms,
	};
}

void chronicle_begun_write(struct chronicle_begun_list *list, struct history *history)
{
	for (struct chronicle_begun *at = list->first; at != NULL; at = at->next) {
		if (!at->noted)
			at->noted = history_note_begun(history, &at->begun, 0, NULL);
	}
}

void chronicle_begun_end(struct chronicle_begun_list *list, const char *drill)
{
	struct chronicle_begun *found = *find(list, drill);

	if (found != NULL)
		found->noted = true;
}

bool chronicle_begun_has(const struct chronicle_begun_list *list, const char *drill)
{
	const struct chronicle_begun *at = list->first;

	while (at != NULL && strcmp(at->begun.drill, drill) != 0)
		at = at->next;
	return at != NULL;
}

static void drop(struct chronicle_begun **at)
{
	struct chronicle_begun *gone = *at;

	*at = gone->next;
	free((char *)(uintptr_t)gone->begun.drill);
	free((char *)(uintptr_t)gone->begun.scenario);
	free((char *)(uintptr_t)gone->begun.environment);
	free((char *)(uintptr_t)gone->begun.repeats);
	free(gone);
}

void chronicle_begun_drop(struct chronicle_begun_list *list, const char *drill)
{
	struct chronicle_begun **at = find(list, drill);

	if (*at != NULL)
		drop(at);
}

void chronicle_begun_done(struct chronicle_begun_list *list)
{
	while (list->first != NULL)
		drop(&list->first);
}
