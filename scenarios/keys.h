/* The table of all keys: what may stand in a file, and where it goes.  It drives parsing, the
 * messages of `check`, help and the reference page. */
#ifndef SCENARIOS_KEYS_H
#define SCENARIOS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/words.h"

enum key_file { KEYS_CONFIG, KEYS_SCENARIO };

enum key_type {                /* and what it is stored as */
		KEY_TEXT,      /* char * */
		KEY_NAME,      /* char *, [a-z0-9-] */
		KEY_URL,       /* char *, http or https */
		KEY_SECRET,    /* char *, "env:NAME" or "file:PATH" */
		KEY_PATH,      /* char *, relative to the file's folder */
		KEY_ADDRESS,   /* char *, "127.0.0.1:9810" */
		KEY_CHAT,      /* char *, a chat of the configuration */
		KEY_CHANNEL,   /* char *, "#name" or an id */
		KEY_ZONE,      /* char *, an IANA time zone */
		KEY_CHOICE,    /* char *, one of `word` */
		KEY_WORD,      /* an enum, one of `word` */
		KEY_DURATION,  /* int64_t, ms */
		KEY_INTEGER,   /* int */
		KEY_BOOLEAN,   /* bool */
		KEY_TEXTS,     /* struct texts */
		KEY_COMMAND,   /* struct texts, an argv */
		KEY_UNSET,     /* struct texts, names of environment variables */
		KEY_HOURS,     /* struct texts, see src/calendar/hours.h */
		KEY_PATTERNS,  /* struct texts, for fnmatch(3) */
		KEY_HEADERS,   /* struct pairs, HTTP headers */
		KEY_SETTINGS,  /* struct pairs, environment variables of a process */
		KEY_VARIABLES, /* struct pairs, for ${name} */
		KEY_VARIABLE,  /* struct pairs: any other name of its group; path "in.*.*" */
		KEY_GROUP,     /* { ... }: no storage of its own */
		KEY_LIST, /* ( { ... }, ... ): a pointer to `size` bytes each, and a size_t count */
		KEY_NAMED, /* { name = { ... }; }: the same; each begins with its name, a char * */
		KEY_TYPE_COUNT
};

/*
 * One key.  Paths are dotted; "expect[]." begins the keys of a list's members and "chats.*." those
 * of named groups.  Offsets count from the file's struct, or from the member's struct behind "[]."
 * and ".*.".
 */
struct key {
	enum key_file file;
	const char *path;
	enum key_type type;
	bool required; /* in its group, when the group is there */
	bool bound;    /* to faults that `via` puts in; else in every file */
	enum fault_via via;
	const char *standard;  /* the default as text; NULL: none */
	const char *otherwise; /* for people: what holds when it is left out; NULL: `standard` */
	const char *example;   /* as it is written in a file; NULL: the type's */
	int64_t min, max;      /* of numbers, of ms, of a text's bytes, of a list's members */
	const char *(*word)(int index); /* KEY_CHOICE, KEY_WORD: the list, NULL at its end */
	size_t offset, count_offset, size;
	bool verbatim;   /* ${...} is not replaced */
	bool original;   /* may use ${original} */
	bool automatic;  /* KEY_DURATION: may be "auto", which is stored as KEY_AUTO */
	bool references; /* values may be secret references; secret-looking names must have one */
	const char *help;
};

extern const struct key keys_all[];
extern const size_t keys_count;

#define KEYS_ANY_VIA (-1)
#define KEY_AUTO     (-1) /* the same as SCENARIO_AUTO */

/* Does the key count in a file whose fault's via is this? With KEYS_ANY_VIA every key does. */
bool key_counts(const struct key *key, enum key_file file, int via);

/* The next key directly below `prefix` ("" or "fault." or "expect[]."), after `last` (NULL: the
 * first); NULL at the end. */
const struct key *keys_next(enum key_file file, int via, const char *prefix,
			    const struct key *last);

/* The key of that name below the prefix; NULL when there is none. */
const struct key *keys_find(enum key_file file, int via, const char *prefix, const char *name);

/* The prefix of the keys inside a group, list or named groups; size > the longest path. */
#define KEY_PATH_SIZE 64
void key_prefix(const struct key *key, char ret_prefix[KEY_PATH_SIZE]);

const char *key_name(const struct key *key);    /* the last part of its path */
const char *key_type_name(enum key_type type);  /* "a duration" */
const char *key_example(const struct key *key); /* "\"90s\"", as it is written in a file */
bool key_is_text(enum key_type type);           /* stored as char * */
bool key_is_texts(enum key_type type);          /* stored as struct texts */
bool key_is_pairs(enum key_type type);          /* stored as struct pairs */

#endif
