import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROJECT, readProjectFile } from '../unit/deployment/project-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'package-'));
const run = (cwd: string, command: string, ...words: string[]): string =>
  execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  run(PROJECT, 'npm', 'pack', '--pack-destination', folder);
  const [tarball = ''] = readdirSync(folder);
  run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('somebody installs the npm package', () => {
  it('and runs the command with npx', () => {
    const { version } = JSON.parse(readProjectFile('package.json'));
    expect(run(folder, 'npx', '--no-install', 'directus-gateway', '--version').trim()).toBe(version);
  });

  it('and gets what runs, with the types of gateway.yaml, and no source or test', () => {
    const installed = join(folder, 'node_modules', 'directus-gateway');
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/main.js', 'dist/gateway-file.d.ts']));
    expect(files.filter((file) => /^(src|test|bench|demo)\b|\.test\.|\.map$|^\.env$/.test(file))).toEqual([]);
  });
});
