/* The watches of a channel: who gets a message is found by look-up. */
#include "probes/chats/channel_watch.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/id.h"
#include "src/base/mem.h"

#define FIRST_BUCKETS 64

/* The index.  An id is looked for as a mere sequence of characters, as the needles are: a word
 * boundary is not asked for, so the index leaves out nothing that the needles would match. */

static bool is_id(const char *nonce)
{
	return strlen(nonce) == ID_LEN && id_find(nonce, ID_LEN) == nonce;
}

static struct watch **bucket_of(const struct watchers *watchers, const char *id)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < ID_LEN; i++)
		sum = (sum ^ (unsigned char)id[i]) * UINT64_C(0x100000001b3);
	return &watchers->buckets[(sum ^ (sum >> 32)) & (watchers->bucket_count - 1)];
}

static void index_put(struct watchers *watchers, struct watch *watch)
{
	struct watch **bucket = bucket_of(watchers, watch->nonce);

	watch->next_in_bucket = *bucket;
	*bucket = watch;
}

static void index_take(struct watchers *watchers, const struct watch *watch)
{
	struct watch **at = bucket_of(watchers, watch->nonce);

	while (*at != watch)
		at = &(*at)->next_in_bucket;
	*at = watch->next_in_bucket;
}

static void index_grow(struct watchers *watchers)
{
	struct watch *watch;

	if (watchers->indexed < watchers->bucket_count)
		return;
	watchers->bucket_count =
	    watchers->bucket_count > 0 ? watchers->bucket_count * 2 : FIRST_BUCKETS;
	free(watchers->buckets);
	watchers->buckets = mem_zalloc(watchers->bucket_count * sizeof(struct watch *));
	LIST_FOREACH(watch, &watchers->all, link)
	{
		if (watch->indexed && !watch->dead)
			index_put(watchers, watch);
	}
}

/* Making and freeing. */

/* True when everything that the watch wants carries its nonce. */
static bool can_be_indexed(const struct watch *watch)
{
	if (watch->nonce == NULL || !is_id(watch->nonce))
		return false;
	for (unsigned i = 0; i < watch->needle_count; i++) {
		if (strstr(watch->needles[i], watch->nonce) != NULL)
			return true;
	}
	return watch->needle_count == 0;
}

static const char *copy_text(char **to, const char *text)
{
	const char *copy = *to;
	size_t size = strlen(text) + 1;

	memcpy(*to, text, size);
	*to += size;
	return copy;
}

static struct watch *new_watch(const struct watch_spec *spec, void *arg)
{
	size_t size = sizeof(struct watch) + spec->needle_count * sizeof(char *);
	size_t texts = spec->nonce != NULL ? strlen(spec->nonce) + 1 : 0;
	struct watch *watch;
	char *to;

	for (size_t i = 0; i < spec->needle_count; i++)
		texts += strlen(spec->needles[i]) + 1;
	watch = mem_zalloc(size + texts);
	to = (char *)watch + size;
	watch->seen = spec->seen;
	watch->lost = spec->lost;
	watch->arg = arg;
	watch->since_ms = spec->since_ms;
	watch->strangers = spec->strangers;
	watch->nonce = spec->nonce != NULL ? copy_text(&to, spec->nonce) : NULL;
	watch->needle_count = (unsigned)spec->needle_count;
	for (size_t i = 0; i < spec->needle_count; i++)
		watch->needles[i] = copy_text(&to, spec->needles[i]);
	LIST_INIT(&watch->follows);
	return watch;
}

struct watch *watchers_add(struct watchers *watchers, const struct watch_spec *spec, void *arg)
{
	struct watch *watch = new_watch(spec, arg);

	watch->indexed = !watch->strangers && can_be_indexed(watch);
	if (watch->strangers) {
		LIST_INSERT_HEAD(&watchers->strangers, watch, plain_link);
	} else if (watch->indexed) {
		index_grow(watchers);
		index_put(watchers, watch);
		watchers->indexed++;
	} else {
		LIST_INSERT_HEAD(&watchers->plain, watch, plain_link);
	}
	LIST_INSERT_HEAD(&watchers->all, watch, link);
	watchers->count++;
	return watch;
}

