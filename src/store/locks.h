/* Locks between processes, by name: who runs in an environment, who changes a target, who works on a
 * fault.  They are open file description locks on one byte each of a file beside the ledger, and end
 * with the last process that has that open file: a firedrill and its guardian share it, so what one
 * held stays locked while the other puts it right.  fcntl(2), "Open file description locks". */
#ifndef STORE_LOCKS_H
#define STORE_LOCKS_H

#include <stdbool.h>

#include "src/base/error.h"

struct locks;

enum lock_result { LOCK_TAKEN, LOCK_BUSY, LOCK_FAILED };

/* The file STATE-locks (mode 0600) beside the ledger STATE, made when missing. Close-on-exec. */
MUST_CHECK struct locks *locks_open(const char *state, struct error *error);
/* From the open file of another process of ours (locks_fd, inherited): each may take and release
 * what the other has, so that the one takes over when the other is dead. Takes the descriptor over,
 * also on failure; close-on-exec again. */
MUST_CHECK struct locks *locks_adopt(int fd, struct error *error);
/* What is held stays locked while another process has the same open file. NULL is fine. */
void locks_close(struct locks *locks);
/* Borrowed: to be inherited by the guardian. Another one after locks_take found the file removed. */
int locks_fd(const struct locks *locks);

/* The path of the ledger they are of, wherever it was named. Borrowed. */
const char *locks_ledger(const struct locks *locks);

/*
 * Never waits. A name this `struct locks` holds already is busy, too. The error is set with
 * LOCK_FAILED only.  A file that was removed is made anew when nothing is held; else it fails, since
 * others would lock in another file.
 */
MUST_CHECK enum lock_result locks_take(struct locks *locks, const char *name, struct error *error);
/* By this `struct locks`. */
bool locks_holds(const struct locks *locks, const char *name);
/* For people to look at: held here, or through another open file. Changes nothing. */
bool locks_is_busy(const struct locks *locks, const char *name);
void locks_release(struct locks *locks, const char *name); /* one that is not held is fine */
/* Everything that is held through the open file, by whichever process. */
void locks_release_all(struct locks *locks);

/* A sign of life, for locks_is_busy of other processes: it ends with this process, whoever inherits
 * the locks. Whether it can be given matters to people only. */
void locks_show(struct locks *locks, const char *name);
void locks_hide(struct locks *locks, const char *name); /* one that is not shown is fine */

/* The names: "environment:staging", "target:...", "fault:fd-k3q9x2m7", and, to be shown while it
 * lives, "drill:fd-k3q9x2m7". Owned by the caller. */
char *lock_name_environment(const char *environment);
char *lock_name_target(const char *target);
char *lock_name_fault(const char *drill);
char *lock_name_drill(const char *drill);

#endif
