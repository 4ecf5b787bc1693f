/* An address at which nobody listens, and which nobody else is given meanwhile. */
#ifndef TESTS_SUPPORT_NOBODY_H
#define TESTS_SUPPORT_NOBODY_H

#include <stddef.h>

/* Writes "http://127.0.0.1:PORT"; size >= 64 bytes. Whoever connects is refused until the descriptor that it
 * returns is closed, by the caller. */
int nobody_at(char *ret_url, size_t size);

#endif
