/* The drills of this process that have begun and are not in the history yet: noted there, so that whoever
 * comes later knows of them should this process die. */
#ifndef PROGRAM_CHRONICLE_BEGUN_H
#define PROGRAM_CHRONICLE_BEGUN_H

#include <stdbool.h>

#include "src/engine/record.h"
#include "src/store/history.h"

struct chronicle_begun;

struct chronicle_begun_list {
	struct chronicle_begun *first; /* owned; NULL: none */
};

/* One that is there already stays as it is. */
void chronicle_begun_add(struct chronicle_begun_list *list, const struct drill_record *record);
/* Those that could not be noted before. Never waits for another process. */
void chronicle_begun_write(struct chronicle_begun_list *list, struct history *history);
/* It is over, and need not be noted any more. */
void chronicle_begun_end(struct chronicle_begun_list *list, const char *drill);
bool chronicle_begun_has(const struct chronicle_begun_list *list, const char *drill);
/* It is in the history. */
void chronicle_begun_drop(struct chronicle_begun_list *list, const char *drill);
void chronicle_begun_done(struct chronicle_begun_list *list);

#endif
