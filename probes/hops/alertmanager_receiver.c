/* What became of an alert behind Alertmanager's routes: which receivers, and did they post? */
#include "probes/hops/alertmanager_posting.h"

#include <stdio.h>
#include <string.h>

#include "probes/hops/survey.h"
#include "src/base/duration.h"

/* Sentences. */

static void add_receivers(struct buf *text, const struct alertmanager_posting *posting)
{
	buf_addf(text, "the alert went to the %s ", alertmanager_receivers_word(posting->found));
	alertmanager_add_names(text, survey_item(posting->found->alert, "receivers"));
}

static void add_matchers(struct buf *text, const cJSON *route)
{
	const cJSON *matcher;
	int count = 0;

	cJSON_ArrayForEach(matcher, survey_item(route, "matchers"))
	{
		buf_addf(text, "%s%s%s", count++ > 0 ? ", " : "", survey_text(matcher, "name"),
			 survey_text(matcher, "is"));
		account_add_quoted(text, survey_text(matcher, "value"));
	}
	if (count == 0)
		buf_adds(text, "without matchers");
}

static void add_routes(struct buf *text, const struct alertmanager_posting *posting)
{
	for (size_t i = 0; i < posting->route_count && i < 3; i++) {
		const struct alertmanager_route *route = &posting->routes[i];

		buf_adds(text, i == 0 ? " by the route " : " and the route ");
		add_matchers(text, route->route);
		if (posting->count == 0)
			continue; /* nothing waits where nothing is posted */
		buf_addf(text, " (group_wait %.20s, group_interval %.20s, repeat_interval %.20s)",
			 route->group_wait, route->group_interval, route->repeat_interval);
	}
}

static void add_counts(struct buf *text, const struct alertmanager_posting *posting)
{
	for (size_t i = 0; i < posting->count; i++) {
		const struct alertmanager_kind *kind = &posting->kinds[i];

		if (kind->sent < 0)
			continue;
		buf_addf(text,
			 "; %s: %.0f begun, %.0f posted, %.0f attempts refused, %.0f given up",
			 kind->type, kind->sent, kind->posted, kind->refused, kind->failed);
	}
	buf_adds(text, posting->kinds[0].receiver != NULL ? "" : " (all receivers of that kind)");
}

/* Did it arrive in the chat, somehow? */
static bool has_arrived(const struct alertmanager_posting *posting)
{
	switch (posting->account->want->finding) {
	case FINDING_LATE:
	case FINDING_DUPLICATE:
	case FINDING_UNREADABLE:
	case FINDING_UNRESOLVED:
	case FINDING_DELIVERED:
	case FINDING_UNEXPECTED:
		return true;
	case FINDING_UNKNOWN:
	case FINDING_MISSING:
	case FINDING_WRONG_CHANNEL:
	case FINDING_SILENT:
	case FINDING_COUNT:
		return false;
	}
	return false;
}

static void tell(const struct alertmanager_posting *posting, enum hop_state state, struct buf *text,
		 const char *cause, const char *advice)
{
	account_tell_finding(posting->account,
			     &(struct hop_finding){.hop = HOP_RECEIVER,
						   .state = state,
						   .count = posting->chats,
						   .cause = cause,
						   .advice = advice},
			     text);
}

/* What took its time: the route's waits, where they are known. */
static void tell_posted_late(const struct alertmanager_posting *posting, struct buf *text)
{
	const struct alertmanager_route *route = &posting->routes[0];
	struct buf cause = {.limit = 300};

	if (posting->account->want->finding == FINDING_LATE && posting->route_count > 0)
		buf_addf(&cause,
			 "its route waits %.20s (group_wait) before it posts a new group, and "
			 "%.20s (group_interval) before it posts a group again",
			 route->group_wait, route->group_interval);
	tell(posting, HOP_HAD_IT, text, cause.len > 0 ? buf_text(&cause) : NULL,
	     cause.len > 0 ? "shorten the route's waits, or give `within` more time" : NULL);
	buf_done(&cause);
}

