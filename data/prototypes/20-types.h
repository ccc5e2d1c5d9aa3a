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

struct statx {
	__u32 stx_mask [[flags(statx_masks)]];
	__u32 stx_blksize;
	__u64 stx_attributes [[flags(statx_attributes)]];
	__u32 stx_nlink;
	__u32 stx_uid;
	__u32 stx_gid;
	__u16 stx_mode;
	__u16 __spare0[1];
	__u64 stx_ino;
	__u64 stx_size;
	__u64 stx_blocks;
	__u64 stx_attributes_mask [[flags(statx_attributes)]];
	struct statx_timestamp stx_atime;
	struct statx_timestamp stx_btime;
	struct statx_timestamp stx_ctime;
	struct statx_timestamp stx_mtime;
	__u32 stx_rdev_major;
	__u32 stx_rdev_minor;
	__u32 stx_dev_major;
	__u32 stx_dev_minor;
	__u64 stx_mnt_id;
	__u32 stx_dio_mem_align;
	__u32 stx_dio_offset_align;
	__u64 __spare3[12];
};

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

struct termios {
	tcflag_t c_iflag [[flags(termios_iflags)]];
	tcflag_t c_oflag [[flags(termios_oflags)]];
	tcflag_t c_cflag [[flags(termios_cflags)]];
	tcflag_t c_lflag [[flags(termios_lflags)]];
	cc_t c_line;
	cc_t c_cc[32];
	speed_t c_ispeed;
	speed_t c_ospeed;
};

struct sigaction {
	union {
		__sighandler_t sa_handler;
		void (*sa_sigaction)(int, siginfo_t *, void *);
	} __sigaction_handler;
	__sigset_t sa_mask;
	int sa_flags [[flags(sa_flags)]];
	void (*sa_restorer)(void);
};

struct statfs {
	__fsword_t f_type [[enum(filesystems), hex]];
	__fsword_t f_bsize;
	__fsblkcnt_t f_blocks;
	__fsblkcnt_t f_bfree;
	__fsblkcnt_t f_bavail;
	__fsfilcnt_t f_files;
	__fsfilcnt_t f_ffree;
	__fsid_t f_fsid;
	__fsword_t f_namelen;
	__fsword_t f_frsize;
	__fsword_t f_flags [[flags(statfs_flags)]];
	__fsword_t f_spare[4];
};

struct statfs64 {
	__fsword_t f_type [[enum(filesystems), hex]];
	__fsword_t f_bsize;
	__fsblkcnt64_t f_blocks;
	__fsblkcnt64_t f_bfree;
	__fsblkcnt64_t f_bavail;
	__fsfilcnt64_t f_files;
	__fsfilcnt64_t f_ffree;
	__fsid_t f_fsid;
	__fsword_t f_namelen;
	__fsword_t f_frsize;
	__fsword_t f_flags [[flags(statfs_flags)]];
	__fsword_t f_spare[4];
};
