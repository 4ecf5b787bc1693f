/* What looks like a secret and so must not stand in a file, whoever put it there. */
#ifndef SCENARIOS_SECRETLIKE_H
#define SCENARIOS_SECRETLIKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The first thing in `len` bytes of text that looks like a secret: a Slack token
 * (https://api.slack.com/concepts/token-types), the address of an incoming webhook, or a password
 * in a URL.  Returns what it is, for people ("a Slack token"), or NULL; `ret_at` and `ret_len` tell
 * where it is (NULL is fine).
 */
const char *secretlike_find(const char *text, size_t len, size_t *ret_at, size_t *ret_len);

/* The same without passwords in URLs: for comments, which may explain how a URL is built. */
const char *secretlike_token(const char *text, size_t len, size_t *ret_at);

/* Replaces everything that looks like a secret by '*', in place. */
void secretlike_hide(char *text);

/* Would a header or a variable of this name hold a secret? Any case: Authorization, X-Api-Key. */
bool secretlike_header(const char *name);
bool secretlike_variable(const char *name);

#endif
