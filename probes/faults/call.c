/* One HTTP call of a recipe. */
#include "probes/faults/call.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/recipe.h"
#include "probes/faults/text.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/base/text.h"

#define ORIGINAL       "${original}"
#define HEADER_LIMIT   32
#define ANSWER_LIMIT   (256 * 1024) /* bytes */
#define JSON_LIMIT     (16 * 1024)  /* bytes of a body that is compared as JSON */
#define TIMEOUT_MS     10000
#define TIMEOUT_MAX_MS 60000
#define URL_SHOWN      160 /* bytes of a URL in evidence */
#define BODY_SHOWN     200 /* bytes of a body in evidence */

/* The headers of a call, their secrets resolved. */
struct headers {
	struct secrets *secrets; /* borrowed */
	struct http_header list[HEADER_LIMIT];
	size_t count;
	struct error *error; /* borrowed */
};

static bool changes_something(enum step step)
{
	return step == STEP_INJECT || step == STEP_REVERT;
}

int64_t call_timeout_ms(const cJSON *recipe)
{
	return recipe_number(recipe, "timeout_ms", TIMEOUT_MS, TIMEOUT_MAX_MS);
}

bool call_check_url(const char *key, const char *url, struct error *error)
{
	const char *host = NULL;
	size_t len;

	if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	if (host == NULL || host[0] == '\0' || host[0] == '/')
		return error_set(error, "%s is not an address such as http://host/path: %.120s",
				 key, url);
	len = strcspn(host, "/?#");
	if (memchr(host, '@', len) != NULL)
		return error_set(error,
				 "%s holds a password: name it by a header's reference "
				 "(env:NAME or file:PATH) instead",
				 key);
	for (const char *at = url; *at != '\0'; at++) {
		if ((unsigned char)*at <= ' ')
			return error_set(error, "%s holds a blank: write it as %%20", key);
	}
	return true;
}

bool call_check(enum step step, const struct http_call *call, struct error *error)
{
	char key[64];

	(void)snprintf(key, sizeof key, "fault.%s.url", step_name(step));
	if (call->headers.count > HEADER_LIMIT)
		return error_set(error, "fault.%s has more than %d headers", step_name(step),
				 HEADER_LIMIT);
	if (call->url == NULL)
		return error_set(error, "%s is missing", key);
	return call_check_url(key, call->url, error);
}

/* Only what is to change something has a body to be sent; in the others it is another word for
 * `expect`. */
void call_write(cJSON *recipe, enum step step, const struct http_call *call)
{
	bool sends = changes_something(step);
	const char *method = call->method != NULL ? call->method : sends ? "PUT" : "GET";
	const char *expect = call->expect != NULL || sends ? call->expect : call->body;
	cJSON *to = recipe_add_object(recipe, step_name(step));

	recipe_add_text(to, "method", method);
	recipe_add_text(to, "url", call->url);
	recipe_add_text(to, "body", sends ? call->body : NULL);
	recipe_add_pairs(to, "headers", &call->headers);
	recipe_add_number(to, "status", call->status);
	recipe_add_text(to, "expect", expect);
	recipe_add_text(to, "contains", call->contains);
}

/* Unreserved characters stay (RFC 3986 section 2.3). */
void call_add_escaped(struct buf *to, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) != NULL)
			buf_add(to, text, 1);
		else
			buf_addf(to, "%%%02X", c);
	}
}

/* A text of the recipe with ${original} replaced. Owned by the caller; NULL when nothing was
 * captured. */
static char *expand(const struct fault_op *op, const char *text, bool escaped)
{
	const char *original = recipe_text(op->recipe, "original"), *at;
	struct buf out = {0};

	while ((at = strstr(text, ORIGINAL)) != NULL) {
		if (original == NULL) {
			buf_done(&out);
			return NULL;
		}
		buf_add(&out, text, (size_t)(at - text));
		if (escaped)
			call_add_escaped(&out, original);
		else
			buf_adds(&out, original);
		text = at + strlen(ORIGINAL);
	}
	buf_adds(&out, text);
	return buf_take(&out);
}

char *call_body(const struct fault_op *op, enum step step)
{
	const char *body = recipe_text(recipe_object(op->recipe, step_name(step)), "body");

	return body != NULL ? expand(op, body, false) : NULL;
}

