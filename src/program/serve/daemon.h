/* The daemon: drills by their schedules, wishes by the door, pages, and a life that goes on. */
#ifndef PROGRAM_DAEMON_H
#define PROGRAM_DAEMON_H

#include "src/program/options.h"
#include "src/program/serve/log.h"

/* Until SIGTERM or SIGINT. The exit code: EXIT_PASS, EXIT_USAGE, EXIT_FAULT_LEFT, or EXIT_REFUSED when
 * nothing could be broken for want of a guardian. */
int daemon_run(const struct options *options, enum log_level level);

#endif
