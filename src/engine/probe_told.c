/* What a probe found, in one word. */
#include "src/engine/bisect.h"

const char *probe_result_name(enum probe_result result)
{
	static const char *const names[PROBE_RESULT_COUNT] = {
	    [PROBE_ARRIVED] = "arrived", [PROBE_LOST] = "lost",       [PROBE_REFUSED] = "refused",
	    [PROBE_SKIPPED] = "skipped", [PROBE_UNKNOWN] = "unknown",
	};

	return names[result];
}
