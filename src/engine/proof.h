/* What a delivered alert has proven: a rule, or a receiver, of the pipeline that it went through. */
#ifndef ENGINE_PROOF_H
#define ENGINE_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "probes/hops/hop.h"

struct proof {         /* its texts are owned */
	size_t expect; /* the expectation whose alert it was */
	enum hop_item_kind kind;
	char *station; /* name of the hop in the configuration */
	char *name, *detail;
	int64_t at_ms; /* clock_ms() when the alert was posted */
	int64_t latency_ms;
};

const char *proof_kind_name(enum hop_item_kind kind); /* static; "rule", "receiver" */
void proof_done(struct proof *proof);                 /* frees what it owns */

#endif
