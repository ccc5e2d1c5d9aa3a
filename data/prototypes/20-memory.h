/* SPDX-License-Identifier: MIT */
/*
 * What C cannot say of functions on memory: allocators, mappings, copies. The types are those of 00-libc.h.
 */

/* ---- allocators ---- */

[[error(NULL)]] [[bytes(size)]] void *malloc(size_t size);
[[error(NULL)]] [[bytes(nmemb * size)]] void *calloc(size_t nmemb, size_t size);
[[error(NULL)]] [[bytes(size)]] void *realloc(void *ptr, size_t size);
[[error(NULL)]] [[bytes(nmemb * size)]] void *reallocarray(void *ptr, size_t nmemb, size_t size);
[[error(NULL)]] [[bytes(size)]] void *aligned_alloc(size_t alignment, size_t size);
[[error(NULL)]] [[bytes(size)]] void *memalign(size_t alignment, size_t size);
[[error(NULL)]] [[bytes(size)]] void *valloc(size_t size);
[[error(NULL)]] [[bytes(size)]] void *pvalloc(size_t size);
[[error(returned)]] [[bytes(size)]] int posix_memalign(void **memptr [[out]], size_t alignment, size_t size) [[errno]];
int mallopt(int param [[enum(mallopt_params)]], int value);
/* C++'s: operator new, new[], with alignment, without exceptions. What they cannot get, they throw. */
[[error(NULL)]] [[bytes(size)]] void *_Znwm(size_t size);
[[error(NULL)]] [[bytes(size)]] void *_Znam(size_t size);
[[error(NULL)]] [[bytes(size)]] void *_ZnwmSt11align_val_t(size_t size, size_t alignment);
[[error(NULL)]] [[bytes(size)]] void *_ZnamSt11align_val_t(size_t size, size_t alignment);
[[error(NULL)]] [[bytes(size)]] void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow);
[[error(NULL)]] [[bytes(size)]] void *_ZnamRKSt9nothrow_t(size_t size, const void *nothrow);
[[error(none)]] void _ZdlPv(void *ptr);
[[error(none)]] void _ZdaPv(void *ptr);
[[error(none)]] void _ZdlPvm(void *ptr, size_t size);
[[error(none)]] void _ZdaPvm(void *ptr, size_t size);

/* ---- mappings ---- */

[[error(-1)]] [[bytes(length)]] void *mmap(void *addr, size_t length, int prot [[flags(mmap_prot)]],
					   int flags [[flags(mmap_flags)]], int fd [[fd]], __off_t offset);
[[error(-1)]] [[bytes(length)]] void *mmap64(void *addr, size_t length, int prot [[flags(mmap_prot)]],
					     int flags [[flags(mmap_flags)]], int fd [[fd]], __off64_t offset);
[[error(-1)]] int mprotect(void *addr, size_t length, int prot [[flags(mmap_prot)]]);
[[error(-1)]] int pkey_mprotect(void *addr, size_t length, int prot [[flags(mmap_prot)]], int pkey);
[[error(-1)]] int msync(void *addr, size_t length, int flags [[flags(msync_flags)]]);
[[error(-1)]] int madvise(void *addr, size_t length, int advice [[enum(madvise_advice)]]);
[[error(returned)]] int posix_madvise(void *addr, size_t length, int advice [[enum(madvise_advice)]]) [[errno]];
[[error(-1)]] void *mremap(void *addr, size_t old_length, size_t new_length, int flags [[flags(mremap_flags)]], ...);
[[error(-1)]] [[case(flags & MREMAP_FIXED)]] void *mremap(void *addr, size_t old_length, size_t new_length,
							  int flags [[flags(mremap_flags)]], void *new_addr);
[[error(-1)]] int mlock2(const void *addr, size_t length, unsigned int flags [[flags(mlock2_flags)]]);
[[error(-1)]] int mlockall(int flags [[flags(mlockall_flags)]]);
[[error(-1)]] int remap_file_pages(void *start, size_t size, int prot [[flags(mmap_prot)]], size_t offset,
				   int flags [[flags(mmap_flags)]]);
[[error(-1)]] int memfd_create(const char *name, unsigned int flags [[flags(memfd_flags)]]) [[fd]];
[[error(-1)]] int shm_open(const char *name, int flags [[flags(open_flags)]], mode_t mode) [[fd]];

/* ---- System V ---- */

[[error(-1)]] int shmget(key_t key [[hex]], size_t size, int flags [[flags(ipc_flags)]]);
[[error(-1)]] void *shmat(int id, const void *addr, int flags [[flags(shmat_flags)]]);
[[error(-1)]] int shmctl(int id, int cmd [[enum(ipc_cmds)]], struct shmid_ds *buf [[out]]);
[[error(-1)]] int semget(key_t key [[hex]], int count, int flags [[flags(ipc_flags)]]);
[[error(-1)]] int semctl(int id, int number, int cmd [[enum(ipc_cmds)]], ...);
[[error(-1)]] int semop(int id, struct sembuf *operations [[in, size(count * 6)]], size_t count);
[[error(-1)]] int semtimedop(int id, struct sembuf *operations [[in, size(count * 6)]], size_t count,
			     const struct timespec *timeout [[in]]);
[[error(-1)]] int msgget(key_t key [[hex]], int flags [[flags(ipc_flags)]]);
[[error(-1)]] int msgsnd(int id, const void *message, size_t size, int flags [[flags(ipc_flags)]]);
[[error(-1)]] ssize_t msgrcv(int id, void *message, size_t size, long type, int flags [[flags(ipc_flags)]]);
[[error(-1)]] int msgctl(int id, int cmd [[enum(ipc_cmds)]], struct msqid_ds *buf [[out]]);

/* ---- copies ---- */

[[error(none)]] void *memcpy(void *dest, const void *src [[in, size(n)]], size_t n);
[[error(none)]] void *memmove(void *dest, const void *src [[in, size(n)]], size_t n);
[[error(none)]] void *mempcpy(void *dest, const void *src [[in, size(n)]], size_t n);
[[error(none)]] void *memset(void *s, int c [[char]], size_t n);
[[error(none)]] int memcmp(const void *s1 [[in, size(n)]], const void *s2 [[in, size(n)]], size_t n);
[[error(none)]] void *memchr(const void *s [[in, size(n)]], int c [[char]], size_t n);
[[error(none)]] void *memrchr(const void *s [[in, size(n)]], int c [[char]], size_t n);
[[error(none)]] void *memmem(const void *haystack [[in, size(haystack_length)]], size_t haystack_length,
			     const void *needle [[in, size(needle_length)]], size_t needle_length);
/* The compiler makes calls of these itself; no header declares them. */
[[error(none)]] void *__memcpy_chk(void *dest, const void *src [[in, size(n)]], size_t n, size_t room);
[[error(none)]] void *__memmove_chk(void *dest, const void *src [[in, size(n)]], size_t n, size_t room);
[[error(none)]] void *__mempcpy_chk(void *dest, const void *src [[in, size(n)]], size_t n, size_t room);
[[error(none)]] void *__memset_chk(void *s, int c, size_t n, size_t room);
