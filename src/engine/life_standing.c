/* What a life that stays does about faults that are left: the first round before its drills; then, as long
 * as something is stuck, again and again; else a look now and then for what others left. */
#include <event2/event.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/engine/evidence.h"
#include "src/engine/life_parts.h"
#include "src/engine/settler.h"

static void settle_after(struct life *life, int64_t ms)
{
	const struct timeval delay = {ms / 1000, ms % 1000 * 1000};

	if (!life->closing)
		(void)event_add(life->settle_again, &delay);
}

void life_forget_trouble(struct life *life)
{
	free(life->trouble);
	life->trouble = NULL;
}

/* That a drill of its own runs is no news, and messages without an end are told of once. */
static bool is_news(struct life *life, const struct settled *settled)
{
	if (settled->how == SETTLED_BUSY)
		return !life->drilling;
	if (settled->how != SETTLED_UNTOLD)
		return true;
	if (busy_has(&life->untold, settled->drill))
		return false;
	busy_add(&life->untold, settled->drill);
	return true;
}

static void on_told(void *arg, const struct settled *settled)
{
	struct life *life = arg;

	if (settled->how == SETTLED_BEGUN)
		life->resting = false;
	if (life->world->settled != NULL && is_news(life, settled))
		life->world->settled(life->world->arg, settled);
}

/* A round is over: the drills may begin, or the life end. */
static void go_on(struct life *life, const char *error)
{
	if (error == NULL)
		life_forget_trouble(life);
	else
		life_note_trouble(life, error);
	life->settled_here = life->settled_elsewhere = true;
	if (life->drilling)
		life_end_when_over(life);
	else
		life_begin_drills(life, NULL);
}

static void on_rest(void *arg)
{
	struct life *life = arg;

	life->resting = true;
	go_on(life, NULL);
}

static void on_settled(void *arg, const char *error)
{
	struct life *life = arg;
	char *why = mem_dup(error); /* it goes with the settler */

	settler_free(life->standing);
	life->standing = NULL;
	settle_after(life, LIFE_SETTLE_MS);
	go_on(life, why);
	free(why);
}

void life_stand(struct life *life)
{
	const struct drill_world *drills = life->world->drills;
	const struct settler_world world = {drills->base, drills->faults, drills->ledger,
					    drills->locks};
	const struct settler_ask ask = {.for_ever = true};

	life->resting = false;
	life->standing = settler_start(&world, &ask, on_told, on_rest, on_settled, life);
}

void life_on_settle_again(int fd, short what, void *arg)
{
	struct life *life = arg;

	(void)fd;
	(void)what;
	if (life->standing == NULL && !life->closing)
		life_stand(life);
}

void life_note_left(struct life *life, const struct drill_record *record)
{
	enum fault_state state = record->evidence.fault_state;

	if (state != FAULT_ABSENT && state != FAULT_CLEAN && life->standing == NULL)
		settle_after(life, 0);
}
