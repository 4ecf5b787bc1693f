/* What sim is asked for. */
#include "tests/simulation/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/cases.h"

int options_usage(void)
{
	(void)fputs(
	    "usage: sim [--drills N] [--seed S] [--jobs J]    cases by chance\n"
	    "       sim --stories [--stride N]               each story, ended at every call\n"
	    "       sim --case SEED                          one case again, with its trace\n"
	    "       sim --story NAME --after WHAT --crash N  one story again\n"
	    "       sim --twice [--drills N]                 the same seed, the same trace?\n"
	    "       --life-trace                             every trace, as it happens\n",
	    stderr);
	return 2;
}

/* Where everything is slow, less is done. */
static void fit_lane(struct options *options)
{
	static const struct {
		const char *lane;
		int share;
	} lanes[] = {{"sanitize", 20}, {"valgrind", 500}};
	const char *lane = getenv("TEST_LANE");

	for (size_t i = 0; lane != NULL && i < sizeof lanes / sizeof lanes[0]; i++) {
		if (strcmp(lane, lanes[i].lane) != 0)
			continue;
		options->drills = options->drills / (uint64_t)lanes[i].share + 1;
		options->stride *= lanes[i].share;
	}
}

bool options_read(int argc, char **argv, struct options *ret_options)
{
	static const struct option longs[] = {
	    {"drills", required_argument, NULL, 'd'}, {"seed", required_argument, NULL, 's'},
	    {"jobs", required_argument, NULL, 'j'},   {"case", required_argument, NULL, 'c'},
	    {"story", required_argument, NULL, 'o'},  {"after", required_argument, NULL, 'a'},
	    {"crash", required_argument, NULL, 'n'},  {"stride", required_argument, NULL, 'e'},
	    {"stories", no_argument, NULL, 'S'},      {"twice", no_argument, NULL, 'T'},
	    {"life-trace", no_argument, NULL, 't'},   {NULL, 0, NULL, 0}};
	struct options options = {.drills = 10000,
				  .seed = 1,
				  .jobs = 1,
				  .stride = 1,
				  .after = aftermath_names[AFTER_GUARDIAN]};
	int letter;

	while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (letter) {
		case 'd':
			options.drills = strtoull(optarg, NULL, 10);
			break;
		case 's':
			options.seed = strtoull(optarg, NULL, 10);
			break;
		case 'j':
			options.jobs = atoi(optarg);
			break;
		case 'e':
			options.stride = atoi(optarg);
			break;
		case 'c':
			options.mode = MODE_CASE;
			options.one_case = strtoull(optarg, NULL, 10);
			break;
		case 'o':
			options.mode = MODE_CASE;
			options.story = optarg;
			break;
		case 'a':
			options.after = optarg;
			break;
		case 'n':
			options.crash_at = strtoll(optarg, NULL, 10);
			break;
		case 'S':
			options.mode = MODE_STORIES;
			break;
		case 'T':
			options.mode = MODE_TWICE;
			break;
		case 't':
			options.trace = true;
			break;
		default:
			return false;
		}
	}
	if (options.mode == MODE_CASE || options.mode == MODE_TWICE)
		options.jobs = 1;
	fit_lane(&options);
	*ret_options = options;
	return optind == argc && options.jobs >= 1 && options.jobs <= OPTIONS_JOBS_MAX &&
	       options.stride >= 1;
}
