/* Is a text what libconfig can read? */
#include "scenarios/syntax.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

#define DEPTH_LIMIT   16   /* groups and lists inside each other */
#define KEYS_LIMIT    512  /* of one group */
#define MEMBERS_LIMIT 1000 /* of one list */
#define DIGITS_LIMIT  9    /* of a number without an L behind it */
#define SHOWN         40   /* bytes of the text that a message repeats */

enum token {
	TOKEN_END,
	TOKEN_SIGN, /* one of = : , ; { } [ ] ( ) */
	TOKEN_NAME,
	TOKEN_TEXT,
	TOKEN_BOOLEAN,
	TOKEN_INTEGER,
	TOKEN_LARGE, /* 64 bits */
	TOKEN_FLOAT,
	TOKEN_TOO_LARGE, /* libconfig 1.5 would silently take another number */
	TOKEN_OTHER      /* nothing that libconfig knows */
};

struct scanner {
	const struct source *source; /* borrowed */
	struct found *found;         /* borrowed */
	const char *at;              /* borrowed: where the next token is looked for */
	int line;                    /* of `at` */

	enum token token;  /* the one that is looked at */
	const char *start; /* borrowed */
	size_t len;
	int token_line;

	int long_line; /* the first text that spans lines: a quote may be missing there; 0: none */
	struct buf path; /* owned: of the group that is being read */
	bool failed;
};

/* One group's keys so far. */
struct names {
	struct name {
		const char *start; /* borrowed */
		size_t len;
		int line;
	} list[KEYS_LIMIT];
	size_t count;
};

static bool value(struct scanner *s, int depth);

/* The token is not what it must be. Always false. */
static bool fail(struct scanner *s, const char *wanted)
{
	char shown[SHOWN + 1] = "the end of the file", quote[64] = "";

	if (s->failed)
		return false;
	if (s->long_line > 0)
		(void)snprintf(quote, sizeof quote, " (is a quote missing in line %d?)",
			       source_line(s->source, s->long_line));
	if (s->token != TOKEN_END) {
		size_t len = s->len < SHOWN ? s->len : SHOWN;

		while (len < s->len && len > 0 && ((unsigned char)s->start[len] & 0xc0) == 0x80)
			len--; /* not inside a character */
		memcpy(shown, s->start, len);
		shown[len] = '\0';
	}
	found_add(s->found, s->token_line, buf_text(&s->path), "%s, but here is %s%s", wanted,
		  shown, quote);
	s->failed = true;
	return false;
}

/* A mistake whose words need nothing of the token. Always false. */
static bool refuse(struct scanner *s, const char *text)
{
	if (!s->failed)
		found_add(s->found, s->token_line, buf_text(&s->path), "%s", text);
	s->failed = true;
	return false;
}

static void skip_blanks(struct scanner *s)
{
	for (;;) {
		size_t len = strspn(s->at, " \t\r\f\n");

		if (s->at[0] == '#' || strncmp(s->at, "//", 2) == 0)
			len = strcspn(s->at, "\n");
		else if (strncmp(s->at, "/*", 2) == 0) {
			const char *end = strstr(s->at + 2, "*/"); /* source_read made sure */

			len = end == NULL ? strlen(s->at) : (size_t)(end - s->at) + 2;
		}
		if (len == 0)
			return;
		for (; len > 0; len--)
			s->line += *s->at++ == '\n';
	}
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* The kind of number in `len` bytes, which hold letters, digits, '.', '+', '-', '_' and '*'. */
static enum token number(const char *text, size_t len)
{
	const char *end = text + len, *at = text;
	size_t whole, part = 0;
	enum token token = TOKEN_INTEGER;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		at = text + 2 + strspn(text + 2, "0123456789abcdefABCDEF");
		if (at == text + 2 || at - text > 2 + 8)
			return TOKEN_OTHER;
	} else {
		at += *at == '+' || *at == '-';
		whole = digits(at);
		at += whole;
		if (*at == '.') {
			part = digits(at + 1);
			at += 1 + part;
			token = TOKEN_FLOAT;
		}
		if (whole + part == 0 || whole > 18)
			return TOKEN_OTHER;
		if (*at == 'e' || *at == 'E') {
			const char *exponent = at + 1 + (at[1] == '+' || at[1] == '-');

			token = TOKEN_FLOAT;
			at = exponent + digits(exponent);
			if (at == exponent)
				return TOKEN_OTHER;
		}
		if (token == TOKEN_INTEGER && whole > DIGITS_LIMIT)
			token = TOKEN_TOO_LARGE;
	}
	if (token != TOKEN_FLOAT && at < end && *at == 'L') {
		token = TOKEN_LARGE;
		at += at + 1 < end && at[1] == 'L' ? 2 : 1;
	}
	return at == end ? token : TOKEN_OTHER;
}

