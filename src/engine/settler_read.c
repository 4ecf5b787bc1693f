/* What there is to settle: the ledger's open faults.  Drills that left no more than messages are told
 * of at once (settler_untold.c). */
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/evidence.h"
#include "src/engine/settler_parts.h"
#include "src/engine/settler_untold.h"
#include "src/store/ledger.h"

#define READ_PAUSE_MS 500

static bool is_asked_for(const void *arg, const char *drill, const char *environment)
{
	const struct settler *settler = arg;

	if (settler->environments.count > 0 &&
	    untold_is_among(&settler->environments, environment) == settler->elsewhere)
		return false;
	return settler->drills.count == 0 || untold_is_among(&settler->drills, drill);
}

/* What a person has set aside is worked on only when it is named. */
static bool is_to_be_settled(const struct settler *settler, const struct ledger_fault *fault)
{
	return is_asked_for(settler, fault->drill, fault->environment) &&
	       (settler->drills.count > 0 || fault->ack_reason == NULL);
}

static bool on_open_fault(void *arg, const struct ledger_fault *fault)
{
	struct settler *settler = arg;
	struct job **last = &settler->first;
	int64_t now_ms = clock_ms();

	untold_know(&settler->open, fault->drill);
	if (!is_to_be_settled(settler, fault))
		return true;
	while (*last != NULL && strcmp((*last)->drill, fault->drill) != 0)
		last = &(*last)->next;
	if (*last == NULL) {
		*last = mem_zalloc(sizeof **last);
		**last = (struct job){
		    .settler = settler,
		    .drill = mem_dup(fault->drill),
		    .due_ms = now_ms,
		    .patient_until_ms = now_ms + settler->patience_ms,
		};
	} else if ((*last)->due_ms == TIME_NEVER) {
		(*last)->due_ms = now_ms; /* its process may have died */
	}
	(*last)->is_open = true;
	return true;
}

/* Told at each try as one that is stuck: another firedrill may be able to read it. */
static bool on_unreadable(void *arg, const struct ledger_unreadable *unreadable)
{
	return on_open_fault(arg, unreadable->fault);
}

void settler_drop_over(struct settler *settler)
{
	struct job **at = &settler->first;

	while (*at != NULL) {
		struct job *job = *at;

		if (!job->over) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		settler_work_free(job->work);
		free(job->drill);
		free(job);
	}
}

void settler_note_unread(struct settler *settler)
{
	settler->unread++;
	settler->read_again_ms = clock_ms() + READ_PAUSE_MS;
}

static void tell_untold(struct settler *settler)
{
	const struct untold_ask ask = {
	    .world = &settler->world,
	    .open = &settler->open,
	    .known = &settler->known,
	    .is_asked_for = is_asked_for,
	    .told = settler->told,
	    .told_arg = settler->arg,
	    .asked_arg = settler,
	};

	untold_tell(&ask);
}

/* Faults that were set aside or put right elsewhere are over. */
void settler_read(struct settler *settler)
{
	texts_done(&settler->open);
	for (struct job *job = settler->first; job != NULL; job = job->next)
		job->is_open = false;
	if (!ledger_visit_all(settler->world.ledger, on_open_fault, on_unreadable, settler,
			      &settler->error)) {
		settler_note_unread(settler);
		return;
	}
	settler->unread = 0;
	settler->has_read = true;
	for (struct job *job = settler->first; job != NULL; job = job->next)
		job->over = job->over || (!job->is_open && job->work == NULL);
	settler_drop_over(settler);
	tell_untold(settler);
}