/* Why the posts fail: the reasons that the counters name, from 0.26 on. */
static const char *failure_cause(const struct alertmanager_posting *posting, struct buf *text,
				 const char **ret_advice)
{
	static const struct {
		const char *reason, *cause, *advice;
	} known[] = {
	    {"clientError",
	     "the chat refuses the posts: webhook deleted, channel archived, or a "
	     "message that it does not take",
	     "try the receiver's address by hand; Alertmanager's log has the chat's words"},
	    {"authError", "the chat refuses the receiver's token or webhook", "renew it"},
	    {"rateLimited",
	     "the chat answers that there are too many posts, and Alertmanager does "
	     "not try again",
	     "group more, or post less to this webhook"},
	    {"serverError", "the chat, or a proxy before it, is not well",
	     "try the receiver's address by hand"},
	    {"contextDeadlineExceeded", "the posts take longer than group_interval",
	     "is the receiver's address reachable from Alertmanager?"},
	    {"contextCanceled", "the posts were broken off", "was Alertmanager reloaded?"},
	};

	*ret_advice = "Alertmanager's log has the chat's words: look for \"Notify\"";
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		for (size_t k = 0; k < posting->count; k++) {
			char what[500];

			(void)snprintf(
			    what, sizeof what, "failed %s%s%.200s %s", posting->kinds[k].type,
			    posting->kinds[k].receiver != NULL ? " of " : "",
			    posting->kinds[k].receiver != NULL ? posting->kinds[k].receiver : "",
			    known[i].reason);
			if (alert_growth(posting->account, posting->found->time, "counters",
					 what) <= 0)
				continue;
			buf_addf(text, "; reason: %s", known[i].reason);
			*ret_advice = known[i].advice;
			return known[i].cause;
		}
	}
	return "the posts fail";
}

/* The first time interval of a route that may mute the alert; NULL when there is none. */
static const char *interval_of(const struct alertmanager_posting *posting, const char **ret_kind)
{
	static const char *const kinds[] = {"mute", "active"};

	for (size_t i = 0; i < posting->route_count; i++) {
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
			const cJSON *list = survey_item(posting->routes[i].route, kinds[k]);

			*ret_kind = kinds[k];
			if (cJSON_GetArraySize(list) > 0)
				return survey_text(cJSON_GetArrayItem(list, 0), "name");
		}
	}
	return NULL;
}

/* For how many of its routes the alert is younger than their group_wait. */
static size_t count_waiting(const struct alertmanager_posting *posting)
{
	int64_t asked_ms = posting->account->times[posting->found->time].at_wall_ms, wait = 0;
	size_t waiting = 0;

	for (size_t i = 0; i < posting->route_count; i++) {
		struct error error;

		waiting += posting->found->since_ms > 0 &&
			   duration_parse(posting->routes[i].group_wait, &wait, &error) &&
			   asked_ms - posting->found->since_ms < wait;
	}
	return waiting;
}

/* Nothing was posted, and nothing failed: why? */
static const char *quiet_cause(const struct alertmanager_posting *posting, struct buf *text,
			       const char **ret_advice)
{
	const struct account *account = posting->account;
	const char *kind = "", *interval = interval_of(posting, &kind);
	enum hop_time time = posting->found->time;
	double muted = alert_growth(account, time, "counters", "suppressed mute_time_interval") +
		       alert_growth(account, time, "counters", "suppressed active_time_interval");

	if (interval != NULL && !has_arrived(posting)) {
		buf_addf(text, "; its route has the %s time interval ", kind);
		account_add_quoted(text, interval);
		*ret_advice = "look at the interval's hours and zone (UTC unless `location` says "
			      "otherwise)";
		return muted > 0 ? "a time interval of the route mutes the alert now"
				 : "possibly a time interval of the route mutes the alert now";
	}
	if (posting->found->fit == ALERT_EARLIER) {
		*ret_advice = "repeat the drill when the alert is over";
		return "the alert was there before: it is repeated only after repeat_interval";
	}
	if (count_waiting(posting) > 0) {
		*ret_advice = "wait longer than group_wait, or hold the fault longer";
		return "the alert is younger than the group_wait of its route";
	}
	*ret_advice = "is there an older group that it joined? That one is told again only after "
		      "group_interval; put the label with the id in group_by";
	return "Alertmanager saw no reason to post yet: group_interval, or the same alert was posted "
	       "before";
}

/* The findings. */

/* What chats are posted with, added up. */
static struct alertmanager_kind add_up(const struct alertmanager_posting *posting)
{
	struct alertmanager_kind sum = {0};

	for (size_t i = 0; i < posting->count; i++) {
		if (!alertmanager_posting_is_judged(posting, i))
			continue;
		sum.sent += posting->kinds[i].sent;
		sum.failed += posting->kinds[i].failed;
		sum.posted += posting->kinds[i].posted;
		sum.refused += posting->kinds[i].refused;
	}
	return sum;
}

