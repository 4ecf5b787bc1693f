/* How the alerting service is set up, as Alertmanager and Prometheus write it.  Internal to
 * alerting*.c.  https://prometheus.io/docs/alerting/latest/configuration/ */
#ifndef FAKE_SERVICES_ALERTING_SETUP_H
#define FAKE_SERVICES_ALERTING_SETUP_H

#include "fake-services/alerting_state.h"

/* Owned by the caller. */
char *fake_alerting_routes_yaml(const struct fake_alerting *alerting);
char *fake_alerting_rules_yaml(const struct fake_alerting *alerting);

#endif
