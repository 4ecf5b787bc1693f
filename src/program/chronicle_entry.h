/* A drill that is over, as the history keeps it: copied, without secrets. */
#ifndef PROGRAM_CHRONICLE_ENTRY_H
#define PROGRAM_CHRONICLE_ENTRY_H

#include "src/engine/record.h"
#include "src/store/history.h"

struct chronicle_entry {
	struct history_drill drill; /* its lists are owned; their texts are in `texts` */
	char **texts;               /* owned, each one */
	size_t text_count;
	size_t seen_from;             /* the first of them that is evidence */
	size_t bytes;                 /* of all texts */
	struct chronicle_entry *next; /* for those who keep it */
};

struct secrets;

/* log: its own lines; NULL: none. */
struct chronicle_entry *chronicle_entry_new(const struct drill_record *record,
					    const struct secrets *secrets, const char *log);
void chronicle_entry_free(struct chronicle_entry *entry);
/* Lets go of its evidence, and says so instead. */
void chronicle_entry_strip(struct chronicle_entry *entry);

#endif
