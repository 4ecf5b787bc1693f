/* The path to people that does not depend on the chat: the system log always, and what `alarm` of
 * the configuration names. */
#ifndef PROBES_ALARM_H
#define PROBES_ALARM_H

#include <stdbool.h>

#include "scenarios/config.h"

struct alarm;
struct event_base;
struct http;
struct secrets;

#define ALARM_TEXT_LIMIT 4096 /* bytes; what is longer is cut */

/* All borrowed, must outlive it. */
struct alarm *alarm_new(struct event_base *base, struct http *http, struct secrets *secrets,
			const struct config *config);
void alarm_free(struct alarm *alarm); /* what is in flight is dropped; NULL is fine */

/* Tells it on every path, each tried three times, for two minutes at most. text: one paragraph of
 * UTF-8 without secrets. The system log is written at once: syslog(3), LOG_ALERT of LOG_DAEMON. */
void alarm_raise(struct alarm *alarm, const char *text);
bool alarm_is_idle(const struct alarm *alarm);
/* The paths that failed in the end, in words; NULL: none. Borrowed. */
const char *alarm_trouble(const struct alarm *alarm);

#endif
