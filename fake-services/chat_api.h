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
	int per_minute;    /* calls that Slack allows at least */
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
cJSON *fake_api_ok(void);
cJSON *fake_api_error(const char *code);
cJSON *fake_api_error_detail(const char *code, char *detail); /* takes the detail, NULL is fine */
cJSON *fake_api_missing_scope(const struct api_call *call, const char *needed);
void fake_api_warn(struct api_call *call, const char *warning);

/* Arguments. The text is "" when absent, borrowed. */
const char *fake_api_text(const struct api_call *call, const char *name);
bool fake_api_has(const struct api_call *call, const char *name);
bool fake_api_true(const struct api_call *call, const char *name);
/* An array or object, given as JSON or as its text. Owned by the caller; NULL when absent or not
 * JSON. */
cJSON *fake_api_json(const struct api_call *call, const char *name);

bool fake_api_has_scope(const struct api_call *call, const char *scope);
bool fake_api_is_member(const struct api_call *call, const struct channel *channel);
/* The channel of the argument "channel" as this token may know it; NULL: channel_not_found. */
struct channel *fake_api_channel(const struct api_call *call, bool by_name_too);

/* chat_cursor.c: where the next page begins. The prefix is the kind: "next_ts:". */
void fake_api_add_cursor(cJSON *answer, const char *prefix, const char *value);
/* What follows the prefix in the call's cursor, owned by the caller; NULL: another kind, or none. */
char *fake_api_cursor(const struct api_call *call, const char *prefix);

/* chat_read.c */
cJSON *fake_api_history(struct api_call *call);
cJSON *fake_api_replies(struct api_call *call);
cJSON *fake_api_list(struct api_call *call);
cJSON *fake_api_my_channels(struct api_call *call);
cJSON *fake_api_info(struct api_call *call);

/* chat_write.c */
cJSON *fake_api_post(struct api_call *call);
cJSON *fake_api_update(struct api_call *call);
cJSON *fake_api_delete(struct api_call *call);
cJSON *fake_api_ephemeral(struct api_call *call);
cJSON *fake_api_join(struct api_call *call);

/* How the fake's owner wants this call to be answered. True: that was the answer. */
bool fake_wrong_before(struct fake_chat *chat, const char *method, struct fake_request *request);
/* Sends the right answer, or what becomes of it. */
void fake_wrong_send(struct fake_chat *chat, struct fake_request *request, int status,
		     const char *type, const char *text);
void fake_chat_record(struct fake_chat *chat, const char *method, cJSON *args); /* takes args */
void fake_chat_calls_free(struct fake_chat *chat);
struct method_count *fake_chat_method_count(struct fake_chat *chat, const char *method);

/* The doors of the server. */
void fake_chat_api_handle(struct fake_chat *chat, const char *method, struct fake_request *request);
void fake_chat_webhook_handle(struct fake_chat *chat, struct fake_request *request);
void fake_chat_page_handle(struct fake_chat *chat, struct fake_request *request);
void fake_chat_control_handle(struct fake_chat *chat, const char *what,
			      struct fake_request *request);

/* What a webhook's payload becomes; takes it. NULL: stored, or will be; else the error. */
const char *fake_chat_webhook_post(struct fake_chat *chat, struct channel *channel, size_t bot,
				   cJSON *payload);
void fake_chat_late_free(struct late_post *late);

#endif
