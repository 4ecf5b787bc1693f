/* A message to a queue or an exchange that does not exist, through RabbitMQ's management API.
 * https://www.rabbitmq.com/docs/management#http-api (reference: /api/index.html on any broker)
 *
 * Nothing is left behind, provided that the thing really does not exist: so that is asked before
 * anything is published.  Seen on 3.10: an unroutable message is answered with 200 and
 * {"routed":false}; a missing exchange with 400 and "404 NOT_FOUND - no exchange 'x' in vhost '/'". */
#include <stdlib.h>
#include <string.h>

#include "probes/faults/call.h"
#include "probes/faults/fault.h"
#include "probes/faults/recipe.h"
#include "probes/faults/step.h"
#include "probes/faults/text.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define DEFAULT_EXCHANGE "amq.default"
#define ANSWER_LIMIT     (64 * 1024) /* bytes */
#define ANSWER_SHOWN     200         /* bytes of it in evidence */

static void end_refused(struct fault_op *op, const char *why)
{
	struct error error;

	(void)error_set(&error, "%s", why);
	step_refuse(op, &error);
}

static const char *exchange(const cJSON *recipe)
{
	const char *name = recipe_text(recipe, "exchange");

	return name != NULL && name[0] != '\0' ? name : DEFAULT_EXCHANGE;
}

/* The default exchange routes to the queue of the routing key's name: that one must not exist.  Any
 * other exchange must not exist itself. */
static bool is_about_queue(const cJSON *recipe)
{
	return strcmp(exchange(recipe), DEFAULT_EXCHANGE) == 0;
}

static const char *missing_name(const cJSON *recipe)
{
	return is_about_queue(recipe) ? recipe_text(recipe, "routing_key") : exchange(recipe);
}

/* "http://rabbit:15672/api/queues/%2F/orders-fd-k3q9x2m7". Owned by the caller. */
static char *api_url(const cJSON *recipe, const char *kind, const char *name, const char *action)
{
	const char *base = recipe_text(recipe, "url"), *vhost = recipe_text(recipe, "vhost");
	size_t len = strlen(base);
	struct buf url = {0};

	while (len > 0 && base[len - 1] == '/')
		len--;
	buf_add(&url, base, len);
	buf_addf(&url, "/api/%s/", kind);
	call_add_escaped(&url, vhost != NULL ? vhost : "/");
	buf_adds(&url, "/");
	call_add_escaped(&url, name);
	buf_adds(&url, action);
	return buf_take(&url);
}

static char *missing_url(const cJSON *recipe)
{
	return api_url(recipe, is_about_queue(recipe) ? "queues" : "exchanges",
		       missing_name(recipe), "");
}

/* Sends a request with our user, or ends the step. body NULL: a GET. */
static void ask(struct fault_op *op, const char *url, const char *body, step_reply_fn *reply)
{
	const char *user = recipe_text(op->recipe, "user"), *password = NULL;
	const char *reference = recipe_text(op->recipe, "password");
	const struct http_header json = {"Content-Type", "application/json"};
	struct error error;

	if (reference != NULL) {
		password = secret_resolve(op->context->secrets, reference, &error);
		if (password == NULL) {
			step_refuse(op, &error);
			return;
		}
	}
	step_http(op,
		  &(struct http_ask){.method = body != NULL ? "POST" : "GET",
				     .url = url,
				     .headers = &json,
				     .header_count = body != NULL ? 1 : 0,
				     .body = body,
				     .body_len = body != NULL ? strlen(body) : 0,
				     .user = user,
				     .password = password,
				     .timeout_ms = call_timeout_ms(op->recipe),
				     .max_bytes = ANSWER_LIMIT},
		  reply);
}

static void end_with(struct fault_op *op, enum fault_outcome outcome, const char *what,
		     const struct http_reply *reply, const char *says)
{
	struct buf text = {0};

	buf_addf(&text, "%s ", what);
	if (reply->result != HTTP_ANSWERED) {
		buf_addf(&text, "failed: %s", reply->error);
	} else {
		buf_addf(&text, "was answered with %d ", reply->status);
		text_quote(&text, op->context->secrets, reply->body, reply->body_len, ANSWER_SHOWN);
	}
	step_end(op, outcome, "%s%s%s", buf_text(&text), says[0] != '\0' ? "; " : "", says);
	buf_done(&text);
}

