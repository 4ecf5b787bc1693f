/* The freeze file: while it exists, nothing new is broken. */
#ifndef STORE_FREEZE_H
#define STORE_FREEZE_H

/* NULL: it does not exist. Else its first line, printable, at most 200 bytes, or what is the matter
 * with it: a file that cannot be looked at counts as there. Owned by the caller. */
char *freeze_reason(const char *path);

#endif
