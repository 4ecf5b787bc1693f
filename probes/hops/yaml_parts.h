/* What the two halves of the YAML reader share: lines (yaml.c), and texts and brackets
 * (yaml_flow.c). */
#ifndef PROBES_YAML_PARTS_H
#define PROBES_YAML_PARTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/error.h"

#define DEPTH_LIMIT 48 /* collections in one another */

struct yaml_reader {
	char *text;          /* owned; dashes that were read become blanks */
	char *at;            /* the start of the next line */
	char *content;       /* of the line that was looked at: behind its indentation */
	int indent;          /* of that line */
	int depth;           /* collections that are open */
	size_t nodes;        /* made so far */
	bool failed;         /* the error is written */
	struct error *error; /* borrowed */
};

/* Refuses what stands at `where`, in words; always NULL. */
void *yaml_refuse(struct yaml_reader *reader, const char *where, const char *what);

/* New nodes, owned by the caller; NULL when there are too many. */
cJSON *yaml_counted(struct yaml_reader *reader, const char *where, cJSON *node); /* takes it */
cJSON *yaml_make_text(struct yaml_reader *reader, const char *where, const char *text, size_t len);
cJSON *yaml_make_plain(struct yaml_reader *reader, const char *text, size_t len);

/* Takes the value, which may be NULL; false when it was refused. */
bool yaml_add_pair(struct yaml_reader *reader, const char *where, cJSON *object, const char *key,
		   cJSON *value);

char *yaml_skip_blanks(char *at);
bool yaml_is_item(const char *at);      /* is there a dash that begins an item? */
bool yaml_can_be_plain(const char *at); /* may a text without quotes begin so? */

/* From the opening quote; *at is then behind the closing one. False when it was refused. */
bool yaml_read_quoted(struct yaml_reader *reader, char **at, struct buf *text);

/* A text or a collection in brackets; *at is then behind it. NULL when it was refused. */
cJSON *yaml_read_flow(struct yaml_reader *reader, char **at);

#endif
