/* Messages of drills that died and left no open fault. */
#include "src/engine/settler_untold.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/store/locks.h"
#include "src/store/messages.h"

void untold_know(struct texts *drills, const char *drill)
{
	drills->list = mem_grow(drills->list, drills->count + 1, sizeof drills->list[0]);
	drills->list[drills->count++] = mem_dup(drill);
}

bool untold_is_among(const struct texts *drills, const char *drill)
{
	for (size_t i = 0; i < drills->count; i++) {
		if (strcmp(drills->list[i], drill) == 0)
			return true;
	}
	return false;
}

/* A drill that lives has its lock from before its first message to after the last edit. */
static bool is_alive(const struct untold_ask *ask, const char *drill)
{
	char *name = lock_name_fault(drill);
	bool busy = locks_is_busy(ask->world->locks, name);

	free(name);
	return busy;
}

/* Messages of one drill. */
static void tell(const struct untold_ask *ask, const struct ledger_message *messages, size_t count)
{
	const struct settled settled = {
	    .drill = messages->drill,
	    .scenario = messages->scenario,
	    .environment = messages->environment,
	    .target = "",
	    .messages = messages,
	    .message_count = count,
	    .via = VIA_NONE,
	    .how = SETTLED_UNTOLD,
	    .found = FAULT_ABSENT,
	    .text = "the ledger has no open fault of it",
	    .tries = 1,
	    .intended_wall_ms = messages->posted_wall_ms,
	};

	untold_know(ask->known, messages->drill);
	ask->told(ask->told_arg, &settled);
}

void untold_tell(const struct untold_ask *ask)
{
	struct message_list messages;
	size_t count;

	(void)messages_read(ask->world->ledger, NULL, &messages, NULL);
	for (size_t i = 0; i < messages.count; i += count) {
		const struct ledger_message *first = &messages.list[i];

		count = 1;
		while (i + count < messages.count && strcmp(first[count].drill, first->drill) == 0)
			count++;
		if (ask->is_asked_for(ask->asked_arg, first->drill, first->environment) &&
		    !untold_is_among(ask->open, first->drill) &&
		    !untold_is_among(ask->known, first->drill) && !is_alive(ask, first->drill))
			tell(ask, first, count);
	}
	message_list_done(&messages);
}
