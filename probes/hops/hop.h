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
struct hop_op; /* one observation, or one alert that is sent, in flight */

/* All borrowed, outlives every observation. */
struct hop_context {
	struct event_base *base;
	struct http *http;
	struct secrets *secrets;
};

#define HOP_OBSERVATION_MAX (2U << 20) /* bytes of one observation's text */

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
	/* What became of it in the chat, for `explain`: where it arrived there is nothing to be said of
	 * its loss, but of what was wrong. FINDING_UNKNOWN: not known, or not asked yet. */
	enum finding finding;
	const char *lacks; /* FINDING_UNREADABLE: the text that the message lacks; else NULL */
	/* The labels that the alert is known to carry, as a JSON object of texts, from the stations
	 * before this one; NULL: not known. Read by `foresee` only. */
	const char *labels;
};

/* What a station says of it. Borrowed, valid inside the callback only. */
struct hop_finding {
	enum hop hop;         /* the station: see words.h */
	const char *name;     /* of the hop in the configuration */
	enum hop_state state; /* had it, lacked it, not asked */
	/* ABOUT_TEXT only for FINDING_UNREADABLE: the alert there has the text.  ABOUT_END only for
	 * FINDING_UNRESOLVED: after the revert it is over there, and that goes on to the next. */
	enum hop_about about;
	int count;            /* alerts that fit, or chats that it is posted to; 0: not known */
	int64_t at_wall_ms;   /* since when it had it, by our clock; 0: not known */
	const char *evidence; /* one sentence with the facts */
	const char *cause;    /* the likely cause when it is lost here or right behind; NULL */
	const char *advice;   /* what to do about that; NULL */
};
typedef void hop_tell_fn(void *arg, const struct hop_finding *finding);

/* A part of the time that an alert, or its resolved message, takes, as the station is set up. */
struct hop_delay {
	enum hop hop;
	const char *name; /* of the hop in the configuration */
	const char *what; /* static: "scrape interval", "for", "group_wait" */
	bool resolving;   /* on the way of the resolved message, else on that of the alert */
	int64_t least_ms, most_ms; /* it takes something between these two */
};

/* What the station is set up to do that will spoil a drill. */
enum hop_worry {
	HOP_WORRY_ABSENT,      /* there is no such rule, or it cannot fire */
	HOP_WORRY_NOWHERE,     /* the alert's receiver posts nowhere */
	HOP_WORRY_HELD_BACK,   /* a silence, a mute interval or an inhibition takes it now */
	HOP_WORRY_NO_RESOLVED, /* the receiver does not send resolved */
	HOP_WORRY_TEMPLATE,    /* the drill's id will not survive the receiver's template */
	HOP_WORRY_REPEAT,      /* a second drill within `ms` would be swallowed */
	HOP_WORRY_COUNT
};
struct hop_caution {
	enum hop hop;
	const char *name; /* of the hop in the configuration */
	enum hop_worry worry;
	int64_t ms;         /* HOP_WORRY_REPEAT: the time; else 0 */
	const char *text;   /* one sentence with the facts */
	const char *advice; /* what to do about it */
};

/* Where foreseeing tells. All borrowed; what is told is valid inside the callback only. */
struct hop_forecast {
	void (*delay)(void *arg, const struct hop_delay *delay);
	void (*caution)(void *arg, const struct hop_caution *caution);
	/* The labels that the alert will carry, for the stations behind: see hop_want. */
	void (*labels)(void *arg, const char *json);
	/* That a time, or the way, is not known there, and why: one sentence. */
	void (*unknown)(void *arg, const char *name, const char *why);
	void *arg;
};

/* Something that a station is there for, and that a drill can prove. Borrowed, valid inside the
 * callback only. */
enum hop_item_kind { HOP_ITEM_RULE, HOP_ITEM_RECEIVER };
struct hop_item {
	enum hop_item_kind kind;
	const char *station; /* of the hop in the configuration */
	const char *name;    /* of the alerting rule, or of the receiver */
	/* The rule's group; what the receiver posts to: "slack #ops"; "". A rule is known by name
	 * and detail together, a receiver by its name. */
	const char *detail;
	const char
	    *cannot; /* why no alert can come of it: "its series do not exist", "no route leads
			       to it"; NULL: it can */
	const char *labels; /* of the alert that proved it, as a JSON object; NULL: not known */
};
typedef void hop_item_fn(void *arg, const struct hop_item *item);