static void free_dead(struct watchers *watchers)
{
	while (watchers->dead != NULL) {
		struct watch *watch = watchers->dead;

		watchers->dead = watch->next_dead;
		LIST_REMOVE(watch, link);
		free(watch);
	}
}

/* Its memory stays until the callbacks are over: lists that are walked may still point to it. */
void watchers_remove(struct watchers *watchers, struct watch *watch)
{
	while (!LIST_EMPTY(&watch->follows))
		follow_free(LIST_FIRST(&watch->follows));
	if (watch->indexed) {
		index_take(watchers, watch);
		watchers->indexed--;
	} else {
		LIST_REMOVE(watch, plain_link);
	}
	watchers->count--;
	watchers->behind -= watch->behind ? 1 : 0;
	watchers->unserved -= watch->unserved ? 1 : 0;
	watch->behind = false;
	watch->unserved = false;
	watch->dead = true;
	watch->next_dead = watchers->dead;
	watchers->dead = watch;
	if (watchers->busy == 0)
		free_dead(watchers);
}

void watchers_done(struct watchers *watchers)
{
	while (!LIST_EMPTY(&watchers->all))
		watchers_remove(watchers, LIST_FIRST(&watchers->all));
	free(watchers->buckets);
	free(watchers->hands);
	*watchers = (struct watchers){0};
}

void watchers_leave(struct watchers *watchers)
{
	if (--watchers->busy == 0)
		free_dead(watchers);
}

/* Who may want it: those who have it, those who have the first of its thread, those whose nonce is
 * in it, those that look at everything, and when it carries no id, those that look at strangers. */

static void gather_one(struct watchers *watchers, struct watch *watch, struct follow *follow,
		       bool reply)
{
	if (watch->stamp == watchers->stamp)
		return;
	watch->stamp = watchers->stamp;
	if (watchers->hand_count == watchers->hand_room) {
		watchers->hand_room = watchers->hand_room > 0 ? watchers->hand_room * 2 : 16;
		watchers->hands =
		    mem_grow(watchers->hands, watchers->hand_room, sizeof *watchers->hands);
	}
	watchers->hands[watchers->hand_count++] = (struct hand){watch, follow, reply};
}

static void gather_id(struct watchers *watchers, const char *id)
{
	if (watchers->bucket_count == 0)
		return;
	for (struct watch *watch = *bucket_of(watchers, id); watch != NULL;
	     watch = watch->next_in_bucket) {
		if (memcmp(watch->nonce, id, ID_LEN) == 0)
			gather_one(watchers, watch, NULL, false);
	}
}

static void gather_ids(struct watchers *watchers, const char *text, size_t len)
{
	const char *end = text + len;

	while ((text = memmem(text, (size_t)(end - text), "fd-", 3)) != NULL) {
		if (end - text < ID_LEN)
			return;
		gather_id(watchers, text);
		text += 3;
	}
}

static bool is_stranger(const struct chat_message *message)
{
	return message->mark == NULL && id_find(message->text, message->text_len) == NULL;
}

static void gather(struct watchers *watchers, const struct offer *offer)
{
	struct follow *follow;
	struct watch *watch;
	size_t had;

	watchers->hand_count = 0;
	watchers->stamp++;
	LIST_FOREACH(follow, &offer->record->follows, of_record)
	gather_one(watchers, follow->watch, follow, false);
	if (offer->parent != NULL) {
		LIST_FOREACH(follow, &offer->parent->follows, of_record)
		gather_one(watchers, follow->watch, NULL, true);
	}
	had = watchers->hand_count;
	gather_ids(watchers, offer->message->text, offer->message->text_len);
	if (!LIST_EMPTY(&watchers->strangers) && watchers->hand_count == had &&
	    is_stranger(offer->message)) {
		LIST_FOREACH(watch, &watchers->strangers, plain_link)
		gather_one(watchers, watch, NULL, false);
	}
	if (offer->message->mark != NULL && is_id(offer->message->mark))
		gather_id(watchers, offer->message->mark);
	LIST_FOREACH(watch, &watchers->plain, plain_link)
	gather_one(watchers, watch, NULL, false);
}

