/* Files for the loader's tests: good ones, and ways to spoil them. */
#ifndef TESTS_SCENARIOS_TEXTS_H
#define TESTS_SCENARIOS_TEXTS_H

#include <stddef.h>

#include "scenarios/load.h"

extern const char good_config[];   /* two environments, one chat, canaries */
extern const char good_scenario[]; /* via http, one expectation, both environments */

/* A spoilt file: `from` is replaced by `to` in a good one; from NULL: `to` is the whole file. It
 * must have exactly these mistakes. */
struct spoilt {
	const char *from, *to;
	struct wanted {
		int line;
		const char *key, *says; /* a part of the text */
	} mistakes[4];                  /* ends with key NULL */
};

/* `text` with `from` (which must occur) replaced by `to`. Owned by the caller. */
char *text_with(const char *text, const char *from, const char *to);

/* Fails the test when a row's mistakes are not exactly what it wants. `config` NULL: the rows are
 * configurations, else scenarios. */
void assert_spoilt(const char *good, const struct spoilt *rows, size_t count,
		   const struct config *config);

/* Fail the test when there is any mistake. Owned by the caller. */
struct config *config_of(const char *text);
struct scenario *scenario_of(const char *text, const struct config *config);

#endif
