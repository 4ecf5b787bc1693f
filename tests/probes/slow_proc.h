/* What /proc tells of one process; there is no other one with an environment then. Link with WRAP open poll. */
#ifndef TESTS_PROBES_SLOW_PROC_H
#define TESTS_PROBES_SLOW_PROC_H

#include <stdbool.h>
#include <sys/types.h>

struct slow_proc {
	pid_t pid;               /* 0: all is as it is */
	int looks;               /* at its environment, in which it is in the middle of exec */
	bool is_of_another_user; /* nobody may look at its environment */
	int standstills;         /* of poll: its time is over at once, and nobody else had any */
	int asked;               /* how often its environment was opened, or tried to be */
};

/* To be set. */
struct slow_proc *slow_proc(void);

#endif
