/* A little world whose alerts pass a line of stations, with a webhook at its end. */
#include "tests/engine/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>

#include "src/base/mem.h"

struct line *line_new(void)
{
	struct line *line = mem_zalloc(sizeof *line);
	void *world;

	(void)little_world_setup(&world);
	line->world = world;
	line->rule = &line->hops.list[0];
	line->am = &line->hops.list[1];
	line->webhook.world = world;
	return line;
}

int line_unmake(void **state)
{
	struct line *line = *state;
	void *world = line->world;

	(void)little_world_teardown(&world);
	little_hops_done(&line->hops);
	for (size_t i = 0; i < LITTLE_HOPS; i++)
		assert_int_equal(line->hops.list[i].in_flight, 0);
	assert_int_equal(line->webhook.in_flight, 0);
	free(line);
	return 0;
}
