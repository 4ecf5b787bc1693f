/* A kernel without pidfds (before Linux 5.3, or a sandbox that forbids them). */
#include <errno.h>
#include <sys/types.h>

int __wrap_pidfd_open(pid_t pid, unsigned int flags);

int __wrap_pidfd_open(pid_t pid, unsigned int flags)
{
	(void)pid;
	(void)flags;
	errno = ENOSYS;
	return -1;
}
