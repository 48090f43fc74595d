import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** A program that writes gateway.yaml, and one line of it. */
const program = (line: string) => `
import type { DeclaredUpstream, GatewayFile } from 'directus-gateway';
const models: DeclaredUpstream = {
  origin: 'https://api.openai.com',
  credential: { bearer: '\${OPENAI_API_KEY}' },
  rules: [{ methods: ['GET'], path: '/v1/models', collection: 'ai_chats', budget: { points: 3, per: '1h' } }],
};
export const file: GatewayFile = { upstreams: { models, other: ${line} } };
`;

describe.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])(
  'a program imports the types, with module %s and moduleResolution %s, and looks into every .d.ts',
  (module, kind) => {
    /** What TypeScript says, without the places. */
    const compile = (line: string): string => {
      writeFileSync(join(folder, 'program.ts'), program(line));
      const tsc = join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = [
        '--module',
        module,
        '--moduleResolution',
        kind,
        '--strict',
        '--noEmit',
        '--skipLibCheck',
        'false',
      ];
      try {
        return run(folder, process.execPath, tsc, '--ignoreConfig', ...options, 'program.ts');
      } catch (error) {
        return String(Object(error).stdout);
      }
    };

    it('and it compiles', () => {
      expect(compile("{ rules: [{ path: ['/a', '/b'], deny: 'closed' }] }")).toBe('');
    });

    it.each([
      ['a member that is none', "{ rules: [{ path: '/a', colection: 'customers' }] }", "'colection' does not exist"],
      ['a method that is none', "{ rules: [{ path: '/a', methods: ['FETCH'] }] }", `'"FETCH"' is not assignable`],
      ['a number for a text', '{ origin: 1 }', "'number' is not assignable to type 'string'"],
    ])('and it does not with %s', (_what, line, words) => {
      const told = compile(line);
      expect(told).toContain(words);
      expect(told.match(/error TS/g)).toHaveLength(1);
    });
  },
);
