/* One life of firedrill: settles what earlier lives left behind, runs the drills, obeys `halt`. */
#include "src/engine/life.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "src/base/mem.h"
#include "src/engine/judge.h"
#include "src/engine/life_parts.h"
#include "src/engine/restorer.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

/* Others may be about to finish what they do where this life wants to drill: a guardian, for one. */
#define PATIENCE_MS (RESTORER_LANDING_MS + 5000)
#define UNREAD_MAX  3 /* looks at the lever in a row that failed, before the drills are ended */

static bool is_wanted(const struct life *life, const char *environment)
{
	for (size_t i = 0; i < life->wanted.count; i++) {
		if (strcmp(life->wanted.list[i], environment) == 0)
			return true;
	}
	return false;
}

/* What a life that stays leaves in the end is all that counts. */
static void note_drill(struct life *life, enum exit_code code)
{
	if (!life->stays)
		life->worst = exit_code_worst(life->worst, code);
}

static void note(struct life *life, enum exit_code code)
{
	life->worst = exit_code_worst(life->worst, code);
}

/* Whoever does not know what is in place cannot say that nothing is. One that stays may read it later:
 * what counts is whether it can in the end. */
void life_note_trouble(struct life *life, const char *error)
{
	if (life->trouble == NULL)
		life->trouble = mem_dup(error);
	if (!life->stays || life->is_over)
		note(life, EXIT_FAULT_LEFT);
}

/* The end: what is still open then, and nobody works on. */

static bool is_worked_on(const struct life *life, const char *drill)
{
	struct locks *locks = life->world->drills->locks;
	char *name = lock_name_fault(drill);
	enum lock_result result = locks_take(locks, name, NULL);

	if (result == LOCK_TAKEN)
		locks_release(locks, name);
	free(name);
	return result == LOCK_BUSY;
}

static bool on_open_fault(void *arg, const struct ledger_fault *fault)
{
	struct life *life = arg;

	if (fault->state != FAULT_INTENT && fault->ack_reason == NULL &&
	    !is_worked_on(life, fault->drill))
		note(life, EXIT_FAULT_LEFT);
	return true;
}

void life_end_when_over(struct life *life)
{
	const struct life_world *world = life->world;
	struct error error = {""};

	if (!life->drilled || life->is_over || (life->standing != NULL && !life->resting))
		return;
	life->is_over = true;
	(void)event_del(life->look);
	(void)event_del(life->settle_again);
	settler_free(life->standing);
	life->standing = NULL;
	if (!ledger_visit_open(world->drills->ledger, NULL, on_open_fault, life, &error))
		life_note_trouble(life, error.text);
	if (session_dropped(life->session) > 0)
		note(life, EXIT_ABORTED);
	world->done(world->arg, life->worst);
}

/* Callbacks. */

static void on_told(void *arg, const struct settled *settled)
{
	struct life *life = arg;

	if (settled->how == SETTLED_STUCK)
		note_drill(life, EXIT_FAULT_LEFT);
	if (life->world->settled != NULL)
		life->world->settled(life->world->arg, settled);
}

/* Both rounds come first: what was left elsewhere may sit on a target of these drills. */
void life_begin_drills(struct life *life, const char *error)
{
	if (error != NULL)
		life_note_trouble(life, error);
	if (!life->settled_here || !life->settled_elsewhere)
		return;
	life->drilling = true;
	session_start(life->session);
}

static void on_settled_here(void *arg, const char *error)
{
	struct life *life = arg;

	life->settled_here = true;
	life_begin_drills(life, error);
}

static void on_settled_elsewhere(void *arg, const char *error)
{
	struct life *life = arg;

	life->settled_elsewhere = true;
	life_begin_drills(life, error);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct life *life = arg;
	bool refused = record->judgement.verdict == VERDICT_REFUSED;

	/* What earlier drills left, because of which it was, is looked at when this life is over. */
	note_drill(life, refused ? EXIT_REFUSED : record->judgement.exit_code);
	life->world->finished(life->world->arg, record);
	if (life->stays)
		life_note_left(life, record);
}

static void on_drilled(void *arg)
{
	struct life *life = arg;

	life->drilled = true;
	life_end_when_over(life);
}

/* The lever: told once, in a life that stays each time; what has begun is stopped, and the guard refuses what has not. */

static void obey(struct life *life, const struct ledger_halt *halt)
{
	const struct life_world *world = life->world;
	char *why;

	if (!life->halted && world->halted != NULL)
		world->halted(world->arg, halt->reason, halt->by);
	life->halted = true;
	if (!life->drilling)
		return;
	why = mem_printf("halted by %s: %s", halt->by, halt->reason);
	if (life->stays)
		session_stop_ask(life->session, 0, why);
	else
		session_stop(life->session, why);
	free(why);
}

static void tell_lost(struct life *life, const char *why)
{
	const struct life_world *world = life->world;

	life->lost = why != NULL;
	if (life->stays && world->lost != NULL)
		world->lost(world->arg, why);
}

/* Somebody moved it away, or its disk is gone: nobody could halt the drills any more, or put right
 * what they have in place should this process die. */
