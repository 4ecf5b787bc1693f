/* The processes of the simulation. */
#include "tests/simulation/lives.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/chats/channel.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/life.h"
#include "src/engine/settler.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"
#include "tests/simulation/actor.h"
#include "tests/simulation/calls.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/rows.h"
#include "tests/simulation/telling.h"
#include "tests/simulation/world.h"

#define REAL_LIMIT 300 /* seconds of real time, for the slowest tool */

static int wait_for(struct sim *sim, pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		sim_break(sim, 6, "a process of the simulation could not be started");
		return SIM_BROKEN;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && sim->life.crashed)
		return SIM_CRASHED;
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SIM_BROKEN))
		return WEXITSTATUS(status);
	sim_break(sim, 6, "a life ended in disorder: %s %d",
		  WIFSIGNALED(status) ? "signal" : "exit status",
		  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return SIM_BROKEN;
}

/* What happens from outside. */

struct outside {
	struct actor *actor;          /* borrowed */
	struct event *timer;          /* owned */
	const struct life_spec *spec; /* borrowed */
	enum act act;
	int64_t jump_ms;
	int freeze;
	int drill; /* ACT_ADD: which of the spec */
};

static bool add(struct actor *actor, const struct life_spec *spec, int drill, struct error *error)
{
	const struct sim *sim = actor->sim;
	const struct drill_options options = {.allow_protected = sim->life.permitted,
					      .origin = sim->life.scheduled ? ORIGIN_SCHEDULE
									    : ORIGIN_HAND};

	return life_add(actor->life, &sim->plan->scenarios[spec->drills[drill].scenario],
			&sim->plan->environments[spec->drills[drill].environment], &options, error);
}

static void resume(struct actor *actor)
{
	struct sim *sim = actor->sim;
	struct error error = {""};

	for (int i = 0; i < 4; i++) {
		(void)unlink(sim->plan->freeze[i]);
		sim->frozen_us[i] = -1;
	}
	if (sim->halted_us < 0)
		return;
	/* What could not be synced, or whose answer was not seen, may count all the same. */
	sim->halted_us = -1;
	if (ledger_lift_halt(actor->ledger, &error)) {
		sim_count(sim, COUNT_RESUMES);
		sim->lifted_us = sim->now_us;
	}
	sim_trace(sim, "a person resumes %s", error.text);
}

