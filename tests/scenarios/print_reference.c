/* Prints the reference page, or with the argument "help" the terminal's help. */
#include <string.h>

#include "scenarios/load.h"

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "help") == 0)
		keys_print_help(stdout);
	else
		keys_print_reference(stdout);
	return ferror(stdout) == 0 ? 0 : 1;
}
