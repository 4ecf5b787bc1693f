/* The second path of notices, and the chats that are in trouble. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/program/serve/notices_parts.h"

/* A chat that was in trouble when it was needed last. */
struct ill_chat {
	char *chat;            /* owned */
	struct ill_chat *next; /* owned */
};

/* A letter on the second path. */
struct letter {
	struct notices *notices;      /* borrowed */
	char *scenario, *environment; /* owned; of the gap that it tells of; NULL: of none */
	char *first;                  /* owned; why the first path failed; NULL: it did not */
};

/* What is known of a record. */

bool notices_is_gap(const struct drill_record *record)
{
	return record->judgement.verdict == VERDICT_GAP;
}

bool notices_has_passed(const struct drill_record *record)
{
	return record->judgement.verdict == VERDICT_PASS ||
	       record->judgement.verdict == VERDICT_FLAKY;
}

const struct expectation *notices_lost_one(const struct drill_record *record)
{
	size_t i = record->judgement.gap.found ? record->judgement.gap.expect : 0;

	return i < record->evidence.expect_count ? record->evidence.expect[i].expect : NULL;
}

/* Telling and not being able to. */

void notices_hear(struct notices *notices, const char *path, const char *error)
{
	if (notices->hears.told != NULL)
		notices->hears.told(notices->hears.arg, path, error);
}

void notices_set_trouble(struct notices *notices, char *why)
{
	free(notices->trouble);
	notices->trouble = why;
}

static void letter_free(struct letter *letter)
{
	struct notices *notices = letter->notices;

	for (size_t i = 0; i < notices->letter_count; i++) {
		if (notices->letters[i] == letter)
			notices->letters[i] = notices->letters[--notices->letter_count];
	}
	free(letter->scenario);
	free(letter->environment);
	free(letter->first);
	free(letter);
}

/* Nobody knows of the gap: the next drill that finds it tells of it as of a new one. */
static void be_untold(const struct letter *letter)
{
	struct notices_gap *gap =
	    letter->scenario != NULL
		? notices_gaps_find(letter->notices->gaps, letter->scenario, letter->environment)
		: NULL;

	if (gap != NULL)
		gap->second = false;
}

static void on_letter(void *arg, const struct courier_end *end)
{
	struct letter *letter = arg;
	struct notices *notices = letter->notices;

	if (end->by != NULL)
		notices_set_trouble(notices, NULL);
	else if (letter->first != NULL)
		notices_set_trouble(notices,
				    mem_printf("%s; second path: %s", letter->first, end->trouble));
	if (end->by == NULL)
		be_untold(letter);
	notices_hear(notices, "second", end->by != NULL ? NULL : end->trouble);
	if (end->by != NULL && end->trouble != NULL && notices->hears.partly != NULL)
		notices->hears.partly(notices->hears.arg, "second", end->trouble);
	letter_free(letter);
}

void notices_send_second(struct notices *notices, struct notices_gap *gap,
			 const struct chat_post *post, const char *why, const char *first)
{
	struct letter *letter = mem_zalloc(sizeof *letter);
	char *text = notice_letter(post, why);
	const struct courier_letter sent = {
	    .subject = post->headline,
	    .text = text,
	    .mark = post->mark != NULL ? post->mark : "notice",
	};

	*letter = (struct letter){.notices = notices, .first = mem_dup(first)};
	if (gap != NULL) {
		gap->second = true;
		letter->scenario = mem_dup(gap->scenario);
		letter->environment = mem_dup(gap->environment);
	}
	notices->letters =
	    mem_grow(notices->letters, notices->letter_count + 1, sizeof(struct letter *));
	notices->letters[notices->letter_count++] = letter;
	courier_send(notices->courier, &sent, on_letter, letter);
	free(text);
}

/* Chats. */

static struct ill_chat **find_ill(struct notices *notices, const char *chat)
{
	struct ill_chat **at = &notices->ill;

	while (*at != NULL && strcmp((*at)->chat, chat) != 0)
		at = &(*at)->next;
	return at;
}

static void be_ill(struct notices *notices, const struct drill_record *record, const char *chat,
		   const char *what, const char *why)
{
	struct ill_chat **at = find_ill(notices, chat);
	struct chat_post post;

	if (*at != NULL)
		return; /* once, not with every drill */
	*at = mem_zalloc(sizeof **at);
	(*at)->chat = mem_dup(chat);
	notices_hear(notices, "chat", why);
	notice_write_chat(notices->writer, record, what, why, &post);
	notices_send_second(notices, NULL, &post, "that chat is the usual way", why);
}

static void be_well(struct notices *notices, const struct drill_record *record, const char *chat)
{
	struct ill_chat **at = find_ill(notices, chat), *gone = *at;
	struct chat_post post;

	if (gone == NULL)
		return;
	*at = gone->next;
	free(gone->chat);
	free(gone);
	notice_write_chat_well(notices->writer, record, chat, &post);
	notices_send_second(notices, NULL, &post, "you were told of the trouble this way, too",
			    NULL);
}

/* The channels that could not be watched; the chats of the others are well. */
static void look_at_watching(struct notices *notices, const struct drill_record *record)
{
	bool blind = record->judgement.verdict == VERDICT_INCONCLUSIVE &&
		     record->judgement.reason == REASON_UNOBSERVABLE;

	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		const struct expectation_evidence *seen = &record->evidence.expect[i];
		char *what = mem_printf("watch %s (%s)", seen->expect->channel, seen->expect->chat);

		if (blind && (seen->trouble != NULL || !seen->readable))
			be_ill(notices, record, seen->expect->chat, what,
			       seen->trouble != NULL ? seen->trouble : record->judgement.text);
		else if ((notices_is_gap(record) || notices_has_passed(record)) &&
			 record->report_problem == NULL)
			be_well(notices, record, seen->expect->chat);
		free(what);
	}
}

/* Its own report, which nobody can read in the chat. A gap is told all the same. */
static void look_at_report(struct notices *notices, const struct drill_record *record)
{
	const struct config *config = app_config(notices->app);
	const struct expectation *lost = notices_lost_one(record);
	const char *chat = config->report.channel != NULL ? config->report.chat
			   : lost != NULL                 ? lost->chat
							  : NULL;
	char *what;

	if (record->report_problem == NULL || chat == NULL || notices_is_gap(record))
		return;
	what = mem_printf("report to %s", chat);
	be_ill(notices, record, chat, what, record->report_problem);
	free(what);
}

void notices_look_at_chats(struct notices *notices, const struct drill_record *record)
{
	look_at_watching(notices, record);
	look_at_report(notices, record);
}

static void drop_ill(struct notices *notices)
{
	while (notices->ill != NULL) {
		struct ill_chat *gone = notices->ill;

		notices->ill = gone->next;
		free(gone->chat);
		free(gone);
	}
}

void notices_take_second(struct notices *notices, struct notices *older)
{
	drop_ill(notices);
	notices->ill = older->ill;
	older->ill = NULL;
	for (size_t i = 0; i < older->letter_count; i++) {
		const struct letter *letter = older->letters[i];
		struct notices_gap *gap =
		    letter->scenario != NULL
			? notices_gaps_find(notices->gaps, letter->scenario, letter->environment)
			: NULL;

		if (gap != NULL) /* told twice is better than not at all */
			gap->second = false;
	}
}

void notices_drop_second(struct notices *notices)
{
	while (notices->letter_count > 0)
		letter_free(notices->letters[0]);
	free(notices->letters);
	drop_ill(notices);
}
