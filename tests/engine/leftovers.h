/* What earlier lives left in the ledger of a little world, and a log of what became of it. */
#ifndef TESTS_ENGINE_LEFTOVERS_H
#define TESTS_ENGINE_LEFTOVERS_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "src/engine/settler.h"
#include "tests/engine/little_world.h"

#define LEFT_A "fd-aaaaaaaa"
#define LEFT_B "fd-bbbbbbbb"

/* A row as an earlier life wrote it. What is not given: in staging, via http, injecting, with a
 * recipe that works and a target of its own. */
struct leftover {
	const char *drill, *environment, *recipe, *target;
	enum fault_via via;
	enum fault_state state;
};
void leave(struct little_world *world, const struct leftover *leftover);
#define LEAVE(world, ...) leave(world, &(const struct leftover){__VA_ARGS__})

/* The state of its row; FAULT_CLEAN when it is not open. */
enum fault_state state_of(struct little_world *world, const char *drill);

/* What a settler told. */
struct settled_log {
	struct buf story; /* "begun:DRILL", "clean:...", "stuck:...", "busy:...", "rest", "done" */
	int rests, dones;
	int64_t done_ms, rest_ms[8];
	char text[256], target[64], error[256]; /* the last */
	struct buf messages;                    /* of all: "CHANNEL TS " each */
	enum fault_state found;
	int tries;
	int64_t took_ms;
	struct settler *settler; /* freed in done when frees */
	bool frees;
};
settler_told_fn log_told; /* arg: a struct settled_log */
settler_rest_fn log_rest;
settler_done_fn log_done;

#endif
