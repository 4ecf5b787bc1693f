/* What Alertmanager says of an alert that arrived, but not as it should: how many there are, whether
 * they have the text that the message lacks, and whether their end was told. */
#include <string.h>

#include "probes/hops/alertmanager_parts.h"
#include "probes/hops/survey.h"

int alertmanager_count(const struct account *account, enum hop_time time)
{
	const cJSON *alert;
	int count = 0;

	cJSON_ArrayForEach(alert, survey_item(account_part(account, time, "alerts"), "list"))
	{
		int64_t since = account_ms(account, time, survey_number(alert, "starts_ms"));

		count += alert_fit(account->want, alert, since) == ALERT_FITS;
	}
	return count;
}

/* One that is not known may go to any of them. */
static bool is_of_alert(const struct alertmanager_found *found, const char *name)
{
	return found->alert == NULL ||
	       survey_find(survey_item(found->alert, "receivers"), "name", name) != NULL;
}

/* The text. */

void alertmanager_tell_text(const struct account *account, const struct alertmanager_found *found)
{
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};
	struct hop_finding finding = {.hop = HOP_ALERTMANAGER, .about = ABOUT_TEXT};

	if (found->alert == NULL) {
		buf_adds(&text, "it was not asked while the alert was there");
	} else if (alert_has_text(found->alert, account->want->lacks)) {
		finding.state = HOP_HAD_IT;
		buf_adds(&text, "the alert there has ");
		account_add_quoted(&text, account->want->lacks);
	} else if (alert_is_cut(found->alert)) {
		buf_adds(&text, "its labels and annotations are longer than is kept of them");
	} else {
		finding.state = HOP_LACKED_IT;
		finding.cause = "the alert comes without that text: what sends it has no such "
				"annotation";
		finding.advice = "add it to the rule's annotations, or write it into the "
				 "receiver's template";
		buf_adds(&text, "neither its labels nor its annotations have ");
		account_add_quoted(&text, account->want->lacks);
	}
	account_tell_finding(account, &finding, &text);
}

/* The end. */

static bool is_there(const struct account *account)
{
	return alertmanager_count(account, HOP_AFTER) > 0;
}

static void tell_end_there(const struct account *account)
{
	const cJSON *alerts = account_part(account, HOP_AFTER, "alerts");
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};
	struct hop_finding finding = {.hop = HOP_ALERTMANAGER, .about = ABOUT_END};

	if (alerts == NULL) {
		buf_adds(&text, account_why_not(account, "alerts"));
	} else if (is_there(account)) {
		finding.state = HOP_LACKED_IT;
		finding.cause = "what sends the alert has not told its end, and resolve_timeout "
				"has not passed";
		finding.advice = "look at the station before, and at resolve_timeout";
		buf_adds(&text, "it still has the alert, ");
		account_add_since_revert(&text, account, HOP_AFTER);
	} else if (survey_item(alerts, "cut") != NULL) {
		buf_adds(&text, "it has more alerts than are looked at");
	} else {
		finding.state = HOP_HAD_IT;
		buf_adds(&text, "it does not have the alert any more, ");
		account_add_since_revert(&text, account, HOP_AFTER);
	}
	account_tell_finding(account, &finding, &text);
}

/* How many of its receivers' chats are told the end. */
struct ends {
	int told, untold;
	const char *type, *receiver; /* borrowed; one that is not told */
};

static struct ends ends_of(const struct alertmanager_found *found, const cJSON *config)
{
	struct ends ends = {0};
	const cJSON *receiver, *integration;

	cJSON_ArrayForEach(receiver, survey_item(config, "receivers"))
	{
		if (!is_of_alert(found, survey_text(receiver, "name")))
			continue;
		cJSON_ArrayForEach(integration, survey_item(receiver, "integrations"))
		{
			if (!cJSON_IsFalse(survey_item(integration, "resolved"))) {
				ends.told++;
				continue;
			}
			ends.untold++;
			ends.type = survey_text(integration, "type");
			ends.receiver = survey_text(receiver, "name");
		}
	}
	return ends;
}

/* What was counted since the peak, of all alerts and receivers. */
struct posts {
	bool known;
	double begun, posted, refused;
};

static double growth(const struct account *account, const char *what)
{
	const cJSON *first = account_part(account, HOP_PEAK, "counters"), *one;
	double sum = 0;

	cJSON_ArrayForEach(one, account_part(account, HOP_AFTER, "counters"))
	{
		if (one->string != NULL && cJSON_IsNumber(one) &&
		    strncmp(one->string, what, strlen(what)) == 0)
			sum += one->valuedouble - survey_number(first, one->string);
	}
	return sum;
}

static struct posts posts_since(const struct account *account)
{
	struct posts posts = {.begun = growth(account, "sent "),
			      .refused = growth(account, "refused "),
			      .posted = growth(account, "tried ") - growth(account, "refused ")};

