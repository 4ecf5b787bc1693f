/* What a station is, in one line for people who set things up, and what is doubtful about it. */
#include "probes/hops/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/text.h"
#include "probes/hops/survey.h"
#include "src/base/buf.h"
#include "src/base/duration.h"

#define TEXT_LIMIT  600 /* bytes of one sentence */
#define LENGTH_SIZE 32

struct summary {
	const struct hop_settings *settings; /* borrowed */
	const cJSON *facts;                  /* borrowed */
	struct buf line;                     /* what it has */
	summary_tell_fn *tell;
	void *arg; /* borrowed, for tell */
};

/* "3 targets", "1 target". */
static void add_count(struct buf *buf, double count, const char *what)
{
	buf_addf(buf, "%s%.0f %s%s", buf->len > 0 ? ", " : "", count, what, count == 1 ? "" : "s");
}

static int length_of(const cJSON *part)
{
	return cJSON_GetArraySize(survey_item(part, "list"));
}

static const cJSON *part_of(const struct summary *summary, const char *name)
{
	return survey_item(summary->facts, name);
}

static bool was_told(const cJSON *part)
{
	return part != NULL && survey_item(part, "error") == NULL;
}

static void doubt(const struct summary *summary, struct buf *text)
{
	summary->tell(summary->arg, false, buf_text(text));
	buf_done(text);
}

static void doubt_text(const struct summary *summary, const char *text)
{
	summary->tell(summary->arg, false, text);
}

/* Parts that could not be asked, while others could. */
static void doubt_errors(const struct summary *summary)
{
	const cJSON *part;

	cJSON_ArrayForEach(part, summary->facts)
	{
		struct buf text = {.limit = TEXT_LIMIT};

		if (!cJSON_IsObject(part) || survey_text(part, "error")[0] == '\0')
			continue;
		buf_addf(&text, "nothing is known of its %s: %s", part->string,
			 survey_text(part, "error"));
		doubt(summary, &text);
	}
}

/* Prometheus. */

static void add_prometheus(struct summary *summary)
{
	const cJSON *targets = part_of(summary, "targets"), *rules = part_of(summary, "rules");
	const cJSON *managers = part_of(summary, "alertmanagers");

	if (was_told(targets)) {
		add_count(&summary->line, survey_number(targets, "up"), "target");
		buf_adds(&summary->line, " up");
	}
	add_count(&summary->line, survey_number(rules, "count"), "alerting rule");
	if (was_told(managers)) {
		buf_addf(&summary->line, ", sends to %.0f Alertmanager%s",
			 survey_number(managers, "active"),
			 survey_number(managers, "active") == 1 ? "" : "s");
	}
}

static void doubt_targets(const struct summary *summary)
{
	const cJSON *targets = part_of(summary, "targets");
	const cJSON *first = cJSON_GetArrayItem(survey_item(targets, "list"), 0);
	double up = survey_number(targets, "up"), down = survey_number(targets, "down");
	struct buf text = {.limit = TEXT_LIMIT};

	if (down <= 0)
		return;
	buf_addf(&text,
		 "%.0f of its %.0f targets cannot be scraped, so rules about them may not "
		 "fire",
		 down, up + down);
	if (first != NULL)
		buf_addf(&text, "; the first is %s of job %s: %s", survey_text(first, "instance"),
			 survey_text(first, "job"), survey_text(first, "error"));
	doubt(summary, &text);
}

static void doubt_prometheus(const struct summary *summary)
{
	const cJSON *managers = part_of(summary, "alertmanagers");
	const cJSON *reloaded = survey_item(part_of(summary, "delivery"), "reloaded");

	if (was_told(managers) && survey_number(managers, "active") == 0)
		doubt_text(summary, "it sends alerts to no Alertmanager: name one in "
				    "alerting.alertmanagers of its configuration");
	if (survey_number(part_of(summary, "rules"), "count") == 0)
		doubt_text(summary, "it has no alerting rule: are its rule_files right?");
	if (cJSON_IsNumber(reloaded) && reloaded->valuedouble == 0)
		doubt_text(summary,
			   "the last reload of its configuration failed, so it runs an older one "
			   "than its files have: see its log");
	if (survey_text(summary->facts, "series_error")[0] != '\0') {
		struct buf text = {.limit = TEXT_LIMIT};

		buf_addf(&text, "whether the series of its rules exist is not known: %s",
			 survey_text(summary->facts, "series_error"));
		doubt(summary, &text);
	}
	doubt_targets(summary);
}

