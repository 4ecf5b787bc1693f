/* What became of an alert behind Alertmanager's routes: which receivers, and did they post? */
#include "probes/hops/alertmanager_parts.h"

#include <stdio.h>
#include <string.h>

#include "probes/hops/alertmanager_route.h"
#include "probes/hops/survey.h"
#include "src/base/duration.h"

#define TYPE_LIMIT 8 /* different integrations of the receivers of one alert */

/* What the receivers of the alert post with, and how often that was tried during the drill. */
struct posting {
	const struct account *account;          /* borrowed */
	const struct alertmanager_found *found; /* borrowed */
	const cJSON *config;                    /* borrowed; NULL: it cannot be read */
	struct kind {
		const char *type, *receiver; /* borrowed; receiver NULL: counted for all together */
		double sent;                 /* notifications begun, those under way included */
		double failed;               /* ... given up */
		double posted;               /* requests that were answered well */
		double refused;              /* requests that were not */
	} kinds[TYPE_LIMIT];
	size_t count;
	bool counted;            /* the counters of before and after are there */
	const char *no_resolved; /* an integration that does not tell when it is over; NULL */
	struct alertmanager_route routes[ROUTES_MATCHED];
	size_t route_count; /* 0: the routes cannot be followed for sure */
};

/* Collecting. */

static double growth(const struct posting *posting, const char *what, const char *type,
		     const char *receiver)
{
	char key[400];

	(void)snprintf(key, sizeof key, "%s %s%s%.200s", what, type, receiver != NULL ? " of " : "",
		       receiver != NULL ? receiver : "");
	return alert_growth(posting->account, posting->found->time, "counters", key);
}

static void add_kind(struct posting *posting, const char *type, const char *receiver)
{
	struct kind *kind;

	for (size_t i = 0; i < posting->count; i++)
		if (strcmp(posting->kinds[i].type, type) == 0 &&
		    (receiver == NULL || strcmp(posting->kinds[i].receiver, receiver) == 0))
			return;
	if (posting->count == TYPE_LIMIT)
		return;
	kind = &posting->kinds[posting->count++];
	kind->type = type;
	kind->receiver = receiver;
	kind->sent = growth(posting, "sent", type, receiver);
	kind->failed = growth(posting, "failed", type, receiver);
	kind->refused = growth(posting, "refused", type, receiver);
	kind->posted = growth(posting, "tried", type, receiver) - kind->refused;
	if (kind->posted < 0) /* one of them began anew */
		kind->posted = 0;
	posting->counted = kind->sent >= 0;
}

static const cJSON *receiver_named(const cJSON *config, const char *name)
{
	const cJSON *receiver;

	cJSON_ArrayForEach(
	    receiver, survey_item(config, "receivers")) if (strcmp(survey_text(receiver, "name"),
								   name) == 0) return receiver;
	return NULL;
}

/* Are the routes that we followed those that Alertmanager followed? */
static bool same_receivers(const struct posting *posting, size_t count)
{
	const cJSON *told = survey_item(posting->found->alert, "receivers"), *one;

	for (size_t i = 0; i < count; i++) {
		bool there = false;

		cJSON_ArrayForEach(one, told) there |=
		    strcmp(survey_text(one, "name"), posting->routes[i].receiver) == 0;
		if (!there)
			return false;
	}
	return cJSON_GetArraySize(told) <= (int)count;
}

static void collect(struct posting *posting)
{
	const struct account *account = posting->account;
	enum hop_time time = posting->found->time;
	const cJSON *status = account_part(account, time, "status");
	const cJSON *counters = account_part(account, time, "counters"), *one, *integration;
	bool by_receiver = survey_item(counters, "by_receiver") != NULL;
	size_t count;

	posting->config = survey_item(status, "config");
	if (survey_item(posting->config, "receivers") == NULL)
		posting->config = NULL;
	cJSON_ArrayForEach(one, survey_item(posting->found->alert, "receivers"))
	{
		const char *name = survey_text(one, "name");
		const cJSON *receiver = receiver_named(posting->config, name);

		cJSON_ArrayForEach(integration, survey_item(receiver, "integrations"))
		{
			const char *type = survey_text(integration, "type");

			add_kind(posting, type, by_receiver ? name : NULL);
			if (cJSON_IsFalse(survey_item(integration, "resolved")))
				posting->no_resolved = type;
		}
	}
	if (alertmanager_routes(survey_item(posting->config, "route"),
				survey_item(posting->found->alert, "labels"), posting->routes,
				&count) &&
	    same_receivers(posting, count))
		posting->route_count = count;
}

/* Sentences. */

