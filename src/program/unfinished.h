/* Drills whose firedrill ended before it wrote what became of them: killed, or without a place to write.
 * Once nobody works on one any more, what is known of it goes into the history. */
#ifndef PROGRAM_UNFINISHED_H
#define PROGRAM_UNFINISHED_H

#include <stdbool.h>

struct chronicle;
struct history_drill;
struct ledger;
struct locks;

/* It is in the history now. Borrowed, valid inside the callback only. */
typedef void unfinished_fn(void *arg, const struct history_drill *drill);

/* Writes those that can be written now, never one of this process or one that lives; each is written and
 * told once, by whichever process comes first. told NULL is fine. Never waits for another process. False:
 * there are more, somebody may still be at work on them. */
bool unfinished_write(struct chronicle *chronicle, struct ledger *ledger, struct locks *locks,
		      unfinished_fn *told, void *arg);

#endif
