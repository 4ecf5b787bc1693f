/* The hop driver of Alertmanager (0.25 and later): four requests, whatever the number of drills. */
#include "probes/hops/alertmanager_parts.h"

#include <stdlib.h>
#include <string.h>

#include "probes/hops/alertmanager_facts.h"
#include "probes/hops/fetch.h"
#include "probes/hops/round.h"
#include "src/base/mem.h"

#define SENT_MAX_BYTES (1U << 20) /* of the answer to an alert that is sent */

enum { ALERTS, STATUS, SILENCES, COUNTERS, QUESTIONS };

static const struct fetch_ask asks[QUESTIONS] = {
    [ALERTS] = {.path = "/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true",
		.max_bytes = 16U << 20},
    [STATUS] = {.path = "/api/v2/status", .max_bytes = 8U << 20},
    [SILENCES] = {.path = "/api/v2/silences", .max_bytes = 8U << 20},
    [COUNTERS] = {.path = "/metrics", .max_bytes = 8U << 20},
};

/* How each answer is read, and how many bytes of the observation its facts may have. */
static const struct {
	const char *name;
	cJSON *(*read)(struct survey_facts *facts, const char *body, size_t len);
	size_t bytes;
} parts[QUESTIONS] = {
    [ALERTS] = {"alerts", alertmanager_alerts, 500000},
    [STATUS] = {"status", alertmanager_status, 250000},
    [SILENCES] = {"silences", alertmanager_silences, 60000},
    [COUNTERS] = {"counters", alertmanager_counters, 60000},
};

struct hop_op {
	const struct hop_context *context;   /* borrowed */
	const struct hop_settings *settings; /* borrowed */
	struct round *round;                 /* owned; NULL: it sends */
	struct fetch *sending;               /* owned; NULL: it observes */
	hop_sent_fn *sent;
	cJSON *facts; /* owned */
	char *error;  /* owned; why the alerts could not be asked */
	hop_done_fn *done;
	void *arg; /* borrowed, for done */
};

static void op_free(struct hop_op *op)
{
	round_cancel(op->round);
	fetch_cancel(op->sending);
	cJSON_Delete(op->facts);
	free(op->error);
	free(op);
}

static char *not_alertmanager(const char *what, const char *body)
{
	bool page = body[strspn(body, " \t\r\n")] == '<';

	return mem_printf("its answer about %s is %s", what,
			  page ? "a page for people: is `url` right, with its path prefix, and are "
				 "`headers` enough to get past a login?"
			       : "not what Alertmanager 0.25 or later answers: is `url` that of an "
				 "Alertmanager?");
}

static void on_answer(void *arg, size_t question, const struct fetch_answer *answer)
{
	struct hop_op *op = arg;
	struct survey_facts facts = {.settings = op->settings,
				     .secrets = op->context->secrets,
				     .left = parts[question].bytes};
	cJSON *part = NULL;
	char *error = mem_dup(answer->error);

	if (answer->body != NULL) {
		part = parts[question].read(&facts, answer->body, answer->len);
		if (part == NULL)
			error = not_alertmanager(parts[question].name, answer->body);
	}
	if (part == NULL) {
		part = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(part, "error", error);
	}
	(void)cJSON_AddItemToObject(op->facts, parts[question].name, part);
	if (question == ALERTS)
		op->error = error;
	else
		free(error);
}

static void on_over(void *arg, int64_t at_wall_ms, int64_t ahead_ms)
{
	struct hop_op *op = arg;
	hop_done_fn *done = op->done;
	void *done_arg = op->arg;
	char *error = op->error, *json = error == NULL ? cJSON_PrintUnformatted(op->facts) : NULL;
	struct hop_observation observation = {
	    .at_wall_ms = at_wall_ms, .ahead_ms = ahead_ms, .requests = QUESTIONS};

	if (json != NULL && strlen(json) >= HOP_OBSERVATION_MAX) {
		free(json);
		json = NULL;
		error = mem_dup("it has more to tell than can be kept");
	}
	op->round = NULL;
	op->error = NULL;
	op_free(op);
	observation.json = json;
	observation.error = error;
	done(done_arg, &observation);
	free(json);
	free(error);
}

static struct hop_op *observe(const struct hop_context *context,
			      const struct hop_settings *settings, hop_done_fn *done, void *arg)
{
	struct hop_op *op = mem_zalloc(sizeof *op);

	*op = (struct hop_op){.context = context,
			      .settings = settings,
			      .facts = cJSON_CreateObject(),
			      .done = done,
			      .arg = arg};
	op->round = round_start(context, settings, asks, QUESTIONS, on_answer, on_over, op);
	return op;
}

static void cancel(struct hop_op *op)
{
	if (op != NULL)
		op_free(op);
}

/* Sending. */

static void on_sent(void *arg, const struct fetch_answer *answer)
{
	struct hop_op *op = arg;
	hop_sent_fn *sent = op->sent;
	void *sent_arg = op->arg;

	op->sending = NULL;
	op_free(op);
	sent(sent_arg, answer->error);
}

/* https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, postAlerts */
static struct hop_op *send_probe(const struct hop_context *context,
				 const struct hop_settings *settings, const struct hop_probe *probe,
				 hop_sent_fn *done, void *arg)
{
	struct hop_op *op = mem_zalloc(sizeof *op);
	char *body = alertmanager_probe_body(probe);
	const struct fetch_ask ask = {
	    .path = "/api/v2/alerts", .json = body, .max_bytes = SENT_MAX_BYTES};

	*op = (struct hop_op){.context = context, .settings = settings, .sent = done, .arg = arg};
	op->sending = fetch_start(context, settings, &ask, on_sent, op);
	free(body);
	return op;
}

const struct hop_driver hop_alertmanager = {.type = "alertmanager",
					    .observe = observe,
					    .cancel = cancel,
					    .explain = alertmanager_explain,
					    .foresee = alertmanager_foresee,
					    .labels = alertmanager_labels,
					    .may_send = alertmanager_may_send,
					    .inventory = alertmanager_inventory,
					    .proofs = alertmanager_proofs,
					    .send = send_probe};
