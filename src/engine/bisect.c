/* Sending marked probes after a gap, from the chat backwards. */
#include "src/engine/bisect.h"

#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "probes/chats/webhook.h"
#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/evidence.h"
#include "src/engine/hops.h"
#include "src/engine/lookout.h"

#define LAST_LOOK_MS 10000 /* of `within` at most: kept for reading the channel once more */
#define EARLIER_MS   5000  /* clocks may say that a probe was posted so long before it was sent */
#define ENDS_MORE_MS 30000 /* an alert ends by itself so long after nobody waits for it any more */

enum step { STEP_WEBHOOK, STEP_ALERT, STEP_OVER };

struct bisect {
	struct bisect_spec spec;
	struct hop_want want; /* of the spec */
	enum step step;
	char id[ID_PROBE_LEN + 1]; /* of the probe on its way */

	/* The probe on its way. */
	int64_t sent_ms;
	int64_t looked_ms;         /* what is posted within this is read for sure */
	struct webhook_op *post;   /* owned; no answer yet; NULL */
	struct hops_send *sending; /* owned; the same */
	bool unsure;               /* it may not have been taken */
	char *answer;              /* owned; what the webhook answered; NULL */
	struct watch *watch;       /* owned */
	struct watch *likeness;    /* owned; for messages like the alert without any id */
	struct cover *cover;       /* owned */
	bool seen_like;

	/* The alert. */
	char *labels, *summary; /* owned */
	bool observed;          /* the labels are those of the lost alert */
	int64_t held_ms;        /* Alertmanager may hold it back so long */
	struct hop_probe probe;
	struct hops_send *ending; /* owned; ends it; NULL */
};

static void go_on(struct bisect *bisect);

/* What is told. */

static const struct expectation_evidence *expected(const struct bisect *bisect)
{
	return &bisect->spec.evidence->expect[bisect->spec.expect];
}

static const char *channel_of(const struct bisect *bisect)
{
	return expected(bisect)->expect->channel;
}

static int64_t within_ms(const struct bisect *bisect)
{
	return bisect->spec.pipeline->bisect.within_ms;
}

/* Owns the text, from which secrets are taken out. */
static void tell(struct bisect *bisect, enum probe_result result, int64_t latency_ms, char *text)
{
	struct evidence *evidence = bisect->spec.evidence;
	char *kept;

	secret_mask(bisect->spec.secrets, text);
	kept = evidence_text(text, strlen(text));
	free(text);
	evidence->probes =
	    mem_grow(evidence->probes, evidence->probe_count + 1, sizeof *evidence->probes);
	evidence->probes[evidence->probe_count++] = (struct probe_told){
	    .expect = bisect->spec.expect,
	    .hop = bisect->step == STEP_WEBHOOK ? HOP_RECEIVER : HOP_ALERTMANAGER,
	    .result = result,
	    .at_ms = result == PROBE_SKIPPED ? TIME_NEVER : bisect->sent_ms,
	    .latency_ms = latency_ms,
	    .guessed = bisect->step == STEP_ALERT && !bisect->observed,
	    .text = kept,
	};
}

static const char *subject(const struct bisect *bisect)
{
	return bisect->step == STEP_WEBHOOK ? "a message posted by the webhook"
					    : "an alert sent straight to Alertmanager";
}

/* The alert is over when its probe is. */

static void on_ended(void *arg, const char *error)
{
	struct bisect *bisect = arg;

	(void)error; /* then it ends by itself: `ends_after_ms` */
	bisect->ending = NULL;
	bisect->spec.changed(bisect->spec.arg);
}

static void end_alert(struct bisect *bisect)
{
	bisect->probe.ends_after_ms = 0;
	bisect->ending = hops_look_send(bisect->spec.hops, &bisect->probe, on_ended, bisect);
}

/* The end of one probe. */

