/* Settles what earlier lives left behind.  A round reads the ledger (settler_read.c), works on each
 * fault that it can lock (settler_work.c), and tells; stuck ones come again when that was asked for. */
#include "src/engine/settler.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/evidence.h"
#include "src/engine/settler_parts.h"
#include "src/engine/settler_untold.h"

#define WORKING_MAX   32    /* faults at once */
#define BUSY_PAUSE_MS 250   /* between two looks at a fault that another process works on */
#define BUSY_MIN_MS   500   /* that long it may only be looked at, as by `firedrill status` */
#define LOOK_MS       30000 /* with for_ever: what people did by hand is noticed by then */
#define READ_TRIES    5     /* of the ledger, before it counts as unreadable */

static void go_on(struct settler *settler);

/* What becomes of a fault. */

static void be_stuck(struct job *job)
{
	job->tries++;
	job->over = !job->settler->for_ever;
	job->pause_ms = job->pause_ms == 0 ? SETTLER_PAUSE_FIRST_MS : 2 * job->pause_ms;
	if (job->pause_ms > SETTLER_PAUSE_MAX_MS)
		job->pause_ms = SETTLER_PAUSE_MAX_MS;
	job->due_ms = clock_ms() + job->pause_ms;
}

static void be_busy(struct job *job)
{
	if (clock_ms() < job->patient_until_ms) {
		job->due_ms = clock_ms() + BUSY_PAUSE_MS;
		return;
	}
	job->told_busy = true;
	job->over = !job->settler->for_ever;
	/* One that was stuck may be so again when whoever has it now gives up. */
	job->due_ms = job->pause_ms > 0 ? clock_ms() + job->pause_ms : TIME_NEVER;
}

static void note_end(struct job *job, enum work_end end)
{
	if (end != WORK_UNREAD) {
		job->settler->in_round = true;
		job->settler->unread = 0;
	}
	switch (end) {
	case WORK_GOES_ON:
		break;
	case WORK_CLEAN:
		untold_know(&job->settler->known, job->drill);
		job->over = true;
		break;
	case WORK_GONE:
		job->over = true;
		break;
	case WORK_STUCK:
		be_stuck(job);
		break;
	case WORK_BUSY:
		be_busy(job);
		break;
	case WORK_BEHIND:
		job->due_ms = clock_ms() + BUSY_PAUSE_MS;
		break;
	case WORK_UNREAD:
		settler_note_unread(job->settler);
		break;
	}
}

static void on_worked(void *arg, enum work_end end)
{
	struct job *job = arg;

	settler_work_free(job->work);
	job->work = NULL;
	note_end(job, end);
	go_on(job->settler);
}

static void start(struct job *job)
{
	struct settler *settler = job->settler;
	const struct work_ask ask = {
	    .world = &settler->world,
	    .drill = job->drill,
	    .acked_too = settler->drills.count > 0,
	    .tells_busy = !job->told_busy && clock_ms() >= job->patient_until_ms,
	    .tries = job->tries,
	    .told = settler->told,
	    .told_arg = settler->arg,
	};

	note_end(job, settler_work_start(&ask, on_worked, job, &job->work, &settler->error));
}

/* The flow. */

static void finish(struct settler *settler, const char *error)
{
	settler_done_fn *done = settler->done;

	settler->done = NULL;
	(void)event_del(settler->timer);
	if (done != NULL)
		done(settler->arg, error);
}

static size_t working(const struct settler *settler)
{
	size_t count = 0;

	for (const struct job *job = settler->first; job != NULL; job = job->next)
		count += job->work != NULL ? 1 : 0;
	return count;
}

static void start_what_is_due(struct settler *settler)
{
	for (struct job *job = settler->first; job != NULL; job = job->next) {
		if (job->over || job->work != NULL || job->due_ms == TIME_NEVER ||
		    job->due_ms > clock_ms())
			continue;
		if (clock_ms() < settler->read_again_ms || working(settler) >= WORKING_MAX)
			break;
		start(job);
	}
	settler_drop_over(settler);
}

static void arm(struct settler *settler, int64_t at_ms)
{
	int64_t delay_ms = at_ms - clock_ms();
	struct timeval delay = {0};

	if (delay_ms > 0)
		delay = (struct timeval){delay_ms / 1000, delay_ms % 1000 * 1000};
	(void)event_add(settler->timer, &delay);
}