static enum token word(const char *text, size_t len)
{
	if ((len == 4 && strncasecmp(text, "true", 4) == 0) ||
	    (len == 5 && strncasecmp(text, "false", 5) == 0))
		return TOKEN_BOOLEAN;
	if (!isalpha((unsigned char)text[0]) && text[0] != '*')
		return number(text, len);
	return memchr(text, '.', len) == NULL && memchr(text, '+', len) == NULL ? TOKEN_NAME
										: TOKEN_OTHER;
}

static void text_token(struct scanner *s)
{
	const char *c = s->start + 1;

	s->token = TOKEN_TEXT;
	for (; *c != '"' && *c != '\0'; c++) {
		s->line += *c == '\n';
		if (c[0] != '\\')
			continue;
		if (c[1] == '"' || c[1] == '\\')
			c++;
		else if ((c[1] == 'x' || c[1] == 'X') && c[2] == '0' && c[3] == '0')
			(void)refuse(s, "a text cannot hold the byte 0: take \\x00 out");
	}
	if (s->line > s->token_line && s->long_line == 0)
		s->long_line = s->token_line;
	s->len = (size_t)(c - s->start) + (*c == '"');
}

static void next(struct scanner *s)
{
	skip_blanks(s);
	s->start = s->at;
	s->token_line = s->line;
	s->len = 1;
	if (*s->at == '\0') {
		s->token = TOKEN_END;
		s->len = 0;
	} else if (*s->at == '"') {
		text_token(s);
	} else if (strchr("=:,;{}[]()", *s->at) != NULL) {
		s->token = TOKEN_SIGN;
	} else {
		while (isalnum((unsigned char)s->at[s->len]) ||
		       (s->at[s->len] != '\0' && strchr("._+-*", s->at[s->len]) != NULL))
			s->len++;
		if (isalnum((unsigned char)*s->at) || strchr("._+-*", *s->at) != NULL)
			s->token = word(s->at, s->len);
		else
			s->token = TOKEN_OTHER;
		while (((unsigned char)s->at[s->len] & 0xc0) == 0x80)
			s->len++; /* the rest of a character */
	}
	s->at += s->len;
}

static bool is_sign(const struct scanner *s, char sign)
{
	return s->token == TOKEN_SIGN && *s->start == sign;
}

/* Also tells of a key that is there twice, and lets the reading go on. */
static bool add_name(struct scanner *s, struct names *names)
{
	if (names->count == KEYS_LIMIT)
		return refuse(s, "more than 512 keys in one group");
	for (size_t i = 0; i < names->count; i++) {
		const struct name *name = &names->list[i];

		if (name->len != s->len || memcmp(name->start, s->start, s->len) != 0)
			continue;
		found_add(s->found, s->token_line, buf_text(&s->path),
			  "is given twice: take one out; the first is in %s, line %d",
			  source_file(s->source, name->line), source_line(s->source, name->line));
		return true;
	}
	names->list[names->count++] = (struct name){s->start, s->len, s->token_line};
	return true;
}

static void path_cut(struct buf *path, size_t len)
{
	path->len = len;
	if (path->data != NULL)
		path->data[len] = '\0';
}

