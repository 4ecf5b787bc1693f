/* Messages that are almost the alert: what the template or the scenario got wrong. */
#ifndef ENGINE_NEAR_H
#define ENGINE_NEAR_H

#include <stdint.h>

struct channel;
struct expectation_evidence;
struct near;

/* Looks for messages with the drill's id for one expectation that wants it: writes its
 * evidence->near. All borrowed, must outlive it. since_ms: clock_ms() time from which messages
 * count. */
struct near *near_new(struct channel *channel, struct expectation_evidence *evidence,
		      const char *drill, int64_t since_ms);
/* Also for messages without the id of any drill; while a fault is in place they end the drill
 * (strangers.h), so they are of interest only after. */
void near_widen(struct near *near, int64_t since_ms);
void near_free(struct near *near); /* looks no more; NULL is fine */

#endif
