/* Who may read the pages. */
#ifndef PROGRAM_WEB_ACCESS_H
#define PROGRAM_WEB_ACCESS_H

#include <stdbool.h>

/* Does the header Authorization carry the token: "Bearer TOKEN" (RFC 6750), or Basic with the token as
 * password of any user (RFC 7617)?  Takes as long whatever part of it is wrong. NULL: no. */
bool web_token_fits(const char *token, const char *authorization);

/* Is this the host by which a browser may ask a server on the loopback address?  A page from elsewhere
 * whose name was made to point here (DNS rebinding) comes with its own.  address: that is listened on;
 * url: by which people reach the pages; NULL: none. host NULL, of no browser: yes. */
bool web_host_fits(const char *host, const char *address, const char *url);

#endif