static void be_blind(struct life *life, const struct error *error)
{
	char *why;

	if (++life->unread < UNREAD_MAX || !life->drilling)
		return;
	why = mem_printf("the ledger was lost while a drill ran: %s", error->text);
	if (life->stays)
		session_stop_ask(life->session, 0, why);
	else
		session_stop(life->session, why);
	free(why);
	if (life->stays)
		life_note_trouble(life, error->text);
	if (!life->lost)
		tell_lost(life, error->text);
}

/* It was read. */
static void see(struct life *life, const struct ledger_halt *halt)
{
	life->unread = 0;
	if (life->stays)
		life_forget_trouble(life);
	if (life->lost || !life->looked)
		tell_lost(life, NULL);
	if (halt->halted) {
		obey(life, halt);
	} else if (life->stays && (life->halted || !life->looked)) {
		life->halted = false;
		if (life->world->resumed != NULL)
			life->world->resumed(life->world->arg);
	}
	life->looked = true;
}

static void look_later(struct life *life)
{
	bool doubts = life->unread > 0 && life->unread < UNREAD_MAX;
	bool idle = life->stays && session_count(life->session) == 0 && !doubts;
	int64_t ms = idle ? LIFE_IDLE_POLL_MS : LIFE_HALT_POLL_MS;
	const struct timeval delay = {ms / 1000, ms % 1000 * 1000};

	if (!life->is_over)
		(void)event_add(life->look, &delay);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct life *life = arg;
	struct ledger_halt halt = {0};
	struct error error = {""};

	(void)fd;
	(void)what;
	look_later(life);
	if (!ledger_halt(life->world->drills->ledger, &halt, &error)) {
		be_blind(life, &error);
		return;
	}
	see(life, &halt);
	ledger_halt_done(&halt);
}

/* The flow. */

static struct settler *settle(struct life *life, bool elsewhere, settler_done_fn *done)
{
	const struct drill_world *drills = life->world->drills;
	const struct settler_world world = {drills->base, drills->faults, drills->ledger,
					    drills->locks};
	const struct settler_ask ask = {
	    .environments = (const char *const *)life->wanted.list,
	    .environment_count = life->wanted.count,
	    .elsewhere = elsewhere,
	    .patience_ms = elsewhere ? 0 : PATIENCE_MS,
	};

	return settler_start(&world, &ask, on_told, NULL, done, life);
}

/* What is busy is waited for in the drills' own environments only. */
static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct life *life = arg;

	on_look(fd, what, life);
	if (life->stays) {
		life_stand(life);
		return;
	}
	life->elsewhere = settle(life, true, on_settled_elsewhere);
	if (life->wanted.count > 0)
		life->here = settle(life, false, on_settled_here);
	else
		on_settled_here(life, NULL);
}

struct life *life_new(const struct life_world *world)
{
	struct life *life = mem_zalloc(sizeof *life);
	struct event_base *base = world->drills->base;

	*life = (struct life){.world = world, .worst = EXIT_PASS};
	life->session = session_new(world->drills, on_finished, on_drilled, life);
	life->turn = evtimer_new(base, on_turn, life);
	life->look = evtimer_new(base, on_look, life);
	life->settle_again = evtimer_new(base, life_on_settle_again, life);
	return life;
}

void life_free(struct life *life)
{
	if (life == NULL)
		return;
	settler_free(life->here);
	settler_free(life->elsewhere);
	settler_free(life->standing);
	busy_done(&life->untold);
	session_free(life->session);
	event_free(life->turn);
	event_free(life->look);
	event_free(life->settle_again);
	texts_done(&life->wanted);
	free(life->trouble);
	free(life);
}

bool life_add(struct life *life, const struct scenario *scenario,
	      const struct environment *environment, const struct drill_options *options,
	      struct error *error)
{
	if (!session_add(life->session, scenario, environment, options, error))
		return false;
	if (life->started && life->stays)
		look_later(life);
	if (life->started || is_wanted(life, environment->name))
		return true;
	life->wanted.list =
	    mem_grow(life->wanted.list, life->wanted.count + 1, sizeof *life->wanted.list);
	life->wanted.list[life->wanted.count++] = mem_dup(environment->name);
	return true;
}

bool life_has_place(const struct life *life, const struct drill_record *record)
{
	return session_has_place(life->session, record);
}

void life_look(struct life *life)
{
	session_look(life->session);
}

void life_stay(struct life *life)
{
	life->stays = true;
	session_stay(life->session);
}

void life_start(struct life *life)
{
	life->started = true;
	event_active(life->turn, 0, 0);
}

void life_close(struct life *life)
{
	life->closing = true;
	session_close(life->session);
}

void life_stop_ask(struct life *life, uint64_t ask, const char *why)
{
	session_stop_ask(life->session, ask, why);
}

void life_stop(struct life *life, const char *why)
{
	life->closing = true;
	if (life->here != NULL)
		settler_lose_patience(life->here);
	session_stop(life->session, why);
}

size_t life_dropped(const struct life *life)
{
	return session_dropped(life->session);
}

const char *life_trouble(const struct life *life)
{
	return life->trouble;
}