static void freeze(struct sim *sim, int which)
{
	int fd = open(sim->plan->freeze[which], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	sim->frozen_us[which] = sim->now_us;
	sim_trace(sim, "freeze %s", strrchr(sim->plan->freeze[which], '/') + 1);
}

static void note_close(struct sim *sim)
{
	if (sim->life.closed_us < 0)
		sim->life.closed_us = sim->now_us;
}

static void on_outside(evutil_socket_t fd, short what, void *arg)
{
	struct outside *outside = arg;
	struct sim *sim = outside->actor->sim;
	struct error error = {""};

	(void)fd;
	(void)what;
	switch (outside->act) {
	case ACT_STOP:
		sim_count(sim, COUNT_STOPS);
		sim_trace(sim, "a signal to stop");
		sim->life.stopped_us = sim->now_us;
		note_close(sim);
		life_stop(outside->actor->life, "SIGTERM");
		break;
	case ACT_HALT:
		sim->lifted_us = -1;
		if (!ledger_set_halt(outside->actor->ledger, "too much at once", "a person",
				     &error))
			break;
		sim_count(sim, COUNT_HALTS);
		sim_trace(sim, "a person halts everything");
		sim->halted_us = sim->now_us;
		break;
	case ACT_JUMP:
		sim_count(sim, COUNT_WALL_JUMPS);
		sim_trace(sim, "the wall clock jumps by %lld s",
			  (long long)(outside->jump_ms / 1000));
		sim->wall_us += outside->jump_ms * 1000;
		sim->jumped_us = sim->now_us;
		break;
	case ACT_FREEZE:
		freeze(sim, outside->freeze);
		break;
	case ACT_RESUME:
		resume(outside->actor);
		break;
	case ACT_CLOSE:
		sim_trace(sim, "no more drills are wanted");
		note_close(sim);
		life_close(outside->actor->life);
		break;
	case ACT_ADD:
		if (add(outside->actor, outside->spec, outside->drill, &error))
			sim_count(sim, COUNT_ADDED);
		else if (sim->life.closed_us < 0)
			sim_break(sim, 6, "a drill cannot be added: %s", error.text);
		break;
	}
}

static void arm(struct outside *outside, int64_t after_ms)
{
	const struct timeval delay = {after_ms / 1000, after_ms % 1000 * 1000};

	outside->timer = evtimer_new(outside->actor->base, on_outside, outside);
	(void)event_add(outside->timer, &delay);
}

/* What is to come while it lives; how much. */
static int arm_all(struct actor *actor, const struct life_spec *spec, struct outside *outside)
{
	int count = 0;

	for (int i = 0; i < spec->act_count; i++, count++) {
		outside[count] = (struct outside){.actor = actor,
						  .act = spec->acts[i].act,
						  .jump_ms = spec->acts[i].jump_ms,
						  .freeze = spec->acts[i].freeze};
		arm(&outside[count], spec->acts[i].after_ms);
	}
	for (int i = 0; i < spec->drill_count && spec->stays; i++, count++) {
		outside[count] =
		    (struct outside){.actor = actor, .spec = spec, .act = ACT_ADD, .drill = i};
		arm(&outside[count], spec->drills[i].after_ms);
	}
	return count;
}

/* A run. */

static void live(struct sim *sim, struct locks *locks, const struct life_spec *spec)
{
	struct actor *actor = actor_new(sim, locks);
	struct outside outside[LIFE_ACTS + LIFE_DRILLS] = {{0}};
	struct drill_world drills;
	struct life_world world;
	struct error error = {""};
	struct rows rows;
	int count;

	if (actor->ledger == NULL)
		actor_leave(actor);
	sim->life.stays = spec->stays;
	actor->chat = actor_chat_new(actor);
	actor->channels =
	    channels_new(actor->base, &sim_chat_driver, actor->chat, sim->plan->chat.poll_ms);
	channels_set_limit(actor->channels, sim->plan->chat_per_minute);
	telling_init(actor, &drills, &world);
	actor->life = life_new(&world);
	if (spec->stays)
		life_stay(actor->life);
	for (int i = 0; i < spec->drill_count && !spec->stays; i++) {
		if (!add(actor, spec, i, &error))
			sim_break(sim, 6, "a drill cannot be made: %s", error.text);
	}
	count = arm_all(actor, spec, outside);
	life_start(actor->life);
	actor_pass_until_over(actor);
	for (int i = 0; i < count; i++)
		event_free(outside[i].timer);
	rows_read(actor->ledger, &rows);
	rows_check(sim, &rows);
	telling_check_exit(actor, &rows);
	actor_leave(actor);
}

static void begin(struct sim *sim)
{
	(void)alarm(REAL_LIMIT);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	sim->life.calls = sim->life.turns = 0;
	sim->life.crashed = sim->life.over = sim->life.no_ledger = sim->life.had_busy = false;
	sim->life.had_disk_trouble = false;
	sim->life.started_us = sim->now_us;
	sim->life.worst = -1;
	sim->life.stopped_us = sim->life.closed_us = -1;
	sim->life.stays = false;
	calls_begin();
}

int lives_run(struct sim *sim, struct locks *locks, const struct life_spec *spec)
{
	pid_t pid;

	sim_count(sim, COUNT_LIVES);
	if (spec->stays)
		sim_count(sim, COUNT_STAYS);
	pid = fork();
	if (pid == 0) {
		begin(sim);
		live(sim, locks, spec);
	}
	return wait_for(sim, pid);
}

/* Settling. */

static void on_settler_done(void *arg, const char *error)
{
	struct sim *sim = ((struct actor *)arg)->sim;

	sim_trace(sim, "settling is over%s%s", error != NULL ? ": " : "",
		  error != NULL ? error : "");
	sim->life.over = true;
}

/* The guardian lets go of what its firedrill held, and goes on as a keeper. */
static void on_rest(void *arg)
{
	struct actor *actor = arg;

	sim_trace(actor->sim, "the guardian has done what it could for now");
	locks_release_all(actor->locks);
	if (actor->sim->now_us >= actor->sim->life.keep_until_us)
		actor->sim->life.over = true;
}

static void settle(struct sim *sim, struct locks *locks, const struct settle_spec *spec)
{
	struct actor *actor = actor_new(sim, locks);
	const struct settler_world world = {actor->base, &actor->faults, actor->ledger,
					    actor->locks};
	const struct settler_ask ask = {.for_ever = spec->for_ever};
	struct rows rows;

	if (actor->ledger == NULL)
		actor_leave(actor);
	sim->life.keep_until_us = sim->now_us + spec->keep_ms * 1000;
	actor->settler =
	    settler_start(&world, &ask, telling_settled, on_rest, on_settler_done, actor);
	actor_pass_until_over(actor);
	rows_read(actor->ledger, &rows);
	rows_check(sim, &rows);
	actor_leave(actor);
}

int lives_settle(struct sim *sim, struct locks *locks, const struct settle_spec *spec)
{
	int fd = locks != NULL ? (int)syscall(SYS_dup, locks_fd(locks)) : -1;
	pid_t pid;

	sim_count(sim, spec->for_ever ? COUNT_GUARDIANS : COUNT_SETTLES);
	pid = fork();
	if (pid == 0) {
		struct error error = {""};

		begin(sim);
		settle(sim, fd >= 0 ? locks_adopt(fd, &error) : NULL, spec);
	}
	if (fd >= 0)
		(void)close(fd);
	return wait_for(sim, pid);
}

/* People. */

static void ack(struct actor *actor)
{
	struct sim *sim = actor->sim;
	struct error error = {""};
	struct rows rows;

	rows_read(actor->ledger, &rows);
	for (int i = 0; i < rows.count; i++) {
		struct sim_drill *drill = world_drill(sim, rows.list[i].drill);

		if (rows.list[i].state != FAULT_STUCK || rows.list[i].acked || drill == NULL)
			continue;
		if (ledger_ack(actor->ledger, rows.list[i].drill, "we know", "a person", &error))
			sim_count(sim, COUNT_ACKS);
		drill->acked = true; /* see resume() */
		sim_trace(sim, "a person sets %s aside %s", drill->id, error.text);
		if (dice_chance(&sim->dice, 80))
			world_repair(sim, drill);
	}
}

int lives_person(struct sim *sim, enum person_act act)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct actor *actor;

		begin(sim);
		actor = actor_new(sim, NULL);
		if (actor->ledger != NULL && act == PERSON_RESUMES)
			resume(actor);
		else if (actor->ledger != NULL)
			ack(actor);
		actor_leave(actor);
	}
	return wait_for(sim, pid);
}
