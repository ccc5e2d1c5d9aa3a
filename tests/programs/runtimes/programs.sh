# SPDX-License-Identifier: MIT
#
# Workloads of large programs that are no language: an emulator with a loader of its own, a debugger, an editor written in
# Lisp, servers that fork and change users, coders with many threads. Sourced by runtimes.sh.

run_emacs()
{
	needs emacs
	cat >work.el <<'TEXT'
(require 'json) (defun say (x) (princ (format "%s\n" x)))
(let ((max-lisp-eval-depth 20000) (max-specpdl-size 40000)) (defun deep (n) (if (= n 0) 0 (1+ (deep (1- n))))) (say (deep 2000))) (say (condition-case e (let ((max-lisp-eval-depth 1000)) (deep 5000)) (error (car e))))
(let ((h (make-hash-table))) (dotimes (i 50000) (puthash (% i 700) (number-to-string i) h)) (garbage-collect) (say (let ((n 0)) (maphash (lambda (k v) (setq n (+ n (length v)))) h) n)))
(with-temp-buffer (dotimes (i 2000) (insert (format "line %d\n" i))) (sort-lines t 1 (point-max)) (say (md5 (current-buffer)))) (say (shell-command-to-string "echo sub"))
(let ((p (make-process :name "c" :command '("cat") :connection-type 'pipe :filter (lambda (p s) (princ s))))) (process-send-string p "piped\n") (process-send-eof p) (while (process-live-p p) (accept-process-output p 1)) (accept-process-output p 0.1))
(mapc 'thread-join (mapcar (lambda (i) (make-thread (lambda () (thread-yield)))) '(1 2 3))) (say (json-encode '((a . 1)))) (kill-emacs 5)
TEXT
	status emacs -Q --batch -l "$PWD/work.el"
}

run_qemu()
{
	needs qemu-x86_64
	status qemu-x86_64 /bin/sh -c 'echo hi; ls -d /usr; expr 3 + 4; exit 3'
}

run_gdb()
{
	needs gdb gcc
	cat >work.c <<'TEXT'
#include <stdio.h>
#include <stdlib.h>
int f(int n) { return n ? f(n - 1) + 1 : abs(-1); }
int main(void) { printf("%d\n", f(5)); fflush(stdout); return *(volatile int *)0; }
TEXT
	gcc -g -O0 -o work work.c
	status gdb -nx -q -batch -ex 'break f if n == 0' -ex run -ex bt -ex 'p n' -ex finish -ex delete -ex continue -ex bt ./work 2>&1 |
		sed -E 's/0x[0-9a-f]+/X/g; /libthread_db|^\[/d'
}

run_ffmpeg()
{
	needs ffmpeg
	ffmpeg -nostdin -v error -f lavfi -i testsrc=size=160x120:rate=10:duration=2 -f lavfi -i sine=duration=2 -threads 4 \
		-c:v mpeg4 -c:a aac -bitexact -flags +bitexact work.mkv
	status ffmpeg -nostdin -v error -i work.mkv -threads 4 -f md5 -
}

run_magick()
{
	needs convert-im6.q16
	convert-im6.q16 -size 100x100 gradient:red-blue -rotate 30 -blur 2x2 work.png
	convert-im6.q16 work.png work.jpg
	status identify-im6.q16 -format '%wx%h %#\n' work.png work.jpg none.png
}

run_gpg()
{
	needs gpg gpg-connect-agent
	mkdir -m 700 home
	export GNUPGHOME=$PWD/home
	gpg() { command gpg --batch --quiet --passphrase '' --pinentry-mode loopback "$@"; }
	gpg --quick-gen-key a@b default default never 2>/dev/null
	echo text >work
	gpg -s -o signed work
	gpg --verify signed 2>&1 | grep -c Good
	gpg -e -r a@b -o secret work
	status gpg -d secret
	gpg-connect-agent killagent /bye
}

run_openssl()
{
	needs openssl
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=x -days 1 2>/dev/null
	openssl dgst -sha256 -sign key -out signature cert
	openssl x509 -in cert -pubkey -noout >public
	status openssl dgst -sha256 -verify public -signature signature cert
	seq 1000 | openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -S 0102030405060708 | md5sum
}

# On a port that only this listens at, since no other takes it from then on.
run_ssh()
{
	local port=2297 with

	needs sshd ssh ssh-keygen
	[ "$(id -u)" = 0 ] || { echo "sshd wants root"; return; }
	ssh-keygen -q -t ed25519 -N '' -f user
	ssh-keygen -q -t ed25519 -N '' -f host
	mkdir -p /run/sshd
	printf '%s\n' "Port $port" 'ListenAddress 127.0.0.1' "HostKey $PWD/host" "AuthorizedKeysFile $PWD/user.pub" \
		"PidFile $PWD/pid" 'StrictModes no' 'UsePAM no' >config
	"$(command -v sshd)" -f "$PWD/config" -E "$PWD/log"
	until [ -s pid ] || [ -s log ]; do :; done
	with=(-F none -i "$PWD/user" -o UserKnownHostsFile="$PWD/known" -o StrictHostKeyChecking=no -o LogLevel=ERROR
		-o ControlPath=none -p "$port" root@127.0.0.1)
	status ssh "${with[@]}" 'echo in; wc -l; exit 7' <config
	ssh "${with[@]}" 'seq 100000' | md5sum
	ssh -tt "${with[@]}" 'tty | cut -c1-9' </dev/null
	kill "$(cat pid)"
}

run_rsync()
{
	needs rsync
	mkdir -p from/below
	seq 10000 >from/below/numbers
	ln -s numbers from/below/link
	printf '#!/bin/sh\nshift\nexec "$@"\n' >shell
	chmod +x shell
	rsync -a from/ to/
	seq 5 10005 >from/below/numbers
	rsync -a --no-whole-file --stats from/ to/ | grep -E 'Literal|Matched'
	status rsync -a -e "$PWD/shell" from/ "host:$PWD/there/"
	diff -r from there && echo "the same"
}

run_tmux()
{
	needs tmux
	export SHELL=/bin/sh TMUX_TMPDIR=$PWD
	tmux -f /dev/null new-session -d -x 80 -y 24 'echo hello; cat' || return
	until tmux capture-pane -p | grep -q hello || ! tmux has-session; do :; done
	tmux send-keys typed Enter
	until [ "$(tmux capture-pane -p | grep -c typed)" = 2 ] || ! tmux has-session; do :; done
	tmux capture-pane -p | sed '/^$/d'
	status tmux kill-server
}

run_vim()
{
	needs vim
	seq 2000 >work
	status vim -Nu NONE -es -c 'g/7$/d' -c '%s/1/one/g' -c 'let @a=system("echo sub")' -c 'normal G"ap' -c wq work
	md5sum work
}

run_tar()
{
	local how

	needs gzip bzip2 xz zstd
	mkdir work
	seq 50000 >work/numbers
	for how in gzip bzip2 'xz -T4' 'zstd -qT4'; do
		tar -c -I "$how" -f archive work
		mkdir out
		tar -x -I "${how%% *}" -f archive -C out
		diff -r work out/work && echo "$how"
		rm -r out
	done
}

run_w3m()
{
	needs w3m
	seq -f '<p>line <b>%g</b> &eacute; <table><tr><td>%g<td>x</table>' 300 >work.html
	status w3m -dump -T text/html work.html | md5sum
}

run_tcc()
{
	needs tcc
	cat >work.c <<'TEXT'
#include <stdio.h>
#include <stdlib.h>
int compare(const void *a, const void *b) { return *(int *)a - *(int *)b; }
int main() { int v[] = { 3, 1, 2 }; qsort(v, 3, 4, compare); printf("%d %d %d\n", v[0], v[1], v[2]); free(malloc(10)); exit(5); }
TEXT
	status tcc -run work.c
}

run_shells()
{
	needs zsh fish busybox
	status zsh -fc 'a=({1..50}); print ${(j:,:)a}; zmodload zsh/mathfunc; print $((sqrt(16))); trap "print usr1" USR1; kill -USR1 $$; print <(:) | wc -l; exit 4'
	status fish --no-config -c 'for i in (seq 5); echo $i; end; math 2 ^ 10; function f; return 3; end; f; echo $status; echo (echo sub | tr a-z A-Z); exit 4'
	status busybox sh -c 'echo a b c | awk "{print \$2}"; seq 100 | busybox sort -n | busybox tail -1; (exit 4); echo $?'
}

run_fakeroot()
{
	needs fakeroot
	status fakeroot sh -c 'touch f; chown 5:6 f; stat -c %u:%g f; id -u'
}

run_cmake()
{
	needs cmake make g++
	printf '%s\n' 'cmake_minimum_required(VERSION 3.10)' 'project(p C CXX)' 'enable_testing()' 'add_library(l SHARED l.c)' \
		'add_executable(p m.cc)' 'target_link_libraries(p l)' 'add_test(NAME t COMMAND p)' >CMakeLists.txt
	echo 'int l(void) { return 5; }' >l.c
	printf '#include <iostream>\nextern "C" int l(void);\nint main() { std::cout << l() << std::endl; }\n' >m.cc
	cmake -S . -B b >log 2>&1
	status make -s -C b >>log 2>&1
	b/p
	(cd b && ctest) | sed 's/ [0-9.]* sec//; /Total Test/d'
}

# Functions of Windows' calling convention, stacks and a loader of its own, and a server. The prefix is made first.
run_wine()
{
	local wine=/usr/lib/wine/wine64

	needs "$wine" "${wine%/*}/wineserver64"
	export WINEPREFIX=$PWD/prefix WINEDEBUG=-all
	printf '%s\r\n' '@for /L %%i in (1,1,50) do @echo line %%i' '@set /a 3*4' '@echo.' '@exit 3' >work.bat
	status "$wine" cmd /c work.bat 2>/dev/null
	"$wine" reg query 'HKLM\Software\Microsoft\Windows NT\CurrentVersion' /v CurrentVersion
	"${wine%/*}/wineserver64" -w
}