static bool add_header(void *arg, const char *name, const char *value)
{
	struct headers *headers = arg;

	if (headers->count == HEADER_LIMIT)
		return error_set(headers->error, "the recipe has too many headers");
	if (secret_is_reference(value))
		value = secret_resolve(headers->secrets, value, headers->error);
	if (value == NULL)
		return false;
	headers->list[headers->count++] = (struct http_header){name, value};
	return true;
}

bool call_send(struct fault_op *op, enum step step, step_reply_fn *reply, struct error *error)
{
	const cJSON *call = recipe_object(op->recipe, step_name(step));
	const char *url = recipe_text(call, "url");
	struct headers headers = {.secrets = op->context->secrets, .error = error};
	char *full_url, *body;
	bool good;

	if (url == NULL)
		return error_set(error, "the recipe has no address for %s", step_name(step));
	(void)error_set(error, "the headers of %s in the recipe are damaged", step_name(step));
	if (!recipe_pairs(call, "headers", add_header, &headers))
		return false;
	full_url = expand(op, url, true);
	body = call_body(op, step);
	good = full_url != NULL && (body == NULL) == (recipe_text(call, "body") == NULL);
	if (good)
		step_http(op,
			  &(struct http_ask){.method = recipe_text(call, "method"),
					     .url = full_url,
					     .headers = headers.list,
					     .header_count = headers.count,
					     .body = body,
					     .body_len = body != NULL ? strlen(body) : 0,
					     .timeout_ms = call_timeout_ms(op->recipe),
					     .max_bytes = ANSWER_LIMIT},
			  reply);
	else
		(void)error_set(error, "nothing was captured that could stand for " ORIGINAL);
	free(full_url);
	free(body);
	return good;
}

static bool learn(void *arg, const char *name, const char *value)
{
	struct error error;

	(void)name;
	if (secret_is_reference(value) && secret_resolve(arg, value, &error) == NULL)
		return true; /* the call that needs it says why */
	return true;
}

void call_learn_secrets(const struct fault_op *op)
{
	for (int step = 0; step < STEP_COUNT; step++)
		(void)recipe_pairs(recipe_object(op->recipe, step_name((enum step)step)), "headers",
				   learn, op->context->secrets);
}

bool call_is_same(const cJSON *recipe, enum step a, enum step b)
{
	const cJSON *left = recipe_object(recipe, step_name(a));
	const cJSON *right = recipe_object(recipe, step_name(b));
	const char *keys[] = {"method", "url", "body"};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (!text_is_same(recipe_text(left, keys[i]), recipe_text(right, keys[i])))
			return false;
	}
	return true;
}

bool call_succeeded(const struct fault_op *op, enum step step, const struct http_reply *reply)
{
	const cJSON *call = recipe_object(op->recipe, step_name(step));
	int64_t wanted = recipe_number(call, "status", 0, 999);

	if (reply->result != HTTP_ANSWERED)
		return false;
	return wanted > 0 ? reply->status == wanted : reply->status / 100 == 2;
}

enum fault_outcome call_outcome(const struct fault_op *op, enum step step,
				const struct http_reply *reply)
{
	switch (reply->result) {
	case HTTP_ANSWERED:
		if (call_succeeded(op, step, reply))
			return FAULT_YES;
		return reply->status / 100 == 4 ? FAULT_NO : FAULT_UNKNOWN;
	case HTTP_UNREACHABLE:
	case HTTP_BAD_ASK:
		return FAULT_NO;
	case HTTP_TIMEOUT:
	case HTTP_BROKEN:
	case HTTP_TOO_LARGE:
		break;
	}
	return FAULT_UNKNOWN;
}

char *call_trim(const char *body)
{
	size_t len;

	body += strspn(body, " \t\r\n");
	len = strlen(body);
	while (len > 0 && strchr(" \t\r\n", body[len - 1]) != NULL)
		len--;
	return mem_dup_n(body, len);
}

static bool same_json(const char *a, const char *b)
{
	cJSON *left, *right;
	bool same;

	if (strlen(a) > JSON_LIMIT || strlen(b) > JSON_LIMIT)
		return false; /* comparing takes the square of the number of keys */
	left = cJSON_Parse(a);
	right = cJSON_Parse(b);
	same = (cJSON_IsObject(left) || cJSON_IsArray(left)) && cJSON_Compare(left, right, true);
	cJSON_Delete(left);
	cJSON_Delete(right);
	return same;
}

