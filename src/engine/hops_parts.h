/* The inside of looking at stations: shared by asking (hops.c), the drivers' pure functions
 * (hops_told.c) and sending (hops_send.c) only. */
#ifndef ENGINE_HOPS_PARTS_H
#define ENGINE_HOPS_PARTS_H

#include "src/engine/hops.h"

/* All borrowed from the look. */
const struct pipeline *hops_look_pipeline(const struct hops_look *look);
const struct hop_context *hops_look_context(const struct hops_look *look);
const struct hop_driver *hops_look_driver(const struct hops_look *look, size_t hop); /* or NULL */
/* NULL: not made. One that was given up is written to ret_given_up, with its error. */
const struct hop_observation *hops_look_observation(const struct hops_look *look,
						    enum hop_time time, size_t hop,
						    struct hop_observation *ret_given_up);

/* What was observed of a station, for the pure functions of its driver. Borrowed from the look, and not
 * to be copied: it points into itself. */
struct hops_seen {
	const struct hop_observation *times[HOP_TIME_COUNT]; /* NULL: not made */
	struct hop_observation given_up[HOP_TIME_COUNT];
};
void hops_look_see(const struct hops_look *look, size_t hop, struct hops_seen *ret_seen);

#endif
