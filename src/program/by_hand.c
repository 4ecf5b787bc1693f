/* What a person does by hand. */
#include "src/program/by_hand.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/plain.h"
#include "reports/settled.h"
#include "reports/terminal.h"
#include "scenarios/secretlike.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"

#define NAME_MAX_BYTES 64
#define TELL_LIMIT_MS  10000

char *by_hand_who(void)
{
	struct passwd entry, *user = NULL;
	char host[NAME_MAX_BYTES] = "", number[32], texts[1024];
	struct buf who = {.limit = (size_t)2 * NAME_MAX_BYTES};

	(void)getpwuid_r(getuid(), &entry, texts, sizeof texts, &user);
	(void)snprintf(number, sizeof number, "user %lu", (unsigned long)getuid());
	(void)plain_add(&who, user != NULL ? user->pw_name : number,
			&(struct plain){.limit = NAME_MAX_BYTES, .chat = true});
	if (gethostname(host, sizeof host - 1) == 0 && host[0] != '\0') {
		buf_adds(&who, "@");
		(void)plain_add(&who, host, &(struct plain){.limit = NAME_MAX_BYTES, .chat = true});
	}
	return buf_take(&who);
}

/* Not one byte of UTF-8 that is wrong, no control character. */
static bool is_text(const char *text)
{
	uint32_t c;

	for (; *text != '\0'; text += plain_next(text, &c)) {
		(void)plain_next(text, &c);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffd)
			return false;
	}
	return true;
}

char *by_hand_reason(const char *verb, const char *reason, struct error *error)
{
	struct buf clean = {0};

	if (reason == NULL) {
		(void)error_set(error,
				"say why: `firedrill %s --reason \"TEXT\"`; it shows in "
				"`firedrill status` and in chat",
				verb);
		return NULL;
	}
	if (strlen(reason) > BY_HAND_REASON_MAX) {
		(void)error_set(error, "--reason is longer than %d bytes: shorten it",
				BY_HAND_REASON_MAX);
		return NULL;
	}
	if (!is_text(reason)) {
		(void)error_set(error, "--reason must be one line of text, in UTF-8 and without "
				       "control characters");
		return NULL;
	}
	if (secretlike_find(reason, strlen(reason), NULL, NULL) != NULL) {
		(void)error_set(error, "--reason holds %s, and it would be shown: leave that out",
				secretlike_find(reason, strlen(reason), NULL, NULL));
		return NULL;
	}
	(void)plain_add(&clean, reason, &(struct plain){.chat = false});
	if (clean.len == 0 || strspn(buf_text(&clean), " ") == clean.len) {
		(void)error_set(error, "--reason is empty: say why, for whoever reads it later");
		buf_done(&clean);
		return NULL;
	}
	return buf_take(&clean);
}

bool by_hand_check_drill(const char *drill, struct error *error)
{
	size_t len = strlen(drill);

	if (len == ID_LEN && id_find(drill, len) == drill)
		return true;
	return error_set(error, "a drill is named by its id, such as fd-k3q9x2m7; see `firedrill "
				"status`");
}

void by_hand_print(const struct settled *settled, const char *who)
{
	const struct view view = terminal_view_for(stdout);
	const struct settled_view what = {
	    .settled = settled, .by = who, .now_wall_ms = clock_wall_ms(), .ascii = view.ascii};
	struct buf text = {0};
	struct row row = row_start(&text, &view, 0);
	char *paragraph = settled_paragraph(&what);

	row_paragraph(&row, 2, INK_NONE, paragraph);
	(void)fputs(buf_text(&text), stdout);
	(void)fflush(stdout); /* it may go on for long */
	buf_done(&text);
	free(paragraph);
}

static bool is_told(void *arg)
{
	return teller_is_idle(arg);
}

void by_hand_wait(struct app *app, struct teller *teller)
{
	if (!app_run_until(app, is_told, teller, TELL_LIMIT_MS))
		(void)fputs(
		    "firedrill: not everybody could be told in the chat; it is done all the same\n",
		    stderr);
}
