/* What an alert says in a chat.
 * Shape: https://prometheus.io/docs/alerting/latest/configuration/#slack_config */
#include "fake-services/notice.h"

#include <stdlib.h>

#include "src/base/mem.h"

static cJSON *attachment_of(const struct notice *notice, const char *environment, bool garble)
{
	cJSON *attachment = cJSON_CreateObject();
	cJSON *parsed = cJSON_AddArrayToObject(attachment, "mrkdwn_in");
	char *title = mem_printf("[%s] %s (%s%s%s %s)", notice->resolved ? "RESOLVED" : "FIRING:1",
				 notice->alert, notice->label, notice->label[0] != '\0' ? " " : "",
				 environment, notice->severity);
	char *text = garble
			 ? mem_dup("summary: <no value>\n<no value>")
			 : mem_printf("summary: %s\nrunbook: %s", notice->summary, notice->runbook);

	(void)cJSON_AddItemToArray(parsed, cJSON_CreateString("fallback"));
	(void)cJSON_AddItemToArray(parsed, cJSON_CreateString("pretext"));
	(void)cJSON_AddItemToArray(parsed, cJSON_CreateString("text"));
	(void)cJSON_AddStringToObject(attachment, "title", title);
	(void)cJSON_AddStringToObject(attachment, "text", text);
	(void)cJSON_AddStringToObject(attachment, "fallback", title);
	(void)cJSON_AddStringToObject(attachment, "callback_id", "");
	(void)cJSON_AddStringToObject(attachment, "footer", "");
	(void)cJSON_AddStringToObject(attachment, "color", notice->resolved ? "good" : "danger");
	free(title);
	free(text);
	return attachment;
}

/* Alertmanager names the channel in the payload; a modern webhook does not look at it. */
cJSON *fake_notice_payload(const struct notice *notice, const char *environment,
			   const char *channel, bool garble)
{
	cJSON *payload = cJSON_CreateObject();

	if (channel != NULL)
		(void)cJSON_AddStringToObject(payload, "channel", channel);
	(void)cJSON_AddStringToObject(payload, "username", "Alertmanager");
	(void)cJSON_AddStringToObject(payload, "text", "");
	(void)cJSON_AddItemToArray(cJSON_AddArrayToObject(payload, "attachments"),
				   attachment_of(notice, environment, garble));
	return payload;
}
