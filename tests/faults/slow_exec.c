/* A machine on which a program takes long to begin: exec waits until the pipe whose number is in
 * the environment as SLOW_EXEC_FD has a byte to read, or is closed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __real_execve(const char *path, char *const argv[], char *const envp[]);
int __wrap_execve(const char *path, char *const argv[], char *const envp[]);

int __wrap_execve(const char *path, char *const argv[], char *const envp[])
{
	static const char name[] = "SLOW_EXEC_FD=";
	char byte;

	for (char *const *at = envp; *at != NULL; at++) {
		if (strncmp(*at, name, sizeof name - 1) == 0)
			(void)!read((int)strtol(*at + sizeof name - 1, NULL, 10), &byte, 1);
	}
	return __real_execve(path, argv, envp);
}
