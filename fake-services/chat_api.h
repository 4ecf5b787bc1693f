/* The Web API of the fake chat: one call, its arguments, its answer.  Internal to chat*.c. */
#ifndef FAKE_SERVICES_CHAT_API_H
#define FAKE_SERVICES_CHAT_API_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake-services/chat_store.h"

struct fake_request;
struct api_call;

/* Gives the whole answer, ok or not. */
typedef cJSON *api_method_fn(struct api_call *call);

struct api_method {
	const char *name;
	api_method_fn *run;
	const char *scope; /* needed always; NULL: none, or run() looks for itself */
	bool json;         /* a JSON body is understood */
	bool capped;       /* belongs to the capped tier */
	bool open;         /* needs no token */
};

struct api_call {
	struct fake_chat *chat;          /* borrowed */
	const struct api_method *method; /* NULL: unknown */
	const char *name;                /* borrowed; of the method */
	cJSON *args;                     /* owned; strings, or values of a JSON body */
	const struct token *token;       /* borrowed; NULL until it is checked */
	cJSON *warnings;                 /* owned array; NULL: none */
	int retry_after_s;               /* above 0: 429 */
};

/* Answers. */
cJSON *api_ok(void);
cJSON *api_error(const char *code);
cJSON *api_error_detail(const char *code, char *detail); /* takes the detail, NULL is fine */
cJSON *api_missing_scope(const struct api_call *call, const char *needed);
void api_warn(struct api_call *call, const char *warning);

/* Arguments. The text is "" when absent, borrowed. */
const char *api_text(const struct api_call *call, const char *name);
bool api_has(const struct api_call *call, const char *name);
bool api_true(const struct api_call *call, const char *name);
/* An array or object, given as JSON or as its text. Owned by the caller; NULL when absent or not
 * JSON. */
cJSON *api_json(const struct api_call *call, const char *name);

bool api_has_scope(const struct api_call *call, const char *scope);
bool api_is_member(const struct api_call *call, const struct channel *channel);
/* The channel of the argument "channel" as this token may know it; NULL: channel_not_found. */
struct channel *api_channel(const struct api_call *call, bool by_name_too);

/* chat_read.c */
cJSON *api_history(struct api_call *call);
cJSON *api_replies(struct api_call *call);
cJSON *api_list(struct api_call *call);
cJSON *api_my_channels(struct api_call *call);
cJSON *api_info(struct api_call *call);

/* chat_write.c */
cJSON *api_post(struct api_call *call);
cJSON *api_update(struct api_call *call);
cJSON *api_delete(struct api_call *call);
cJSON *api_ephemeral(struct api_call *call);
cJSON *api_join(struct api_call *call);

/* How the fake's owner wants this call to be answered. True: that was the answer. */
bool wrong_before(struct fake_chat *chat, const char *method, struct fake_request *request);
/* Sends the right answer, or what becomes of it. */
void wrong_send(struct fake_chat *chat, struct fake_request *request, int status, const char *type,
		const char *text);
void chat_record(struct fake_chat *chat, const char *method, cJSON *args); /* takes args */
void chat_calls_free(struct fake_chat *chat);
struct method_count *chat_method_count(struct fake_chat *chat, const char *method);

/* The doors of the server. */
void chat_api_handle(struct fake_chat *chat, const char *method, struct fake_request *request);
void chat_webhook_handle(struct fake_chat *chat, struct fake_request *request);
void chat_page_handle(struct fake_chat *chat, struct fake_request *request);
void chat_control_handle(struct fake_chat *chat, const char *what, struct fake_request *request);

/* What a webhook's payload becomes; takes it. NULL: stored, or will be; else the error. */
const char *chat_webhook_post(struct fake_chat *chat, struct channel *channel, size_t bot,
			      cJSON *payload);
void chat_late_free(struct late_post *late);

#endif
