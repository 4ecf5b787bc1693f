/* What a station foresees of the alert that the stand waits for. */
#ifndef TESTS_HOPS_FORESEEN_H
#define TESTS_HOPS_FORESEEN_H

#include "tests/hops/stand.h"

#define FORESEEN_MAX 16

struct foreseen {
	struct foreseen_delay {
		enum hop hop;
		const char *what;
		bool resolving;
		int64_t least_ms, most_ms;
	} delays[FORESEEN_MAX];
	size_t delay_count;
	struct foreseen_caution {
		enum hop hop;
		enum hop_worry worry;
		int64_t ms;
		char text[1024], advice[256];
	} cautions[FORESEEN_MAX];
	size_t caution_count;
	char labels[1024];  /* "" when none were told */
	char unknown[1024]; /* the first one; "" */
};

/* From what was observed before. */
void foresee(struct stand *stand, const struct hop_driver *driver, struct foreseen *ret_foreseen);

/* Fail the test when it is not told so. */
void assert_there(const struct foreseen *foreseen, const char *what, int64_t least_ms,
		  int64_t most_ms);
void assert_back(const struct foreseen *foreseen, const char *what, int64_t least_ms,
		 int64_t most_ms);
void assert_known(const struct foreseen *foreseen);
void assert_unknown(const struct foreseen *foreseen, const char *why);
void assert_cautions(const struct foreseen *foreseen, size_t count);
void assert_caution(const struct foreseen *foreseen, enum hop_worry worry, const char *text);

#endif
