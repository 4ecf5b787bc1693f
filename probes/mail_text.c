/* A letter as it travels: RFC 5322, its words by RFC 2047, its text as quoted-printable (RFC 2045). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probes/mail.h"
#include "scenarios/config.h"
#include "src/base/mem.h"

#define CRLF          "\r\n"
#define LINE_LIMIT    75 /* of quoted-printable, without the '=' of a soft line end */
#define WORD_BYTES    42 /* in one encoded word: 56 characters of base64, 68 with its frame */
#define PLAIN_SUBJECT 66 /* bytes that fit on the line behind "Subject: " */

static bool check_addresses(const struct mail_settings *settings, struct error *error)
{
	if (!config_is_mail_address(settings->from))
		return error_set(error, "report.second.mail.from must be a bare address such as "
					"firedrill@mail.example");
	for (size_t i = 0; i < settings->to.count; i++) {
		if (!config_is_mail_address(settings->to.list[i]))
			return error_set(error,
					 "report.second.mail.to: entry %zu must be a bare address "
					 "such as ops@mail.example",
					 i + 1);
	}
	return true;
}

/* The subject. */

static void add_base64(struct buf *buf, const char *data, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned a = (unsigned char)data[i];
		unsigned b = i + 1 < len ? (unsigned char)data[i + 1] : 0;
		unsigned c = i + 2 < len ? (unsigned char)data[i + 2] : 0;

		buf_addf(buf, "%c%c%c%c", digits[a >> 2], digits[(a & 3) << 4 | b >> 4],
			 i + 1 < len ? digits[(b & 15) << 2 | c >> 6] : '=',
			 i + 2 < len ? digits[c & 63] : '=');
	}
}

/* At most so many bytes, not cut inside a character. */
static size_t whole(const char *text, size_t most)
{
	size_t len = strnlen(text, most + 1);

	if (len <= most)
		return len;
	for (len = most; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
		continue;
	return len > 0 ? len : most;
}

/* One line, whatever was in it. Owned by the caller. */
static char *one_line(const char *text)
{
	char *line = mem_dup_n(text, whole(text, MAIL_SUBJECT_LIMIT));

	for (char *at = line; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == 127)
			*at = ' ';
	}
	return line;
}

static bool is_plain(const char *line)
{
	for (const char *at = line; *at != '\0'; at++) {
		if ((unsigned char)*at > 126)
			return false;
	}
	return strlen(line) <= PLAIN_SUBJECT && strstr(line, "=?") == NULL;
}

static void add_subject(struct buf *message, const char *subject)
{
	char *line = one_line(subject), *rest = line;

	buf_adds(message, "Subject: ");
	if (is_plain(line)) {
		buf_adds(message, line);
		rest = line + strlen(line);
	}
	for (bool first = true; *rest != '\0'; first = false) {
		size_t len = whole(rest, WORD_BYTES);

		buf_adds(message, first ? "=?UTF-8?B?" : CRLF " =?UTF-8?B?");
		add_base64(message, rest, len);
		buf_adds(message, "?=");
		rest += len;
	}
	buf_adds(message, CRLF);
	free(line);
}

/* The text. */

/* Room for one more piece on the line, else a soft line end. */
static void make_room(struct buf *message, size_t *used, size_t piece)
{
	if (*used + piece > LINE_LIMIT) {
		buf_adds(message, "=" CRLF);
		*used = 0;
	}
	*used += piece;
}

static void add_text(struct buf *message, const char *text)
{
	size_t len = whole(text, MAIL_TEXT_LIMIT), used = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool ends = i + 1 == len || text[i + 1] == '\n';

		if (c == '\n') {
			buf_adds(message, CRLF);
			used = 0;
		} else if ((c > ' ' && c < 127 && c != '=') || (c == ' ' && !ends)) {
			make_room(message, &used, 1);
			buf_add(message, &text[i], 1);
		} else {
			make_room(message, &used, 3);
			buf_addf(message, "=%02X", c);
		}
	}
	buf_adds(message, CRLF);
}

/* "Sat, 21 Nov 2026 10:03:12 +0000", RFC 5322, 3.3; never in the words of a locale. */
static void add_date(struct buf *message, int64_t wall_ms)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm = {0};

	(void)gmtime_r(&seconds, &tm);
	buf_addf(message, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000" CRLF,
		 &days[(size_t)tm.tm_wday * 3], tm.tm_mday, &months[(size_t)tm.tm_mon * 3],
		 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

bool mail_write(struct buf *ret_message, const struct mail_settings *settings,
		const struct mail_letter *letter, struct error *error)
{
	if (!check_addresses(settings, error))
		return false;
	add_date(ret_message, letter->wall_ms);
	buf_addf(ret_message, "From: firedrill <%s>" CRLF, settings->from);
	for (size_t i = 0; i < settings->to.count; i++)
		buf_addf(ret_message, "%s%s%s", i == 0 ? "To: " : " ", settings->to.list[i],
			 i + 1 < settings->to.count ? "," CRLF : CRLF);
	add_subject(ret_message, letter->subject);
	buf_addf(ret_message, "Message-ID: <%s%s>" CRLF, letter->id, strrchr(settings->from, '@'));
	buf_adds(ret_message,
		 "Auto-Submitted: auto-generated" CRLF /* RFC 3834 */
		 "MIME-Version: 1.0" CRLF "Content-Type: text/plain; charset=utf-8" CRLF
		 "Content-Transfer-Encoding: quoted-printable" CRLF CRLF);
	add_text(ret_message, letter->text);
	return true;
}
