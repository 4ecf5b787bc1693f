/* The miniature world of the demo: fake-services as a child, and a configuration that points at it. */
#ifndef PROGRAM_DEMO_WORLD_H
#define PROGRAM_DEMO_WORLD_H

#include "src/base/error.h"

struct demo_world;

/* Starts the world, waits until it is ready, and writes a folder with firedrill.cfg. NULL with an
 * error. Sets the environment variables that the demo's configuration names. */
MUST_CHECK struct demo_world *demo_world_new(struct error *error);
void demo_world_free(
    struct demo_world *world); /* ends the world, removes the folder; NULL is fine */

const char *demo_world_config(const struct demo_world *world); /* path of firedrill.cfg; borrowed */
const char *demo_world_chat(const struct demo_world *world);   /* address of its page; borrowed */

#endif