static void forget(struct bisect *bisect)
{
	if (bisect->post != NULL)
		bisect->spec.webhooks->cancel(bisect->post);
	hops_send_cancel(bisect->sending);
	watch_free(bisect->watch);
	watch_free(bisect->likeness);
	cover_free(bisect->cover);
	free(bisect->answer);
	bisect->post = NULL;
	bisect->sending = NULL;
	bisect->watch = NULL;
	bisect->likeness = NULL;
	bisect->cover = NULL;
	bisect->answer = NULL;
	bisect->unsure = false;
}

/* Owns the text. */
static void decide(struct bisect *bisect, enum probe_result result, int64_t latency_ms, char *text)
{
	tell(bisect, result, latency_ms, text);
	forget(bisect);
	if (bisect->step == STEP_ALERT)
		end_alert(bisect);
	bisect->step =
	    bisect->step == STEP_WEBHOOK && (result == PROBE_ARRIVED || result == PROBE_UNKNOWN)
		? STEP_ALERT
		: STEP_OVER;
	go_on(bisect);
	bisect->spec.changed(bisect->spec.arg);
}

static void on_seen(void *arg, const struct sight *sight)
{
	struct bisect *bisect = arg;
	int64_t latency_ms = sight->at_ms - bisect->sent_ms;
	char length[32];

	if (sight->message->mark != NULL)
		return; /* firedrill's own report may name it */
	if (latency_ms < 0)
		latency_ms = 0;
	duration_format(latency_ms, length, sizeof length);
	decide(bisect, PROBE_ARRIVED, latency_ms,
	       mem_printf("%s arrived in %s after %s%s", subject(bisect), channel_of(bisect),
			  length,
			  bisect->step == STEP_ALERT && !bisect->observed
			      ? "; which labels the lost one would carry was not seen"
			      : ""));
}

static void on_like(void *arg, const struct sight *sight)
{
	struct bisect *bisect = arg;
	const struct expectation_evidence *expect = expected(bisect);

	if (sight->message->mark == NULL && sight->at_ms >= bisect->sent_ms &&
	    lookout_matches(expect->expect, bisect->spec.drill, false, sight->message->text) &&
	    !lookout_is_resolved(expect->expect, sight->message->text))
		bisect->seen_like = true;
}

/* Why its absence proves nothing; NULL: it does. Owned by the caller. */
static char *doubt(const struct bisect *bisect)
{
	char length[32];

	if (bisect->post != NULL || bisect->sending != NULL || bisect->unsure)
		return mem_dup("whether it was taken at all is not known: no answer came");
	if (bisect->step == STEP_WEBHOOK)
		return NULL;
	if (bisect->seen_like)
		return mem_dup("a message like it came without any id: the template drops the "
			       "label that carries it");
	if (!bisect->observed)
		return mem_dup("the labels of the lost alert were not seen, so it may have gone "
			       "another way");
	duration_format(bisect->held_ms, length, sizeof length);
	if (bisect->held_ms >= INT64_MAX / 2)
		return mem_dup("how long Alertmanager holds it back is not known");
	if (bisect->held_ms >= bisect->looked_ms)
		return mem_printf("Alertmanager may hold it back for %s: give `bisect.within` "
				  "more time",
				  length);
	return NULL;
}

static void on_lost_channel(void *arg, const char *error)
{
	(void)arg;
	(void)error; /* the cover is told the same */
}

static void on_covered(void *arg, bool covered)
{
	struct bisect *bisect = arg;
	char *why, length[32], *text;

	bisect->cover = NULL;
	duration_format(within_ms(bisect), length, sizeof length);
	why = covered ? doubt(bisect)
		      : mem_printf("%s could not be read in time", channel_of(bisect));
	text = mem_printf(
	    "%s was not read in %s within %s%s%s%s%s%s", subject(bisect), channel_of(bisect),
	    length, bisect->answer != NULL ? " (the webhook: " : "",
	    bisect->answer != NULL ? bisect->answer : "", bisect->answer != NULL ? ")" : "",
	    why != NULL ? "; that proves nothing: " : "", why != NULL ? why : "");
	decide(bisect, why == NULL ? PROBE_LOST : PROBE_UNKNOWN, -1, text);
	free(why);
}

