/* What a service manager is told: ready, reloading, stopping, still alive; sd_notify(3).  When
 * NOTIFY_SOCKET is not set, nothing is told.  Never waits: what a manager has no room for is sent later,
 * in the order in which it was told. */
#ifndef PROGRAM_SERVICE_H
#define PROGRAM_SERVICE_H

#include "src/base/error.h"

struct event_base;
struct service;

/* base is borrowed. NULL with an error when a service manager waits for news, and cannot be told. */
struct service *service_new(struct event_base *base, struct error *error);
void service_free(struct service *service);

/* It is ready, for the first time or again after a reload; from then on the watchdog is fed by the loop
 * at half of its time, so that a loop that hangs is noticed. */
void service_ready(struct service *service);
void service_reloading(struct service *service);
void service_stopping(struct service *service);
/* A line for people: `systemctl status` shows it. */
void service_status(struct service *service, const char *text);

#endif