/* Something was posted: was it this alert, and to the channel in question? */
static bool add_doubt(struct buf *text, const struct alertmanager_posting *posting,
		      const struct alertmanager_kind *sum)
{
	if (sum->posted == 0 ||
	    (has_arrived(posting) && posting->account->want->finding != FINDING_LATE))
		return false;
	if (posting->shared)
		buf_adds(text, "; other alerts go the same way: its own post cannot be told apart");
	else if (posting->route_count > 0 && count_waiting(posting) == posting->route_count)
		buf_adds(text, "; the alert is younger than the group_wait of its route, so these "
			       "may be posts of alerts that have ended");
	else if (posting->chats > 1 && (sum->refused > 0 || sum->posted < posting->chats))
		buf_addf(text,
			 "; it goes to %d channels or chats, and which of them have it cannot be "
			 "told",
			 posting->chats);
	else
		return false;
	return true;
}

static void tell_counted(const struct alertmanager_posting *posting, struct buf *text)
{
	struct alertmanager_kind sum = add_up(posting);
	enum hop_state state = sum.posted > 0 ? HOP_HAD_IT : HOP_LACKED_IT;
	const char *cause, *advice = NULL;

	add_counts(text, posting);
	if (add_doubt(text, posting, &sum)) {
		tell(posting, HOP_NOT_ASKED, text, NULL, NULL);
		return;
	}
	if (state == HOP_HAD_IT && has_arrived(posting)) {
		tell_posted_late(posting, text);
		return;
	}
	if (posting->no_resolved != NULL)
		buf_addf(text, "; %s does not tell when it is over (send_resolved is false)",
			 posting->no_resolved);
	if (sum.failed > 0) {
		cause = failure_cause(posting, text, &advice);
		if (state == HOP_HAD_IT)
			cause = "some posts of that kind failed";
	} else if (sum.posted > 0 && posting->found->fit == ALERT_WITHOUT_ID) {
		cause = "it was posted, but the drill's id does not come this far, so no message "
			"can carry it";
		advice = "keep the label that holds the id: in the rule's expression, and in "
			 "`alert_relabel_configs`";
	} else if (sum.posted > 0 && posting->account->want->finding == FINDING_WRONG_CHANNEL) {
		cause =
		    "its receiver posts to that channel, or a route takes it that is not its team's";
		advice = "compare the receiver's channel and webhook with the channel of the "
			 "expectation, and the route with that of its team";
	} else if (sum.posted > 0) {
		cause =
		    "it was posted, but to another channel or chat, or the chat took it and did "
		    "not show it; before 0.26 an answer 200 that says no counts as posted";
		advice = "compare the receiver's channel and webhook with the channel of the "
			 "expectation";
	} else if (sum.refused > 0) {
		cause =
		    "the posts fail and are tried again: the chat is not well, or not reachable";
		advice =
		    "try the receiver's address from Alertmanager's host; its log says what is "
		    "answered";
	} else if (sum.sent > 0) {
		cause = "the post is under way: the chat has not answered yet";
		advice = "is the receiver's address slow, or swallowed by a firewall?";
	} else {
		cause = quiet_cause(posting, text, &advice);
	}
	tell(posting, state, text, cause, advice);
}

/* The counters of before and after are there, for all that is judged. */
static bool is_counted(const struct alertmanager_posting *posting)
{
	for (size_t i = 0; i < posting->count; i++) {
		if (alertmanager_posting_is_judged(posting, i) && posting->kinds[i].sent < 0)
			return false;
	}
	return true;
}

void alertmanager_tell_receiver(const struct account *account,
				const struct alertmanager_found *found)
{
	struct alertmanager_posting posting;
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};
	const cJSON *status = account_part(account, found->time, "status");
	const char *cause = NULL, *advice = NULL;

	alertmanager_posting_read(&posting, account, found);
	add_receivers(&text, &posting);
	add_routes(&text, &posting);
	if (alertmanager_held_back(account, found, &text, &cause, &advice)) {
		tell(&posting, HOP_LACKED_IT, &text, cause, advice);
	} else if (posting.config == NULL) {
		const char *error = survey_text(survey_item(status, "config"), "error");

		buf_addf(&text, "; with what they post was not asked: %s",
			 error[0] != '\0' ? error : account_why_not(account, "status"));
		tell(&posting, HOP_NOT_ASKED, &text, NULL, NULL);
	} else if (posting.count == 0) {
		buf_adds(&text, ", which posts nowhere: no integration is configured for it");
		tell(&posting, HOP_LACKED_IT, &text, "the receiver has no integration",
		     "give it one (`slack_configs`), or correct the route");
	} else if (!is_counted(&posting)) {
		buf_addf(&text,
			 " (%s); whether it posted was not asked: its counters are missing "
			 "before or after",
			 posting.kinds[0].type);
		tell(&posting, HOP_NOT_ASKED, &text, NULL, NULL);
	} else {
		tell_counted(&posting, &text);
	}
}
