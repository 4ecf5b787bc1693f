/* The drill's own message, in every channel that carries it (announcer_target.c). */
#include "src/engine/announcer.h"

#include <event2/event.h>
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/announcer_parts.h"

struct announcer *announcer_new(const struct drill_world *world, struct drill_record *record,
				announcer_changed_fn *changed, void *arg)
{
	struct announcer *announcer = mem_zalloc(sizeof *announcer);

	announcer->world = world;
	announcer->record = record;
	announcer->changed = changed;
	announcer->arg = arg;
	return announcer;
}

void announcer_free(struct announcer *announcer)
{
	if (announcer == NULL)
		return;
	while (announcer->first != NULL) {
		struct target *target = announcer->first;

		announcer->first = target->next;
		announcer_target_free(target);
	}
	free(announcer->failure);
	free(announcer);
}

void announcer_add(struct announcer *announcer, const char *chat, struct channel *channel,
		   bool watched)
{
	struct target **last = &announcer->first;
	struct target *target;

	for (; *last != NULL; last = &(*last)->next) {
		if ((*last)->channel == channel) {
			(*last)->watched = (*last)->watched || watched;
			return;
		}
	}
	target = announcer_target_new(announcer, chat, channel);
	target->watched = watched;
	*last = target;
}

/* All or none. */
static bool note_all(struct announcer *announcer, struct error *error)
{
	for (struct target *target = announcer->first; target != NULL; target = target->next) {
		if (announcer_target_note(target, error))
			continue;
		for (target = announcer->first; target != NULL; target = target->next)
			announcer_target_forget(target);
		return false;
	}
	return true;
}

bool announcer_start(struct announcer *announcer, struct error *error)
{
	if (!note_all(announcer, error))
		return false;
	for (struct target *target = announcer->first; target != NULL; target = target->next) {
		if (target->watched)
			announcer_target_look_for(target, clock_ms());
		announcer_target_act(target);
	}
	return true;
}

bool announcer_has_control(const struct announcer *announcer)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->watched && !target->seen)
			return false;
	}
	return true;
}

bool announcer_has_control_in(const struct announcer *announcer, const struct channel *channel)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->channel == channel)
			return target->watched && target->seen;
	}
	return false;
}

const char *announcer_failure(const struct announcer *announcer)
{
	return announcer->failure;
}

const char *announcer_trouble(const struct announcer *announcer)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->watched && target->state == TARGET_POSTING && target->trouble != NULL)
			return target->trouble;
	}
	return NULL;
}

void announcer_update(struct announcer *announcer)
{
	for (struct target *target = announcer->first; target != NULL; target = target->next) {
		target->dirty = true;
		if (target->state == TARGET_UP)
			announcer_target_act(target);
	}
}

void announcer_finish(struct announcer *announcer)
{
	announcer->finishing = true;
	for (struct target *target = announcer->first; target != NULL; target = target->next) {
		target->failures = 0;
		target->dirty = true;
		if (target->state == TARGET_POSTING && target->op == NULL)
			announcer_target_fail(
			    target, "the drill was over before its message could be posted");
		else
			announcer_target_act(target);
	}
}

bool announcer_is_finished(const struct announcer *announcer)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if ((target->state != TARGET_FINISHED && target->state != TARGET_FAILED) ||
		    event_pending(target->noted, EV_TIMEOUT, NULL))
			return false;
	}
	return true;
}

bool announcer_has_anchor(const struct announcer *announcer)
{
	return announcer->has_skew;
}

int64_t announcer_skew_ms(const struct announcer *announcer)
{
	return announcer->has_skew ? announcer->skew_ms : 0;
}
