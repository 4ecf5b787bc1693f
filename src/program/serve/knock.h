/* Before a guest comes in: is there a daemon, whose is it, and does it understand us? */
#ifndef PROGRAM_KNOCK_H
#define PROGRAM_KNOCK_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"

enum knock_result {
	KNOCK_NOBODY, /* no daemon works with that state file */
	KNOCK_FAILED, /* there is one, and the error says why it cannot be talked to */
	KNOCK_OPEN
};

struct knock_host {
	int fd;                                /* the caller's; what is said is not waited for */
	int pid;                               /* as the kernel knows it */
	int64_t since_wall_ms, loaded_wall_ms; /* its start, its configuration; 0: not known */
	size_t guests;                         /* others */
	char *config;                          /* owned; real path; "": not known */
	char *lost;                            /* owned; why it has no ledger; NULL: it has one */
};

/* Waits at most limit_ms. Nothing was handed over yet; the other end's user is ours, or root. */
enum knock_result knock(const char *state, int64_t limit_ms, struct knock_host *ret_host,
			struct error *error);
void knock_done(struct knock_host *host); /* closes it */

#endif
