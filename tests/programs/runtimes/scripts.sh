# SPDX-License-Identifier: MIT
#
# Workloads of interpreters and compilers that run programs at once: as in languages.sh. Sourced by runtimes.sh.

run_ruby()
{
	needs ruby
	status ruby -W0 -e '
require "json"; require "zlib"; require "digest"; require "timeout"; require "fiddle"
def deep(n) = n == 0 ? 0 : 1 + deep(n - 1)
def forever(n) = 1 + forever(n + 1)
puts deep(5000); begin; forever(0); rescue SystemStackError => e; puts e.class; end
fs = 50.times.map { |i| Fiber.new { s = 0; 100.times { |k| s += Fiber.yield(k * i) || 0 }; s } }
fs.each(&:resume); 100.times { |k| fs.each { |f| f.resume(k) } }; puts fs.map(&:alive?).tally
p 4.times.map { |i| Ractor.new(i) { |n| s = 0; 20000.times { |k| s += k.to_s.size }; [n, s] } }.map(&:take)
q = Queue.new; 10.times.map { |i| Thread.new { 200.times { |k| q << [i, k].to_json } } }.each(&:join); puts q.size
d = JSON.generate((0...3000).map { |i| { id: i, v: [i * 1.5, nil, true] } })
puts Digest::SHA256.hexdigest(Zlib.inflate(Zlib.deflate(d))), JSON.parse(d).sum { |x| x["v"][0] }
puts 5.times.map { |i| fork { exit!(i) } }.map { |x| Process.wait2(x)[1].exitstatus }.inspect, `echo sub; exit 3`, $?.exitstatus
begin; Timeout.timeout(0.05) { loop { [1] * 100 } }; rescue Timeout::Error; puts "timeout"; end
GC.stress = true; a = 30.times.map { |i| "s#{i}" * 5 }; GC.stress = false; puts a.join.size; GC.compact
sort = Fiddle::Function.new(Fiddle.dlopen(nil)["qsort"], [Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG, Fiddle::TYPE_LONG, Fiddle::TYPE_VOIDP], Fiddle::TYPE_VOID)
s = [5, 3, 9, 1].pack("l*"); at = ->(x) { x[0, 4].unpack1("l") }
sort.call(s, 4, 4, Fiddle::Closure::BlockCaller.new(Fiddle::TYPE_INT, [Fiddle::TYPE_VOIDP] * 2) { |x, y| at[x] <=> at[y] }); p s.unpack("l*")
at_exit { puts "bye" }; abort "the end"'
}