/* {"routed":false}: taken by the broker, and dropped. */
static bool says_routed(const struct http_reply *reply, bool routed)
{
	cJSON *answer = cJSON_ParseWithLength(reply->body, reply->body_len);
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(answer, "routed");
	bool so = routed ? cJSON_IsTrue(said) : cJSON_IsFalse(said);

	cJSON_Delete(answer);
	return so;
}

static bool says_no_exchange(const struct http_reply *reply)
{
	static const char reason[] = "no exchange";

	return (reply->status == 400 || reply->status == 404) &&
	       memmem(reply->body, reply->body_len, reason, strlen(reason)) != NULL;
}

static void on_published(struct fault_op *op, const struct http_reply *reply)
{
	bool queue = is_about_queue(op->recipe);

	switch (reply->result) {
	case HTTP_ANSWERED:
		break;
	case HTTP_UNREACHABLE:
	case HTTP_BAD_ASK:
		end_with(op, FAULT_NO, "publishing", reply, "");
		return;
	case HTTP_TIMEOUT:
	case HTTP_BROKEN:
	case HTTP_TOO_LARGE:
		end_with(op, FAULT_UNKNOWN, "publishing", reply, "");
		return;
	}
	if (reply->status / 100 == 5)
		end_with(op, FAULT_UNKNOWN, "publishing", reply, "look at the broker");
	else if (reply->status == 200 && says_routed(reply, true))
		end_with(op, FAULT_NO, "publishing", reply,
			 "a queue took the message after all: look for it there");
	else if (reply->status == 200 && says_routed(reply, false))
		end_with(op, FAULT_YES, "publishing", reply, "the message reached no queue");
	else if (!queue && says_no_exchange(reply))
		end_with(op, FAULT_YES, "publishing", reply, "the exchange does not exist");
	else
		end_with(op, FAULT_NO, "publishing", reply,
			 "not the answer of a missing queue or exchange: check user, rights and "
			 "vhost");
}

static char *message(const cJSON *recipe)
{
	const char *key = recipe_text(recipe, "routing_key");
	const char *payload = recipe_text(recipe, "payload");
	cJSON *body = cJSON_CreateObject();
	cJSON *headers = recipe_add_object(recipe_add_object(body, "properties"), "headers");

	recipe_add_text(headers, "firedrill-drill", recipe_text(recipe, "drill"));
	recipe_add_text(body, "routing_key", key != NULL ? key : "");
	recipe_add_text(body, "payload", payload != NULL ? payload : "[DRILL]");
	recipe_add_text(body, "payload_encoding", "string");
	return recipe_take(body);
}

/* The question before anything is published, and again as the witness. */
static void on_asked(struct fault_op *op, const struct http_reply *reply)
{
	const char *what =
	    is_about_queue(op->recipe) ? "asking for the queue" : "asking for the exchange";
	bool before = op->step == STEP_INJECT;
	char *url, *body;

	if (reply->result == HTTP_ANSWERED && reply->status == 404) {
		if (!before) {
			end_with(op, FAULT_YES, what, reply, "it does not exist");
			return;
		}
		url = api_url(op->recipe, "exchanges", exchange(op->recipe), "/publish");
		body = message(op->recipe);
		ask(op, url, body, on_published);
		free(url);
		free(body);
	} else if (reply->result == HTTP_ANSWERED && reply->status == 200) {
		end_with(op, FAULT_NO, what, reply,
			 before ? "it exists, so nothing was published: name one that does not"
				: "it exists");
	} else {
		end_with(op, before ? FAULT_NO : FAULT_UNKNOWN, what, reply,
			 before ? "nothing was published" : "");
	}
}

static void begin(struct fault_op *op)
{
	const char *name = missing_name(op->recipe);
	char *url;

	if (recipe_text(op->recipe, "url") == NULL || name == NULL || name[0] == '\0') {
		end_refused(op, "the recipe names no broker or nothing that is missing there");
		return;
	}
	url = missing_url(op->recipe);
	ask(op, url, NULL, on_asked);
	free(url);
}

