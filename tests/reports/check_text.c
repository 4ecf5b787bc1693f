/* What must be true of every text that is shown to people. */
#include "tests/reports/check_text.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

bool text_is_utf8(const char *text)
{
	size_t len = strlen(text), room = len * 4 + 4;
	char *wide = mem_zalloc(room), *in = mem_dup(text);
	char *from = in, *to = wide;
	iconv_t converter = iconv_open("UTF-32LE", "UTF-8");
	bool valid = iconv(converter, &from, &len, &to, &room) != (size_t)-1;

	(void)iconv_close(converter);
	free(in);
	free(wide);
	return valid;
}

bool text_has_control(const char *text, bool lines)
{
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		if ((*c < 0x20 && !(lines && *c == '\n')) || *c == 0x7f)
			return true;
		if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			return true;
	}
	return false;
}

size_t text_escaped_len(const char *text)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80) /* not the rest of a character */
			len += *text == '&' ? 5 : *text == '<' || *text == '>' ? 4 : 1;
	}
	return len;
}
