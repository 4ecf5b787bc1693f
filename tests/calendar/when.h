/* Moments, as tests write them. */
#ifndef TESTS_CALENDAR_WHEN_H
#define TESTS_CALENDAR_WHEN_H

#include <stdint.h>

/* Wall clock time in ms of a moment of 2026, in UTC. */
int64_t when(int month, int day, int hour, int minute);

#endif
