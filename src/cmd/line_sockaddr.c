/* SPDX-License-Identifier: MIT */
/* Owns how addresses of sockets look, by their family, as strace shows them. Called by line_value.c. */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cmd/line_value.h"

static const char *family_name(unsigned family)
{
	switch (family) {
	case AF_UNSPEC: return "AF_UNSPEC";
	case AF_UNIX: return "AF_UNIX";
	case AF_INET: return "AF_INET";
	case AF_INET6: return "AF_INET6";
	case AF_NETLINK: return "AF_NETLINK";
	case AF_PACKET: return "AF_PACKET";
	case AF_VSOCK: return "AF_VSOCK";
	default: return NULL;
	}
}

static void put_unix(struct sc_text *text, const struct sc_line_style *style, const unsigned char *bytes, size_t size)
{
	const size_t start = offsetof(struct sockaddr_un, sun_path);
	struct sc_line_style whole = { .string_limit = style->string_limit > 108 ? style->string_limit : 108 };
	const unsigned char *path = bytes + start;
	size_t length;

	if (size <= start)
		return;
	length = size - start;
	sc_text_add(text, ", sun_path=");
	if (path[0] == 0 && length > 1) {
		sc_text_char(text, '@');
		sc_line_quoted(text, &whole, path + 1, length - 1, false);
		return;
	}
	sc_line_quoted(text, &whole, path, strnlen((const char *)path, length), false);
}

static void put_inet(struct sc_text *text, const unsigned char *bytes)
{
	struct sockaddr_in in;
	char address[INET_ADDRSTRLEN];

	memcpy(&in, bytes, sizeof(in));
	sc_text_format(text, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(in.sin_port),
		       inet_ntop(AF_INET, &in.sin_addr, address, sizeof(address)));
}

static void put_inet6(struct sc_text *text, const unsigned char *bytes)
{
	struct sockaddr_in6 in;
	char address[INET6_ADDRSTRLEN];

	memcpy(&in, bytes, sizeof(in));
	sc_text_format(text,
		       ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\", &sin6_addr), "
		       "sin6_scope_id=%u",
		       ntohs(in.sin6_port), ntohl(in.sin6_flowinfo),
		       inet_ntop(AF_INET6, &in.sin6_addr, address, sizeof(address)), in.sin6_scope_id);
}

static void put_netlink(struct sc_text *text, const unsigned char *bytes)
{
	struct sockaddr_nl nl;

	memcpy(&nl, bytes, sizeof(nl));
	sc_text_format(text, ", nl_pid=%u, nl_groups=%08x", nl.nl_pid, nl.nl_groups);
}

void sc_line_sockaddr(struct sc_text *text, const struct sc_line_style *style, const unsigned char *bytes, size_t size)
{
	sa_family_t family;
	const char *name;

	if (size < sizeof(family)) {
		sc_line_quoted(text, style, bytes, size, false);
		return;
	}
	memcpy(&family, bytes, sizeof(family));
	name = family_name(family);
	sc_text_add(text, "{sa_family=");
	if (name)
		sc_text_add(text, name);
	else
		sc_text_hex(text, family);
	if (family == AF_UNIX) {
		put_unix(text, style, bytes, size);
	} else if (family == AF_INET && size >= sizeof(struct sockaddr_in)) {
		put_inet(text, bytes);
	} else if (family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
		put_inet6(text, bytes);
	} else if (family == AF_NETLINK && size >= sizeof(struct sockaddr_nl)) {
		put_netlink(text, bytes);
	} else if (size > sizeof(family)) {
		sc_text_add(text, ", sa_data=");
		sc_line_quoted(text, style, bytes + sizeof(family), size - sizeof(family), false);
	}
	sc_text_char(text, '}');
}
