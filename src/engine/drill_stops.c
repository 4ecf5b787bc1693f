/* What ends a drill from outside: conditions of `stop_when`, and alerts that may be real ones. */
#include <assert.h>
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/engine/drill_parts.h"

void stops_begin(struct drill *drill)
{
	const struct drill_world *world = drill->world;
	const struct evidence *evidence = &drill->record.evidence;
	int64_t within_ms = 0;

	for (size_t i = 0; i < evidence->expect_count; i++) {
		if (evidence->expect[i].expect->within_ms > within_ms)
			within_ms = evidence->expect[i].expect->within_ms;
	}
	drill->strangers = strangers_new(drill->scenario, drill->record.id, world->secrets,
					 drill_on_changed, drill);
	for (size_t i = 0; i < evidence->expect_count; i++)
		strangers_watch(drill->strangers, lookout_channel(drill->lookouts[i]),
				&evidence->expect[i], clock_ms() - within_ms);
	if (drill->scenario->stop_when_count == 0)
		return;
	assert(world->conditions != NULL);
	drill->stopper = stopper_start(world->base, world->conditions, world->condition_context,
				       drill->scenario, drill_on_changed, drill);
}

bool stops_have_looked(struct drill *drill)
{
	if (drill->stopper != NULL && !stopper_has_looked(drill->stopper))
		return false;
	if (drill->strangers != NULL)
		strangers_arm(drill->strangers);
	return true;
}

void stops_look(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	char *text = NULL;

	if (drill->strangers != NULL && strangers_found(drill->strangers) != NULL)
		drill_give_up(drill, STOP_REAL_ALERT, strangers_found(drill->strangers));
	if (drill->stopper == NULL)
		return;
	if (evidence->inject_tried) {
		text = stopper_reason(drill->stopper, evidence->inject_started_ms);
		if (text != NULL)
			drill_give_up(drill, STOP_CONDITION, text);
	} else {
		text = stopper_trouble(drill->stopper);
		if (text != NULL)
			drill_give_up(drill, STOP_REFUSED, text);
	}
	free(text);
}

void stops_end(struct drill *drill)
{
	stopper_free(drill->stopper);
	strangers_free(drill->strangers);
	drill->stopper = NULL;
	drill->strangers = NULL;
}
