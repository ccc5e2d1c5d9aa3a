/* SPDX-License-Identifier: MIT */
/* The sub-commands of `stubcache proto`, by file. argv[0] is "stubcache"; they return the status to end with. */
#ifndef SC_CMD_PROTO_H
#define SC_CMD_PROTO_H

int sc_cmd_proto_help(void);
int sc_cmd_proto_show(int argc, char **argv);
int sc_cmd_proto_import(int argc, char **argv);

#endif