/* Nothing happens any more until the next try of what is stuck. */
static void take_a_rest(struct settler *settler)
{
	if (!settler->in_round)
		return;
	settler->in_round = false;
	if (settler->rest != NULL)
		settler->rest(settler->arg);
}

/* When a fault is due, or the ledger can be read again; TIME_NEVER: nothing waits for its time. */
static int64_t next_ms(const struct settler *settler)
{
	int64_t next_ms = TIME_NEVER;

	if (settler->unread > 0)
		return settler->read_again_ms;
	for (const struct job *job = settler->first; job != NULL; job = job->next) {
		if (job->work == NULL && job->due_ms != TIME_NEVER &&
		    (next_ms == TIME_NEVER || job->due_ms < next_ms))
			next_ms = job->due_ms;
	}
	return next_ms;
}

static bool are_all_stuck(const struct settler *settler)
{
	for (const struct job *job = settler->first; job != NULL; job = job->next) {
		if (job->due_ms != TIME_NEVER && job->pause_ms == 0)
			return false;
	}
	return settler->unread == 0;
}

/* Waits for what works and for what is due later, or is at its end. */
static void go_on(struct settler *settler)
{
	size_t count;
	int64_t at_ms;

	start_what_is_due(settler);
	count = working(settler);
	at_ms = next_ms(settler);
	if (settler->unread >= READ_TRIES && count == 0) {
		finish(settler, settler->error.text);
		return;
	}
	if (at_ms == TIME_NEVER && count == 0) {
		finish(settler, NULL);
		return;
	}
	if (settler->for_ever && (at_ms == TIME_NEVER || at_ms > clock_ms() + LOOK_MS))
		at_ms = clock_ms() + LOOK_MS;
	if (at_ms != TIME_NEVER && count < WORKING_MAX)
		arm(settler, at_ms);
	if (settler->for_ever && count == 0 && are_all_stuck(settler))
		take_a_rest(settler);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct settler *settler = arg;

	(void)fd;
	(void)what;
	if (!settler->has_read || settler->for_ever)
		settler_read(settler);
	go_on(settler);
}

/* Public. */

static struct texts copy(const char *const *list, size_t count)
{
	struct texts texts = {mem_zalloc((count + 1) * sizeof(char *)), count};

	for (size_t i = 0; i < count; i++)
		texts.list[i] = mem_dup(list[i]);
	return texts;
}

struct settler *settler_start(const struct settler_world *world, const struct settler_ask *ask,
			      settler_told_fn *told, settler_rest_fn *rest, settler_done_fn *done,
			      void *arg)
{
	struct settler *settler = mem_zalloc(sizeof *settler);

	*settler = (struct settler){
	    .world = *world,
	    .drills = copy(ask->drills, ask->drill_count),
	    .environments = copy(ask->environments, ask->environment_count),
	    .patience_ms = ask->patience_ms > BUSY_MIN_MS ? ask->patience_ms : BUSY_MIN_MS,
	    .elsewhere = ask->elsewhere,
	    .for_ever = ask->for_ever,
	    .told = told,
	    .rest = rest,
	    .done = done,
	    .arg = arg,
	};
	settler->timer = evtimer_new(world->base, on_timer, settler);
	arm(settler, clock_ms());
	return settler;
}

void settler_hurry(struct settler *settler)
{
	for (struct job *job = settler->first; job != NULL; job = job->next) {
		if (job->work == NULL && job->due_ms != TIME_NEVER)
			job->due_ms = clock_ms();
	}
	if (settler->done != NULL)
		arm(settler, clock_ms());
}

void settler_lose_patience(struct settler *settler)
{
	settler->patience_ms = BUSY_MIN_MS;
	for (struct job *job = settler->first; job != NULL; job = job->next)
		job->patient_until_ms = clock_ms();
}

void settler_free(struct settler *settler)
{
	if (settler == NULL)
		return;
	for (struct job *job = settler->first; job != NULL; job = job->next)
		job->over = true;
	settler_drop_over(settler);
	texts_done(&settler->drills);
	texts_done(&settler->environments);
	texts_done(&settler->open);
	texts_done(&settler->known);
	event_free(settler->timer);
	free(settler);
}
