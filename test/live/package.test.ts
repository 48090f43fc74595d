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

  it('and gets the API page with all that it needs, and the licences of its library, but not the library as a package', () => {
    const load =
      "import { loadPage } from './node_modules/directus-gateway/dist/api-page/load-page.js'; console.log(JSON.stringify([...(await loadPage('{}')).keys()]))";
    const served: string[] = JSON.parse(run(folder, 'node', '--input-type=module', '--eval', load));
    const library = ['swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui.css', 'LICENSE', 'NOTICE'];
    expect(served).toEqual(
      expect.arrayContaining(['', 'main.js', 'page.css', ...library.map((name) => `library/${name}`)]),
    );
    expect(served.filter((name) => name.endsWith('.ts'))).toEqual([]);
    expect(readdirSync(join(folder, 'node_modules'))).not.toContain('swagger-ui-dist');
  });
});
