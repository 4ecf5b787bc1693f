/* The inside of looking at stations: shared by hops.c, hops_items.c and hops_send.c only. */
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

#endif
