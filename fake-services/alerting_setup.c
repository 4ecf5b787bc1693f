/* How the alerting service is set up, as YAML. */
#include "fake-services/alerting_setup.h"

#include <string.h>

#include "fake-services/notify.h"
#include "src/base/buf.h"

/* What a receiver does with the alerts it gets; it has no wait, and no grouping to speak of. */
static void add_receiver(struct buf *yaml, const struct fake_alerting *alerting,
			 const struct notifier_route *route)
{
	buf_addf(yaml, "- name: %s\n", route->receiver);
	if (!route->posts)
		return;
	buf_addf(yaml,
		 "  slack_configs:\n"
		 "  - send_resolved: %s\n"
		 "    api_url: <secret>\n"
		 "    title: '[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }} "
		 "({{ .CommonLabels.SortedPairs.Values | join \" \" }})'\n"
		 "    text: 'summary: {{ .CommonAnnotations.summary }} runbook: "
		 "{{ .CommonAnnotations.runbook }}'\n",
		 alerting->wrong.no_resolved ? "false" : "true");
}

char *fake_alerting_routes_yaml(const struct fake_alerting *alerting)
{
	const char *rest = "none"; /* who gets what no route names */
	struct buf routes = {0}, receivers = {0}, yaml = {0};
	struct notifier_route route;

	for (size_t i = 0; fake_notifier_route(alerting->notifier, i, &route); i++) {
		if (route.first)
			add_receiver(&receivers, alerting, &route);
		if (route.alert == NULL) {
			rest = route.receiver;
			break;
		}
		buf_addf(&routes, "  - receiver: %s\n    matchers:\n    - alertname=\"%s\"\n",
			 route.receiver, route.alert);
	}
	buf_addf(&yaml,
		 "route:\n  receiver: %s\n  group_by:\n  - '...'\n  group_wait: 0s\n"
		 "  group_interval: 1ms\n  repeat_interval: 4h\n%s%s",
		 rest, routes.len > 0 ? "  routes:\n" : "", buf_text(&routes));
	buf_addf(&yaml, "receivers:\n%s%s", strcmp(rest, "none") == 0 ? "- name: none\n" : "",
		 buf_text(&receivers));
	buf_done(&routes);
	buf_done(&receivers);
	return buf_take(&yaml);
}

char *fake_alerting_rules_yaml(const struct fake_alerting *alerting)
{
	struct buf yaml = {0};

	buf_addf(&yaml,
		 "global:\n  scrape_interval: %lldms\n  scrape_timeout: %lldms\n"
		 "  evaluation_interval: %lldms\n",
		 (long long)alerting->poll_ms, (long long)alerting->poll_ms,
		 (long long)alerting->poll_ms);
	return buf_take(&yaml);
}
