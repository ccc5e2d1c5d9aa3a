# SPDX-License-Identifier: MIT
#
# Workloads of language runtimes, in their languages: deep recursion and its end, errors that are caught, garbage that is
# collected, threads, callbacks from C where the language has them, children, signals. Sourced by runtimes.sh.

make_java()
{
	needs java javac gcc
	cat >Work.java <<'TEXT'
import java.util.*; import java.util.concurrent.*; import java.util.zip.*;
public class Work {
	static native int sorted(Work w, int[] v);
	int compare(int a, int b) { if (a == -1) throw new IllegalStateException("from C"); return Integer.compare(a, new int[]{ b }[0]); }
	static class Node { byte[] data = new byte[100]; int f; }
	static int forever(int n) { return 1 + forever(n + 1); }
	static long garbage(int seed) {
		Random r = new Random(seed); Node[] keep = new Node[1000]; long sum = 0;
		for (int i = 0; i < 100000; i++) { Node n = new Node(); n.f = r.nextInt(1000); keep[r.nextInt(1000)] = n; }
		for (Node n : keep) if (n != null) sum += n.f;
		return sum;
	}
	public static void main(String[] a) throws Exception {
		System.load(a[0]);
		int over = 0, nulls = 0; Node none = null;
		for (int i = 0; i < 3; i++) try { forever(0); } catch (StackOverflowError e) { over++; }
		for (int i = 0; i < 20000; i++) try { nulls += (i % 3 == 0 ? none : new Node()).f; } catch (NullPointerException e) { nulls++; }
		System.out.println(over + " overflows, " + nulls + " nulls");
		ExecutorService pool = Executors.newFixedThreadPool(8); List<Future<Long>> all = new ArrayList<>(); long sum = 0;
		for (int i = 0; i < 16; i++) { int seed = i; all.add(pool.submit(() -> garbage(seed))); }
		for (Future<Long> one : all) sum += one.get();
		pool.shutdown(); System.gc(); System.out.println("garbage " + sum);
		int[] v = new int[1000]; for (int i = 0; i < v.length; i++) v[i] = i * 7919 % 1009;
		System.out.println("sorted " + sorted(new Work(), v)); v[500] = -1;
		try { sorted(new Work(), v); } catch (IllegalStateException e) { System.out.println(e.getMessage()); }
		CRC32 c = new CRC32(); c.update(new byte[100000]); System.out.println(c.getValue());
		Process p = new ProcessBuilder("sh", "-c", "read x; echo got $x; exit 7").start();
		p.getOutputStream().write("it\n".getBytes()); p.getOutputStream().close();
		System.out.print(new String(p.getInputStream().readAllBytes())); System.out.println(p.waitFor());
		Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook"))); System.exit(3);
	}
}
TEXT
	cat >work.c <<'TEXT'
#define _GNU_SOURCE
#include <jni.h>
#include <stdlib.h>
struct with { JNIEnv *e; jobject o; jmethodID m; };
static int compare(const void *a, const void *b, void *with)
{
	struct with *x = with;
	return (*x->e)->ExceptionCheck(x->e) ? 0 : (*x->e)->CallIntMethod(x->e, x->o, x->m, *(jint *)a, *(jint *)b);
}
JNIEXPORT jint JNICALL Java_Work_sorted(JNIEnv *e, jclass c, jobject o, jintArray v)
{
	struct with x = { e, o, (*e)->GetMethodID(e, c, "compare", "(II)I") };
	jint *p = (*e)->GetIntArrayElements(e, v, NULL), n = (*e)->GetArrayLength(e, v), middle;
	qsort_r(p, n, sizeof(*p), compare, &x);
	middle = p[n / 2];
	(*e)->ReleaseIntArrayElements(e, v, p, 0);
	return middle;
}
TEXT
	local jdk
	jdk=$(dirname "$(dirname "$(realpath "$(command -v javac)")")")
	gcc -O2 -shared -fPIC -I"$jdk/include" -I"$jdk/include/linux" -o libwork.so work.c && javac Work.java
}

run_java()
{
	local collector

	for collector in Serial Parallel G1 Z; do
		status java -XX:+Use${collector}GC -cp "$1" Work "$1/libwork.so"
	done
	status java -Xint -cp "$1" Work "$1/libwork.so"
}

