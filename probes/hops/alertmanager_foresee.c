/* How long an alert waits in Alertmanager, and what will spoil a drill there, as it is configured.
 *
 * The first alert of a group waits group_wait; one that joins a group waits for its next flush, which
 * comes every group_interval, and so does what is over.
 * https://prometheus.io/docs/alerting/latest/configuration/#route
 * https://github.com/prometheus/alertmanager/blob/v0.25.0/dispatch/dispatch.go (aggrGroup)
 *
 * At a flush an alert is told only when it was not among those that fired at the last one: when it ended
 * and came again in between, nothing is told.
 * https://github.com/prometheus/alertmanager/blob/v0.25.0/notify/notify.go (needsUpdate) */
#include "probes/hops/alertmanager_parts.h"

#include <string.h>

#include "probes/hops/alertmanager_outlook.h"
#include "probes/hops/survey.h"
#include "src/base/duration.h"

#define TEXT_LIMIT 800   /* bytes of a sentence */
#define PEER_MS    15000 /* the default of --cluster.peer-timeout, which is not told */

/* Groups. */

static bool groups_by_all(const cJSON *group_by)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, group_by)
	{
		if (strcmp(survey_text(one, "name"), "...") == 0)
			return true;
	}
	return false;
}

static enum route_judged same_label(const struct alertmanager_outlook *outlook, const cJSON *others,
				    const char *name)
{
	const char *value = cJSON_GetStringValue(survey_item(outlook->labels.list, name));

	if (value == NULL)
		return ROUTE_UNKNOWN;
	return strcmp(value, survey_text(others, name)) == 0 ? ROUTE_YES : ROUTE_NO;
}

/* Would it be in the same group as an alert with these labels? */
static enum route_judged same_group(const struct alertmanager_outlook *outlook,
				    const cJSON *group_by, const cJSON *others)
{
	enum route_judged all = ROUTE_YES;
	const cJSON *one;

	if (groups_by_all(group_by)) {
		cJSON_ArrayForEach(one, outlook->labels.list)
		{
			if (same_label(outlook, others, one->string) == ROUTE_NO)
				return ROUTE_NO;
		}
		return ROUTE_UNKNOWN;
	}
	cJSON_ArrayForEach(one, group_by)
	{
		enum route_judged judged = same_label(outlook, others, survey_text(one, "name"));

		if (judged == ROUTE_NO)
			return ROUTE_NO;
		if (judged == ROUTE_UNKNOWN)
			all = ROUTE_UNKNOWN;
	}
	return all;
}

static enum route_judged takes(const struct alertmanager_outlook *outlook,
			       const struct alertmanager_way *way, const cJSON *labels)
{
	struct alertmanager_route routes[ROUTES_MATCHED];
	size_t count;

	if (!alertmanager_routes(survey_item(outlook->config, "route"), labels, routes, &count))
		return ROUTE_UNKNOWN;
	for (size_t i = 0; i < count; i++) {
		if (routes[i].route == way->route.route)
			return ROUTE_YES;
	}
	return ROUTE_NO;
}

/* Of alerts that have ended, so that nobody knows their labels; but none had the id of this drill. */
static bool may_join_left_group(const struct alertmanager_outlook *outlook,
				const struct alertmanager_way *way)
{
	return outlook->left_groups &&
	       !(outlook->foresight.want->has_nonce && groups_by_all(way->route.group_by));
}

/* Is there a group now that it would join? */
static enum route_judged has_group(const struct alertmanager_outlook *outlook,
				   const struct alertmanager_way *way)
{
	bool unsure =
	    survey_item(outlook->alerts, "cut") != NULL || may_join_left_group(outlook, way);
	enum route_judged any = unsure ? ROUTE_UNKNOWN : ROUTE_NO;
	const cJSON *alert;

	cJSON_ArrayForEach(alert, survey_item(outlook->alerts, "list"))
	{
		const cJSON *labels = survey_item(alert, "labels");
		enum route_judged same = same_group(outlook, way->route.group_by, labels);
		enum route_judged taken = same == ROUTE_NO ? ROUTE_NO : takes(outlook, way, labels);

		if (taken == ROUTE_NO)
			continue;
		if (taken == ROUTE_YES && same == ROUTE_YES)
			return ROUTE_YES;
		any = ROUTE_UNKNOWN;
	}
	return any;
}

/* Times. */

struct waits {
	int64_t least_ms, most_ms, interval_ms;
	bool any, by_wait, by_interval;
};

