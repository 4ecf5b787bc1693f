/* The contract of every hop driver: what a station of the alert pipeline knows of an alert.
 *
 * Observing asks the station once for everything that may matter, for all drills alike, and turns it
 * into one JSON text; explaining is a pure function of such texts, so it can be tested, fuzzed and
 * repeated.  A station that cannot be asked is reported as not asked, never guessed. */
#ifndef PROBES_HOP_H
#define PROBES_HOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/config.h"
#include "src/base/error.h"
#include "src/base/words.h"

struct event_base;
struct http;
struct secrets;
struct hop_op; /* one observation in flight */

/* All borrowed, outlives every observation. */
struct hop_context {
	struct event_base *base;
	struct http *http;
	struct secrets *secrets;
};

#define HOP_OBSERVATION_MAX (1U << 20) /* bytes of one observation's text */

/* What observing brought. Borrowed, valid inside the callback only. */
struct hop_observation {
	const char *json;   /* NULL: it could not be asked, and `error` says why */
	const char *error;  /* one sentence that says what to do, secrets masked; NULL */
	int64_t at_wall_ms; /* by our clock, in the middle of the requests */
	int64_t ahead_ms;   /* the station's clock is ahead of ours by this, from its Date header */
	int requests;       /* it took */
};
typedef void hop_done_fn(void *arg, const struct hop_observation *observation);

/* When an observation was made. */
enum hop_time { HOP_BEFORE, HOP_PEAK /* before the revert */, HOP_AFTER, HOP_TIME_COUNT };

/* What is to be explained: one expected alert of one drill. */
struct hop_want {
	const char *drill;          /* the id */
	const char *alert;          /* its name, as the expectation says */
	const char *const *needles; /* texts of `match`, the drill id included when has_nonce */
	size_t needle_count;
	bool has_nonce;
	int64_t injected_wall_ms; /* by our clock */
	int64_t reverted_wall_ms; /* 0: not yet */
	int64_t deadline_wall_ms;
};

/* What a station says of it. Borrowed, valid inside the callback only. */
struct hop_finding {
	enum hop hop;         /* the station: see words.h */
	const char *name;     /* of the hop in the configuration */
	enum hop_state state; /* had it, lacked it, not asked */
	int64_t at_wall_ms;   /* since when it had it, by our clock; 0: not known */
	const char *evidence; /* one sentence with the facts */
	const char *cause;    /* the likely cause when it is lost here or right behind; NULL */
	const char *advice;   /* what to do about that; NULL */
};
typedef void hop_tell_fn(void *arg, const struct hop_finding *finding);

/* The contract of probes/http.h holds for observe. */
struct hop_driver {
	const char *type; /* "prometheus", "alertmanager", "grafana", "loki", "http-json" */
	/* Every request within settings->timeout_ms, every answer within its limit of bytes. */
	struct hop_op *(*observe)(const struct hop_context *context,
				  const struct hop_settings *settings, hop_done_fn *done,
				  void *arg);
	void (*cancel)(struct hop_op *op); /* NULL is fine */
	/* Tells one finding per station that this type stands for (Prometheus: metric and rule;
	 * Alertmanager: alertmanager and receiver). observations[t] may be NULL: not made, or not
	 * possible (then errors[t] says why). Pure. */
	void (*explain)(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT],
			hop_tell_fn *tell, void *arg);
};

extern const struct hop_driver hop_prometheus, hop_alertmanager, hop_grafana, hop_loki,
    hop_http_json;

const struct hop_driver *hop_driver_find(const char *type); /* NULL when there is none */

#endif
