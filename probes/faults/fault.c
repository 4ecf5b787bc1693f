/* The fault drivers, by the word that a scenario uses for them. */
#include "probes/faults/fault.h"

#include <assert.h>

static const struct fault_driver *const drivers[] = {
    [VIA_NONE] = &fault_none,     [VIA_HTTP] = &fault_http,         [VIA_PROCESS] = &fault_process,
    [VIA_CANARY] = &fault_canary, [VIA_RABBITMQ] = &fault_rabbitmq, [VIA_EXEC] = &fault_exec,
};

static_assert(sizeof drivers / sizeof drivers[0] == VIA_COUNT, "a driver is not in the table");

const struct fault_driver *fault_driver_find(enum fault_via via)
{
	return drivers[via];
}
