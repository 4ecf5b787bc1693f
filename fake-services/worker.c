/* The worker: dies at once when its environment is not complete. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/commands.h"

int command_worker(int argc, char **argv)
{
	const char *queue = getenv("WORKER_QUEUE");
	const char *database = getenv("ORDERS_DATABASE_URL");
	sigset_t ends;
	int caught;

	if (argc > 1) {
		(void)fprintf(stderr, "%s takes no arguments\n", argv[0]);
		return FAKE_EXIT_USAGE;
	}
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	if (database == NULL || database[0] == '\0') {
		(void)fputs("FATAL environment variable ORDERS_DATABASE_URL is not set\n", stderr);
		return EXIT_FAILURE;
	}
	if (queue != NULL && strcmp(queue, "orders") != 0) {
		(void)fprintf(stderr, "FATAL queue %s does not exist\n", queue);
		return EXIT_FAILURE;
	}
	(void)puts("worker ready");
	(void)fflush(stdout);
	(void)sigwait(&ends, &caught);
	return EXIT_SUCCESS;
}
