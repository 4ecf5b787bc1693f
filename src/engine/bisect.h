/* After a gap: sends marked probes into the pipeline, from its end backwards, to confirm between which
 * two stations the alert was lost.
 *
 * First a message by the way that senders of alerts post to the chat; when that arrives, an alert sent
 * straight to Alertmanager.  Their ids are the drill's with "-p1" and "-p2" behind it.  What a sender
 * answers proves nothing: a probe has arrived when it was read in the channel. */
#ifndef ENGINE_BISECT_H
#define ENGINE_BISECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/config.h"
#include "src/base/error.h"
#include "src/base/words.h"

struct channel;
struct evidence;
struct hop_want;
struct hops_look;
struct secrets;
struct webhook_context;
struct webhook_driver;

/* What one probe found. */
enum probe_result {
	PROBE_ARRIVED, /* read in the channel */
	PROBE_LOST,    /* taken, but not in the channel in time */
	PROBE_REFUSED, /* not taken: `text` says why */
	PROBE_SKIPPED, /* not sent: `text` says why */
	PROBE_UNKNOWN, /* sent, or tried, and nobody can tell: `text` says why */
	PROBE_RESULT_COUNT
};
struct probe_told {
	size_t expect; /* the expectation */
	enum hop hop;  /* where it was put in: HOP_RECEIVER (the webhook), HOP_ALERTMANAGER */
	enum probe_result result;
	int64_t at_ms;      /* clock_ms() when it was sent; TIME_NEVER */
	int64_t latency_ms; /* until it was posted; -1 */
	bool guessed;       /* an alert: which labels the lost one had was not seen */
	char *text;         /* owned; one sentence */
};

/* "arrived", "lost", "refused", "skipped", "unknown" */
const char *probe_result_name(enum probe_result result);

struct bisect;
typedef void bisect_changed_fn(void *arg);

/* All borrowed, must outlive the bisection, but for `want` and `hops`: these until it is stopped. */
struct bisect_spec {
	const char *drill;
	const struct pipeline *pipeline;
	const struct webhook_driver *webhooks; /* NULL: nothing is posted */
	const struct webhook_context *webhook_context;
	const struct hops_look *hops; /* NULL: no station can be reached */
	const struct hop_want *want;  /* copied; its texts stay borrowed */
	const struct secrets *secrets;
	struct channel
	    *channel; /* where the alert was expected; nothing else looks there any more */
	struct evidence *evidence; /* probes are added here */
	size_t expect;             /* the one that is missing */
	/* Asked before each probe; an error says why nothing may be sent now. */
	bool (*allowed)(void *arg, struct error *error);
	bisect_changed_fn *changed; /* from the loop: a probe is decided, or the alert is ended */
	void *arg;                  /* borrowed, for both */
};

/* Takes at most twice as long as `within` of the pipeline's `bisect`. */
struct bisect *bisect_start(const struct bisect_spec *spec);
/* All probes are decided. */
bool bisect_is_over(const struct bisect *bisect);
/* Decides at once, and sends nothing more but the end of an alert that was sent. */
void bisect_stop(struct bisect *bisect);
/* It is over, and no alert of it is left, as far as it can be known. */
bool bisect_is_clean(const struct bisect *bisect);
/* Any time; what is in flight is cancelled: an alert ends by itself then, within BISECT_ENDS_MS. NULL
 * is fine. */
void bisect_free(struct bisect *bisect);

#define BISECT_ENDS_MS 300000

#endif