/* Answers. */

static void on_posted(void *arg, const struct webhook_answer *answer)
{
	struct bisect *bisect = arg;

	bisect->post = NULL;
	switch (answer->result) {
	case WEBHOOK_TAKEN:
		bisect->answer = mem_dup(answer->text);
		break;
	case WEBHOOK_UNSURE:
		bisect->answer = mem_dup(answer->text);
		bisect->unsure = true;
		break;
	case WEBHOOK_REFUSED:
		decide(bisect, PROBE_REFUSED, -1,
		       mem_printf("the webhook refused a message: %s", answer->text));
		break;
	case WEBHOOK_UNSENT:
		decide(bisect, PROBE_UNKNOWN, -1,
		       mem_printf("no message could be posted by the webhook: %s", answer->text));
		break;
	}
}

static void on_sent(void *arg, const char *error)
{
	struct bisect *bisect = arg;

	bisect->sending = NULL;
	if (error != NULL)
		decide(bisect, PROBE_REFUSED, -1,
		       mem_printf("Alertmanager did not take an alert: %s", error));
}

/* Sending. */

static void begin(struct bisect *bisect)
{
	const char *needles[] = {bisect->id};
	int64_t now_ms = clock_ms(), last_ms = within_ms(bisect) / 4;
	const struct watch_spec spec = {
	    .nonce = bisect->spec.drill,
	    .needles = needles,
	    .needle_count = 1,
	    .since_ms = now_ms - EARLIER_MS,
	    .seen = on_seen,
	    .lost = on_lost_channel,
	};

	if (last_ms > LAST_LOOK_MS)
		last_ms = LAST_LOOK_MS;
	bisect->sent_ms = now_ms;
	bisect->looked_ms = within_ms(bisect) - last_ms;
	bisect->watch = channel_watch(bisect->spec.channel, &spec, bisect);
	bisect->cover = channel_cover(bisect->spec.channel, now_ms + bisect->looked_ms,
				      now_ms + within_ms(bisect), on_covered, bisect);
	channel_kick(bisect->spec.channel);
}

static void name_probe(struct bisect *bisect, int number)
{
	char *id = mem_printf("%s-p%d", bisect->spec.drill, number);

	memcpy(bisect->id, id, ID_PROBE_LEN + 1);
	free(id);
}

/* False when there is none to be posted. */
static bool start_message(struct bisect *bisect)
{
	const struct expectation *expect = expected(bisect)->expect;
	const struct webhook_settings *webhook =
	    config_webhook(bisect->spec.pipeline, expect->chat, expect->channel);
	char *text;

	if (bisect->spec.pipeline->bisect.webhook_count == 0 || bisect->spec.webhooks == NULL)
		return false;
	if (webhook == NULL) {
		tell(bisect, PROBE_SKIPPED, -1,
		     mem_printf("no message was posted: `bisect` names no webhook of %s",
				expect->channel));
		return false;
	}
	name_probe(bisect, 1);
	text = mem_printf("[DRILL] %s probe of the webhook: no action needed. firedrill looks "
			  "whether messages that are posted this way arrive.",
			  bisect->id);
	begin(bisect);
	bisect->post = bisect->spec.webhooks->post(bisect->spec.webhook_context, webhook->url, text,
						   on_posted, bisect);
	free(text);
	return true;
}

/* A message like the alert without its id: so would the probe's be. */
static bool has_near_miss(const struct bisect *bisect)
{
	const struct near_miss *near = &expected(bisect)->near;

	return near->lacks != NULL && !near->has_nonce &&
	       near->at_ms >= bisect->spec.evidence->inject_started_ms;
}