static void add_wait(struct waits *waits, int64_t least_ms, int64_t most_ms)
{
	if (!waits->any || least_ms < waits->least_ms)
		waits->least_ms = least_ms;
	if (!waits->any || most_ms > waits->most_ms)
		waits->most_ms = most_ms;
	waits->any = true;
}

static bool add_way(const struct alertmanager_outlook *outlook, const struct alertmanager_way *way,
		    struct waits *waits)
{
	enum route_judged joins = has_group(outlook, way);
	int64_t wait_ms, interval_ms;

	if (!duration_parse(way->route.group_wait, &wait_ms, NULL) ||
	    !duration_parse(way->route.group_interval, &interval_ms, NULL))
		return false;
	if (joins != ROUTE_YES)
		add_wait(waits, wait_ms, wait_ms);
	if (joins != ROUTE_NO)
		add_wait(waits, 0, interval_ms);
	waits->by_wait |= joins != ROUTE_YES;
	waits->by_interval |= joins != ROUTE_NO;
	if (interval_ms > waits->interval_ms)
		waits->interval_ms = interval_ms;
	return true;
}

static void warn_of_repeat(const struct alertmanager_outlook *outlook, int64_t interval_ms)
{
	struct buf text = {.limit = TEXT_LIMIT};
	char length[32];

	if (outlook->foresight.want->has_nonce)
		return;
	duration_format(interval_ms, length, sizeof length);
	buf_addf(&text,
		 "nothing tells the alert of one drill from that of the next: Alertmanager says "
		 "nothing when it ends and comes again within group_interval, which is %s",
		 length);
	foresight_caution(&outlook->foresight, HOP_ALERTMANAGER, HOP_WORRY_REPEAT, interval_ms,
			  &text, "let the drill's id travel in a label, as with ${drill}");
}

/* The peers tell one after another, each only what those before it have not told: see --cluster.peer-timeout.
 */
static void tell_peers(const struct alertmanager_outlook *outlook)
{
	static const char turn[] = "turn of the peer";
	int64_t most_ms = outlook->peers > 1 ? (outlook->peers - 1) * PEER_MS : 0;

	if (most_ms == 0)
		return;
	foresight_there(&outlook->foresight, HOP_ALERTMANAGER, turn, 0, most_ms);
	foresight_back(&outlook->foresight, HOP_ALERTMANAGER, turn, 0, most_ms);
}

static void tell_times(const struct alertmanager_outlook *outlook)
{
	const struct foresight *foresight = &outlook->foresight;
	struct waits waits = {0};
	bool known = true;

	for (size_t i = 0; i < outlook->count; i++) {
		if (outlook->ways[i].counts)
			known &= add_way(outlook, &outlook->ways[i], &waits);
	}
	if (!known)
		foresight_unknown(foresight, "its group_wait or group_interval cannot be read");
	if (!waits.any)
		return;
	foresight_there(foresight, HOP_ALERTMANAGER,
			!waits.by_interval ? "group_wait"
			: !waits.by_wait   ? "group_interval"
					   : "group_wait or group_interval",
			waits.least_ms, waits.most_ms);
	foresight_back(foresight, HOP_ALERTMANAGER, "group_interval", 0, waits.interval_ms);
	tell_peers(outlook);
	warn_of_repeat(outlook, waits.interval_ms);
}

void alertmanager_foresee(const struct hop_settings *settings, const struct hop_want *want,
			  const struct hop_observation *observation,
			  const struct hop_forecast *forecast)
{
	struct alertmanager_outlook outlook = {0};
	const struct foresight *foresight = &outlook.foresight;
	const cJSON *status;

	foresight_open(&outlook.foresight, settings, want, observation, forecast);
	outlook.labels.list = foresight->labels;
	outlook.alerts = survey_item(foresight->facts, "alerts");
	outlook.silences = survey_item(foresight->facts, "silences");
	status = foresight_part(foresight, "status");
	outlook.config = survey_item(status, "config");
	outlook.peers = (int)survey_number(status, "peers");
	outlook.left_groups = alertmanager_may_have_left_groups(
	    outlook.config, outlook.alerts, survey_item(foresight->facts, "counters"));
	if (status != NULL && survey_item(outlook.config, "route") == NULL) {
		const char *error = survey_text(outlook.config, "error");

		foresight_unknown(foresight,
				  error[0] != '\0' ? error : "its configuration is not told");
	} else if (status != NULL && !alertmanager_find_ways(&outlook)) {
		foresight_unknown(foresight, "too many routes may take the alert");
	} else if (status != NULL) {
		tell_times(&outlook);
		alertmanager_warn(&outlook);
	}
	foresight_done(&outlook.foresight);
}
