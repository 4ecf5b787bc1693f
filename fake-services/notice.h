/* What an alert says in a chat.  Internal to alerting.c and notify.c. */
#ifndef FAKE_SERVICES_NOTICE_H
#define FAKE_SERVICES_NOTICE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* What is to be said. Everything is borrowed during the call. */
struct notice {
	const char *alert;    /* name */
	const char *label;    /* the value of the label that sets it apart; "" for none */
	const char *severity; /* "critical" */
	const char *summary;  /* one line */
	const char *runbook;  /* URL */
	bool resolved;
};

/* As Alertmanager posts it to Slack; channel: NULL where the webhook decides; garble: what a broken
 * template leaves of it. Owned by the caller. */
cJSON *fake_notice_payload(const struct notice *notice, const char *environment,
			   const char *channel, bool garble);

#endif
