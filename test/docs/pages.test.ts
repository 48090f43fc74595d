import { readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codes } from '../../src/errors/codes.ts';
import { isInProject, PROJECT, readProjectFile } from '../unit/deployment/project-file.ts';
import { readPage } from './read-page.ts';

const recipes = readdirSync(join(PROJECT, 'docs/recipes')).map((name) => `docs/recipes/${name}`);
const pages = readdirSync(join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const ownPages = ['docs/README.md', 'docs/quick-start.md', 'docs/how-it-decides.md', ...recipes];

/** Blocks that no test runs, each with the reason that its page gives. */
const leftOut: Record<string, string[]> = {
  'docs/quick-start.md': [
    'npm ci: whoever runs the tests has done it',
    'npm run demo: test/live/demo.test.ts runs it, and every line that it prints',
    'export DIRECTUS=https://directus.example.com: addresses and secrets of the reader; the test has its own',
  ],
  'docs/recipes/behind-caddy.md': [
    'caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy: the test starts a Caddy of its own',
    'export SITE=https://example.com: addresses and secrets of the reader; the test has its own',
  ],
  'docs/recipes/behind-nginx.md': [
    'nginx -t && nginx -s reload: the test starts an nginx of its own',
    'export SITE=https://example.com: addresses and secrets of the reader; the test has its own',
  ],
  'docs/recipes/behind-traefik.md': [
    'curl -s https://example.com/server/health: there is no Traefik to run it against',
  ],
  'docs/recipes/directus-cloud.md': [
    'export DIRECTUS=https://your-project.directus.app: an address and a secret of the reader; the test has its own',
    'npx directus-gateway check --token "$ADMIN_TOKEN": it needs a Directus without WebSockets; the test has one of its own for it',
  ],
  'docs/recipes/twilio.md': ['export ACCOUNT_SID=AC…: a value of the reader; the test has its own'],
};

/** Pages whose blocks another test runs, in another way. */
const ranElsewhere = new Set(['docs/recipes/single-page-app.md']);

describe('whoever reads the quick start and the recipes', () => {
  it('can rely on every command having been run, but for those that say why not', () => {
    const found = ['docs/quick-start.md', ...recipes]
      .filter((page) => !ranElsewhere.has(page))
      .map((page) => [page, leftOutOf(page)] as const)
      .filter(([, blocks]) => blocks.length > 0);

    expect(Object.fromEntries(found)).toEqual(leftOut);
  });

  it.each(ownPages)('finds what %s links to', (page) => {
    const links = [...readProjectFile(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const missing = links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(page, link));

    expect(missing).toEqual([]);
  });

  it('finds every page of docs in the index', () => {
    const index = readProjectFile('docs/README.md');
    const isListed = (page: string) => index.includes(`(${page.slice('docs/'.length)})`);
    const decisions = 'docs/decisions/';

    expect(pages.filter((page) => !page.startsWith(decisions) && page !== 'docs/README.md' && !isListed(page))).toEqual(
      [],
    );
  });
});

describe.each(['docs/performance.svg', 'docs/images/how-it-decides.svg'])('%s', (file) => {
  it('has a ground of its own beneath its text in each colour scheme, for the page around it may have the other one', () => {
    const picture = readProjectFile(file);
    const [, light = '', dark = ''] =
      /<style>(.*?)@media \(prefers-color-scheme: dark\)(.*?)<\/style>/s.exec(picture) ?? [];

    expect(light).toMatch(/\.ground \{ fill: #fff;/);
    expect(dark).toMatch(/\.ground \{ fill: #0d1117;/);
    expect(picture).toMatch(/<\/style>\n<rect class="ground"/);
  });
});

describe('the picture of how it decides', () => {
  const picture = readProjectFile('docs/images/how-it-decides.svg');
  const refusals = [...picture.matchAll(/<text class="code"[^>]*>([^<]+)</g)].map(([, line = '']) => line);

  it('gives each code the status that it has', () => {
    const given = refusals
      .flatMap((line) => line.replaceAll(/\([^)]*\)/g, '').split(' · '))
      .flatMap((part) => {
        const [, status, names = ''] = /^(\d{3}) ([A-Z_, ]+)/.exec(part) ?? [];
        return names.split(/[, ]+/).flatMap((name) => (name === '' ? [] : [[name, Number(status)]]));
      });
    const known = new Map<string, { readonly status: number }>(Object.entries(codes));

    expect(given.length).toBeGreaterThan(15);
    expect(given).toEqual(given.map(([name]) => [name, known.get(String(name))?.status]));
  });

  it('names reasons that the log has', () => {
    const reasons = refusals.flatMap((line) => /\(([a-z_, ]+)\)/.exec(line)?.[1]?.split(', ') ?? []);
    const explained = readProjectFile('docs/errors.md');

    expect(reasons.filter((reason) => reason !== 'two tokens' && !explained.includes(`\`${reason}`))).toEqual([]);
  });
});

const leftOutOf = (page: string): string[] =>
  readPage(page).flatMap(({ text, mark }) =>
    mark.kind === 'not run' ? [`${text.split('\n')[0]}: ${mark.reason}`] : [],
  );

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!isInProject(target)) return false;
  return anchor === undefined || headingsOf(target).includes(anchor);
}

/** As GitHub makes anchors of headings. */
const headingsOf = (page: string): string[] =>
  [...readProjectFile(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
