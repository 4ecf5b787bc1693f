/* When the digest comes: by its schedule, once for each time that it was due, and late rather than never:
 * what was due while firedrill was not running comes when it runs again. */
#ifndef PROGRAM_DIGEST_CLOCK_H
#define PROGRAM_DIGEST_CLOCK_H

#include <stdint.h>

struct digest_clock;
struct event_base;
struct schedule;

/* A digest that is to be posted now. Wall clock, ms since 1970. */
struct digest_due {
	int64_t due_wall_ms;
	int64_t since_wall_ms; /* what came since then is told: when the one before was due */
	const char *late;      /* static; why it comes so late; NULL: it does not */
};

struct digest_clock_hears {
	/* The next one is due then; -1: none. To be remembered for the next life; always before `due`,
	 * so that a life that ends in between posts none twice. */
	void (*promised)(void *arg, int64_t due_wall_ms);
	void (*due)(void *arg, const struct digest_due *due);
	void *arg;
};

/* promised_wall_ms: what an earlier life promised last; -1: nothing, or not known. hears is copied. */
struct digest_clock *digest_clock_new(struct event_base *base, int64_t promised_wall_ms,
				      const struct digest_clock_hears *hears);
void digest_clock_free(struct digest_clock *clock); /* NULL is fine */
/* It goes by this schedule from now on, borrowed; NULL: there is no digest. What was due before and did
 * not come comes at once. */
void digest_clock_set(struct digest_clock *clock, const struct schedule *schedule);

#endif
