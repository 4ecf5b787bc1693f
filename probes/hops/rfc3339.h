/* Times as other machines write them. */
#ifndef PROBES_RFC3339_H
#define PROBES_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-21T10:00:00.123456+01:00" as ms since 1970 UTC. False when it is none, or lies outside the
 * years 1971 to 9999: "0001-01-01T00:00:00Z" is how Go programs write "never".
 * https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
bool rfc3339_read(const char *text, int64_t *ret_wall_ms);

#endif
