/* One life of firedrill: settles what earlier lives left behind, runs the drills, obeys `halt`. */
#include "src/engine/life.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "src/base/mem.h"
#include "src/engine/judge.h"
#include "src/engine/restorer.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

/* Others may be about to finish what they do where this life wants to drill: a guardian, for one. */
#define PATIENCE_MS (RESTORER_LANDING_MS + 5000)
#define UNREAD_MAX  3 /* looks at the lever in a row that failed, before the drills are ended */

struct life {
	const struct life_world *world;   /* borrowed */
	struct session *session;          /* owned */
	struct texts wanted;              /* owned; the environments of the drills */
	struct settler *here, *elsewhere; /* owned; of the wanted environments, of the others */
	struct event *turn;               /* owned; the start comes from the loop */
	struct event *look;               /* owned; at the lever */
	bool drilling;                    /* the session was started */
	bool drilled, settled_here, settled_elsewhere;
	bool halted, is_over;
	int unread; /* looks at the lever that failed, in a row */
	enum exit_code worst;
	char *trouble; /* owned; why the ledger could not be read; NULL: it could */
};

static bool is_wanted(const struct life *life, const char *environment)
{
	for (size_t i = 0; i < life->wanted.count; i++) {
		if (strcmp(life->wanted.list[i], environment) == 0)
			return true;
	}
	return false;
}

static void note(struct life *life, enum exit_code code)
{
	life->worst = exit_code_worst(life->worst, code);
}

/* Whoever does not know what is in place cannot say that nothing is. */
static void note_trouble(struct life *life, const char *error)
{
	if (life->trouble == NULL)
		life->trouble = mem_dup(error);
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

static void end_when_over(struct life *life)
{
	const struct life_world *world = life->world;
	struct error error = {""};

	if (!life->drilled || life->is_over)
		return;
	life->is_over = true;
	(void)event_del(life->look);
	if (!ledger_visit_open(world->drills->ledger, NULL, on_open_fault, life, &error))
		note_trouble(life, error.text);
	if (session_dropped(life->session) > 0)
		note(life, EXIT_ABORTED);
	world->done(world->arg, life->worst);
}

/* Callbacks. */

static void on_told(void *arg, const struct settled *settled)
{
	struct life *life = arg;

	if (settled->how == SETTLED_STUCK)
		note(life, EXIT_FAULT_LEFT);
	if (life->world->settled != NULL)
		life->world->settled(life->world->arg, settled);
}

/* Both rounds come first: what was left elsewhere may sit on a target of these drills. */
static void begin_drills(struct life *life, const char *error)
{
	if (error != NULL)
		note_trouble(life, error);
	if (!life->settled_here || !life->settled_elsewhere)
		return;
	life->drilling = true;
	session_start(life->session);
}

static void on_settled_here(void *arg, const char *error)
{
	struct life *life = arg;

	life->settled_here = true;
	begin_drills(life, error);
}

static void on_settled_elsewhere(void *arg, const char *error)
{
	struct life *life = arg;

	life->settled_elsewhere = true;
	begin_drills(life, error);
}

static void on_finished(void *arg, const struct drill_record *record)
{
	struct life *life = arg;
	bool refused = record->judgement.verdict == VERDICT_REFUSED;

	/* What earlier drills left, because of which it was, is looked at when this life is over. */
	note(life, refused ? EXIT_REFUSED : record->judgement.exit_code);
	life->world->finished(life->world->arg, record);
}

static void on_drilled(void *arg)
{
	struct life *life = arg;

	life->drilled = true;
	end_when_over(life);
}

/* The lever: told once; what has begun is stopped, and the guard refuses what has not. */

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
	session_stop(life->session, why);
	free(why);
}

/* Somebody moved it away, or its disk is gone: nobody could halt the drills any more, or put right
 * what they have in place should this process die. */
static void be_blind(struct life *life, const struct error *error)
{
	char *why;

	if (++life->unread < UNREAD_MAX || !life->drilling)
		return;
	why = mem_printf("the ledger was lost while a drill ran: %s", error->text);
	session_stop(life->session, why);
	free(why);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct life *life = arg;
	struct ledger_halt halt = {0};
	struct error error = {""};

	(void)fd;
	(void)what;
	if (!ledger_halt(life->world->drills->ledger, &halt, &error)) {
		be_blind(life, &error);
		return;
	}
	life->unread = 0;
	if (halt.halted)
		obey(life, &halt);
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
	static const struct timeval every = {LIFE_HALT_POLL_MS / 1000,
					     LIFE_HALT_POLL_MS % 1000 * 1000};
	struct life *life = arg;

	on_look(fd, what, life);
	(void)event_add(life->look, &every);
	life->elsewhere = settle(life, true, on_settled_elsewhere);
	if (life->wanted.count > 0)
		life->here = settle(life, false, on_settled_here);
	else
		on_settled_here(life, NULL);
}

struct life *life_new(const struct life_world *world, const struct drill_options *options)
{
	struct life *life = mem_zalloc(sizeof *life);
	struct event_base *base = world->drills->base;

	*life = (struct life){.world = world, .worst = EXIT_PASS};
	life->session = session_new(world->drills, options, on_finished, on_drilled, life);
	life->turn = evtimer_new(base, on_turn, life);
	life->look = event_new(base, -1, EV_PERSIST, on_look, life);
	return life;
}

void life_free(struct life *life)
{
	if (life == NULL)
		return;
	settler_free(life->here);
	settler_free(life->elsewhere);
	session_free(life->session);
	event_free(life->turn);
	event_free(life->look);
	texts_done(&life->wanted);
	free(life->trouble);
	free(life);
}

bool life_add(struct life *life, const struct scenario *scenario,
	      const struct environment *environment, struct error *error)
{
	if (!session_add(life->session, scenario, environment, error))
		return false;
	if (is_wanted(life, environment->name))
		return true;
	life->wanted.list =
	    mem_grow(life->wanted.list, life->wanted.count + 1, sizeof *life->wanted.list);
	life->wanted.list[life->wanted.count++] = mem_dup(environment->name);
	return true;
}

void life_start(struct life *life)
{
	event_active(life->turn, 0, 0);
}

void life_stop(struct life *life, const char *why)
{
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
