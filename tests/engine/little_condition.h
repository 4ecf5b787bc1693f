/* Conditions of `stop_when` in virtual time: calm by default. */
#ifndef TESTS_ENGINE_LITTLE_CONDITION_H
#define TESTS_ENGINE_LITTLE_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/conditions/condition.h"

struct event_base;

/* One condition and what its looks find. */
struct little_condition {
	const char *check;           /* of the stop_condition */
	enum condition_answer found; /* by the looks from `from` on */
	int from;                    /* the first look is 1; 0: none */
	int count;                   /* ... so many; 0: all that follow */
	int every;                   /* ... only each so manieth of them; 0: every one */
	int64_t takes_ms;            /* 0: the next turn of the loop */
	bool hangs;
	int looks, in_flight;
};

enum { LITTLE_CONDITIONS = 2 };

struct little_conditions {
	struct condition_context context; /* to be handed to the drill */
	struct event_base *base;          /* borrowed */
	struct little_condition list[LITTLE_CONDITIONS];
};

extern const struct condition_driver little_condition_driver;

#endif