static void add_receivers(struct buf *text, const struct posting *posting)
{
	buf_adds(text, "the alert went to the receivers ");
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

static void add_routes(struct buf *text, const struct posting *posting)
{
	for (size_t i = 0; i < posting->route_count && i < 3; i++) {
		const struct alertmanager_route *route = &posting->routes[i];

		buf_adds(text, i == 0 ? " by the route " : " and the route ");
		add_matchers(text, route->route);
		buf_addf(text, " (group_wait %.20s, group_interval %.20s, repeat_interval %.20s)",
			 route->group_wait, route->group_interval, route->repeat_interval);
	}
}

static void add_counts(struct buf *text, const struct posting *posting)
{
	for (size_t i = 0; i < posting->count; i++) {
		const struct kind *kind = &posting->kinds[i];

		buf_addf(text,
			 "; %s: %.0f begun, %.0f posted, %.0f attempts refused, %.0f given up",
			 kind->type, kind->sent, kind->posted, kind->refused, kind->failed);
	}
	buf_adds(text, posting->kinds[0].receiver != NULL ? "" : " (all receivers of that kind)");
}

static void tell(const struct posting *posting, enum hop_state state, struct buf *text,
		 const char *cause, const char *advice)
{
	account_tell(posting->account, HOP_RECEIVER, state, 0, text, cause, advice);
}

/* Why the posts fail: the reasons that the counters name, from 0.26 on. */
static const char *failure_cause(const struct posting *posting, struct buf *text,
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
static const char *interval_of(const struct posting *posting, const char **ret_kind)
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

/* Nothing was posted, and nothing failed: why? */
static const char *quiet_cause(const struct posting *posting, struct buf *text,
			       const char **ret_advice)
{
	const struct account *account = posting->account;
	const char *kind = "", *interval = interval_of(posting, &kind);
	enum hop_time time = posting->found->time;
	double muted = alert_growth(account, time, "counters", "suppressed mute_time_interval") +
		       alert_growth(account, time, "counters", "suppressed active_time_interval");
	int64_t wait = 0, age = account->times[time].at_wall_ms - posting->found->since_ms;

	if (interval != NULL) {
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
	for (size_t i = 0; i < posting->route_count; i++) {
		struct error error;

		if (posting->found->since_ms > 0 &&
		    duration_parse(posting->routes[i].group_wait, &wait, &error) && age < wait) {
			*ret_advice = "wait longer than group_wait, or hold the fault longer";
			return "the alert is younger than the group_wait of its route";
		}
	}
	*ret_advice = "is there an older group that it joined? That one is told again only after "
		      "group_interval; put the label with the id in group_by";
	return "Alertmanager saw no reason to post yet: group_interval, or the same alert was posted "
	       "before";
}

/* The findings. */

/* What chats are posted with: whether mail or a pager was told as well is not the question. */
static bool is_judged(const struct posting *posting, size_t kind)
{
	bool has_slack = false;

	for (size_t i = 0; i < posting->count; i++)
		has_slack |= strcmp(posting->kinds[i].type, "slack") == 0;
	return !has_slack || strcmp(posting->kinds[kind].type, "slack") == 0;
}

/* What chats are posted with, added up. */
static struct kind add_up(const struct posting *posting)
{
	struct kind sum = {0};

	for (size_t i = 0; i < posting->count; i++) {
		if (!is_judged(posting, i))
			continue;
		sum.sent += posting->kinds[i].sent;
		sum.failed += posting->kinds[i].failed;
		sum.posted += posting->kinds[i].posted;
		sum.refused += posting->kinds[i].refused;
	}
	return sum;
}

static void tell_counted(const struct posting *posting, struct buf *text)
{
	struct kind sum = add_up(posting);
	enum hop_state state = sum.posted > 0 ? HOP_HAD_IT : HOP_LACKED_IT;
	const char *cause, *advice = NULL;

	add_counts(text, posting);
	if (posting->no_resolved != NULL)
		buf_addf(text, "; %s does not tell when it is over (send_resolved is false)",
			 posting->no_resolved);
	if (sum.failed > 0) {
		cause = failure_cause(posting, text, &advice);
		if (state == HOP_HAD_IT)
			cause = "some posts of that kind failed";
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

void alertmanager_tell_receiver(const struct account *account,
				const struct alertmanager_found *found)
{
	struct posting posting = {.account = account, .found = found};
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};
	const cJSON *status = account_part(account, found->time, "status");
	const char *cause = NULL, *advice = NULL;

	collect(&posting);
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
	} else if (!posting.counted) {
		buf_addf(&text,
			 " (%s); whether it posted was not asked: its counters are missing "
			 "before or after",
			 posting.kinds[0].type);
		tell(&posting, HOP_NOT_ASKED, &text, NULL, NULL);
	} else {
		tell_counted(&posting, &text);
	}
}
