/* SPDX-License-Identifier: MIT */
/*
 * Structs of the C library of which more can be said than C does: these replace those of 00-libc.h and must have the
 * same layout (tests/protogen/layout.sh compares). What holds for a whole typedef stands in data/prototypes/hints.
 */

struct pollfd {
	int fd [[fd]];
	short events [[flags(poll_events)]];
	short revents [[flags(poll_events)]];
};

struct epoll_event {
	uint32_t events [[flags(epoll_events)]];
	epoll_data_t data;
} __attribute__((packed));

struct flock {
	short l_type [[enum(lock_types)]];
	short l_whence [[enum(seek_whence)]];
	__off_t l_start;
	__off_t l_len;
	__pid_t l_pid;
};

struct flock64 {
	short l_type [[enum(lock_types)]];
	short l_whence [[enum(seek_whence)]];
	__off64_t l_start;
	__off64_t l_len;
	__pid_t l_pid;
};

struct addrinfo {
	int ai_flags [[flags(ai_flags)]];
	int ai_family [[enum(address_families)]];
	int ai_socktype [[flags(socket_types)]];
	int ai_protocol [[enum(ip_protocols)]];
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname;
	struct addrinfo *ai_next;
};

struct msghdr {
	void *msg_name;
	socklen_t msg_namelen;
	struct iovec *msg_iov;
	size_t msg_iovlen;
	void *msg_control;
	size_t msg_controllen;
	int msg_flags [[flags(msg_flags)]];
};

struct inotify_event {
	int wd;
	uint32_t mask [[flags(inotify_masks)]];
	uint32_t cookie;
	uint32_t len;
	char name[];
};
