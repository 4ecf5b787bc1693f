/* A channel made by hand: the functions of probes/chats/channel.h that a lookout calls. */
#include "tests/engine/hand_channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "src/base/mem.h"

static char *no_permalink(const struct chat *chat, const char *channel_id, const char *ts)
{
	(void)chat;
	return mem_printf("chat://%s/%s", channel_id, ts);
}

const struct chat_driver *channel_driver(const struct channel *channel)
{
	static const struct chat_driver driver = {.permalink = no_permalink};

	(void)channel;
	return &driver;
}

struct chat *channel_chat(const struct channel *channel)
{
	(void)channel;
	return NULL;
}

const char *channel_id(const struct channel *channel)
{
	(void)channel;
	return "C1";
}

struct watch *channel_watch(struct channel *channel, const struct watch_spec *spec, void *arg)
{
	struct watch *watch = mem_zalloc(sizeof *watch);

	assert_true(channel->watch_count < HAND_WATCHES);
	*watch = (struct watch){.channel = channel, .spec = *spec, .arg = arg};
	channel->watches[channel->watch_count++] = watch;
	return watch;
}

void watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	for (size_t i = 0; i < HAND_WATCHES; i++) {
		if (watch->channel->watches[i] == watch)
			watch->channel->watches[i] = NULL;
	}
	free(watch);
}

struct cover *channel_cover(struct channel *channel, int64_t until_ms, int64_t give_up_ms,
			    cover_done_fn *done, void *arg)
{
	assert_null(channel->cover);
	channel->cover = mem_zalloc(sizeof *channel->cover);
	*channel->cover = (struct cover){channel, until_ms, give_up_ms, done, arg};
	channel->cover_count++;
	return channel->cover;
}

void cover_free(struct cover *cover)
{
	if (cover == NULL)
		return;
	cover->channel->cover = NULL;
	free(cover);
}

int64_t channel_blind_ms(const struct channel *channel, int64_t from_ms, int64_t to_ms)
{
	assert_true(to_ms >= from_ms);
	return channel->blind_ms;
}

const char *channel_trouble(const struct channel *channel)
{
	return channel->trouble;
}
