import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROJECT, readProjectFile } from '../unit/deployment/project-file.ts';
import { spawnGateway, startGatewayProcess } from '../world/gateway-process.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, phoneNumber, secrets, tokens } from '../world/world.ts';

const world = await useWorld();
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const run = (cwd: string, command: string, ...words: string[]): string =>
  execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const installed = join(folder, 'node_modules', 'directus-gateway');
const command = join(folder, 'node_modules', '.bin', 'directus-gateway');
let packedBytes = 0;

beforeAll(() => {
  run(PROJECT, 'npm', 'pack', '--pack-destination', folder);
  const [tarball = ''] = readdirSync(folder);
  packedBytes = statSync(join(folder, tarball)).size;
  run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('somebody installs the npm package', () => {
  it('and runs the command with npx', () => {
    const { version } = JSON.parse(readProjectFile('package.json'));
    expect(run(folder, 'npx', '--no-install', 'directus-gateway', '--version').trim()).toBe(version);
  });

  it('and gets what runs, with the types of gateway.yaml, and no source or test', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/main.js', 'dist/gateway-file.d.ts']));
    expect(files.filter((file) => /^(src|test|bench|demo)\b|\.test\.|\.map$|^\.env$/.test(file))).toEqual([]);
  });

  it('and fetches less than 800 kB, and gets these and no others', () => {
    expect(packedBytes).toBeLessThan(800_000);
    expect(readdirSync(installed).sort()).toEqual([
      '.env.example',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin',
      'dist',
      'docs',
      'gateway.example.yaml',
      'gateway.schema.json',
      'package.json',
    ]);
  });

  it('and finds there what the README links to, but for what only who works on it needs', () => {
    const targets = [...readProjectFile('README.md').matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(
      ([, path = '']) => path,
    );
    const absent = targets.filter((path) => !existsSync(join(installed, path)));
    expect(targets).toContain('docs/gateway-yaml.md');
    expect([...new Set(absent.filter((path) => !path.startsWith('docs/decisions')))].sort()).toEqual([
      'docker-compose.yml',
      'docs/kubernetes.md', // its manifests are not there
      'docs/performance.md',
      'examples/spa',
    ]);
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

describe('somebody starts what they have installed', () => {
  const stopLater = useStops();
  const everywhere = join(folder, 'everywhere.yaml');
  const start = async (more: Record<string, string> = {}) =>
    stopLater(await startGatewayProcess({ ...world.environment, ...more }, { command }));
  const json = { 'Content-Type': 'application/json' };

  it('and a request of each API that comes with it arrives, with its credential', async () => {
    const { url } = await start();
    const headers = as(tokens.admin);
    const messages = `/2010-04-01/Accounts/${accountSid}/Messages.json`;
    const body = JSON.stringify({ To: '+15005550006', Body: 'installed' });
    const read = await fetch(`${url}/stripe/v1/customers`, { headers });
    const sent = await fetch(`${url}/twilio${messages}`, { method: 'POST', headers: { ...headers, ...json }, body });

    expect([read.status, sent.status]).toEqual([200, 200]);
    expect(world.stripe.seen).toMatchObject([
      { method: 'GET', target: '/v1/customers', headers: { authorization: `Bearer ${secrets.stripeKey}` } },
    ]);
    expect(world.twilio.seen).toMatchObject([{ method: 'POST', target: messages }]);
    expect(Object.fromEntries(new URLSearchParams(world.twilio.seen[0]?.body))).toEqual({
      To: '+15005550006',
      Body: 'installed',
      From: phoneNumber,
    });
  });

  it('and what would answer with a secret is refused, though a rule of theirs allows everything', async () => {
    const rule = (path: string) => `rules: [{ path: ${path}, collection: customers }]`;
    writeFileSync(everywhere, `upstreams:\n  stripe: { ${rule('/v1/*')} }\n  twilio: { ${rule('/2010-04-01/*')} }\n`);
    const { url } = await start({ GATEWAY_CONFIG: everywhere });
    const post = async (path: string) =>
      (await fetch(url + path, { method: 'POST', headers: as(tokens.admin) })).status;

    expect(await post('/stripe/v1/payment_links')).toBe(200);
    expect(await post('/stripe/v1/ephemeral_keys')).toBe(403);
    expect(await post(`/twilio/2010-04-01/Accounts/${accountSid}/Keys.json`)).toBe(403);
    expect([world.stripe.seen.map(({ target }) => target), world.twilio.seen]).toEqual([['/v1/payment_links'], []]);
  });

  it.each(['stripe.secrets.json', 'twilio.secrets.json', 'twilio.resources.json'])(
    'and it does not start without %s',
    async (name) => {
      const file = join(installed, 'dist', 'upstreams', 'packaged', name);
      renameSync(file, `${file}.away`);
      try {
        const gateway = stopLater(await spawnGateway(world.environment, { command }));
        expect(await Promise.race([gateway.ended, gateway.logged('operation')])).toBe(1);
        expect(gateway.log()).toContain(name);
      } finally {
        renameSync(`${file}.away`, file);
      }
    },
  );
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
