/* Asking the stations of a pipeline, shared between drills: one observation of a station serves every
 * drill that asks within a second, so requests do not grow with the drills that wait. */
#ifndef ENGINE_HOPS_H
#define ENGINE_HOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/hops/hop.h"

#define HOPS_BEFORE_MS 5000  /* how long a drill waits for its stations before it breaks anything */
#define HOPS_PEAK_MS   3000  /* ... at the end of its watch, while the fault stays in place */
#define HOPS_AFTER_MS  10000 /* ... when all is put right */

struct hops;      /* all stations */
struct hops_look; /* what one drill sees of one pipeline */

typedef const struct hop_driver *hops_find_fn(const char *type); /* NULL: there is none */
typedef void hops_changed_fn(void *arg);

/* All borrowed, must outlive it. */
struct hops *hops_new(const struct hop_context *context, hops_find_fn *find);
void hops_free(struct hops *hops); /* after every look; NULL is fine */

/* All borrowed, must outlive the look. changed: a station answered, or its time is up; from the
 * loop. */
struct hops_look *hops_look_new(struct hops *hops, const struct pipeline *pipeline,
				hops_changed_fn *changed, void *arg);
void hops_look_free(struct hops_look *look); /* any time; NULL is fine */

/* Asks every station; those that have not answered after patience_ms count as not asked. An
 * observation that was begun before not_before_ms (clock_ms()) does not serve. Once for each time. */
void hops_look_ask(struct hops_look *look, enum hop_time time, int64_t not_before_ms,
		   int64_t patience_ms);
bool hops_look_was_asked(const struct hops_look *look, enum hop_time time);
/* Nothing is waited for, asked or not. */
bool hops_look_has(const struct hops_look *look, enum hop_time time);

/* Tells what every station says of one alert, from what was observed. */
void hops_look_explain(const struct hops_look *look, const struct hop_want *want, hop_tell_fn *tell,
		       void *arg);

#endif
