/* When a channel could not be read. */
#include "probes/chats/channel_blind.h"

#include <string.h>

void blind_failed(struct blind *blind, int64_t started_ms)
{
	if (blind->open_ms == 0)
		blind->open_ms = started_ms;
}

void blind_slowed(struct blind *blind, int64_t started_ms)
{
	if (blind->slow_ms == 0)
		blind->slow_ms = started_ms;
}

static void remember(struct blind *blind, int64_t from_ms, int64_t to_ms)
{
	if (blind->count == BLIND_OUTAGES) {
		blind->outages[0].to_ms = blind->outages[1].to_ms;
		blind->count--;
		memmove(&blind->outages[1], &blind->outages[2],
			(blind->count - 1) * sizeof blind->outages[0]);
	}
	blind->outages[blind->count].from_ms = from_ms;
	blind->outages[blind->count].to_ms = to_ms;
	blind->count++;
}

void blind_healed(struct blind *blind, int64_t started_ms, int64_t shortest_ms)
{
	if (blind->open_ms > 0 && started_ms - blind->open_ms >= shortest_ms)
		remember(blind, blind->open_ms, started_ms);
	blind->open_ms = 0;
	blind->slow_ms = 0;
}

static int64_t overlap(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to)
{
	int64_t from = a_from > b_from ? a_from : b_from;
	int64_t to = a_to < b_to ? a_to : b_to;

	return to > from ? to - from : 0;
}

int64_t blind_between(const struct blind *blind, int64_t from_ms, int64_t to_ms, int64_t now_ms)
{
	int64_t since_ms = blind->open_ms;
	int64_t sum = 0;

	if (since_ms == 0 || (blind->slow_ms > 0 && blind->slow_ms < since_ms))
		since_ms = blind->slow_ms;
	for (size_t i = 0; i < blind->count; i++)
		sum += overlap(from_ms, to_ms, blind->outages[i].from_ms, blind->outages[i].to_ms);
	if (since_ms > 0)
		sum += overlap(from_ms, to_ms, since_ms, now_ms);
	return sum;
}