run_guile()
{
	needs guile
	cat >work.scm <<'TEXT'
(use-modules (ice-9 threads) (ice-9 popen) (ice-9 rdelim) (srfi srfi-1) (system foreign) (rnrs bytevectors))
(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (define (say x) (display x) (newline)) (say (deep 200000))
(define l (map (lambda (i) (number->string (* i i))) (iota 50000))) (gc) (say (apply + (map string-length l)))
(define (work i) (let loop ((k 0) (kept '())) (if (= k 20000) (length kept) (loop (+ k 1) (cons (make-vector 10 k) (if (= 0 (modulo k 100)) '() kept))))))
(say (map join-thread (map (lambda (i) (call-with-new-thread (lambda () (work i)))) (iota 6))))
(say (catch 'foo (lambda () (throw 'foo 1 2)) (lambda all all)))
(define sort! (pointer->procedure void (dynamic-func "qsort" (dynamic-link)) (list '* size_t size_t '*))) (define v (u8-list->bytevector '(9 3 7 1 8 2)))
(define (at p) (bytevector-u8-ref (pointer->bytevector p 1) 0))
(sort! (bytevector->pointer v) 6 1 (procedure->pointer int (lambda (a b) (gc) (- (at a) (at b))) (list '* '*))) (say v)
(define p (open-input-pipe "echo piped")) (say (read-line p)) (close-pipe p)
(let ((pid (primitive-fork))) (if (= pid 0) (primitive-_exit 5) (say (status:exit-val (cdr (waitpid pid))))))
(exit 4)
TEXT
	status guile --no-auto-compile work.scm
}

run_ecl()
{
	needs ecl
	cat >work.lisp <<'TEXT'
(defun deep (n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (print (deep 1000))
(print (handler-case (labels ((f (n) (+ 1 (f (+ n 1))))) (f 0)) (ext:stack-overflow () :overflow)))
(print (handler-case (/ 1 (eval 0)) (division-by-zero () :division)))
(let ((l (loop for i below 30000 collect (make-array 10 :initial-element i)))) (ext:gc t) (print (reduce #'+ (mapcar (lambda (v) (aref v 3)) l))))
(defun work (i) (let ((s 0)) (dotimes (k 3000 s) (incf s (length (make-list (+ i 3)))) (when (= 0 (mod k 1000)) (ext:gc)))))
(print (mapcar #'mp:process-join (loop for i below 6 collect (let ((i i)) (mp:process-run-function 'w (lambda () (work i)))))))
(print (multiple-value-bind (s c) (ext:run-program "/bin/sh" '("-c" "echo sub; exit 2") :wait t) (list (read-line s) c)))
(print (catch 'x (unwind-protect (throw 'x (mod (expt 3 5000) 1000007)) (print :cleanup)))) (terpri) (ext:quit 6)
TEXT
	status ecl --shell work.lisp
}

run_sbcl()
{
	needs sbcl
	cat >work.lisp <<'TEXT'
(defun deep (n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (print (deep 10000))
(dotimes (i 2) (print (handler-case (labels ((f (n) (+ 1 (f (+ n 1))))) (f 0)) (sb-kernel::control-stack-exhausted () :overflow))))
(print (handler-case (sb-sys:sap-ref-8 (sb-sys:int-sap 16) 0) (sb-sys:memory-fault-error () :fault)))
(let ((l (loop for i below 100000 collect (make-array 10 :initial-element i)))) (gc :full t) (print (reduce #'+ l :key (lambda (v) (aref v 3)))))
(defun work (i) (let ((s 0)) (dotimes (k 30000 s) (incf s (length (make-list (+ i 3)))) (when (= 0 (mod k 10000)) (gc)))))
(print (mapcar #'sb-thread:join-thread (loop for i below 8 collect (let ((i i)) (sb-thread:make-thread (lambda () (work i)))))))
(print (with-output-to-string (s) (print (sb-ext:process-exit-code (sb-ext:run-program "/bin/sh" '("-c" "echo sub; exit 2") :output s)) s)))
(sb-alien:define-alien-callable compare sb-alien:int ((a (* sb-alien:int)) (b (* sb-alien:int))) (- (sb-alien:deref a) (sb-alien:deref b)))
(let ((v (sb-alien:make-alien sb-alien:int 5))) (loop for x in '(5 2 9 1 7) for i from 0 do (setf (sb-alien:deref v i) x))
 (sb-alien:alien-funcall (sb-alien:extern-alien "qsort" (function sb-alien:void (* sb-alien:int) sb-alien:size-t sb-alien:size-t (* t))) v 5 4 (sb-alien:alien-sap (sb-alien:alien-callable-function 'compare)))
 (print (loop for i below 5 collect (sb-alien:deref v i))))
(print (handler-case (sb-ext:with-timeout 0.05 (loop)) (sb-ext:timeout () :timeout))) (terpri) (finish-output) (sb-ext:exit :code 6)
TEXT
	status sbcl --noinform --no-sysinit --no-userinit --disable-debugger --load work.lisp 2>&1 | sed -E 's/0x[0-9a-f]+|[pt]id [0-9]+/X/g'
}

run_chez()
{
	needs chezscheme
	cat >work.ss <<'TEXT'
(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (define (say x) (printf "~a\n" x)) (say (deep 200000))
(define v (make-vector 1000 '())) (do ((i 0 (+ i 1))) ((= i 50000)) (vector-set! v (mod i 1000) (list i (number->string i)))) (collect) (say (apply + (map car (vector->list v))))
(say (guard (e (#t 'caught)) (car 5))) (say (call/cc (lambda (k) (dynamic-wind (lambda () 1) (lambda () (k 7)) (lambda () (say "out"))))))
(load-shared-object "libc.so.6") (define sort! (foreign-procedure "qsort" (u8* size_t size_t void*) void)) (define b (bytevector 9 3 7 1 8 2))
(define (at p) (foreign-ref 'unsigned-8 p 0)) (define compare (foreign-callable (lambda (x y) (- (at x) (at y))) (void* void*) int)) (lock-object compare) (lock-object b)
(sort! b 6 1 (foreign-callable-entry-point compare)) (say b) (say (system "echo sub; exit 3"))
(define m (make-mutex)) (define c (make-condition)) (define n 0)
(do ((i 0 (+ i 1))) ((= i 8)) (fork-thread (lambda () (deep 100000) (with-mutex m (set! n (+ n 1)) (condition-signal c)))))
(with-mutex m (let loop () (unless (= n 8) (condition-wait c m) (loop)))) (say n) (exit 5)
TEXT
	status chezscheme --script work.ss
}

run_racket()
{
	needs racket
	cat >work.rkt <<'TEXT'
#lang racket/base
(require ffi/unsafe racket/future racket/system racket/port)
(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (displayln (deep 200000)) (displayln (with-handlers ([exn:fail? (lambda (e) 'caught)]) (car 5)))
(define sort! (get-ffi-obj "qsort" #f (_fun _pointer _size _size (_fun _pointer _pointer -> _int) -> _void)))
(define v (malloc 6 'raw)) (memcpy v (bytes 9 3 7 1 8 2) 6) (define (at p) (ptr-ref p _uint8))
(sort! v 6 1 (lambda (x y) (collect-garbage 'minor) (- (at x) (at y)))) (displayln (for/list ([i 6]) (ptr-ref v _uint8 i)))
(displayln (for/sum ([f (for/list ([i 4]) (future (lambda () (for/fold ([s 0]) ([k 50000]) (+ s (* i k))))))]) (touch f)))
(for-each thread-wait (for/list ([i 10]) (thread (lambda () (deep 10000))))) (displayln (with-output-to-string (lambda () (system "echo sub"))))
(displayln (call/cc (lambda (k) (dynamic-wind void (lambda () (k 7)) (lambda () (displayln "out")))))) (exit 5)
TEXT
	status racket work.rkt
}

run_ocaml()
{
	needs ocaml
	cat >work.ml <<'TEXT'
#directory "+threads";; #load "unix.cma";; #load "threads.cma";;
let rec deep n = if n = 0 then 0 else 1 + deep (n - 1);; print_int (deep 100000); print_newline ();;
(try let rec f n = 1 + f (n + 1) in print_int (f 0) with Stack_overflow -> print_endline "overflow");;
let h = Hashtbl.create 10 in for i = 0 to 100000 do Hashtbl.replace h (i mod 5000) (String.make 20 'x') done; Gc.compact (); Printf.printf "%d\n%!" (Hashtbl.fold (fun _ s a -> a + String.length s) h 0);;
List.iter Thread.join (List.init 8 (fun i -> Thread.create (fun () -> for k = 0 to 20000 do ignore (Sys.opaque_identity (Array.make 10 (i * k))) done; if i = 3 then Gc.full_major ()) ()));;
Sys.set_signal Sys.sigusr1 (Sys.Signal_handle (fun _ -> print_endline "usr1")); Unix.kill (Unix.getpid ()) Sys.sigusr1; Thread.yield ();;
flush_all (); match Unix.fork () with 0 -> Unix._exit 4 | p -> (match snd (Unix.waitpid [] p) with Unix.WEXITED n -> Printf.printf "child %d\n%!" n | _ -> ());;
print_endline (input_line (Unix.open_process_in "echo sub")); at_exit (fun () -> print_endline "bye"); exit 7;;
TEXT
	status ocaml work.ml
}

run_erlang()
{
	needs erl erlc
	cat >work.erl <<'TEXT'
-module(work).
-export([main/0]).
deep(0) -> 0; deep(N) -> 1 + deep(N - 1).
main() ->
  io:format("~p~n", [deep(200000)]), S = self(),
  Ps = [spawn(fun() -> receive X -> S ! {self(), lists:sum(lists:seq(1, X))} end end) || _ <- lists:seq(1, 1000)],
  [P ! I || {P, I} <- lists:zip(Ps, lists:seq(1, 1000))], io:format("~p~n", [lists:sum([receive {P, V} -> V end || P <- Ps])]),
  io:format("~p ~s", [try 1 / (deep(0)) catch C:R -> {C, R} end, os:cmd("echo sub; exit 3")]),
  Z = zlib:compress(term_to_binary(lists:seq(1, 20000))), io:format("~p ~p~n", [erlang:crc32(Z), length(binary_to_term(zlib:uncompress(Z)))]),
  {ok, L} = gen_tcp:listen(0, [binary, {active, false}]), {ok, No} = inet:port(L),
  spawn(fun() -> {ok, A} = gen_tcp:accept(L), {ok, X} = gen_tcp:recv(A, 0), gen_tcp:send(A, [X, X]), gen_tcp:close(A) end),
  {ok, K} = gen_tcp:connect({127,0,0,1}, No, [binary, {active, false}]), gen_tcp:send(K, "ping"), {ok, B} = gen_tcp:recv(K, 8), io:format("~s~n", [B]),
  {_, Ref} = spawn_monitor(fun() -> exit(boom) end), receive {'DOWN', Ref, _, _, Why} -> io:format("~p~n", [Why]) end, halt(6).
TEXT
	erlc work.erl
	status erl -noinput -run work main
}

run_php()
{
	needs php
	status php -d opcache.enable_cli=1 -d display_errors=stderr -d log_errors=0 -r '
function deep($n) { return $n == 0 ? 0 : 1 + deep($n - 1); } echo deep(20000), "\n";
$all = []; for ($i = 0; $i < 100; $i++) { $all[$i] = new Fiber(function () use ($i) { $s = 0; for ($k = 0; $k < 50; $k++) $s += Fiber::suspend($k); return $s + $i; }); $all[$i]->start(); }
for ($k = 0; $k < 50; $k++) foreach ($all as $x) $x->resume($k); $t = 0; foreach ($all as $x) $t += $x->getReturn(); echo $t, "\n";
try { (new Fiber(function () { throw new Exception("in"); }))->start(); } catch (Exception $e) { echo $e->getMessage(), "\n"; }
$a = []; for ($i = 0; $i < 50000; $i++) $a["k" . ($i % 5000)][] = $i; gc_collect_cycles(); echo md5(json_encode($a)), "\n";
usort($a, fn($x, $y) => $y[0] <=> $x[0]); echo $a[10][3], preg_replace_callback("/\d+/", fn($m) => strrev($m[0]), " a12 b34"), "\n";
$h = popen("echo sub; exit 2", "r"); echo fgets($h), pclose($h), "\n"; register_shutdown_function(function () { echo "bye\n"; });
ini_set("memory_limit", "32M"); $z = []; while (true) $z[] = str_repeat("x", 100000);'
}

run_lua()
{
	needs lua5.4 luajit
	cat >work.lua <<'TEXT'
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end print(deep(10000))
local function forever(n) return 1 + forever(n + 1) end print((pcall(forever, 0)))
local all, t, h, n = {}, 0, {}, 0
for i = 1, 200 do all[i] = coroutine.wrap(function() local s = 0 for k = 1, 100 do s = s + coroutine.yield(k) end return s + i end) all[i]() end
for k = 1, 100 do for i = 1, 200 do local r = all[i](k) if k == 100 then t = t + r end end end print(t)
for i = 1, 100000 do h[i % 5000] = tostring(i) .. ("x"):rep(i % 30) end collectgarbage() for k, v in pairs(h) do n = n + #v end print(n)
for i = 1, 500 do local ok, e = pcall(function() error({ i }) end) assert(e[1] == i) end
local p = io.popen("echo sub") print(p:read("*a")) p:close() print(os.execute("exit 2"))
if jit then
	local ffi = require("ffi") ffi.cdef [[void qsort(int *v, size_t n, size_t s, int (*c)(const int *, const int *)); size_t strlen(const char *);]]
	local v = ffi.new("int[200]") for i = 0, 199 do v[i] = i * 37 % 211 end
	ffi.C.qsort(v, 200, 4, function(a, b) return a[0] - b[0] end) print(v[0], v[100], v[199]) v[7] = -1
	print((pcall(function() ffi.C.qsort(v, 200, 4, function(a, b) if a[0] == -1 then error("from C") end return a[0] - b[0] end) end)))
	local s = 0 for i = 1, 200000 do s = s + tonumber(ffi.C.strlen("hello")) + i % 7 end print(s)
end
TEXT
	status lua5.4 work.lua
	status luajit work.lua
}

run_R()
{
	needs Rscript
	cat >work.R <<'TEXT'
f <- function(n) 1 + f(n + 1); options(expressions = 100); print(tryCatch(f(0), error = function(e) "overflow")); options(expressions = 5000)
set.seed(1); m <- matrix(rnorm(10000), 100); print(round(summary(lm(m[,1] ~ m[,2] + m[,3]))$r.squared, 6)); print(sum(solve(m) %*% m) > 99)
l <- lapply(1:20000, function(i) paste0("x", i)); invisible(gc()); print(sum(nchar(unlist(l)))); print(system("echo sub; exit 3"))
print(unlist(parallel::mclapply(1:4, function(i) i^2, mc.cores = 2))); print(optimize(function(x) (x - 1/3)^2, c(0, 1))$minimum)
gctorture2(100); y <- toString(1:3); gctorture2(0); print(y); e <- new.env(); reg.finalizer(e, function(x) cat("final\n")); rm(e); invisible(gc()); quit(status = 5)
TEXT
	status Rscript --vanilla work.R
}

run_octave()
{
	needs octave-cli
	cat >work.m <<'TEXT'
function r = deep(n) if n == 0, r = 0; else r = 1 + deep(n - 1); end, end
printf("%d\n", deep(200)); try, deep(10000); catch e, disp(e.message); end
a = reshape(1:10000, 100, 100); a = mod(a .* a', 97) + eye(100) * 500; printf("%.6f %.4f\n", sum(sum(inv(a) * a)), abs(fft(a(:, 1))(3)));
[st, o] = system("echo sub; exit 3"); printf("%d %s%.10f\n", st, o, fzero(@(x) cos(x) - x, [0 1]));
unwind_protect, try, error("my:id", "msg"); catch e, disp(e.identifier); end, unwind_protect_cleanup, disp("clean"); end_unwind_protect
TEXT
	status octave-cli -qf work.m
}

run_swipl()
{
	needs swipl
	cat >work.pl <<'TEXT'
deep(0, 0) :- !. deep(N, R) :- M is N - 1, deep(M, S), R is S + 1.
start(8, Ids) :- findall(Id, (between(1, 8, K), thread_create((numlist(1, 20000, L), sum_list(L, S), S > K), Id)), Ids).
main :- deep(100000, R), writeln(R), catch(atom_length(_, _), error(T, _), writeln(T)),
 catch((set_prolog_flag(stack_limit, 2000000), numlist(1, 1000000, _)), error(resource_error(_), _), writeln(overflow)),
 start(8, Ids), findall(I, (member(J, Ids), thread_join(J, I)), Is), writeln(Is), garbage_collect, garbage_collect_atoms,
 shell('echo sub; exit 3', S), writeln(S), Y is 3 ** 500 mod 1000007, writeln(Y), halt(4).
:- initialization(main).
TEXT
	status swipl -q -f work.pl
}

run_pypy()
{
	needs pypy3
	cat >work.py <<'TEXT'
import ctypes, gc, hashlib, json, os, re, signal, subprocess, sys, threading, zlib
def forever(n): return forever(n + 1) + 1
try: forever(0)
except RecursionError: print("recursion")
print(sum(i % 7 for i in range(1000000))); gc.collect()
ts = [threading.Thread(target=lambda: [json.dumps({"a": i}) for i in range(2000)]) for _ in range(8)]; [t.start() for t in ts]; [t.join() for t in ts]
print(hashlib.sha256(zlib.compress(b"abc" * 10000)).hexdigest(), subprocess.run("echo sub; exit 3", shell=True, stdout=subprocess.PIPE)); sys.stdout.flush()
p = os.fork()
if p == 0: os._exit(4)
print(os.waitpid(p, 0)[1]); signal.signal(signal.SIGUSR1, lambda *a: print("usr1")); os.kill(os.getpid(), signal.SIGUSR1)
I = ctypes.POINTER(ctypes.c_int); v = (ctypes.c_int * 6)(5, 3, 9, 1, 7, 2); ctypes.CDLL(None).qsort(v, 6, 4, ctypes.CFUNCTYPE(ctypes.c_int, I, I)(lambda a, b: a[0] - b[0])); print(list(v)); sys.exit(5)
TEXT
	status pypy3 work.py
}
