/* One observation of a station: some questions at once, each answer reduced to the facts that
 * matter, and all facts in one JSON text: {"rules": {...}, "alerts": {"error": "..."}}. */
#ifndef PROBES_SURVEY_H
#define PROBES_SURVEY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "probes/hops/hop.h"

#define SURVEY_PARTS 4

/* What is kept of one answer. Whatever is added counts against `left`, so that an observation has
 * an end however much a station has to tell. */
struct survey_facts {
	const struct hop_settings *settings; /* borrowed */
	const struct secrets *secrets;       /* borrowed */
	size_t left;                         /* bytes that may still be added */
	bool cut;                            /* something was left out because of that */
	struct error problem;                /* in words, when the reader knows better; "" */
};

/* Adds the facts of an answer to an object. False when it is not what such a station answers. */
typedef bool survey_read_fn(struct survey_facts *facts, const cJSON *answer, cJSON *ret_object);

struct survey_part {
	const char *name; /* of its facts in the observation; a literal */
	const char *path; /* behind the hop's address; borrowed during survey_start only */
	size_t bytes;     /* of its facts */
	survey_read_fn *read;
};

/* The contract of probes/http.h. The observation has no JSON when no part could be asked. */
struct hop_op *survey_start(const struct hop_context *context, const struct hop_settings *settings,
			    const struct survey_part *parts, size_t count, hop_done_fn *done,
			    void *arg);
void survey_cancel(struct hop_op *op); /* NULL is fine */

/* For readers.  Texts are masked, made printable and cut; nothing is added when the item is not of
 * its type, or there is no room. */
void survey_add_text(struct survey_facts *facts, cJSON *object, const char *key, const char *text,
		     size_t limit);
void survey_add_number(struct survey_facts *facts, cJSON *object, const char *key, double number);
void survey_add_time(struct survey_facts *facts, cJSON *object, const char *key,
		     const cJSON *rfc3339);
/* Keys and texts of any JSON, "key=text" a line, so that a text can be searched for in it. */
void survey_add_flat(struct survey_facts *facts, cJSON *object, const char *key, const cJSON *item,
		     size_t limit);
/* One more object in a list; NULL when there is no room. */
cJSON *survey_add_member(struct survey_facts *facts, cJSON *list);

/* For everybody. */
const cJSON *survey_item(const cJSON *object, const char *key); /* NULL when there is none */
const char *survey_text(const cJSON *object, const char *key);  /* "" when there is none */
double survey_number(const cJSON *object, const char *key);     /* 0 when there is none */
/* The list's first object that has this text below the key; NULL when there is none. */
const cJSON *survey_find(const cJSON *list, const char *key, const char *text);

#endif
