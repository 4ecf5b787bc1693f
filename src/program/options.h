/* What is typed after `firedrill`: one table of verbs, one table of options. */
#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "src/base/error.h"

enum option_id {
	OPTION_CONFIG,
	OPTION_ENV,
	OPTION_ALL,
	OPTION_JSON,
	OPTION_ALLOW_PROTECTED,
	OPTION_KEEP,
	OPTION_SERVE,
	OPTION_REASON,
	OPTION_POST,
	OPTION_SINCE,
	OPTION_REQUIRE,
	OPTION_SELF_TEST,
	OPTION_LOG_LEVEL,
	OPTION_ALONE,
	OPTION_VERDICT,
	OPTION_LOG,
	OPTION_HTML,
	OPTION_JUNIT,
	OPTION_HELP,
	OPTION_COUNT
};

/* The options and words of one call. Texts are borrowed from argv. */
struct options {
	const char *config; /* NULL: where it is looked for is up to options_config_path */
	const char **env;   /* owned list */
	size_t env_count;
	const char *reason;    /* NULL: not given */
	const char *since;     /* a length of time; NULL: not given */
	const char *require;   /* a number; NULL: not given */
	const char *log_level; /* a word; NULL: not given */
	const char *verdict;   /* NULL: not given */
	const char *html;      /* a file; NULL: not given */
	const char *junit;     /* likewise */
	bool all, json, post, log, allow_protected, keep, serve, self_test, alone, help;
	const char **words; /* owned list: what is no option */
	size_t word_count;
};

struct verb {
	const char *name;
	const char *words; /* "[SCENARIO...]"; "" for none */
	size_t words_max;
	unsigned options;                          /* 1u << OPTION_... */
	const char *summary;                       /* one line */
	const char *help;                          /* a paragraph or two */
	int (*run)(const struct options *options); /* returns the exit code */
};

/* Parses what follows the verb. Options may stand anywhere; "--" ends them. */
MUST_CHECK bool options_parse(const struct verb *verb, int argc, char *const *argv,
			      struct options *ret_options, struct error *error);
void options_done(struct options *options);

/* --config, else $FIREDRILL_CONFIG, else ./firedrill.cfg, else /etc/firedrill/firedrill.cfg. */
const char *options_config_path(const struct options *options);

void options_print_help(const struct verb *verb, FILE *out);

/* The words a shell may offer after `firedrill VERB`: its options, one a line. */
void options_print_words(const struct verb *verb, FILE *out);

#endif
