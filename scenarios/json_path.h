/* A path into JSON, such as "data.items[*].labels['my key']": names, places in a list from 0 on,
 * and [*] for every member. */
#ifndef SCENARIOS_JSON_PATH_H
#define SCENARIOS_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/error.h"

#define JSON_PATH_STEPS 32

struct json_step {
	enum { JSON_STEP_NAME, JSON_STEP_INDEX, JSON_STEP_EVERY, JSON_STEP_COUNT } kind;
	const char *name; /* borrowed from the path, not NUL-terminated */
	size_t len;       /* bytes of it */
	int index;
};

/* How many steps the path has, at least one; 0 with an error that says what is wrong. */
MUST_CHECK size_t json_path_read(const char *path, struct json_step ret_steps[JSON_PATH_STEPS],
				 struct error *error);

#endif
