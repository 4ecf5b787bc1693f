/* Where the time was lost of an alert, or of its end, that came too late. */
#include <inttypes.h>
#include <stdlib.h>

#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/gap_parts.h"

/* A station that had it, and since when. */
struct point {
	const struct hop_told *told; /* borrowed */
	int64_t at_ms;
};

struct way {
	struct point
	    list[HOP_COUNT]; /* in the order of the stations; the fault first, the chat last */
	size_t count;
};

/* What takes time on the way to a station, when it does not say so itself. */
static const struct {
	const char *cause, *advice;
} usual[ABOUT_COUNT][HOP_COUNT] = {
    [ABOUT_ALERT] =
	{
	    [HOP_LOG] = {"the line was written, or shipped, that late",
			 "look at the log shipper's batches and limits"},
	    [HOP_METRIC] = {"it takes a scrape and an evaluation until the rule's condition is "
			    "true, and longer when its expression looks back over a time",
			    "look at scrape_interval, evaluation_interval and the ranges in the "
			    "rule's expression, or give `within` more time"},
	    [HOP_RULE] = {"the rule waits for its `for`, and for an evaluation",
			  "shorten `for` and evaluation_interval, or give `within` more time"},
	    [HOP_ALERTMANAGER] = {"the sender delivers late: its queue is full, or it was away",
				  "look at prometheus_notifications_queue_length and at the "
				  "sender's log"},
	    [HOP_RECEIVER] = {"Alertmanager waits for group_wait, or for group_interval where the "
			      "group was there already",
			      "shorten group_wait of the route, or give `within` more time"},
	    [HOP_CHAT] = {"the post waits for group_wait or group_interval, or was refused and "
			  "tried again",
			  "look at the route's waiting times and at the sender's log"},
	},
    [ABOUT_END] =
	{
	    [HOP_RULE] =
		{"the rule's condition stays true for that long after the repair: its "
		 "expression looks back over a time, or keep_firing_for holds it",
		 "look at the ranges in the rule's expression, or give `resolved` more time"},
	    [HOP_ALERTMANAGER] = {"the sender tells the end late",
				  "give `resolved` more time, or look at resolve_timeout"},
	    [HOP_RECEIVER] = {"a resolved message waits for group_interval",
			      "shorten group_interval of the route, or give `resolved` more time"},
	    [HOP_CHAT] = {"a resolved message waits for group_interval",
			  "shorten group_interval of the route, or give `resolved` more time"},
	},
};

/* Of two stations of a kind the first to have it counts; clocks may differ a little. */
static void add_point(struct way *way, const struct hop_told *told)
{
	struct point *last = way->count > 0 ? &way->list[way->count - 1] : NULL;
	int64_t at_ms = told->at_ms;

	if (last != NULL && last->told->hop == told->hop) {
		if (at_ms < last->at_ms &&
		    (way->count < 2 || at_ms >= way->list[way->count - 2].at_ms))
			*last = (struct point){told, at_ms};
		return;
	}
	if (last != NULL && at_ms < last->at_ms)
		at_ms = last->at_ms;
	way->list[way->count++] = (struct point){told, at_ms};
}

static struct way way_of(const struct gap_trail *trail)
{
	struct way way = {.count = 0};

	for (size_t i = 0; i < trail->count; i++) {
		const struct hop_told *told = &trail->list[i];

		if (told->about == trail->about && told->state == HOP_HAD_IT &&
		    told->at_ms != TIME_NEVER)
			add_point(&way, told);
	}
	return way;
}

static const struct point *point_of(const struct way *way, enum hop hop)
{
	for (size_t i = 0; i < way->count; i++) {
		if (way->list[i].told->hop == hop)
			return &way->list[i];
	}
	return NULL;
}

/* Did one of them lack it when the deadline passed?  Else the longest way counts. */
static void find_ends(struct gap_trail *trail, const struct way *way)
{
	int64_t longest_ms = -1;

	gap_find_ends(trail);
	if (trail->after != NULL && trail->before != NULL && trail->before->hop != HOP_CHAT)
		return;
	for (size_t i = 1; i < way->count; i++) {
		int64_t took_ms = way->list[i].at_ms - way->list[i - 1].at_ms;

		if (took_ms <= longest_ms)
			continue;
		longest_ms = took_ms;
		trail->after = way->list[i - 1].told;
		trail->before = way->list[i].told;
	}
}

/* "rule had it after 5.0 s, alertmanager after 6.0 s, chat after 41 s". Owned by the caller. */
static char *times_of(const struct way *way, int64_t from_ms)
{
	char *text = NULL, length[32];

	for (size_t i = 1; i < way->count; i++) {
		char *more;

		duration_format(way->list[i].at_ms - from_ms, length, sizeof length);
		more = mem_printf("%s%s%s%s after %s", text != NULL ? text : "",
				  text != NULL ? ", " : "", hop_name(way->list[i].told->hop),
				  text == NULL ? " had it" : "", length);
		free(text);
		text = more;
	}
	return text;
}

static char *share_of(const struct gap_trail *trail, const struct way *way, int64_t from_ms)
{
	const struct point *after = point_of(way, trail->after->hop);
	const struct point *before = point_of(way, trail->before->hop);
	const struct point *chat = &way->list[way->count - 1];
	char spent[32], all[32];

	if (after == NULL)
		return mem_printf("the time was spent before %s", hop_name(trail->before->hop));
	duration_format((before != NULL ? before : chat)->at_ms - after->at_ms, spent,
			sizeof spent);
	duration_format(chat->at_ms - from_ms, all, sizeof all);
	return mem_printf("%s of %s were spent between %s and %s", spent, all,
			  hop_name(trail->after->hop),
			  hop_name(before != NULL ? trail->before->hop : HOP_CHAT));
}

/* What the receiver says of its waits holds for the way to the chat, too. */
static const struct hop_told *teller_of(const struct gap_trail *trail)
{
	if (trail->before->hop != HOP_CHAT)
		return trail->before;
	for (size_t i = 0; i < trail->count; i++) {
		if (trail->list[i].about == trail->about && trail->list[i].hop == HOP_RECEIVER &&
		    trail->list[i].cause != NULL)
			return &trail->list[i];
	}
	return trail->before;
}

static void find_cause(const struct gap_trail *trail, struct gap *gap)
{
	const char *cause = teller_of(trail)->cause, *advice = teller_of(trail)->advice;

	if (cause == NULL && advice == NULL) {
		cause = usual[trail->about][trail->before->hop].cause;
		advice = usual[trail->about][trail->before->hop].advice;
	}
	gap->cause = mem_dup(cause);
	gap->advice = mem_dup(advice);
}

bool gap_late(int64_t from_ms, struct gap_trail *trail, struct gap *gap)
{
	struct way way = way_of(trail);
	char *times, *share;

	if (way.count < 2 || way.list[way.count - 1].told->hop != HOP_CHAT)
		return false;
	find_ends(trail, &way);
	if (trail->after == NULL || trail->before == NULL)
		return false;
	times = times_of(&way, from_ms);
	share = share_of(trail, &way, from_ms);
	gap_add(&gap->evidence, mem_printf("%s: %s", times, share));
	free(times);
	free(share);
	if (trail->before->state == HOP_LACKED_IT)
		gap_add(&gap->evidence, mem_printf("%s did not have it when it was asked",
						   hop_name(trail->before->hop)));
	gap_add_unasked(trail, &gap->evidence);
	find_cause(trail, gap);
	return true;
}