/* name = value; name = value; ... up to the group's end. */
static bool settings(struct scanner *s, int depth, bool inside)
{
	struct names *names = mem_zalloc(sizeof *names);
	size_t path_len = s->path.len;
	bool good = true;

	while (good && s->token == TOKEN_NAME) {
		buf_addf(&s->path, "%s%.*s", path_len == 0 ? "" : ".", (int)s->len, s->start);
		good = add_name(s, names);
		next(s);
		if (good && !is_sign(s, '=') && !is_sign(s, ':'))
			good = fail(s, "after a key comes \"=\" and its value");
		if (good) {
			next(s);
			good = value(s, depth);
		}
		if (good && (is_sign(s, ';') || is_sign(s, ',')))
			next(s);
		path_cut(&s->path, path_len);
	}
	if (good && *s->start == '@')
		good = refuse(s, "an @include \"FILE\" must stand at the beginning of a line");
	if (good && (inside ? !is_sign(s, '}') : s->token != TOKEN_END))
		good = fail(s, inside ? "a key or the group's closing } must come here"
				      : "a key such as name = \"value\"; must come here");
	free(names);
	return good;
}

/* value, value, ... up to the end; in an array all of one simple type. */
static bool members(struct scanner *s, int depth, bool array)
{
	char end = array ? ']' : ')';
	enum token first = s->token;
	size_t path_len = s->path.len;
	int count = 0;

	while (!is_sign(s, end)) {
		if (count == MEMBERS_LIMIT)
			return refuse(s, "more than 1000 members in one list");
		if (array && s->token == TOKEN_SIGN)
			return fail(s, "[ ] holds texts, numbers or true and false; a list of "
				       "groups stands in ( )");
		if (array && count > 0 && s->token != first)
			return fail(s, "all members of [ ] must be of one type");
		buf_addf(&s->path, "[%d]", count++);
		if (!value(s, depth))
			return false;
		path_cut(&s->path, path_len);
		if (is_sign(s, ',')) {
			next(s);
			if (is_sign(s, end))
				return fail(s, "after a comma comes one more member");
		} else if (!is_sign(s, end)) {
			return fail(s, array ? "a comma or the closing ] must come here"
					     : "a comma or the closing ) must come here");
		}
	}
	next(s);
	return true;
}

static bool quotes_missing(struct scanner *s)
{
	char text[2 * SHOWN + 64];

	(void)snprintf(text, sizeof text, "a text stands in quotes: write \"%.*s\"",
		       (int)(s->len < SHOWN ? s->len : SHOWN), s->start);
	return refuse(s, text);
}

static bool value(struct scanner *s, int depth)
{
	bool group = is_sign(s, '{'), array = is_sign(s, '['), list = is_sign(s, '(');

	switch (s->token) {
	case TOKEN_TEXT:
		while (s->token == TOKEN_TEXT) /* texts side by side are one */
			next(s);
		return true;
	case TOKEN_BOOLEAN:
	case TOKEN_INTEGER:
	case TOKEN_LARGE:
	case TOKEN_FLOAT:
		next(s);
		return true;
	case TOKEN_TOO_LARGE:
		return refuse(s, "this number is too large");
	case TOKEN_NAME:
		return quotes_missing(s);
	case TOKEN_OTHER:
		if (isalnum((unsigned char)*s->start))
			return quotes_missing(s);
		return fail(s, "a value such as \"text\", 1 or true must come here");
	case TOKEN_SIGN:
	case TOKEN_END:
		break;
	}
	if (!group && !array && !list)
		return fail(s, "a value such as \"text\", 1 or true must come here");
	if (depth == DEPTH_LIMIT)
		return refuse(s, "more than 16 groups and lists inside each other");
	next(s);
	if (!group)
		return members(s, depth + 1, array);
	if (!settings(s, depth + 1, true))
		return false;
	next(s);
	return true;
}

bool syntax_check(const struct source *source, struct found *found)
{
	struct scanner s = {.source = source,
			    .found = found,
			    .at = source->text,
			    .line = 1,
			    .path = {.limit = 200}};
	size_t before = found->count;

	next(&s);
	(void)settings(&s, 0, false);
	buf_done(&s.path);
	return !s.failed && found->count == before;
}
