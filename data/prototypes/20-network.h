/* SPDX-License-Identifier: MIT */
/*
 * What C cannot say of functions on sockets and of names of hosts. The types are those of 00-libc.h.
 */

/* ---- sockets ---- */

[[error(-1)]] int socket(int domain [[enum(address_families)]], int type [[flags(socket_types)]], int protocol) [[fd]];
[[error(-1)]] [[case(domain == AF_INET || domain == AF_INET6)]]
int socket(int domain [[enum(address_families)]], int type [[flags(socket_types)]],
	   int protocol [[enum(ip_protocols)]]) [[fd]];
[[error(-1)]] int socketpair(int domain [[enum(address_families)]], int type [[flags(socket_types)]], int protocol,
			     int fds[2] [[out]]);
[[error(-1)]] int bind(int fd [[fd]], const struct sockaddr *addr [[in, sockaddr, size(len)]], socklen_t len);
[[error(-1)]] int connect(int fd [[fd]], const struct sockaddr *addr [[in, sockaddr, size(len)]], socklen_t len);
[[error(-1)]] int listen(int fd [[fd]], int backlog);
[[error(-1)]] int accept(int fd [[fd]], struct sockaddr *addr [[out, sockaddr, size(*len)]],
			 socklen_t *len [[inout]]) [[fd]];
[[error(-1)]] int accept4(int fd [[fd]], struct sockaddr *addr [[out, sockaddr, size(*len)]], socklen_t *len [[inout]],
			  int flags [[flags(socket_types)]]) [[fd]];
[[error(-1)]] int getsockname(int fd [[fd]], struct sockaddr *addr [[out, sockaddr, size(*len)]],
			      socklen_t *len [[inout]]);
[[error(-1)]] int getpeername(int fd [[fd]], struct sockaddr *addr [[out, sockaddr, size(*len)]],
			      socklen_t *len [[inout]]);
[[error(-1)]] int shutdown(int fd [[fd]], int how [[enum(shutdown_how)]]);

[[error(-1)]] int getsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name,
			     void *value [[out, size(*len)]],
			     socklen_t *len [[inout]]);
[[error(-1)]] [[case(level == SOL_SOCKET)]]
int getsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(socket_options)]],
	       int *value [[out, size(*len)]], socklen_t *len [[inout]]);
[[error(-1)]] [[case(level == SOL_TCP)]]
int getsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(tcp_options)]],
	       int *value [[out, size(*len)]], socklen_t *len [[inout]]);
[[error(-1)]] [[case(level == SOL_IP)]]
int getsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(ip_options)]],
	       int *value [[out, size(*len)]], socklen_t *len [[inout]]);
[[error(-1)]] [[case(level == SOL_IPV6)]]
int getsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(ipv6_options)]],
	       int *value [[out, size(*len)]], socklen_t *len [[inout]]);

[[error(-1)]] int setsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name,
			     const void *value [[in, size(len)]],
			     socklen_t len);
[[error(-1)]] [[case(level == SOL_SOCKET)]]
int setsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(socket_options)]],
	       const int *value [[in, size(len)]], socklen_t len);
[[error(-1)]] [[case(level == SOL_TCP)]]
int setsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(tcp_options)]],
	       const int *value [[in, size(len)]], socklen_t len);
[[error(-1)]] [[case(level == SOL_IP)]]
int setsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(ip_options)]],
	       const int *value [[in, size(len)]], socklen_t len);
[[error(-1)]] [[case(level == SOL_IPV6)]]
int setsockopt(int fd [[fd]], int level [[enum(socket_levels)]], int name [[enum(ipv6_options)]],
	       const int *value [[in, size(len)]], socklen_t len);

/* Most options are an int; of the others, their words are shown. */

/* ---- messages ---- */

[[error(-1)]] ssize_t send(int fd [[fd]], const void *buf [[in, size(n)]], size_t n, int flags [[flags(msg_flags)]]);
[[error(-1)]] ssize_t sendto(int fd [[fd]], const void *buf [[in, size(n)]], size_t n, int flags [[flags(msg_flags)]],
			     const struct sockaddr *addr [[in, sockaddr, size(addr_len)]], socklen_t addr_len);
[[error(-1)]] ssize_t sendmsg(int fd [[fd]], const struct msghdr *message [[in]], int flags [[flags(msg_flags)]]);
[[error(-1)]] int sendmmsg(int fd [[fd]], struct mmsghdr *messages [[in, size(count * 64)]], unsigned int count,
			   int flags [[flags(msg_flags)]]);
[[error(-1)]] ssize_t recv(int fd [[fd]], void *buf [[out, size(return)]], size_t n, int flags [[flags(msg_flags)]]);
[[error(-1)]] ssize_t __recv_chk(int fd [[fd]], void *buf [[out, size(return)]], size_t n, size_t room,
				 int flags [[flags(msg_flags)]]);
[[error(-1)]] ssize_t recvfrom(int fd [[fd]], void *buf [[out, size(return)]], size_t n, int flags [[flags(msg_flags)]],
			       struct sockaddr *addr [[out, sockaddr, size(*addr_len)]], socklen_t *addr_len [[inout]]);
[[error(-1)]] ssize_t __recvfrom_chk(int fd [[fd]], void *buf [[out, size(return)]], size_t n, size_t room,
				     int flags [[flags(msg_flags)]],
				     struct sockaddr *addr [[out, sockaddr, size(*addr_len)]],
				     socklen_t *addr_len [[inout]]);
[[error(-1)]] ssize_t recvmsg(int fd [[fd]], struct msghdr *message [[out]], int flags [[flags(msg_flags)]]);
[[error(-1)]] int recvmmsg(int fd [[fd]], struct mmsghdr *messages [[out, size(return * 64)]], unsigned int count,
			   int flags [[flags(msg_flags)]], struct timespec *timeout [[in]]);
[[error(-1)]] int sockatmark(int fd [[fd]]);

/* ---- names ---- */

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints [[in]],
		struct addrinfo **result [[out]])
	[[enum(gai_errors)]];
int getnameinfo(const struct sockaddr *addr [[in, sockaddr, size(len)]], socklen_t len, char *host [[out, string]],
		socklen_t host_len, char *service [[out, string]], socklen_t service_len, int flags [[flags(ni_flags)]])
	[[enum(gai_errors)]];
[[error(NULL)]] struct hostent *gethostbyaddr(const void *addr [[in, size(len)]], __socklen_t len,
					      int type [[enum(address_families)]]);
[[error(NULL)]] struct hostent *gethostbyname2(const char *name, int family [[enum(address_families)]]);
[[error(none)]] char *inet_ntoa(struct in_addr in) [[string]];
[[error(NULL)]] const char *inet_ntop(int family [[enum(address_families)]], const void *address, char *buf,
				      socklen_t room);
[[error(-1)]] int inet_pton(int family [[enum(address_families)]], const char *text, void *address);
int inet_aton(const char *text, struct in_addr *address [[out]]);
[[error(-1)]] int gethostname(char *name [[out, string]], size_t room);
[[error(-1)]] int __gethostname_chk(char *name [[out, string]], size_t n, size_t room);
[[error(-1)]] int getdomainname(char *name [[out, string]], size_t room);
[[error(-1)]] int sethostname(const char *name [[in, size(length)]], size_t length);
[[error(NULL)]] char *if_indextoname(unsigned int index, char *name) [[string]];
[[error(-1)]] int getifaddrs(struct ifaddrs **list [[out]]);
