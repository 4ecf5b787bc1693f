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
/* The same, but only stations that can tell what an alert proves; nothing when there are none. */
void hops_look_ask_for_proofs(struct hops_look *look, enum hop_time time, int64_t not_before_ms,
			      int64_t patience_ms);
/* Nothing is waited for, asked or not. */
bool hops_look_has(const struct hops_look *look, enum hop_time time);

/* Tells what every station says of one alert, from what was observed. */
void hops_look_explain(const struct hops_look *look, const struct hop_want *want, hop_tell_fn *tell,
		       void *arg);

/* The same for the other pure functions of the drivers (probes/hops/hop.h); stations that were not
 * observed at that time are passed over. foresee: in the order of the pipeline, each station knowing
 * the labels that those before it have told; of those that could have told, but were not observed, it
 * tells that nothing is known. */
void hops_look_foresee(const struct hops_look *look, enum hop_time time,
		       const struct hop_want *want, const struct hop_forecast *forecast);
/* inventory: of one station of the pipeline. False: what was told is not all, and the error says
 * why; a type that has nothing to tell tells all of it. */
bool hops_look_inventory(const struct hops_look *look, enum hop_time time, size_t hop,
			 hop_item_fn *tell, void *arg, struct error *error);
void hops_look_proofs(const struct hops_look *look, const struct hop_want *want,
		      const char *channel, hop_item_fn *tell, void *arg);

/* The labels of the alert, as a JSON object of texts owned by the caller: as the station that comes
 * last had it, else (*ret_observed false) as it will probably carry them; NULL: nobody knows. */
char *hops_look_labels(const struct hops_look *look, const struct hop_want *want,
		       bool *ret_observed);

/* Alerts are sent to the first station of the pipeline that takes any; false: none does. Its clock's
 * lead is written into the probe. */
bool hops_look_takes_alerts(const struct hops_look *look, struct hop_probe *probe);
/* See hop_driver.may_send. */
bool hops_look_may_send(const struct hops_look *look, const struct hop_probe *probe,
			int64_t *ret_held_ms, struct error *error);
/* The contract of probes/http.h. */
struct hops_send;
struct hops_send *hops_look_send(const struct hops_look *look, const struct hop_probe *probe,
				 hop_sent_fn *done, void *arg);
void hops_send_cancel(struct hops_send *sending); /* NULL is fine; also after the look is gone */

/* Why a station could not be asked at that time; NULL: it could, or was not asked. Borrowed. */
const char *hops_look_error(const struct hops_look *look, enum hop_time time, size_t hop);

/* What a station answered at that time; NULL: it was not asked, or has not answered, or could not be
 * asked (then hops_look_error says why). Borrowed, until the look is freed. */
const struct hop_observation *hops_look_seen(const struct hops_look *look, enum hop_time time,
					     size_t hop);

#endif
