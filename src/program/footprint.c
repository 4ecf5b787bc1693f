/* Libraries of libraries that need not start.
 *
 * Debian's libcurl brings GnuTLS along for RTMP, which firedrill never speaks (probes/http.c allows
 * http and https only).  Loading it runs its self-tests: about 0.7 MiB of resident memory and two
 * milliseconds in every start.  GnuTLS asks this function before it does so; a libcurl that uses
 * GnuTLS itself starts it explicitly later on.
 * https://gnutls.org/manual/html_node/Initialization.html (GNUTLS_SKIP_GLOBAL_INIT) */

int _gnutls_global_init_skip(void);

int _gnutls_global_init_skip(void)
{
	return 1;
}