/* plan */

static bool check(const struct rabbitmq_fault *rabbitmq, struct error *error)
{
	bool queue = rabbitmq->exchange == NULL || rabbitmq->exchange[0] == '\0' ||
		     strcmp(rabbitmq->exchange, DEFAULT_EXCHANGE) == 0;

	if (rabbitmq->url == NULL)
		return error_set(error, "fault.url is missing: the management API, such as "
					"http://rabbit.example:15672");
	if (!call_check_url("fault.url", rabbitmq->url, error))
		return false;
	if (queue && (rabbitmq->routing_key == NULL || rabbitmq->routing_key[0] == '\0'))
		return error_set(error, "fault.routing_key is missing: the queue that does not "
					"exist, such as orders-${drill}");
	if (rabbitmq->password != NULL && !secret_is_reference(rabbitmq->password))
		return error_set(error,
				 "fault.password must be a reference: env:NAME or file:PATH");
	if (rabbitmq->password != NULL && rabbitmq->user == NULL)
		return error_set(error, "fault.user is missing: whose password is it?");
	return true;
}

static char *rabbitmq_plan(const struct fault *fault, const char *drill, struct error *error)
{
	const struct rabbitmq_fault *rabbitmq = &fault->rabbitmq;
	cJSON *recipe;
	char *payload;

	if (!check(rabbitmq, error))
		return NULL;
	recipe = recipe_new(VIA_RABBITMQ, drill, error);
	if (recipe == NULL)
		return NULL;
	payload = mem_printf("[DRILL] firedrill %s: this message goes nowhere on purpose", drill);
	recipe_add_text(recipe, "url", rabbitmq->url);
	recipe_add_text(recipe, "user", rabbitmq->user);
	recipe_add_text(recipe, "password", rabbitmq->password);
	recipe_add_text(recipe, "vhost", rabbitmq->vhost);
	recipe_add_text(recipe, "exchange", rabbitmq->exchange);
	recipe_add_text(recipe, "routing_key", rabbitmq->routing_key);
	recipe_add_text(recipe, "payload", rabbitmq->payload != NULL ? rabbitmq->payload : payload);
	free(payload);
	return recipe_take(recipe);
}

static void rabbitmq_describe(const char *text, fault_call_fn *tell, void *arg)
{
	cJSON *recipe = recipe_read(text, VIA_RABBITMQ, &(struct error){0});
	const char *key = recipe_text(recipe, "routing_key");
	char *missing, *publish;

	if (recipe_text(recipe, "url") != NULL && missing_name(recipe) != NULL) {
		missing = missing_url(recipe);
		publish = api_url(recipe, "exchanges", exchange(recipe), "/publish");
		step_tell(tell, arg, STEP_INJECT, "GET %s, must answer 404; else nothing is sent",
			  missing);
		step_tell(tell, arg, STEP_INJECT, "POST %s with the routing key \"%s\"", publish,
			  key != NULL ? key : "");
		step_tell(tell, arg, STEP_WITNESS, "GET %s, must answer 404", missing);
		free(missing);
		free(publish);
	}
	cJSON_Delete(recipe);
}

/* A message that reaches nothing changes nothing. */
static char *rabbitmq_target(const char *recipe)
{
	(void)recipe;
	return mem_dup("");
}

static struct fault_op *rabbitmq_inject(const struct fault_context *context, const char *recipe,
					fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_RABBITMQ, STEP_INJECT, recipe, begin, done, arg);
}

static struct fault_op *rabbitmq_witness(const struct fault_context *context, const char *recipe,
					 fault_done_fn *done, void *arg)
{
	return step_start(context, VIA_RABBITMQ, STEP_WITNESS, recipe, begin, done, arg);
}

const struct fault_driver fault_rabbitmq = {
    .name = "rabbitmq",
    .via = VIA_RABBITMQ,
    .effect = EFFECT_EMISSION,
    .ends_by_itself = "the broker drops the message",
    .plan = rabbitmq_plan,
    .describe = rabbitmq_describe,
    .target = rabbitmq_target,
    .inject = rabbitmq_inject,
    .witness = rabbitmq_witness,
    .cancel = step_cancel,
};
