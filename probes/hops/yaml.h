/* The YAML that Alertmanager prints of its own configuration, as JSON.
 * https://yaml.org/spec/1.2.2/ */
#ifndef PROBES_YAML_H
#define PROBES_YAML_H

#include <stddef.h>

#include "src/base/error.h"

struct cJSON;

/*
 * Block and flow collections, plain, quoted and literal texts.  Every value is a string, an empty
 * one, ~ and null are null.  Whatever else YAML has (anchors, tags, folded texts, plain texts over
 * several lines, complex keys, several documents) is refused, never guessed.  Text of any bytes, at
 * most YAML_MAX of them.  The caller frees it with cJSON_Delete(); NULL with an error that names
 * the line.
 */
#define YAML_MAX (4U << 20)
struct cJSON *yaml_read(const char *text, size_t len, struct error *error);

#endif
