/* libconfig's tree into structs, by the table of keys: what parse.c and leaf.c share. */
#ifndef SCENARIOS_PARSE_H
#define SCENARIOS_PARSE_H

#include <libconfig.h>
#include <stddef.h>

#include "scenarios/keys.h"
#include "scenarios/pass.h"
#include "scenarios/scenario.h"
#include "src/base/buf.h"

struct parser {
	struct pass *pass; /* borrowed */
	int via;           /* of the scenario's fault; KEYS_ANY_VIA when it is not known */
	struct buf path;   /* owned: of what is being read */
};

/* One step down in the path, by name or (name NULL) by index; returns what `parse_leave` needs. */
size_t parse_enter(struct parser *p, const char *name, int index);
void parse_leave(struct parser *p, size_t len);
void parse_place(struct parser *p, const config_setting_t *setting); /* remembers the line */

/* Adds a mistake at the path. */
#define MISTAKE(p, ...) pass_mistake((p)->pass, buf_text(&(p)->path), __VA_ARGS__)

void parse_wrong_type(struct parser *p, const struct key *key, const config_setting_t *setting);

/* The setting's text, borrowed; NULL with a mistake when it is none, or no text to work with. */
const char *parse_text_of(struct parser *p, const struct key *key, const config_setting_t *setting);

/* How many members a list has; -1 with a mistake when they are too few or too many. */
int parse_members(struct parser *p, const struct key *key, const config_setting_t *setting);

/* One named text; its value is NULL when there was something wrong with it. */
void parse_pair(struct parser *p, const struct key *key, const config_setting_t *setting,
		struct pairs *target);

/* Every type of key but groups, lists of groups and variables. */
void parse_leaf(struct parser *p, const struct key *key, const config_setting_t *setting,
		char *target);

/* The default of a key that was left out. */
void parse_standard(const struct key *key, char *target);

#endif
