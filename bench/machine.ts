import { arch, cpus, release, totalmem, type } from 'node:os';
import type { Cores } from './cores.ts';

/** What the figures hold for. */
export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly pinning: string;
};

export function describeMachine(cores: Cores): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    pinning:
      'notPinned' in cores
        ? `not pinned: ${cores.notPinned}`
        : `candidate on core ${cores.pinned.candidate}; load, upstream and stand-in for Directus on core ${cores.pinned.surroundings}`,
  };
}
