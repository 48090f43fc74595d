import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import type { Cores } from './cores.ts';
import type { Figures } from './figures.ts';

/** What the figures hold for. To be asked before anything is started: afterwards the load is its own. */
export function describeMachine(cores: Cores): Figures['machine'] {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    pinning:
      'notPinned' in cores
        ? `not pinned: ${cores.notPinned}`
        : `candidate on core ${cores.pinned.candidate}; load, upstream and stand-in for Directus on core ${cores.pinned.surroundings}`,
  };
}