static bool may_send_alert(struct bisect *bisect, struct error *error)
{
	int64_t ends_ms = within_ms(bisect) + ENDS_MORE_MS;

	bisect->probe = (struct hop_probe){
	    .id = bisect->id,
	    .drill = bisect->spec.drill,
	    .alert = expected(bisect)->expect->alert,
	    .began_wall_ms = clock_wall_ms(),
	    .ends_after_ms = ends_ms < BISECT_ENDS_MS ? ends_ms : BISECT_ENDS_MS,
	};
	if (bisect->spec.hops == NULL || !hops_look_takes_alerts(bisect->spec.hops, &bisect->probe))
		return error_set(error, "no station of the pipeline takes alerts");
	if (has_near_miss(bisect))
		return error_set(error,
				 "%.100s has a message like the alert without its id; one more "
				 "would not be recognised either",
				 channel_of(bisect));
	bisect->labels = hops_look_labels(bisect->spec.hops, bisect->spec.want, &bisect->observed);
	bisect->probe.labels = bisect->labels;
	return hops_look_may_send(bisect->spec.hops, &bisect->probe, &bisect->held_ms, error);
}

/* False when there is none to be sent. */
static bool start_alert(struct bisect *bisect)
{
	const struct watch_spec like = {
	    .strangers = true, .since_ms = clock_ms(), .seen = on_like, .lost = on_lost_channel};
	struct error error = {""};

	if (!bisect->spec.pipeline->bisect.alertmanager)
		return false;
	name_probe(bisect, 2);
	if (!may_send_alert(bisect, &error)) {
		tell(bisect, PROBE_SKIPPED, -1,
		     mem_printf("no alert was sent to Alertmanager: %s", error.text));
		return false;
	}
	bisect->summary =
	    mem_printf("[DRILL] %s probe of Alertmanager: no action needed. firedrill "
		       "looks whether alerts that are sent to it arrive.",
		       bisect->id);
	bisect->probe.summary = bisect->summary;
	begin(bisect);
	bisect->likeness = channel_watch(bisect->spec.channel, &like, bisect);
	bisect->sending = hops_look_send(bisect->spec.hops, &bisect->probe, on_sent, bisect);
	return true;
}

/* On to the next probe that can be sent. */
static void go_on(struct bisect *bisect)
{
	struct error error = {""};

	if (bisect->step != STEP_OVER && !bisect->spec.allowed(bisect->spec.arg, &error)) {
		tell(bisect, PROBE_SKIPPED, -1, mem_printf("nothing was sent: %s", error.text));
		bisect->step = STEP_OVER;
	}
	if (bisect->step == STEP_WEBHOOK && !start_message(bisect))
		bisect->step = STEP_ALERT;
	else if (bisect->step == STEP_WEBHOOK)
		return;
	if (bisect->step == STEP_ALERT && !start_alert(bisect))
		bisect->step = STEP_OVER;
}

/* Public. */

struct bisect *bisect_start(const struct bisect_spec *spec)
{
	struct bisect *bisect = mem_zalloc(sizeof *bisect);

	bisect->spec = *spec;
	bisect->want = *spec->want;
	bisect->spec.want = &bisect->want;
	go_on(bisect);
	return bisect;
}

bool bisect_is_over(const struct bisect *bisect)
{
	return bisect->step == STEP_OVER;
}

void bisect_stop(struct bisect *bisect)
{
	if (bisect->step == STEP_OVER)
		return;
	tell(bisect, PROBE_UNKNOWN, -1,
	     mem_printf("%s was on its way when the drill was stopped", subject(bisect)));
	forget(bisect);
	if (bisect->step == STEP_ALERT)
		end_alert(bisect);
	bisect->step = STEP_OVER;
}

bool bisect_is_clean(const struct bisect *bisect)
{
	return bisect->step == STEP_OVER && bisect->ending == NULL;
}

void bisect_free(struct bisect *bisect)
{
	if (bisect == NULL)
		return;
	forget(bisect);
	hops_send_cancel(bisect->ending);
	free(bisect->labels);
	free(bisect->summary);
	free(bisect);
}
