/* The program's commands: each takes its own arguments and returns the exit code. */
#ifndef FAKE_SERVICES_COMMANDS_H
#define FAKE_SERVICES_COMMANDS_H

#define FAKE_EXIT_USAGE 2

/* What every command takes: its name in argv[0], "--help" already handled by main. */
int command_world(int argc, char **argv);
int command_chat(int argc, char **argv);
int command_orders(int argc, char **argv);
int command_alerting(int argc, char **argv);
int command_worker(int argc, char **argv);
int command_supervise(int argc, char **argv);

/* "fake-services COMMAND: TEXT" on stderr, and where to read more. Returns FAKE_EXIT_USAGE. */
int command_misuse(const char *command, const char *text);

#endif
