/* The values of our JSON lines: valid UTF-8, and memory that is there (src/base/mem.h). */
#ifndef REPORTS_JSON_VALUE_H
#define REPORTS_JSON_VALUE_H

#include <cjson/cJSON.h>
#include <stdint.h>

cJSON *json_object(void); /* owned by the caller, until json_line */
/* Takes the value over; returns it. NULL, for memory that is out, ends the process. */
cJSON *json_add(cJSON *object, const char *key, cJSON *value);
void json_add_text(cJSON *object, const char *key, const char *text); /* NULL becomes null */
void json_add_ms(cJSON *object, const char *key, int64_t ms);         /* TIME_NEVER becomes null */
/* In RFC 3339; a time that is not known (reports/when.h) becomes null. */
void json_add_time(cJSON *object, const char *key, int64_t wall_ms);
cJSON *json_add_list(cJSON *object, const char *key);
cJSON *json_add_entry(cJSON *list); /* an object more */

/* The object as one line without a newline, owned by the caller; the object is freed. */
char *json_line(cJSON *object);

#endif
