// SPDX-License-Identifier: MIT
// What node.sh runs.
'use strict';
const { execFileSync, spawn } = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const net = require('net');
const path = require('path');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const zlib = require('zlib');

function work(from, to) {
	let sum = 0;
	for (let i = from; i < to; i++) sum += Math.sqrt(i) * (i % 7);
	return sum;
}

async function threads() {
	const parts = [0, 1, 2, 3].map((n) => new Promise((resolve, reject) => {
		const worker = new Worker(__filename, { workerData: n });
		let answer;
		worker.on('message', (message) => { answer = message; });
		worker.on('error', reject);
		worker.on('exit', () => resolve(answer));
	}));
	console.log('workers', (await Promise.all(parts)).map((x) => x.toFixed(3)).join(' '));
}

async function children() {
	console.log('sed', execFileSync('sed', ['s/a/b/g'], { input: 'banana' }).toString());
	const child = spawn('sh', ['-c', 'cat; exit 3'], { stdio: ['pipe', 'pipe', 'inherit'] });
	child.stdin.end('through cat');
	for await (const data of child.stdout) console.log(data.toString());
	console.log('status', await new Promise((resolve) => child.on('close', resolve)));
}

async function files() {
	const name = path.join(process.env.TMPDIR, 'file');
	await fs.promises.writeFile(name, 'x'.repeat(100000));
	const reads = Array.from({ length: 50 }, () => fs.promises.readFile(name));
	console.log('files', (await Promise.all(reads)).reduce((sum, data) => sum + data.length, 0));
	const packed = zlib.gzipSync(fs.readFileSync(name));
	console.log('zlib', zlib.gunzipSync(packed).length);
}

async function sockets() {
	const server = net.createServer((peer) => peer.pipe(peer));
	const name = path.join(process.env.TMPDIR, 'socket');
	await new Promise((resolve) => server.listen(name, resolve));
	const client = net.connect(name);
	client.end('echo');
	for await (const data of client) console.log('socket', data.toString());
	await new Promise((resolve) => server.close(resolve));
}

async function main() {
	console.log('compiled', work(0, 3e6).toFixed(3));
	console.log('sha256', crypto.createHash('sha256').update('text').digest('hex'));
	const key = await new Promise((resolve, reject) =>
		crypto.scrypt('word', 'salt', 32, { N: 1024 }, (error, made) => error ? reject(error) : resolve(made)));
	console.log('scrypt', key.toString('hex'));
	try {
		JSON.parse('{');
	} catch (error) {
		console.log('caught', error.name);
	}
	await threads();
	await children();
	await files();
	await sockets();
}

if (isMainThread) main();
else parentPort.postMessage(work(workerData * 1e5, (workerData + 1) * 1e5));
