import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../error-code.ts';

const RETRY_MS = 300;
const HEARTBEAT_MS = 5_000;
/** Six missed heartbeats: the holder is gone, on whatever machine or in whatever container it ran. */
const STALE_AFTER_MS = 30_000;

/**
 * Waits for the lock file, takes it and returns what gives it back. Two processes that find the same stale lock can
 * both end up holding it: it spares double work, and what it guards must bear being done twice.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  while (!(await tryToTake(path))) {
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(RETRY_MS);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_MS).unref();
  return async () => {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

async function tryToTake(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid} ${hostname()}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const [pid, host] = (await readFile(path, 'utf8')).split(' ');
    if (host === hostname() && !isAlive(Number(pid))) return true;
    return Date.now() - (await stat(path)).mtimeMs > STALE_AFTER_MS;
  } catch {
    // It was given back while we looked.
    return false;
  }
}
