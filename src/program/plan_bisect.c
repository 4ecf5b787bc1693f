/* What would be sent after a gap. */
#include "src/program/plan_bisect.h"

#include <string.h>

#include "src/base/duration.h"
#include "src/program/plan_line.h"

static const char *alertmanager_of(const struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->hop_count; i++) {
		if (strcmp(pipeline->hops[i].type, "alertmanager") == 0)
			return pipeline->hops[i].url;
	}
	return "";
}

void plan_bisect_print(const struct config *config, const struct environment *environment,
		       const struct scenario *scenario)
{
	const struct pipeline *pipeline = config_bisects(config, environment);
	char within[32];

	if (pipeline == NULL)
		return;
	duration_format(pipeline->bisect.within_ms, within, sizeof within);
	for (size_t i = 0; i < scenario->expect_count; i++) {
		const struct expectation *expect = &scenario->expect[i];
		const struct webhook_settings *webhook =
		    config_webhook(pipeline, expect->chat, expect->channel);

		if (!expect->never && webhook != NULL)
			plan_line("explain",
				  "when it is missing: a message marked [DRILL] by the webhook %s, "
				  "read back in %s within %s",
				  webhook->url, expect->channel, within);
	}
	if (pipeline->bisect.alertmanager)
		plan_line("explain",
			  "when one is missing: an alert with its labels, drill=true and drill_id, "
			  "POST %s/api/v2/alerts, read back within %s and ended at once (by itself "
			  "within 5 min)",
			  alertmanager_of(pipeline), within);
}
