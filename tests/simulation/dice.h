/* Chance that can be repeated: one seed, one story.  splitmix64, https://prng.di.unimi.it/splitmix64.c */
#ifndef TESTS_SIMULATION_DICE_H
#define TESTS_SIMULATION_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_bits(struct dice *dice)
{
	uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 .. count - 1 */
static inline int dice_below(struct dice *dice, int count)
{
	return (int)(dice_bits(dice) % (uint64_t)count);
}

/* from .. to, both included */
static inline int64_t dice_between(struct dice *dice, int64_t from, int64_t to)
{
	return from + (int64_t)(dice_bits(dice) % (uint64_t)(to - from + 1));
}

static inline bool dice_chance(struct dice *dice, int percent)
{
	return dice_below(dice, 100) < percent;
}

#endif
