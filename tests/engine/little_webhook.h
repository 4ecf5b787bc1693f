/* An incoming webhook of the little chat. */
#ifndef TESTS_ENGINE_LITTLE_WEBHOOK_H
#define TESTS_ENGINE_LITTLE_WEBHOOK_H

#include "probes/chats/webhook.h"
#include "tests/engine/little_world.h"

struct little_webhook {
	struct webhook_context context; /* first: to be handed to the drill */
	struct little_world *world;
	bool loses;       /* what is taken never shows */
	int64_t after_ms; /* until it shows */
	enum webhook_result result;
	bool hangs; /* never answers; what is posted shows all the same unless `loses` */
	int posted, in_flight;
	char url[64], text[256]; /* of the last post */
};

extern const struct webhook_driver little_webhook_driver;

#endif
