/* Which programs run: between fork and exec, and in the middle of exec, a process is not yet what it was started as. */
#ifndef TESTS_SUPPORT_BEGUN_H
#define TESTS_SUPPORT_BEGUN_H

#include <stddef.h>

/* How many processes of this machine run this program (as the kernel calls it: 15 bytes at most) by now, and have
 * the mark (probes/child.h) in the environment that it was given. */
size_t begun_count(const char *mark, const char *program);

#endif
