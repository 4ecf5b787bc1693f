/* Drill ids: the nonce that must survive every sender. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

#define ID_LEN 11 /* "fd-" and eight of [a-z0-9] */

/* A new random id such as "fd-k3q9x2m7" (41 bits from getrandom). */
void id_new(char ret_id[ID_LEN + 1]);

/*
 * The first id in text, or NULL: where it starts, always ID_LEN bytes long.  An id inside a longer
 * word ("xfd-k3q9x2m7", "fd-k3q9x2m7a") is none.  Lowercase letters, digits and the hyphen are the
 * only characters that no sender and no chat rewrites.
 */
const char *id_find(const char *text, size_t len);

/*
 * What a drill sends to find out where its alert was lost has an id of its own: the drill's, "-p" and
 * a digit ("fd-k3q9x2m7-p1").  Such a message is never an alert of the drill, nor of another one.
 */
#define ID_PROBE_LEN (ID_LEN + 3)

/* Does the text hold the id of any drill's probe? */
bool id_has_probe(const char *text);

#endif
