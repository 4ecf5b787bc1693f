/* What became of the alert at its contact points, as Grafana tells it. */
#include <string.h>

#include "probes/hops/grafana_parts.h"

struct notified {
	bool asked;
	int integrations;
	const cJSON *failed; /* an integration whose last attempt since the fault failed; NULL */
	int64_t sent_ms;     /* the first attempt since the fault that did not fail; 0: none */
};

/* Attempts count from `since_ms` on: before it, they were for other alerts. */
static struct notified look_at_receiver(const struct account *account, enum hop_time time,
					const char *name, int64_t since_ms)
{
	const cJSON *part = account_part(account, time, GRAFANA_RECEIVERS), *receiver, *one;
	struct notified notified = {0};

	receiver = survey_find(survey_item(part, "list"), "name", name);
	notified.asked = part != NULL && (receiver != NULL || survey_item(part, "cut") == NULL);
	cJSON_ArrayForEach(one, survey_item(receiver, "integrations"))
	{
		int64_t ms = account_ms(account, time, survey_number(one, "ms"));

		notified.integrations++;
		if (ms == 0 || ms < since_ms)
			continue;
		if (survey_text(one, "error")[0] != '\0')
			notified.failed = one;
		else if (notified.sent_ms == 0 || ms < notified.sent_ms)
			notified.sent_ms = ms;
	}
	return notified;
}

static void tell_failed(const struct account *account, const char *receiver,
			const struct notified *notified)
{
	struct buf evidence = {.limit = 1024};

	buf_adds(&evidence, "the receiver ");
	account_add_quoted(&evidence, receiver);
	buf_adds(&evidence, " failed at its last attempt, through ");
	account_add_quoted(&evidence, survey_text(notified->failed, "name"));
	buf_adds(&evidence, ": ");
	account_add_quoted(&evidence, survey_text(notified->failed, "error"));
	account_tell(account, HOP_RECEIVER, HOP_LACKED_IT, 0, &evidence,
		     "the chat, or the way to it, refused the message",
		     "put right what the error names, then test the contact point");
}

static void tell_sent(const struct account *account, const char *receiver, int64_t ms)
{
	struct buf evidence = {.limit = 1024};

	buf_adds(&evidence, "the receiver ");
	account_add_quoted(&evidence, receiver);
	buf_adds(&evidence, " sent something without an error ");
	account_add_when(&evidence, account->want, ms);
	buf_adds(&evidence, "; Grafana does not say whether it was this alert");
	account_tell(account, HOP_RECEIVER, HOP_HAD_IT, ms, &evidence,
		     "it sends elsewhere, or its template leaves out what `match` wants",
		     "look at the channel and the template of this contact point");
}

static void tell_unsent(const struct account *account, const char *receiver,
			const struct notified *notified)
{
	struct buf evidence = {.limit = 1024};

	buf_adds(&evidence, "the receiver ");
	account_add_quoted(&evidence, receiver);
	if (notified->integrations == 0) {
		buf_adds(&evidence, " has no integration: it posts nowhere");
		account_tell(account, HOP_RECEIVER, HOP_LACKED_IT, 0, &evidence,
			     "the alert is routed to a contact point that is empty",
			     "give it an integration, or route the alert to another one");
		return;
	}
	buf_adds(&evidence, " has not tried to send anything since the fault");
	account_tell(account, HOP_RECEIVER, HOP_LACKED_IT, 0, &evidence,
		     "the group's wait or interval was not over, or the alert joined a group that "
		     "was told already",
		     "compare `within` with the timings of the notification policy");
}

/* What one receiver did; of several, the one that explains most. */
struct receiver_look {
	const char *name;
	struct notified peak, after;
};

static int weight(const struct receiver_look *look)
{
	if (look->peak.failed != NULL || (look->peak.sent_ms == 0 && look->after.failed != NULL))
		return 3;
	if (look->peak.sent_ms > 0 || look->after.sent_ms > 0)
		return 2;
	return look->peak.asked || look->after.asked ? 1 : 0;
}

static struct receiver_look choose_receiver(const struct account *account, const cJSON *alert,
					    int64_t since_ms)
{
	struct receiver_look best = {.name = grafana_first(alert, "receivers")};
	const cJSON *receiver;

	cJSON_ArrayForEach(receiver, survey_item(alert, "receivers"))
	{
		const char *name = survey_text(receiver, "name");
		struct receiver_look look = {name,
					     look_at_receiver(account, HOP_PEAK, name, since_ms),
					     look_at_receiver(account, HOP_AFTER, name, since_ms)};

		if (weight(&look) > weight(&best))
			best = look;
	}
	return best;
}

static void tell_receiver(const struct account *account, const struct receiver_look *look)
{
	const struct notified *last = look->after.asked ? &look->after : &look->peak;

	if (!last->asked)
		account_tell_not_asked(account, HOP_RECEIVER,
				       account_why_not(account, GRAFANA_RECEIVERS));
	else if (look->peak.failed != NULL)
		tell_failed(account, look->name, &look->peak);
	else if (look->peak.sent_ms > 0)
		tell_sent(account, look->name, look->peak.sent_ms);
	else if (look->after.failed != NULL)
		tell_failed(account, look->name, &look->after);
	else if (look->after.sent_ms > 0)
		tell_sent(account, look->name, look->after.sent_ms);
	else
		tell_unsent(account, look->name, last);
}

void grafana_explain_receiver(const struct account *account, const cJSON *at_peak,
			      const cJSON *at_after)
{
	const cJSON *alert = at_peak != NULL ? at_peak : at_after;
	enum hop_time time = at_peak != NULL ? HOP_PEAK : HOP_AFTER;
	struct buf evidence = {.limit = 1024};
	int64_t since_ms = account_ms(account, time, survey_number(alert, "ms")) - GRAFANA_SLACK_MS;
	struct receiver_look look;

	if (alert == NULL) {
		account_tell_not_asked(account, HOP_RECEIVER,
				       "which receiver it would have been is not known, because "
				       "its Alertmanager was not seen to have the alert");
		return;
	}
	buf_adds(&evidence, "nothing is sent, because the alert is ");
	if (grafana_add_suppression(account, time, alert, &evidence)) {
		account_tell(account, HOP_RECEIVER, HOP_LACKED_IT, 0, &evidence,
			     "a silence, an inhibition or a mute timing holds it back",
			     "end it, or make it so that it does not match this alert");
		return;
	}
	buf_done(&evidence);
	if (since_ms < account->want->injected_wall_ms - GRAFANA_SLACK_MS)
		since_ms = account->want->injected_wall_ms - GRAFANA_SLACK_MS;
	look = choose_receiver(account, alert, since_ms);
	if (look.name[0] == '\0')
		account_tell_not_asked(account, HOP_RECEIVER,
				       "its Alertmanager names no receiver for the alert");
	else
		tell_receiver(account, &look);
}
