/* What the texts of a message are made of.
 * https://prometheus.io/docs/alerting/latest/configuration/#slack_config */
#include "probes/hops/alertmanager_holding.h"

#include <string.h>

struct texts_seen {
	bool labels, annotations, standard, other;
};

/* Not shown, or not as text; they have templates of their own by default. */
static bool is_no_text(const char *key)
{
	static const char *const keys[] = {
	    "channel",     "username",       "color",        "icon_emoji",   "icon_url",
	    "callback_id", "api_url",        "http_config",  "api_url_file", "app_url",
	    "app_token",   "app_token_file", "send_resolved"};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (strcmp(keys[i], key) == 0)
			return true;
	}
	return false;
}

static void look_at(struct texts_seen *seen, const char *text)
{
	const char *standard = "{{ template \"slack.default.";

	if (strstr(text, "{{") == NULL)
		return;
	if (strstr(text, "Labels") != NULL || strstr(text, ".Alerts") != NULL)
		seen->labels = true;
	else if (strstr(text, "Annotations") != NULL)
		seen->annotations = true;
	else if (strncmp(text, standard, strlen(standard)) == 0)
		seen->standard = true;
	else
		seen->other = true;
}

/* yaml_read bounds how deep they are nested. */
static void look_through(struct texts_seen *seen, const cJSON *item)
{
	const cJSON *one;

	if (cJSON_IsString(item))
		look_at(seen, item->valuestring);
	cJSON_ArrayForEach(one, item)
	{
		if (one->string == NULL || !is_no_text(one->string))
			look_through(seen, one);
	}
}

const char *alertmanager_prints(const cJSON *integration)
{
	struct texts_seen seen = {0};

	look_through(&seen, integration);
	if (seen.labels)
		return "labels";
	if (seen.other)
		return "unknown";
	if (seen.annotations)
		return "annotations";
	return seen.standard ? "default" : "nothing";
}