/* An alert sent straight to a station, to find out where a missing one was lost. Borrowed during
 * `send` only. */
struct hop_probe {
	const char *id;      /* carried as label and in the texts: "fd-k3q9x2m7-p2" */
	const char *drill;   /* "fd-k3q9x2m7": becomes `id` wherever a label's value holds it */
	const char *alert;   /* the label alertname when `labels` has none */
	const char *labels;  /* a JSON object of texts: those of the alert that was lost; or NULL */
	const char *summary; /* for people: that it is a drill, and what to do (nothing) */
	int64_t began_wall_ms; /* by our clock; the same when it is ended */
	int64_t ends_after_ms; /* the station ends it by itself so long after now; 0: it is over */
	int64_t ahead_ms;      /* the station's clock is ahead of ours by this */
};
/* error: one sentence that says what to do; NULL: it was taken. Borrowed. */
typedef void hop_sent_fn(void *arg, const char *error);

/* The contract of probes/http.h holds for observe and send. All but observe, cancel and send are pure
 * functions of observations. What is marked "or NULL" is not for every type. */
struct hop_driver {
	const char *type; /* "prometheus", "alertmanager", "grafana", "loki", "http-json" */
	/* Every request within settings->timeout_ms, every answer within its limit of bytes. */
	struct hop_op *(*observe)(const struct hop_context *context,
				  const struct hop_settings *settings, hop_done_fn *done,
				  void *arg);
	void (*cancel)(struct hop_op *op); /* NULL is fine */
	/* Tells one finding per station that this type stands for (Prometheus: metric and rule;
	 * Alertmanager: alertmanager and receiver). observations[t] may be NULL: not made; one that
	 * was not possible has no JSON, and its error says why. */
	void (*explain)(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT],
			hop_tell_fn *tell, void *arg);
	/* Or NULL. How long the alert will take from the fault on, and what will spoil it, by one
	 * observation made before the fault. */
	void (*foresee)(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *observation,
			const struct hop_forecast *forecast);
	/* Or NULL. Every alerting rule, or every receiver that stands at the end of a route; of an
	 * observation that has JSON. False: these are not all, and the error says why. */
	bool (*inventory)(const struct hop_settings *settings,
			  const struct hop_observation *observation, hop_item_fn *tell, void *arg,
			  struct error *error);
	/* Or NULL. Which of these this alert has gone through, beyond doubt; for an alert that was
	 * delivered to `channel`. */
	void (*proofs)(const struct hop_settings *settings, const struct hop_want *want,
		       const char *channel,
		       const struct hop_observation *const observations[HOP_TIME_COUNT],
		       hop_item_fn *tell, void *arg);
	/* Or NULL. The labels of the alert as this station had it, as a JSON object of texts, owned
	 * by the caller; NULL: it did not have it, or nobody knows. */
	char *(*labels)(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT]);
	/* With send. False with an error when such an alert could do harm there, or when that
	 * cannot be told from the observations. *ret_held_ms: how long it may be held back before
	 * it is passed on. */
	bool (*may_send)(const struct hop_settings *settings, const struct hop_probe *probe,
			 const struct hop_observation *const observations[HOP_TIME_COUNT],
			 int64_t *ret_held_ms, struct error *error);
	/* Or NULL. Sends a marked alert; `done` tells whether it was taken. Cancelled by
	 * `cancel`. */
	struct hop_op *(*send)(const struct hop_context *context,
			       const struct hop_settings *settings, const struct hop_probe *probe,
			       hop_sent_fn *done, void *arg);
};

extern const struct hop_driver hop_prometheus, hop_alertmanager, hop_grafana, hop_loki,
    hop_http_json;

const struct hop_driver *hop_driver_find(const char *type); /* NULL when there is none */

#endif
