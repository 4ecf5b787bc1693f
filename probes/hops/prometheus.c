/* The hop driver of Prometheus: five requests, whatever the number of rules and drills. */
#include "probes/hops/prometheus_parts.h"

#include <stdlib.h>
#include <string.h>

#include "probes/hops/prometheus_facts.h"
#include "probes/hops/round.h"
#include "src/base/mem.h"

#define RULES_BYTES 1600000 /* of their facts in the observation */
#define OTHER_BYTES 60000   /* of each other part's */

enum { RULES, TARGETS, ALERTMANAGERS, DELIVERY, QUESTIONS };

static const struct fetch_ask asks[QUESTIONS] = {
    [RULES] = {.path = "/api/v1/rules?type=alert", .max_bytes = 24U << 20},
    [TARGETS] = {.path = "/api/v1/targets?state=active", .max_bytes = 16U << 20},
    [ALERTMANAGERS] = {.path = "/api/v1/alertmanagers", .max_bytes = 1U << 20},
    [DELIVERY] = {.path = "/metrics", .max_bytes = 8U << 20},
};
static const char *const names[QUESTIONS] = {"rules", "targets", "alertmanagers", "delivery"};

struct hop_op {
	const struct hop_context *context;   /* borrowed */
	const struct hop_settings *settings; /* borrowed */
	struct round *round;                 /* owned */
	cJSON *rules;                        /* owned; the whole answer */
	struct prometheus_series *series;    /* owned */
	cJSON *facts;                        /* owned */
	char *error;                         /* owned; why the rules could not be asked */
	int64_t at_wall_ms, ahead_ms;
	int requests;
	hop_done_fn *done;
	void *arg; /* borrowed, for done */
};

static void op_free(struct hop_op *op)
{
	round_cancel(op->round);
	prometheus_series_free(op->series);
	cJSON_Delete(op->rules);
	cJSON_Delete(op->facts);
	free(op->error);
	free(op);
}

static void finish(struct hop_op *op)
{
	hop_done_fn *done = op->done;
	void *arg = op->arg;
	char *json = NULL, *error = op->error;
	struct hop_observation observation = {
	    .at_wall_ms = op->at_wall_ms, .ahead_ms = op->ahead_ms, .requests = op->requests};

	if (op->rules != NULL) {
		struct survey_facts facts = {
		    .settings = op->settings, .secrets = op->context->secrets, .left = RULES_BYTES};
		cJSON *rules = prometheus_rules(&facts, op->rules, op->series);

		if (facts.cut)
			(void)cJSON_AddTrueToObject(rules, "cut");
		(void)cJSON_AddItemToObject(op->facts, names[RULES], rules);
		json = cJSON_PrintUnformatted(op->facts);
	}
	if (json != NULL && strlen(json) >= HOP_OBSERVATION_MAX) {
		free(json);
		json = NULL;
		error = op->error = mem_dup("it has more to tell than can be kept");
	}
	op->error = NULL;
	op_free(op);
	observation.json = json;
	observation.error = json == NULL ? error : NULL;
	done(arg, &observation);
	free(json);
	free(error);
}

/* The second round: do the series exist? */

static void on_series(void *arg, size_t question, const struct fetch_answer *answer)
{
	struct hop_op *op = arg;
	const char *why = answer->error;

	(void)question;
	if (answer->body != NULL && !prometheus_series_read(op->series, answer->body, answer->len))
		why = "its answer is not that of a query";
	if (why != NULL)
		(void)cJSON_AddStringToObject(op->facts, "series_error", why);
}

static void on_series_over(void *arg, int64_t at_wall_ms, int64_t ahead_ms)
{
	struct hop_op *op = arg;

	(void)at_wall_ms;
	(void)ahead_ms;
	op->round = NULL;
	finish(op);
}

/* The first round. */

static char *not_prometheus(const char *what, const char *body)
{
	bool page = body[strspn(body, " \t\r\n")] == '<';

	return mem_printf("its answer about %s is %s", what,
			  page ? "a page for people: is `url` right, with its path prefix, and are "
				 "`headers` enough to get past a login?"
			       : "not what Prometheus answers: is `url` that of a Prometheus?");
}

static void on_rules(struct hop_op *op, const struct fetch_answer *answer)
{
	if (answer->body == NULL)
		op->error = mem_dup(answer->error);
	else if ((op->rules = prometheus_rules_parse(answer->body, answer->len)) == NULL)
		op->error = not_prometheus(names[RULES], answer->body);
}

static void on_part(struct hop_op *op, size_t question, const struct fetch_answer *answer)
{
	static cJSON *(*const read[QUESTIONS])(struct survey_facts *, const char *, size_t) = {
	    [TARGETS] = prometheus_targets,
	    [ALERTMANAGERS] = prometheus_alertmanagers,
	    [DELIVERY] = prometheus_delivery};
	struct survey_facts facts = {
	    .settings = op->settings, .secrets = op->context->secrets, .left = OTHER_BYTES};
	cJSON *part = NULL;
	char *error = NULL;

	if (answer->body == NULL) {
		error = mem_dup(answer->error);
	} else {
		part = read[question](&facts, answer->body, answer->len);
		if (part == NULL)
			error = not_prometheus(names[question], answer->body);
	}
	if (part == NULL) {
		part = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(part, "error", error);
	}
	(void)cJSON_AddItemToObject(op->facts, names[question], part);
	free(error);
}

static void on_answer(void *arg, size_t question, const struct fetch_answer *answer)
{
	if (question == RULES)
		on_rules(arg, answer);
	else
		on_part(arg, question, answer);
}

static void on_over(void *arg, int64_t at_wall_ms, int64_t ahead_ms)
{
	struct hop_op *op = arg;
	struct fetch_ask ask = {.path = "/api/v1/query", .max_bytes = 1U << 20};
	char *form = NULL;

	op->round = NULL;
	op->at_wall_ms = at_wall_ms;
	op->ahead_ms = ahead_ms;
	if (op->rules != NULL) {
		op->series = prometheus_series_new(op->rules);
		form = prometheus_series_form(op->series, op->settings->timeout_ms);
	}
	if (form == NULL) {
		finish(op);
		return;
	}
	ask.form = form;
	op->requests++;
	op->round = round_start(op->context, op->settings, &ask, 1, on_series, on_series_over, op);
	free(form);
}

static struct hop_op *observe(const struct hop_context *context,
			      const struct hop_settings *settings, hop_done_fn *done, void *arg)
{
	struct hop_op *op = mem_zalloc(sizeof *op);

	*op = (struct hop_op){.context = context,
			      .settings = settings,
			      .facts = cJSON_CreateObject(),
			      .requests = QUESTIONS,
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

const struct hop_driver hop_prometheus = {.type = "prometheus",
					  .observe = observe,
					  .cancel = cancel,
					  .explain = prometheus_explain,
					  .foresee = prometheus_foresee,
					  .inventory = prometheus_inventory,
					  .proofs = prometheus_proofs,
					  .labels = prometheus_labels};