run_mono()
{
	[ -e "$1/work.exe" ] || exit 77
	status mono "$1/work.exe"
}

make_mono()
{
	needs mono mcs
	cat >work.cs <<'TEXT'
using System; using System.Linq; using System.Threading; using System.Threading.Tasks; using System.Diagnostics;
using System.Runtime.InteropServices;
class Work {
	class Node { public byte[] d = new byte[50]; public int f; }
	delegate int Compare(IntPtr a, IntPtr b);
	[DllImport("libc")] static extern void qsort(int[] v, UIntPtr n, UIntPtr s, Compare c);
	static int Deep(int n) { return n == 0 ? 0 : 1 + Deep(n - 1); }
	static long Garbage(int seed) {
		var r = new Random(seed); var keep = new Node[500];
		for (int i = 0; i < 50000; i++) { var n = new Node(); n.f = r.Next(100); keep[r.Next(500)] = n; }
		return keep.Where(x => x != null).Sum(x => x.f);
	}
	static int Main() {
		int nulls = 0, total = 0; Node none = null;
		for (int i = 0; i < 2000; i++) try { nulls += none.f; } catch (NullReferenceException) { nulls++; }
		Console.WriteLine(Deep(5000) + " " + nulls);
		Console.WriteLine(Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Garbage(i)))).Result.Sum());
		var v = Enumerable.Range(0, 100).Select(i => i * 37 % 101).ToArray();
		qsort(v, (UIntPtr)100, (UIntPtr)4, (a, b) => { GC.KeepAlive(new byte[1000]); return Marshal.ReadInt32(a) - Marshal.ReadInt32(b); });
		Console.WriteLine(v[0] + " " + v[50] + " " + v[99]);
		try { try { throw new Exception("x"); } finally { Console.WriteLine("finally"); } } catch (Exception e) when (e.Message == "x") { Console.WriteLine("caught"); }
		var p = Process.Start(new ProcessStartInfo("/bin/sh", "-c \"echo sub; exit 4\"") { RedirectStandardOutput = true, UseShellExecute = false });
		Console.Write(p.StandardOutput.ReadToEnd()); p.WaitForExit(); Console.WriteLine(p.ExitCode);
		var ts = Enumerable.Range(0, 50).Select(i => new Thread(() => Interlocked.Add(ref total, Deep(i * 10)))).ToList();
		ts.ForEach(t => t.Start()); ts.ForEach(t => t.Join()); GC.Collect(); Console.WriteLine(total);
		return 9;
	}
}
TEXT
	mcs -out:work.exe work.cs
}

