/* Those who wait until everything up to some time has been read. */
#include "probes/chats/channel_cover.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"

/* The waiting list: sorted, so that a read touches only those that it satisfies. */

static size_t place_of(const struct covers *covers, int64_t until_ms)
{
	size_t low = 0, high = covers->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (covers->list[middle]->until_ms > until_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void put(struct covers *covers, struct cover *cover)
{
	size_t at = place_of(covers, cover->until_ms);

	if (covers->count == covers->room) {
		covers->room = covers->room > 0 ? covers->room * 2 : 8;
		covers->list = mem_grow(covers->list, covers->room, sizeof *covers->list);
	}
	memmove(covers->list + at + 1, covers->list + at,
		(covers->count - at) * sizeof *covers->list);
	covers->list[at] = cover;
	covers->count++;
}

static void take(struct covers *covers, const struct cover *cover)
{
	size_t at = place_of(covers, cover->until_ms);

	while (covers->list[at] != cover)
		at++;
	covers->count--;
	memmove(covers->list + at, covers->list + at + 1,
		(covers->count - at) * sizeof *covers->list);
}

static void decide(struct covers *covers, struct cover *cover, bool covered)
{
	cover->is_due = true;
	cover->covered = covered;
	TAILQ_INSERT_TAIL(&covers->due, cover, link);
}

static void wait_for(struct cover *cover)
{
	int64_t ms = cover->give_up_ms - clock_ms();
	const struct timeval wait = {.tv_sec = ms > 0 ? (time_t)(ms / 1000) : 0,
				     .tv_usec = ms > 0 ? (suseconds_t)(ms % 1000 * 1000) : 0};

	(void)event_add(cover->give_up, &wait);
}

static void tell(struct cover *cover, bool covered)
{
	cover_done_fn *done = cover->done;
	void *arg = cover->arg;

	covers_remove(cover);
	done(arg, covered);
}

static void on_give_up(evutil_socket_t fd, short what, void *arg)
{
	struct cover *cover = arg;

	(void)fd;
	(void)what;
	if (clock_ms() < cover->give_up_ms)
		wait_for(cover); /* the loop's clock is coarser than ours */
	else
		tell(cover, cover->is_due && cover->covered);
}

void covers_init(struct covers *covers, struct event_base *base)
{
	*covers = (struct covers){.base = base};
	TAILQ_INIT(&covers->due);
}

void covers_done(struct covers *covers)
{
	covers_fail(covers);
	while (!TAILQ_EMPTY(&covers->due))
		covers_remove(TAILQ_FIRST(&covers->due));
	free(covers->list);
	covers->list = NULL;
	covers->room = 0;
}

struct cover *covers_add(struct covers *covers, struct channel *channel, int64_t until_ms,
			 int64_t give_up_ms, cover_done_fn *done, void *arg)
{
	struct cover *cover = mem_zalloc(sizeof *cover);

	*cover = (struct cover){
	    .channel = channel,
	    .covers = covers,
	    .until_ms = until_ms,
	    .give_up_ms = give_up_ms,
	    .done = done,
	    .arg = arg,
	    .give_up = evtimer_new(covers->base, on_give_up, cover),
	};
	put(covers, cover);
	wait_for(cover);
	return cover;
}

void covers_remove(struct cover *cover)
{
	if (cover->is_due)
		TAILQ_REMOVE(&cover->covers->due, cover, link);
	else
		take(cover->covers, cover);
	event_free(cover->give_up);
	free(cover);
}

bool covers_is_empty(const struct covers *covers)
{
	return covers->count == 0 && TAILQ_EMPTY(&covers->due);
}

int64_t covers_last_ms(const struct covers *covers, int64_t at_ms)
{
	size_t at = place_of(covers, at_ms);

	return at < covers->count ? covers->list[at]->until_ms : INT64_MIN;
}

void covers_reach(struct covers *covers, int64_t covered_ms, uint64_t read)
{
	size_t first = place_of(covers, covered_ms), kept = first;

	for (size_t i = covers->count; i > first; i--) {
		if (covers->list[i - 1]->reads < read) {
			decide(covers, covers->list[i - 1], true);
			covers->list[i - 1] = NULL;
		}
	}
	for (size_t i = first; i < covers->count; i++) {
		if (covers->list[i] != NULL)
			covers->list[kept++] = covers->list[i];
	}
	covers->count = kept;
}

void covers_fail(struct covers *covers)
{
	for (size_t i = covers->count; i > 0; i--)
		decide(covers, covers->list[i - 1], false);
	covers->count = 0;
}

/* Those that are decided meanwhile wait for the next call. */
void covers_tell(struct covers *covers)
{
	const struct cover *cover;
	size_t count = 0;

	TAILQ_FOREACH(cover, &covers->due, link)
	count++;
	for (; count > 0 && !TAILQ_EMPTY(&covers->due); count--)
		tell(TAILQ_FIRST(&covers->due), TAILQ_FIRST(&covers->due)->covered);
}
