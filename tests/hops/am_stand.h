/* A stand that answers as Alertmanager 0.25 does. */
#ifndef TESTS_AM_STAND_H
#define TESTS_AM_STAND_H

#include "tests/hops/stand.h"

#define ALERTS         "/api/v2/alerts?"
#define STATUS         "/api/v2/status"
#define SILENCES       "/api/v2/silences"
#define OURS           "orders-" STAND_DRILL
#define HEALTHY        "\"state\":\"active\",\"silencedBy\":[],\"inhibitedBy\":[]"
#define SLACK(name, n) "alertmanager_notification" name "{integration=\"slack\"} " n "\n"
#define SENT(n)        SLACK("s_total", n) SLACK("_requests_total", n)
#define FAILED(n)      SLACK("s_failed_total", n) SLACK("_requests_failed_total", n)
#define CLIENT_ERRORS(n)                                                                           \
	"alertmanager_notifications_failed_total{integration=\"slack\",reason=\"clientError\"} " n \
	"\n" SLACK("_requests_failed_total", n)
#define RECEIVED(n)                                                                    \
	"alertmanager_alerts_received_total{status=\"firing\",version=\"v2\"} " n "\n" \
	"alertmanager_alerts_invalid_total{version=\"v2\"} 0\n"                        \
	"alertmanager_notifications_total{integration=\"pagerduty\"} 0\n"
#define CONFIG                                                                                      \
	"route:\n  receiver: team\n  continue: false\n  routes:\n  - receiver: \"null\"\n"          \
	"    matchers:\n    - severity=~\"info|debug\"\n    continue: false\n  - receiver: paged\n" \
	"    match:\n      severity: page\n    mute_time_intervals:\n    - nights\n"                \
	"    continue: true\n    group_wait: 1m\n  - receiver: team\n    matchers:\n"               \
	"    - severity!~\"info\"\n    continue: false\n  group_wait: 10s\n"                        \
	"  group_interval: 1m\nreceivers:\n- name: team\n  slack_configs:\n"                        \
	"  - send_resolved: false\n    api_url: <secret>\n- name: \"null\"\n- name: paged\n"        \
	"  pagerduty_configs:\n  - send_resolved: true\n"

int am_setup(void **state); /* nothing there, all is well */
#define am_test(f) cmocka_unit_test_setup_teardown(f, am_setup, stand_teardown)

/* One alert with these labels, receivers ("{\"name\":\"team\"}"), status and start after the
 * injection, and "NetworkDown", which goes nowhere. */
void am_answer_alert(struct stand *stand, const char *queue, const char *severity,
		     const char *receivers, const char *status, int64_t starts_ms);
void am_answer_status(struct stand *stand, const char *yaml, int64_t started_ms);

/* Observes and explains. */
void am_look(struct stand *stand, enum hop_time time);
/* Our alert for the team, after a look before it; the counters are then these. */
void am_see(struct stand *stand, const char *status, const char *counters);

#endif