/* Who gets it. */

static bool has_needles(struct watchers *watchers, const struct watch *watch,
			const struct chat_message *message)
{
	for (unsigned i = 0; i < watch->needle_count; i++) {
		watchers->compared++;
		if (memmem(message->text, message->text_len, watch->needles[i],
			   strlen(watch->needles[i])) == NULL)
			return false;
	}
	return true;
}

static bool wants(struct watchers *watchers, const struct hand *hand, const struct offer *offer)
{
	const struct watch *watch = hand->watch;
	const struct chat_message *message = offer->message;

	if (hand->follow != NULL)
		return hand->follow->version != offer->record->version;
	if (hand->reply)
		return true;
	if (watch->strangers && !is_stranger(message))
		return false;
	if (offer->record->at_ms + offer->error_ms < watch->since_ms &&
	    offer->edited_at_ms + offer->error_ms < watch->since_ms)
		return false;
	if (watch->nonce != NULL && message->mark != NULL &&
	    strcmp(watch->nonce, message->mark) == 0)
		return true;
	return has_needles(watchers, watch, message);
}

static struct follow *add_follow(struct watch *watch, struct record *record)
{
	struct follow *follow;

	if (watch->follow_count == FOLLOW_LIMIT)
		return NULL;
	follow = mem_zalloc(sizeof *follow);
	follow_add(record, watch, follow);
	LIST_INSERT_HEAD(&watch->follows, follow, of_watch);
	watch->follow_count++;
	return follow;
}

static void hand_over(const struct hand *hand, const struct offer *offer)
{
	struct watch *watch = hand->watch;
	struct follow *follow = hand->follow;
	const struct sight sight = {
	    .message = offer->message,
	    .at_ms = offer->record->at_ms,
	    .read_ms = offer->record->read_ms,
	    .before_ms = offer->record->before_ms,
	    .edit = offer->edit || follow != NULL,
	    .reply = hand->reply,
	};

	if (follow == NULL && !watch->strangers)
		follow = add_follow(watch, offer->record);
	if (follow != NULL)
		follow->version = offer->record->version;
	watch->wants_more = false;
	watch->seen(watch->arg, &sight);
	if (watch->wants_more && follow == NULL && !watch->dead)
		(void)add_follow(watch, offer->record);
}

void watchers_follow(struct watch *watch)
{
	watch->wants_more = true;
}

void watchers_offer(struct watchers *watchers, const struct offer *offer)
{
	gather(watchers, offer);
	watchers->busy++;
	for (size_t i = 0; i < watchers->hand_count; i++) {
		const struct hand hand = watchers->hands[i];

		if (!hand.watch->dead && wants(watchers, &hand, offer))
			hand_over(&hand, offer);
	}
	watchers_leave(watchers);
}

static struct follow *find_follow(const struct watch *watch, const struct record *record)
{
	struct follow *follow;

	LIST_FOREACH(follow, &watch->follows, of_watch)
	{
		if (follow->record == record)
			break;
	}
	return follow;
}

void watchers_offer_one(struct watchers *watchers, struct watch *watch, const struct offer *offer)
{
	const struct hand hand = {
	    .watch = watch,
	    .follow = find_follow(watch, offer->record),
	    .reply = offer->parent != NULL && find_follow(watch, offer->parent) != NULL,
	};

	watchers->busy++;
	if (wants(watchers, &hand, offer))
		hand_over(&hand, offer);
	watchers_leave(watchers);
}

void watchers_tell_lost(struct watchers *watchers, const char *error)
{
	struct watch *watch;

	watchers->busy++;
	LIST_FOREACH(watch, &watchers->all, link)
	{
		if (watch->dead || watch->told)
			continue;
		watch->told = true;
		if (watch->lost != NULL)
			watch->lost(watch->arg, error);
	}
	watchers_leave(watchers);
}

int64_t watchers_since_ms(const struct watchers *watchers)
{
	int64_t since_ms = INT64_MAX;
	const struct watch *watch;

	LIST_FOREACH(watch, &watchers->all, link)
	{
		if (!watch->dead && watch->since_ms < since_ms)
			since_ms = watch->since_ms;
	}
	return since_ms;
}
