/* A deadline that nothing could have kept is the cause of a gap, whatever else is. */
#include "src/engine/gap_deadline.h"

#include <stdlib.h>

#include "src/base/mem.h"

void gap_blame_deadline(const struct expectation_evidence *expect, enum finding finding,
			struct gap *gap)
{
	bool unresolved = finding == FINDING_UNRESOLVED;
	const char *why = unresolved ? expect->resolved_impossible : expect->impossible;
	char *cause;

	if (!gap->found || why == NULL ||
	    (!unresolved && finding != FINDING_MISSING && finding != FINDING_LATE))
		return;
	cause = mem_printf("%s%s%s", why, gap->cause != NULL ? "; " : "",
			   gap->cause != NULL ? gap->cause : "");
	free(gap->cause);
	free(gap->advice);
	gap->cause = cause;
	gap->advice = mem_printf("write %s = \"auto\" for %s, or more than that",
				 unresolved ? "resolved" : "within", expect->expect->alert);
}