bool call_is_value(const struct http_reply *reply, const char *value)
{
	char *left, *right;
	bool same;

	if (strlen(reply->body) != reply->body_len)
		return false;
	left = call_trim(reply->body);
	right = call_trim(value);
	same = strcmp(left, right) == 0 || same_json(left, right);
	free(left);
	free(right);
	return same;
}

/* With a captured value and nothing else said about the body, confirm wants that value back. */
static const char *wanted_body(const struct fault_op *op, enum step step)
{
	const cJSON *call = recipe_object(op->recipe, step_name(step));
	const char *expect = recipe_text(call, "expect");

	if (expect != NULL || step != STEP_CONFIRM || recipe_text(call, "contains") != NULL)
		return expect;
	return recipe_text(op->recipe, "original");
}

enum fault_outcome call_holds(const struct fault_op *op, enum step step,
			      const struct http_reply *reply)
{
	const cJSON *call = recipe_object(op->recipe, step_name(step));
	const char *wanted = wanted_body(op, step), *contains = recipe_text(call, "contains");
	char *full;
	bool same;

	if (reply->result != HTTP_ANSWERED)
		return FAULT_UNKNOWN;
	if (!call_succeeded(op, step, reply))
		return FAULT_NO;
	if (contains != NULL &&
	    memmem(reply->body, reply->body_len, contains, strlen(contains)) == NULL)
		return FAULT_NO;
	if (wanted == NULL)
		return FAULT_YES;
	full = expand(op, wanted, false);
	same = full != NULL && call_is_value(reply, full);
	free(full);
	return same ? FAULT_YES : FAULT_NO;
}

void call_add_evidence(struct buf *to, const struct fault_op *op, enum step step,
		       const struct http_reply *reply)
{
	const cJSON *call = recipe_object(op->recipe, step_name(step));
	const char *method = recipe_text(call, "method"), *url = recipe_text(call, "url");
	char *full = url != NULL ? expand(op, url, true) : NULL;

	buf_addf(to, "%.16s %.*s ", method != NULL ? method : "GET", URL_SHOWN,
		 full != NULL ? full : "");
	free(full);
	if (reply->result != HTTP_ANSWERED) {
		buf_addf(to, "failed: %s", reply->error);
		return;
	}
	buf_addf(to, "answered %d", reply->status);
	if (reply->body_len > 0) {
		buf_adds(to, " ");
		text_quote(to, op->context->secrets, reply->body, reply->body_len, BODY_SHOWN);
	}
}

static void describe_wish(struct buf *to, const cJSON *recipe, const cJSON *call, enum step step)
{
	const char *expect = recipe_text(call, "expect"), *contains = recipe_text(call, "contains");
	int status = (int)recipe_number(call, "status", 0, 999);

	if (status > 0)
		buf_addf(to, ", must answer %d", status);
	else
		buf_adds(to, ", must answer 2xx");
	if (expect != NULL) {
		buf_adds(to, " with exactly ");
		text_quote(to, NULL, expect, strlen(expect), BODY_SHOWN);
	}
	if (contains != NULL) {
		buf_adds(to, " with a text that contains ");
		text_quote(to, NULL, contains, strlen(contains), BODY_SHOWN);
	}
	if (step == STEP_CONFIRM && expect == NULL && contains == NULL &&
	    recipe_object(recipe, "capture") != NULL)
		buf_adds(to, " with the captured value");
}

static bool describe_header(void *arg, const char *name, const char *value)
{
	(void)value;
	buf_addf(arg, " and the header %s", name);
	return true;
}

void call_describe(const cJSON *recipe, enum step step, fault_call_fn *tell, void *arg)
{
	const cJSON *call = recipe_object(recipe, step_name(step));
	const char *method = recipe_text(call, "method"), *url = recipe_text(call, "url");
	const char *body = recipe_text(call, "body");
	struct buf text = {0};

	if (url == NULL)
		return;
	buf_addf(&text, "%s %s", method != NULL ? method : "GET", url);
	if (body != NULL) {
		buf_adds(&text, " with the body ");
		text_quote(&text, NULL, body, strlen(body), BODY_SHOWN);
	}
	(void)recipe_pairs(call, "headers", describe_header, &text);
	describe_wish(&text, recipe, call, step);
	step_tell(tell, arg, step, "%s", buf_text(&text));
	buf_done(&text);
}
