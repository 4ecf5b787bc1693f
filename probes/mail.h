/* Mail on the loop, by SMTP through libcurl: RFC 5321, https://curl.se/libcurl/c/CURLOPT_MAIL_RCPT.html.
 * "smtp://host:port" begins in the clear and goes over to TLS when the server offers it (RFC 3207);
 * with a password it must, or nothing is sent.  "smtps://host:port" is TLS from the start. */
#ifndef PROBES_MAIL_H
#define PROBES_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/error.h"

struct event_base;
struct mail; /* one letter in flight */
struct mail_settings;
struct secrets;

#define MAIL_SUBJECT_LIMIT 300   /* bytes; what is longer is cut */
#define MAIL_TEXT_LIMIT    65536 /* bytes; the same */

/* What is sent; all borrowed during the call only. */
struct mail_letter {
	const char *subject;
	const char *text; /* lines of UTF-8 */
	const char *id;   /* of the Message-ID, in front of the '@'; "[a-z0-9.-]" */
	int64_t wall_ms;  /* of the Date */
};

/* Borrowed, valid inside the callback only. */
struct mail_answer {
	const char *error; /* one sentence that says what to do, without secrets; NULL: it was taken
			      over by the server for at least one of the addresses */
	bool permanent;    /* trying again does not help */
	/* It was taken over, but not for these addresses: "a@mail.example (550 gone)"; NULL: for all */
	const char *refused;
};
typedef void mail_done_fn(void *arg, const struct mail_answer *answer);

/* The contract of probes/http.h: done exactly once, from the loop, never from inside start; after
 * cancel, never. Settings and secrets are borrowed until then. */
struct mail *mail_start(struct event_base *base, struct secrets *secrets,
			const struct mail_settings *settings, const struct mail_letter *letter,
			mail_done_fn *done, void *arg);
void mail_cancel(struct mail *mail); /* NULL is fine */

/* Pure: the message as it is sent, RFC 5322, lines ended by CR LF, without dots doubled. False with an
 * error when an address is none: then nothing can be smuggled in. */
MUST_CHECK bool mail_write(struct buf *ret_message, const struct mail_settings *settings,
			   const struct mail_letter *letter, struct error *error);

#endif
