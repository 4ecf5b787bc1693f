/* Reading a line of JSON that may be damaged: what is not as it should be is not there. */
#ifndef REPORTS_PAGE_FIELDS_H
#define REPORTS_PAGE_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* All borrowed from the object, which may be NULL. */
const char *field_text(const cJSON *object, const char *key);    /* NULL: none, or empty */
int64_t field_ms(const cJSON *object, const char *key);          /* -1: none, or out of range */
bool field_true(const cJSON *object, const char *key);           /* is there, and true */
const cJSON *field_object(const cJSON *object, const char *key); /* NULL: none */
const cJSON *field_first(const cJSON *object, const char *key);  /* of a list; NULL: none */
bool field_is(const cJSON *object, const char *key, const char *text);

#endif
