/* What sim is asked for. */
#ifndef TESTS_SIMULATION_OPTIONS_H
#define TESTS_SIMULATION_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_JOBS_MAX = 16 };

enum mode { MODE_RANDOM, MODE_STORIES, MODE_CASE, MODE_TWICE };

struct options {
	enum mode mode;
	uint64_t drills, seed, one_case;
	int jobs, stride;
	bool trace;
	const char *story, *after;
	int64_t crash_at;
};

/* False: it cannot be understood. */
bool options_read(int argc, char **argv, struct options *ret_options);
int options_usage(void); /* the exit status */

#endif
