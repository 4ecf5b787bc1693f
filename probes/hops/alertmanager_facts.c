/* What Alertmanager tells, reduced to the facts that matter to an alert. */
#include "probes/hops/alertmanager_facts.h"

#include <string.h>

#include "probes/hops/alert.h"
#include "probes/hops/exposition.h"

#define NAME_LIMIT     200 /* bytes */
#define COMMENT_LIMIT  300 /* bytes */
#define ALERTS_SHOWN   2000
#define SILENCES_SHOWN 300
#define COUNTERS_SHOWN 300
#define LISTED         20 /* receivers, silences and the like of one alert */
#define GROUPS         "groups"

/* Alerts. */

static void add_texts(struct survey_facts *facts, cJSON *object, const char *key, const cJSON *list)
{
	cJSON *copy = cJSON_AddArrayToObject(object, key);
	const cJSON *one;
	int count = 0;

	cJSON_ArrayForEach(one, list)
	{
		cJSON *member = ++count <= LISTED ? survey_add_member(facts, copy) : NULL;

		if (member != NULL)
			survey_add_text(facts, member, "name",
					cJSON_IsString(one) ? one->valuestring
							    : survey_text(one, "name"),
					NAME_LIMIT);
	}
}

static void add_alert(struct survey_facts *facts, cJSON *member, const cJSON *alert)
{
	const cJSON *status = survey_item(alert, "status");

	survey_add_text(facts, member, "state", survey_text(status, "state"), NAME_LIMIT);
	survey_add_text(facts, member, "fingerprint", survey_text(alert, "fingerprint"),
			NAME_LIMIT);
	survey_add_time(facts, member, "starts_ms", survey_item(alert, "startsAt"));
	survey_add_time(facts, member, "ends_ms", survey_item(alert, "endsAt"));
	add_texts(facts, member, "receivers", survey_item(alert, "receivers"));
	add_texts(facts, member, "silenced", survey_item(status, "silencedBy"));
	add_texts(facts, member, "inhibited", survey_item(status, "inhibitedBy"));
	add_texts(facts, member, "muted", survey_item(status, "mutedBy"));
	alert_copy(facts, alert, member);
}

/* An array of objects that each have `key`; NULL when it is anything else. */
static cJSON *parse_list(const char *body, size_t len, const char *key)
{
	cJSON *json = cJSON_ParseWithLengthOpts(body, len + 1, NULL, true);
	const cJSON *one;
	bool good = cJSON_IsArray(json);

	cJSON_ArrayForEach(one, json) good &= survey_item(one, key) != NULL;
	if (good)
		return json;
	cJSON_Delete(json);
	return NULL;
}

cJSON *alertmanager_alerts(struct survey_facts *facts, const char *body, size_t len)
{
	cJSON *json = parse_list(body, len, "labels"), *object = NULL;

	if (json != NULL) {
		object = cJSON_CreateObject();
		survey_add_number(facts, object, "count", cJSON_GetArraySize(json));
		alert_add_newest(facts, json, "startsAt", ALERTS_SHOWN, add_alert,
				 cJSON_AddArrayToObject(object, "list"));
		if (facts->cut)
			(void)cJSON_AddTrueToObject(object, "cut");
	}
	cJSON_Delete(json);
	return object;
}

/* Silences that count now. */

static void add_silence_matchers(struct survey_facts *facts, cJSON *object, const cJSON *matchers)
{
	cJSON *list = cJSON_AddArrayToObject(object, "matchers");
	const cJSON *one;

	cJSON_ArrayForEach(one, matchers)
	{
		bool regex = cJSON_IsTrue(survey_item(one, "isRegex"));
		bool unlike = cJSON_IsFalse(survey_item(one, "isEqual"));
		const char *name = survey_text(one, "name"), *value = survey_text(one, "value");
		cJSON *member = survey_add_member(facts, list);

		if (member == NULL || strlen(name) > NAME_LIMIT || strlen(value) > NAME_LIMIT) {
			(void)cJSON_AddTrueToObject(object, "unreadable");
			return;
		}
		survey_add_text(facts, member, "name", name, NAME_LIMIT);
		survey_add_text(facts, member, "is",
				unlike ? (regex ? "!~" : "!=") : (regex ? "=~" : "="), 2);
		survey_add_text(facts, member, "value", value, NAME_LIMIT);
	}
}