make_go()
{
	needs go gcc
	cat >work.go <<'TEXT'
package main

/*
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
extern int compareInGo(void *, void *);
extern void backInGo(int);
static int compare(const void *a, const void *b) { return compareInGo((void *)a, (void *)b); }
static void sort(int *v, int n) { qsort(v, n, sizeof(int), compare); }
static void nest(int n) { backInGo(n); }
static void *run(void *p) { backInGo((int)(long)p); return 0; }
static void thread(int n) { pthread_t t; pthread_create(&t, 0, run, (void *)(long)n); pthread_join(t, 0); }
static int length(char *s) { char *d = strdup(s); int n = strlen(d); free(d); return n; }
*/
import "C"
import ("fmt"; "os"; "os/exec"; "os/signal"; "os/user"; "runtime"; "sync"; "sync/atomic"; "syscall"; "unsafe")

var total, sum int64

//export compareInGo
func compareInGo(a, b unsafe.Pointer) C.int {
	if *(*C.int)(a) == -1 { panic("from C") }
	return *(*C.int)(a) - *(*C.int)(b)
}

//export backInGo
func backInGo(n C.int) {
	atomic.AddInt64(&total, int64(n))
	if n > 0 && n < 50 { C.nest(n - 1) }
	if n == 77 { panic("nested") }
	if n % 10 == 0 { runtime.GC() }
}
func deep(n int) int { var pad [100]byte; if n == 0 { return int(pad[3]) }; return 1 + deep(n - 1) }
func null(p *int) (r int) { defer func() { if recover() != nil { r = 1 } }(); return *p }
func main() {
	v := make([]C.int, 1000)
	for i := range v { v[i] = C.int(i * 7919 % 1009) }
	C.sort(&v[0], 1000); fmt.Println(v[0], v[500], v[999])
	func() { defer func() { fmt.Println(recover()) }(); v[500] = -1; C.sort(&v[0], 1000) }()
	func() { defer func() { fmt.Println(recover()) }(); C.nest(77) }()
	for i := 0; i < 20; i++ { C.thread(C.int(i)) }
	var all sync.WaitGroup
	for i := 0; i < 200; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			for k := 0; k < 50; k++ { s := C.CString(fmt.Sprint(i * k)); atomic.AddInt64(&sum, int64(C.length(s))); C.free(unsafe.Pointer(s)) }
			atomic.AddInt64(&sum, int64(deep(3000)))
		}(i)
	}
	all.Wait()
	nulls := 0
	for i := 0; i < 1000; i++ { nulls += null(nil) }
	fmt.Println(total, sum, nulls)
	c := make(chan os.Signal, 1); signal.Notify(c, syscall.SIGUSR1); syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); fmt.Println(<-c)
	out, err := exec.Command("sh", "-c", "echo sub; exit 3").Output(); fmt.Print(string(out), err, "\n")
	root, err := user.LookupId("0"); fmt.Println(root.Username, err)
	done := make(chan int); go func() { x := 0; for i := 0; i < 100000000; i++ { x += i }; done <- x }(); fmt.Println(<-done)
	os.Exit(5)
}
TEXT
	HOME=$PWD GOFLAGS=-mod=mod go build -o work work.go
}

run_go()
{
	[ -e "$1/work" ] || exit 77
	status "$1/work"
}

make_rust()
{
	needs rustc
	cat >work.rs <<'TEXT'
use std::{collections::HashMap, ffi::c_void, panic, process::Command, sync::*, thread};
extern "C-unwind" { fn qsort(b: *mut c_void, n: usize, s: usize, c: extern "C-unwind" fn(*const i32, *const i32) -> i32); }
extern "C-unwind" fn compare(a: *const i32, b: *const i32) -> i32 { let (a, b) = unsafe { (*a, *b) }; if a == -1 { panic!("from C") } a - b }
fn deep(n: u32) -> u32 { if n == 0 { 0 } else { 1 + deep(std::hint::black_box(n - 1)) } }
struct D; impl Drop for D { fn drop(&mut self) { println!("dropped {}", thread::panicking()) } }
fn main() {
    panic::set_hook(Box::new(|_| eprintln!("panic")));
    let mut v: Vec<i32> = (0..1000).map(|i| i * 7919 % 1009).collect();
    unsafe { qsort(v.as_mut_ptr() as _, 1000, 4, compare) }; println!("{} {}", v[0], v[999]); v[500] = -1;
    println!("{}", panic::catch_unwind(move || { let _d = D; unsafe { qsort(v.as_mut_ptr() as _, 1000, 4, compare) } }).is_err());
    for i in 0..300 { assert_eq!(panic::catch_unwind(|| { let _v = vec![1; 100]; if i % 2 == 0 { panic::resume_unwind(Box::new(i)) } deep(i) }).is_err(), i % 2 == 0); }
    let m = Arc::new(Mutex::new(HashMap::new()));
    let ts: Vec<_> = (0..50).map(|i| { let m = m.clone(); thread::spawn(move || { for k in 0..200 { m.lock().unwrap().insert((i, k), format!("{i}{k}")); } deep(1000) }) }).collect();
    println!("{}", ts.into_iter().map(|t| t.join().unwrap()).sum::<u32>());
    let o = Command::new("sh").args(["-c", "echo sub; exit 3"]).output().unwrap(); println!("{} {:?}", String::from_utf8_lossy(&o.stdout), o.status.code());
    println!("{}", thread::Builder::new().stack_size(64 << 20).spawn(|| deep(100000)).unwrap().join().unwrap());
    panic!("the end");
}
TEXT
	rustc -O -o work work.rs || exit 77 # one that knows C-unwind
}

run_rust()
{
	[ -e "$1/work" ] || exit 77
	status "$1/work"
}
