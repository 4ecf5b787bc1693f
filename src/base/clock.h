/* The one place where time is read. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic milliseconds, time asleep included: for every comparison and deadline. */
int64_t clock_ms(void);

/* Milliseconds since 1970 UTC: for people and for other machines. */
int64_t clock_wall_ms(void);

/* Monotonic microseconds, time asleep left out: the clock by which service managers reckon. */
int64_t clock_awake_us(void);

/* "2026-11-21T10:00:00.123Z" (RFC 3339, UTC) for a wall clock time in ms; size >= 32 bytes. */
void clock_rfc3339(int64_t wall_ms, char *ret_text, size_t size);

#endif
