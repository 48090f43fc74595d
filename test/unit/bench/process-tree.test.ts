import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { cpuSeconds, forgetPeak, memoryOf } from '../../../bench/process-tree.ts';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** Uses so much processor time by its own account, holds so much memory, says so, and goes on living. */
const working = (seconds: number, megabytes: number): string => `
const held = Buffer.alloc(${megabytes} * 1024 ** 2, 1);
while (process.cpuUsage().user + process.cpuUsage().system < ${seconds} * 1e6);
console.log('done');
setInterval(() => held.length, 60_000);
`;

const starting = (code: string): string =>
  `require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(code)}], { stdio: ['pipe', 'inherit', 'inherit'] });`;

onLinux('what a process has used', () => {
  let child: ChildProcess | undefined;

  const start = async (code: string): Promise<number> => {
    // The end of a pipe from its parent ends a grandchild too.
    const ending = `process.stdin.resume().once('end', () => process.exit());`;
    const started = spawn(process.execPath, ['--eval', `${ending}${code}`], { stdio: ['pipe', 'pipe', 'inherit'] });
    child = started;
    await once(started.stdout, 'data');
    return started.pid ?? 0;
  };
  afterEach(async () => {
    if (child === undefined) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  });

  test('is its own processor time and memory', async () => {
    const pid = await start(working(0.4, 100));
    expect(await cpuSeconds(pid)).toBeGreaterThan(0.35);
    const { nowMb, peakMb } = await memoryOf(pid);
    expect(nowMb).toBeGreaterThan(100);
    expect(peakMb).toBeGreaterThanOrEqual(nowMb);
  });

  test('was more before than it is now, until its peak is forgotten', async () => {
    const large = `new Uint8Array(held).fill(1); held.transfer(0);`;
    const pid = await start(`const held = new ArrayBuffer(200 * 1024 ** 2); ${large} console.log('done');`);
    const before = await memoryOf(pid);
    expect(before.peakMb - before.nowMb).toBeGreaterThan(150);
    await forgetPeak(pid);
    const after = await memoryOf(pid);
    expect(after.peakMb - after.nowMb).toBeLessThan(50);
  });

  test('is also that of the processes that it has started', async () => {
    const grandchild = `process.stdin.resume().once('end', () => process.exit());${working(1, 150)}`;
    const pid = await start(starting(grandchild));
    expect(await cpuSeconds(pid)).toBeGreaterThan(0.95);
    expect((await memoryOf(pid)).nowMb).toBeGreaterThan(190); // more than either of the two
  });

  test('cannot be told of a process that is gone', async () => {
    const pid = await start(working(0, 0));
    child?.kill('SIGKILL');
    if (child) await once(child, 'close');
    child = undefined;
    await expect(cpuSeconds(pid)).rejects.toThrow('is gone');
  });
});
