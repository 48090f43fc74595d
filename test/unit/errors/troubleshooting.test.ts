import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { codes } from '../../../src/errors/codes.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const page = read('docs/troubleshooting.md');
const matches = (pattern: RegExp, text = page) => [
  ...new Set([...text.matchAll(pattern)].map(([, found = '']) => found)),
];
const table = new Map<string, { readonly status: number; readonly message: string }>(Object.entries(codes));

/** Names that are no reasons. */
const settings = /^(access_token|proxy_buffering|gzip_types)$/;
/** And what the system says. */
const ofDirectus = new Set(['ACCESS_TOKEN_TTL', 'SECRET', 'WEBSOCKETS_ENABLED', 'ECONNREFUSED', 'ENOTFOUND']);

describe('somebody who reads docs/troubleshooting.md finds', () => {
  it.each(matches(/`(\d{3} [A-Z_]{5,})`/g))('%s with the status of src/errors/codes.ts', (quoted) => {
    const [status, code = ''] = quoted.split(' ');
    expect(table.get(code)?.status).toBe(Number(status));
  });

  const said = [...page.matchAll(/\*\*`\d{3} ([A-Z_]+)`\*\*, `([^`]+)`/g)].map(([, code = '', text = '']) => [
    code,
    text,
  ]);
  it.each(said.filter(([code]) => code !== 'INVALID_PAYLOAD'))('of %s the caller’s own sentence, %s', (code, text) => {
    expect(table.get(code ?? '')?.message).toBe(text);
  });

  it('and most codes have theirs', () => {
    expect(said.length).toBeGreaterThan(6);
  });

  it.each(matches(/`([a-z]+_[a-z_]+(?::[\w.]+)?)`(?= |,|:|\)|\.|$)/gm).filter((word) => !settings.test(word)))(
    'the reason %s, which docs/errors.md explains',
    (reason) => {
      expect(read('docs/errors.md')).toContain(`| \`${reason.split(':')[0]}`);
    },
  );

  it.each([
    'The request uses more than one method for including an access token',
    'Redis is gone: budgets are refused, rates are counted here alone',
    'no feed of changes from Directus; answers are remembered briefly only',
    'DIRECTUS_TOKEN does not read all of ',
    'Directus does not trust ',
  ])('what the source says: %s', (quoted) => {
    expect(page).toContain(quoted);
    expect(source).toContain(quoted);
  });

  it.each(matches(/`([A-Z][A-Z_]{5,})(?:=[^`]*)?`/g))(
    'the variable %s, which is in .env.example or Directus’ own',
    (name) => {
      expect(ofDirectus.has(name) || read('.env.example').includes(`${name}=`)).toBe(true);
    },
  );

  it.each(matches(/\]\(([\w./-]+\.md)(?:#[\w-]*)?\)/g))('the page %s', (path) => {
    expect(() => read(`docs/${path}`)).not.toThrow();
  });

  it.each(matches(/\]\(([\w./-]*#[\w-]+)\)/g))('the section %s', (link) => {
    const [path = '', section = ''] = link.split('#');
    expect(sectionsOf(path === '' ? page : read(`docs/${path}`))).toContain(section);
  });
});

const source = readdirSync(new URL('../../../src', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(`src/${name}`))
  .join('\n');

/** As GitHub names the headings of a page. */
const sectionsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