/* Alertmanager. */

static void add_alertmanager(struct summary *summary)
{
	const cJSON *status = part_of(summary, "status");
	const cJSON *config = survey_item(status, "config");

	if (survey_text(status, "version")[0] != '\0')
		buf_addf(&summary->line, "version %s", survey_text(status, "version"));
	if (was_told(config))
		add_count(&summary->line, cJSON_GetArraySize(survey_item(config, "receivers")),
			  "receiver");
	add_count(&summary->line, survey_number(part_of(summary, "alerts"), "count"), "alert");
	if (was_told(part_of(summary, "silences")))
		add_count(&summary->line, length_of(part_of(summary, "silences")), "silence");
	buf_adds(&summary->line, " now");
}

static void doubt_alertmanager(const struct summary *summary)
{
	const cJSON *config = survey_item(part_of(summary, "status"), "config");
	struct buf text = {.limit = TEXT_LIMIT};

	if (survey_text(config, "error")[0] == '\0')
		return;
	buf_addf(&text,
		 "its routes and receivers are not known, nor its waiting times: as for its "
		 "configuration, %s",
		 survey_text(config, "error"));
	doubt(summary, &text);
}

/* The others. */

static void add_grafana(struct summary *summary)
{
	add_count(&summary->line, length_of(part_of(summary, "rules")), "rule");
	add_count(&summary->line, length_of(part_of(summary, "receivers")), "contact point");
	add_count(&summary->line, length_of(part_of(summary, "alerts")), "alert");
	buf_adds(&summary->line, " now");
}

static void add_loki(struct summary *summary)
{
	const cJSON *lines = part_of(summary, "lines");

	buf_adds(&summary->line,
		 survey_item(lines, "full") != NULL || survey_item(lines, "cut") != NULL
		     ? "at least "
		     : "");
	buf_addf(&summary->line, "%d log line%s of the last hour match its query", length_of(lines),
		 length_of(lines) == 1 ? "" : "s");
}

static void doubt_loki(const struct summary *summary)
{
	if (was_told(part_of(summary, "lines")) && length_of(part_of(summary, "lines")) == 0)
		doubt_text(summary, "no log line of the last hour matches its query: is `query` "
				    "right, and does the shipper run?");
}

static void add_http_json(struct summary *summary)
{
	buf_addf(&summary->line, "%d at %s", length_of(part_of(summary, "found")),
		 summary->settings->path != NULL ? summary->settings->path : "its path");
}

static const struct kind {
	const char *type;
	int requests; /* of one observation at most */
	void (*add)(struct summary *summary);
	void (*doubt)(const struct summary *summary); /* or NULL */
} kinds[] = {
    {"prometheus", 5, add_prometheus, doubt_prometheus},
    {"alertmanager", 4, add_alertmanager, doubt_alertmanager},
    {"grafana", 4, add_grafana, NULL},
    {"loki", 2, add_loki, doubt_loki},
    {"http-json", 1, add_http_json, NULL},
};

static const struct kind *kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].type, type) == 0)
			return &kinds[i];
	}
	return NULL;
}

static void add_clock(struct summary *summary, int64_t ahead_ms)
{
	char length[LENGTH_SIZE];

	if (ahead_ms == 0)
		return;
	duration_format(ahead_ms > 0 ? ahead_ms : -ahead_ms, length, sizeof length);
	buf_addf(&summary->line, ", its clock is %s %s ours", length,
		 ahead_ms > 0 ? "ahead of" : "behind");
}

void summary_tell(const struct hop_settings *settings, const struct hop_observation *observation,
		  summary_tell_fn *tell, void *arg)
{
	const struct kind *kind = kind_of(settings->type);
	cJSON *facts = cJSON_Parse(observation->json);
	struct summary summary = {.settings = settings,
				  .facts = facts,
				  .line = {.limit = TEXT_LIMIT},
				  .tell = tell,
				  .arg = arg};

	if (kind != NULL)
		kind->add(&summary);
	else
		buf_adds(&summary.line, "it answers");
	add_clock(&summary, observation->ahead_ms);
	tell(arg, true, buf_text(&summary.line));
	doubt_errors(&summary);
	if (kind != NULL && kind->doubt != NULL)
		kind->doubt(&summary);
	buf_done(&summary.line);
	cJSON_Delete(facts);
}

int summary_requests(const char *type)
{
	const struct kind *kind = kind_of(type);

	return kind != NULL ? kind->requests : 0;
}
