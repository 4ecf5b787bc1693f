/* What a station is, in one line for people who set things up, and what is doubtful about it. */
#ifndef PROBES_SUMMARY_H
#define PROBES_SUMMARY_H

#include <stdbool.h>

#include "probes/hops/hop.h"

/* good: what it has ("3 targets up, 12 alerting rules, sends to 1 Alertmanager"); else one sentence of
 * what will keep it from being of use, with what to do. Borrowed, valid inside the callback only. */
typedef void summary_tell_fn(void *arg, bool good, const char *text);

/* Of an observation that has its JSON. Tells what is good once, first; then every doubt. Pure. */
void summary_tell(const struct hop_settings *settings, const struct hop_observation *observation,
		  summary_tell_fn *tell, void *arg);

/* Requests that observing a station of this type takes at most; 0 when the type is not known. */
int summary_requests(const char *type);

#endif
