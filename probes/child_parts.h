/* Inside child.c: from an ask to a running process. */
#ifndef PROBES_CHILD_PARTS_H
#define PROBES_CHILD_PARTS_H

#include <sys/types.h>

#include "probes/child.h"

/* A process that runs. Everything is owned by whoever launched it. */
struct child_process {
	pid_t pid;   /* leader of the group of the same number */
	int pidfd;   /* -1 where the kernel has none */
	int output;  /* read end of stdout and stderr together, does not block */
	int failure; /* read end of what goes wrong before exec, does not block */
};

/* False when there is no process; what goes wrong after the fork is in `failure`. */
MUST_CHECK bool child_launch(const struct child_ask *ask, struct child_process *ret_process,
			     struct error *error);

/* Once the process has ended: true when it never came to run its program. The two names are the
 * ask's. */
bool child_launch_failed(int failure, const char *program, const char *directory,
			 struct error *error);

#endif
