import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readProjectFile } from './project-file.ts';

const lock = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() })),
});

type Packages = z.output<typeof lock>['packages'];

/** Where Node looks for a package from a folder: in its node_modules, then in those above. */
function isLocked(packages: Packages, from: string, name: string): boolean {
  if (packages[from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`] !== undefined) return true;
  return from !== '' && isLocked(packages, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name);
}

describe.each(['package-lock.json', 'examples/spa/package-lock.json'])('%s', (path) => {
  const { packages } = lock.parse(JSON.parse(readProjectFile(path)));

  it('lists the optional packages of every platform, or `npm ci` refuses it on each of them', () => {
    const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !isLocked(packages, folder, name)),
    );
    expect(missing).toEqual([]);
  });
});
