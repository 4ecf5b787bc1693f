/* Posting an alert to a chat, as Alertmanager's Slack receiver does.  Internal to alerting.c. */
#ifndef FAKE_SERVICES_NOTIFY_H
#define FAKE_SERVICES_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "fake-services/alerting.h"

struct notifier;

/* What is to be said. Everything is borrowed during the call. */
struct notice {
	const char *alert;    /* name */
	const char *label;    /* the value of the label that sets it apart; "" for none */
	const char *severity; /* "critical" */
	const char *summary;  /* one line */
	const char *runbook;  /* URL */
	bool resolved;
};

struct notifier *fake_notifier_new(struct event_base *base,
				   const struct fake_alerting_options *options,
				   const struct fake_alerting_wrong *wrong, struct error *error);
void fake_notifier_free(struct notifier *notifier); /* NULL is fine */
void fake_notifier_post(struct notifier *notifier, const struct notice *notice);

const char *fake_notifier_receiver(const struct notifier *notifier,
				   const char *alert); /* or "none" */
size_t fake_notifier_posted(const struct notifier *notifier);
size_t fake_notifier_failed(const struct notifier *notifier);

#endif
