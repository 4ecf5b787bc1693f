/* Starting a guardian: this very program with the verb `guardian`, in a session of its own. */
#ifndef PROGRAM_GUARDIAN_SPAWN_H
#define PROGRAM_GUARDIAN_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "src/base/error.h"

/* It gets /dev/null three times, the other end of *ret_socket and a duplicate of locks (wire.h), our
 * environment and working directory, and nothing else; every signal is blocked in it. The process
 * and the socket are the caller's. */
MUST_CHECK bool guardian_spawn(const char *config, int locks, pid_t *ret_pid, int *ret_socket,
			       struct error *error);

#endif
