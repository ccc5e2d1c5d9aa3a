/* SPDX-License-Identifier: MIT */
/*
 * A client that sends IPv4 connections elsewhere: whatever port of whatever host a program connects to, it gets this port
 * of this machine.
 *
 *	cc -shared -fPIC -O2 -o redirect.so redirect.c $(pkg-config --cflags stubcache)
 *	STUBCACHE_CLIENTS=$PWD/redirect.so,8080 LD_PRELOAD=libstubcache.so curl http://example.org/
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <dr_api.h>
#include <stubcache.h>

static in_port_t port;

/* Arguments are changed in place: the original gets another address, and the program's own is left alone. */
static void on_connect(struct stubcache_call *call, void **args, void *user)
{
	static const socklen_t size = sizeof(struct sockaddr_in);
	static struct sockaddr_in here;
	const struct sockaddr *address = *(const struct sockaddr **)args[1];

	(void)call;
	(void)user;
	if (!address || address->sa_family != AF_INET)
		return;
	here.sin_family = AF_INET; /* the same each time: threads do not disturb each other */
	here.sin_port = port;
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*(const struct sockaddr_in **)args[1] = &here;
	*(socklen_t *)args[2] = size;
}

DR_EXPORT void dr_client_main(client_id_t id, int argc, const char *argv[])
{
	struct stubcache_hook hook = {
		.struct_size = sizeof(hook),
		.targets = "connect",
		.prototype = "int connect(int fd, const void *address, unsigned int size)",
		.enter = on_connect,
	};

	(void)id;
	port = htons(argc > 1 ? (unsigned short)atoi(argv[1]) : 8080);
	if (stubcache_hook(&hook) != 0)
		dr_fprintf(STDERR, "redirect: connect cannot be hooked\n");
}
