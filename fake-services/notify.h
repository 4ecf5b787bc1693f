/* Posting an alert to a chat, as Alertmanager's Slack receiver does.  Internal to alerting.c. */
#ifndef FAKE_SERVICES_NOTIFY_H
#define FAKE_SERVICES_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "fake-services/alerting.h"

struct notice;
struct notifier;

struct notifier *fake_notifier_new(struct event_base *base,
				   const struct fake_alerting_options *options,
				   const struct fake_alerting_wrong *wrong, struct error *error);
void fake_notifier_free(struct notifier *notifier); /* NULL is fine */
void fake_notifier_post(struct notifier *notifier, const struct notice *notice);

const char *fake_notifier_receiver(const struct notifier *notifier,
				   const char *alert); /* or "none" */
/* A route as it is set up. All borrowed. */
struct notifier_route {
	const char *alert; /* NULL: all that no route before took */
	const char *receiver;
	bool posts; /* else it posts nowhere */
	bool first; /* no route before has this receiver */
};
/* The index-th; false when there are not so many. */
bool fake_notifier_route(const struct notifier *notifier, size_t index,
			 struct notifier_route *ret_route);

/* What a receiver did so far, over all its routes. */
struct notifier_counts {
	size_t begun;  /* notifications, those under way included */
	size_t posted; /* the chat said yes */
	size_t failed; /* it said no, or nothing */
};
struct notifier_counts fake_notifier_counts(const struct notifier *notifier, const char *receiver);

size_t fake_notifier_posted(const struct notifier *notifier);
size_t fake_notifier_failed(const struct notifier *notifier);

#endif
