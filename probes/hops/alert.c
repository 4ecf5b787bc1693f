/* One alert as Prometheus and Alertmanager tell it. */
#include "probes/hops/alert.h"

#include <stdlib.h>
#include <string.h>

#include "probes/faults/text.h"
#include "probes/hops/rfc3339.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define PAIR_LIMIT  64   /* labels, and annotations, of one alert */
#define NAME_LIMIT  128  /* bytes of a label's name */
#define VALUE_LIMIT 512  /* bytes of its value */
#define SLACK_MS    2000 /* an alert may seem that much older than its fault: clocks, rounding */

static void copy_pairs(struct survey_facts *facts, const cJSON *from, cJSON *object,
		       const char *key)
{
	cJSON *pairs = cJSON_AddObjectToObject(object, key);
	const cJSON *pair;
	int count = 0;

	cJSON_ArrayForEach(pair, from)
	{
		char *name;

		if (!cJSON_IsString(pair) || pair->string == NULL)
			continue;
		if (++count > PAIR_LIMIT) {
			facts->cut = true;
			return;
		}
		name = mem_dup(pair->string);
		secret_mask(facts->secrets, name);
		name[text_cut(name, strlen(name), NAME_LIMIT)] = '\0';
		text_clean(name, strlen(name));
		survey_add_text(facts, pairs, name, pair->valuestring, VALUE_LIMIT);
		free(name);
	}
}

void alert_copy(struct survey_facts *facts, const cJSON *alert, cJSON *ret_object)
{
	copy_pairs(facts, survey_item(alert, "labels"), ret_object, "labels");
	copy_pairs(facts, survey_item(alert, "annotations"), ret_object, "annotations");
}

struct dated {
	int64_t at_ms;
	const cJSON *alert; /* borrowed */
};

static int newest_first(const void *a, const void *b)
{
	const struct dated *left = a, *right = b;

	return (left->at_ms < right->at_ms) - (left->at_ms > right->at_ms);
}

void alert_add_newest(struct survey_facts *facts, const cJSON *alerts, const char *key,
		      size_t shown, alert_add_fn *add, cJSON *ret_list)
{
	size_t count = (size_t)cJSON_GetArraySize(alerts), kept = 0;
	struct dated *sorted;
	const cJSON *alert;

	if (count == 0)
		return;
	sorted = mem_zalloc(count * sizeof *sorted);
	cJSON_ArrayForEach(alert, alerts)
	{
		(void)rfc3339_read(survey_text(alert, key), &sorted[kept].at_ms);
		sorted[kept++].alert = alert;
	}
	qsort(sorted, kept, sizeof *sorted, newest_first);
	for (size_t i = 0; i < kept; i++) {
		cJSON *member = i < shown ? survey_add_member(facts, ret_list) : NULL;

		if (member == NULL) {
			facts->cut = true;
			break;
		}
		add(facts, member, sorted[i].alert);
	}
	free(sorted);
}

bool alert_carries(const cJSON *alert, const char *text)
{
	static const char *const parts[] = {"labels", "annotations"};
	const cJSON *pair;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		cJSON_ArrayForEach(
		    pair, survey_item(alert, parts[i])) if (cJSON_IsString(pair) &&
							    strstr(pair->valuestring, text) !=
								NULL) return true;
	}
	return false;
}

bool alert_has_text(const cJSON *alert, const char *text)
{
	const cJSON *pair;

	cJSON_ArrayForEach(pair, survey_item(alert, "annotations"))
	{
		if (pair->string != NULL && strstr(pair->string, text) != NULL)
			return true;
	}
	return alert_carries(alert, text);
}

bool alert_is_cut(const cJSON *alert)
{
	static const char *const parts[] = {"labels", "annotations"};
	const cJSON *pair;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (cJSON_GetArraySize(survey_item(alert, parts[i])) >= PAIR_LIMIT)
			return true;
		cJSON_ArrayForEach(pair, survey_item(alert, parts[i]))
		{
			if (cJSON_IsString(pair) && strlen(pair->valuestring) + 4 > VALUE_LIMIT)
				return true;
		}
	}
	return false;
}

static bool carries_all(const struct hop_want *want, const cJSON *alert)
{
	for (size_t i = 0; i < want->needle_count; i++)
		if (!alert_carries(alert, want->needles[i]))
			return false;
	return want->needle_count > 0;
}

enum alert_fit alert_fit(const struct hop_want *want, const cJSON *alert, int64_t since_wall_ms)
{
	const char *name = survey_text(survey_item(alert, "labels"), "alertname");
	bool recent = since_wall_ms == 0 || since_wall_ms >= want->injected_wall_ms - SLACK_MS;
	bool right = account_is_alert(want, name) || (!want->has_nonce && carries_all(want, alert));

	/* One fault can raise several alerts: the id alone does not say that it is this one. */
	if (want->has_nonce && alert_carries(alert, want->drill))
		return right || carries_all(want, alert) ? ALERT_FITS : ALERT_RELATED;
	if (!right)
		return ALERT_OTHER;
	if (want->has_nonce)
		return recent ? ALERT_WITHOUT_ID : ALERT_OTHER;
	return recent ? ALERT_FITS : ALERT_EARLIER;
}

double alert_growth(const struct account *account, enum hop_time time, const char *part,
		    const char *counter)
{
	const cJSON *before = account_part(account, HOP_BEFORE, part);
	const cJSON *after = account_part(account, time, part);
	double first = survey_number(before, counter), last = survey_number(after, counter);
	bool is_kept = strncmp(counter, ALERT_SENT, strlen(ALERT_SENT)) == 0;

	if (before == NULL || after == NULL || (is_kept && survey_item(after, counter) == NULL))
		return -1;
	return last >= first ? last - first : last;
}

enum hop_time alert_best_time(const struct account *account, const char *part)
{
	if (account_part(account, HOP_PEAK, part) != NULL)
		return HOP_PEAK;
	return account_part(account, HOP_AFTER, part) != NULL ? HOP_AFTER : HOP_TIME_COUNT;
}