	posts.known = account_part(account, HOP_PEAK, "counters") != NULL &&
		      account_part(account, HOP_AFTER, "counters") != NULL && posts.begun >= 0 &&
		      posts.refused >= 0 && posts.posted >= 0;
	return posts;
}

/* Does it go to a receiver that posts?  One that the configuration does not have may. */
static bool is_posted(const cJSON *config, const cJSON *alert)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, survey_item(alert, "receivers"))
	{
		const cJSON *receiver =
		    alertmanager_receiver_named(config, survey_text(one, "name"));

		if (receiver == NULL ||
		    cJSON_GetArraySize(survey_item(receiver, "integrations")) > 0)
			return true;
	}
	return false;
}

/* Is there another alert at that time whose posts are counted, too? */
static bool has_others(const struct account *account, enum hop_time time)
{
	const cJSON *config = survey_item(account_part(account, HOP_AFTER, "status"), "config");
	const cJSON *alerts = account_part(account, time, "alerts"), *alert;

	cJSON_ArrayForEach(alert, survey_item(alerts, "list"))
	{
		int64_t since = account_ms(account, time, survey_number(alert, "starts_ms"));

		if (alert_fit(account->want, alert, since) != ALERT_FITS &&
		    is_posted(config, alert) &&
		    strcmp(survey_text(alert, "state"), "suppressed") != 0)
			return true;
	}
	return survey_item(alerts, "cut") != NULL;
}

/* Something was posted, and nothing refused: was it the end of this alert? */
static void tell_posted(const struct account *account, struct hop_finding *finding,
			struct buf *text)
{
	if (has_others(account, HOP_PEAK) || has_others(account, HOP_AFTER))
		buf_adds(text, "; there are others, so whether its end is among these cannot be "
			       "told");
	else
		finding->state = HOP_HAD_IT;
}

static void tell_sending(const struct account *account, struct hop_finding *finding,
			 struct buf *text)
{
	struct posts posts = posts_since(account);

	buf_adds(text, "it tells the end of alerts");
	if (!posts.known) {
		buf_adds(text, "; whether it posted since the repair was not compared");
	} else if (posts.begun == 0) {
		buf_adds(text, ", but has begun no post since the repair");
		finding->state = HOP_LACKED_IT;
		finding->cause = "a resolved message waits for group_interval of the route";
		finding->advice = "shorten group_interval, or give `resolved` more time than that";
	} else {
		buf_addf(text,
			 "; since the repair: %.0f begun, %.0f posted, %.0f attempts refused (of "
			 "all alerts)",
			 posts.begun, posts.posted, posts.refused);
		if (posts.posted > 0 && posts.refused == 0)
			tell_posted(account, finding, text);
		if (posts.posted > 0)
			return;
		finding->state = HOP_LACKED_IT;
		finding->cause = posts.refused > 0
				     ? "the chat refuses the resolved message, or cannot be reached"
				     : "the resolved message is under way: the chat has not "
				       "answered yet";
		finding->advice = "Alertmanager's log has the chat's words: look for \"Notify\"";
	}
}

static void tell_end_receiver(const struct account *account, const struct alertmanager_found *found)
{
	const cJSON *status = account_part(account, HOP_AFTER, "status");
	const cJSON *config = survey_item(status, "config");
	struct ends ends = ends_of(found, config);
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};
	struct hop_finding finding = {.hop = HOP_RECEIVER, .about = ABOUT_END};

	if (survey_item(config, "receivers") == NULL) {
		buf_adds(&text, account_why_not(account, "status"));
	} else if (ends.untold > 0 && ends.told == 0) {
		finding.state = HOP_LACKED_IT;
		finding.cause = "the receiver does not send resolved messages";
		finding.advice = "set send_resolved: true in the receiver's settings, or take "
				 "`resolved` out of the expectation";
		buf_addf(&text, "%s of the receiver ", ends.type);
		account_add_quoted(&text, ends.receiver);
		buf_adds(&text, " does not tell the end of alerts (send_resolved is false)");
	} else if (ends.untold > 0) {
		buf_addf(&text,
			 "%d of its integrations tell the end of alerts, %d do not; which "
			 "of them posts to this channel was not asked",
			 ends.told, ends.untold);
	} else if (ends.told == 0) {
		buf_adds(&text, "no receiver with an integration takes the alert");
	} else if (is_there(account)) {
		finding.state = HOP_LACKED_IT;
		buf_adds(&text, "there was no end to tell: Alertmanager still has the alert");
	} else {
		tell_sending(account, &finding, &text);
	}
	account_tell_finding(account, &finding, &text);
}

void alertmanager_tell_end(const struct account *account, const struct alertmanager_found *found)
{
	tell_end_there(account);
	tell_end_receiver(account, found);
}
