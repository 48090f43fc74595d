import { arch, cpus, release, totalmem, type } from 'node:os';
import type { Cores } from './cores.ts';
import type { Figures } from './figures.ts';

/** What the figures hold for. */
export function describeMachine(cores: Cores): Figures['machine'] {
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