cJSON *alertmanager_silences(struct survey_facts *facts, const char *body, size_t len)
{
	cJSON *json = parse_list(body, len, "matchers"), *object = NULL, *list;
	const cJSON *silence;
	int count = 0;

	if (json == NULL)
		return NULL;
	object = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(object, "list");
	cJSON_ArrayForEach(silence, json)
	{
		cJSON *member;

		if (strcmp(survey_text(survey_item(silence, "status"), "state"), "active") != 0 ||
		    ++count > SILENCES_SHOWN)
			continue;
		member = survey_add_member(facts, list);
		if (member == NULL)
			break;
		survey_add_text(facts, member, "id", survey_text(silence, "id"), NAME_LIMIT);
		survey_add_text(facts, member, "by", survey_text(silence, "createdBy"), NAME_LIMIT);
		survey_add_text(facts, member, "comment", survey_text(silence, "comment"),
				COMMENT_LIMIT);
		survey_add_text(facts, member, "until", survey_text(silence, "endsAt"), NAME_LIMIT);
		add_silence_matchers(facts, member, survey_item(silence, "matchers"));
	}
	cJSON_Delete(json);
	return object;
}

/* Itself, and its configuration. */

cJSON *alertmanager_status(struct survey_facts *facts, const char *body, size_t len)
{
	cJSON *json = cJSON_ParseWithLengthOpts(body, len + 1, NULL, true), *object = NULL;
	const cJSON *cluster = survey_item(json, "cluster");
	const char *yaml =
	    cJSON_GetStringValue(survey_item(survey_item(json, "config"), "original"));

	if (yaml != NULL) {
		object = cJSON_CreateObject();
		survey_add_text(facts, object, "version",
				survey_text(survey_item(json, "versionInfo"), "version"),
				NAME_LIMIT);
		survey_add_time(facts, object, "started_ms", survey_item(json, "uptime"));
		survey_add_number(facts, object, "peers",
				  cJSON_GetArraySize(survey_item(cluster, "peers")));
		(void)cJSON_AddItemToObject(object, "config",
					    alertmanager_config(facts, yaml, strlen(yaml)));
	}
	cJSON_Delete(json);
	return object;
}

/* Counters. */

struct counting {
	struct survey_facts *facts; /* borrowed */
	cJSON *object;              /* borrowed */
	int shown;
};

static void count(struct counting *counting, const char *key, double value)
{
	cJSON *item = cJSON_GetObjectItemCaseSensitive(counting->object, key);

	if (item != NULL)
		cJSON_SetNumberValue(item, item->valuedouble + value);
	else if ((value > 0 || strncmp(key, ALERT_SENT, strlen(ALERT_SENT)) == 0 ||
		  strcmp(key, GROUPS) == 0) &&
		 counting->shown++ < COUNTERS_SHOWN)
		survey_add_number(counting->facts, counting->object, key, value);
}

/* "sent slack", "sent slack of team", and with the reason behind it. */
static void count_by(struct counting *counting, const char *what,
		     const struct exposition_sample *sample)
{
	const char *integration = exposition_label(sample, "integration");
	const char *receiver = exposition_label(sample, "receiver_name");
	const char *reason = exposition_label(sample, "reason");
	struct buf key = {.limit = NAME_LIMIT};

	buf_addf(&key, "%s %s%s%s", what, integration, receiver[0] != '\0' ? " of " : "", receiver);
	if (receiver[0] != '\0' && survey_item(counting->object, "by_receiver") == NULL)
		(void)cJSON_AddTrueToObject(counting->object, "by_receiver");
	count(counting, buf_text(&key), sample->value);
	if (reason[0] != '\0') {
		buf_addf(&key, " %s", reason);
		count(counting, buf_text(&key), sample->value);
	}
	buf_done(&key);
}

static void on_sample(void *arg, const struct exposition_sample *sample)
{
	struct counting *counting = arg;
	const char *name = sample->name + strlen("alertmanager_");
	char key[64] = "suppressed ";

	if (strcmp(name, "alerts_received_total") == 0 &&
	    strcmp(exposition_label(sample, "status"), "firing") == 0)
		count(counting, "received", sample->value);
	else if (strcmp(name, "dispatcher_aggregation_groups") == 0)
		count(counting, GROUPS, sample->value);
	else if (strcmp(name, "alerts_invalid_total") == 0)
		count(counting, "invalid", sample->value);
	else if (strcmp(name, "notifications_total") == 0)
		count_by(counting, "sent", sample);
	else if (strcmp(name, "notifications_failed_total") == 0)
		count_by(counting, "failed", sample);
	else if (strcmp(name, "notification_requests_total") == 0)
		count_by(counting, "tried", sample);
	else if (strcmp(name, "notification_requests_failed_total") == 0)
		count_by(counting, "refused", sample);
	else if (strcmp(name, "notifications_suppressed_total") == 0)
		count(
		    counting,
		    strncat(key, exposition_label(sample, "reason"), sizeof key - strlen(key) - 1),
		    sample->value);
}

cJSON *alertmanager_counters(struct survey_facts *facts, const char *body, size_t len)
{
	struct counting counting = {facts, cJSON_CreateObject(), 0};

	if (exposition_read(body, len, "alertmanager_", on_sample, &counting) > 0)
		return counting.object;
	cJSON_Delete(counting.object);
	return NULL;
}
