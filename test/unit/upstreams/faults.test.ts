import { describe, expect, it } from '@jest/globals';
import { version } from '../../../src/version.ts';
import { declared, switchedOn } from '../settings.ts';

const notKnown = `is not known to version ${version}; a newer one may know it`;

const values = { KEY: 'canary', TWO: 'canary canary', WORD: 'canary' };

/** What an administrator is told, one line for each fault. */
const toldOf = (text: string, variables = {}): string[] =>
  declared(text, { ...values, ...variables }).faults.map(({ name, problem }) => `${name} ${problem}`);

/** The same for an upstream with this member, which begins in line 6. */
const api = (member: string): string[] =>
  toldOf(
    [
      'upstreams:',
      '  api:',
      '    origin: https://api.example',
      '    credential: { bearer: "${KEY}" }',
      '    rules: []',
      `    ${member}`,
    ].join('\n'),
  );

describe('an administrator is told what is wrong with a file, by its place', () => {
  const files: [string, string, string[]][] = [
    ['nothing in it', '', ['1:1 must be a mapping']],
    ['a list', '- a', ['1:1 must be a mapping']],
    ['no upstreams', 'upstreams:', ['1:11 upstreams must be a mapping']],
    ['another member', 'upstreams: {}\nupstream: {}', [`2:11 upstream ${notKnown}`]],
    ['no members', 'upstreams:\n  x:\n', ['2:5 upstreams.x must be a mapping']],
    [
      'half a mapping',
      'upstreams: { a: canary',
      ['1:23 Flow map in block collection must be sufficiently indented and end with a }'],
    ],
    ['a member twice', 'upstreams: {}\nupstreams: {}', ['2:1 Map keys must be unique']],
    ['a member of an upstream twice', 'upstreams:\n  x:\n    a: 1\n    a: 2', ['4:5 Map keys must be unique']],
    ['a text in a place of its own', 'upstreams: |canary\n x', ['1:13 Block scalar header includes extra characters']],
    ['a tab', 'upstreams:\n\tx: {}', ['2:1 Tabs are not allowed as indentation']],
    ['an alias that leads nowhere', 'upstreams: *canary', ['1:1 holds aliases that lead nowhere, or too many']],
    [
      'two files in one',
      'upstreams: {}\n---\nupstreams: {}',
      ['2:1 Source contains multiple documents; please use YAML.parseAllDocuments()'],
    ],
  ];
  it.each(files)('%s', (_what, text, expected) => {
    expect(toldOf(text)).toEqual(expected.map((line) => `gateway.yaml:${line}`));
  });

  it('aliases that would fill the memory', () => {
    const levels = ['x', 'a', 'b', 'c', 'd', 'e', 'f'];
    const lines = levels.slice(1).map((name, index) => {
      const below = index === 0 ? 'x' : `*${levels[index]}`;
      return `${name}: &${name} [${Array.from({ length: 10 }, () => below)}]`;
    });
    const started = performance.now();
    expect(toldOf(`${lines.join('\n')}\nupstreams: *f`)).toEqual([
      'gateway.yaml:1:1 holds aliases that lead nowhere, or too many',
    ]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('but may use a few', () => {
    const text = 'upstreams:\n  a: &a { origin: https://a.example, rules: [] }\n  b: *a';
    expect(declared(text).upstreams.map(({ name, origin }) => [name, origin])).toEqual([
      ['a', 'https://a.example'],
      ['b', 'https://a.example'],
    ]);
  });
});

describe('an administrator is told what is wrong with an upstream, by its place and path', () => {
  const gatewayOnly = 'is a header that only the gateway itself decides on';
  const quantity = 'must be a quantity such as "10s" or "5m"';
  const members: [string, string[]][] = [
    ['orign: x', [`6:12 orign ${notKnown}`]],
    ['body: canary', ['6:11 body must be one of as-is, json, form-nested, form-flat']],
    ['plaintext: canary', ['6:16 plaintext must be loopback or network']],
    ['limits: { firstByte: canary }', [`6:26 limits.firstByte ${quantity}`]],
    ['limits: { firstByte: -1 }', [`6:26 limits.firstByte ${quantity}`]],
    ['limits: { lastByte: 1s }', [`6:25 limits.lastByte ${notKnown}`]],
    ['limits: { requestBody: 10 mb }', ['6:28 limits.requestBody must be a quantity such as "1mb" or "512kb"']],
    ['hosts: { API.example: https://x.example }', ['6:27 hosts.API.example must be a host name in lower case']],
    ['hosts: { a: canary }', ['6:17 hosts.a must be an http(s) address without a path']],
    ['hosts: { a: https://x.example/v1 }', ['6:17 hosts.a must be an http(s) address without a path']],
    ['hosts: { a: http://x.example }', ['6:17 hosts.a must be https: unless "plaintext" permits http: for it']],
    ['hostnames: [A.example]', ['6:17 hostnames.0 must be a host name in lower case']],
    ['probe: canary', ['6:12 probe must be a path']],
    ['secrets: [{ path: /*/x }]', ['6:23 secrets.0.path must be a path such as /v1/customers/:id or /v1/files/*']],
    ['resources: [{ path: /x }]', ['6:17 resources.0.methods is required']],
    [
      'resources: [{ methods: [GET], path: "/x/*" }]',
      ['6:41 resources.0.path must name a resource, without a final *'],
    ],
    [
      'resources: [{ methods: [SEND], path: /x }]',
      ['6:29 resources.0.methods.0 must be one of GET, HEAD, POST, PUT, PATCH, DELETE'],
    ],
    ['links: canary', ['6:12 links must be a list']],
    ['links: [5]', ['6:13 links.0 must be text']],
    ['answerHeaders: { drop: [X Y] }', ['6:29 answerHeaders.drop.0 must be the name of a header']],
    ['idempotencyHeader: "X: canary"', ['6:24 idempotencyHeader must be the name of a header']],
    ['expandParameter: ""', ['6:22 expandParameter must not be empty']],
    ['expandParameter: "${NONE:-}"', ['6:22 expandParameter must not be empty']],
    ['expandParameter: "${NONE}"', ['6:22 expandParameter needs NONE, which is not set']],
    ['expandParameter: "$KEY"', ['6:22 expandParameter holds a "$" that begins no ${NAME}; write "$$" for the sign']],
    ['list: { items: data, envelope: [] }', ['6:11 list.marks is required']],
    ['requestHeaders: { set: { X-A: 5 } }', ['6:35 requestHeaders.set.X-A must be text']],
    ['requestHeaders: { set: { X-A: "a\\nX-B: b" } }', ['6:35 requestHeaders.set.X-A must be what a header can carry']],
    ['requestHeaders: { set: { Cookie: canary } }', [`6:38 requestHeaders.set.Cookie ${gatewayOnly}`]],
    ['requestHeaders: { drop: [canary, "a b"] }', ['6:38 requestHeaders.drop.1 must be the name of a header']],
  ];
  it.each(members)('%s', (member, expected) => {
    expect(api(member)).toEqual(expected.map((line) => `gateway.yaml:${line.replace(' ', ' upstreams.api.')}`));
  });

  const headers = [
    ...['Authorization', 'COOKIE', 'host', 'X-Forwarded-For', 'x-forwarded-anything', 'Forwarded', 'Via', 'X-Real-IP'],
    ...['Content-Length', 'Transfer-Encoding', 'Connection', 'Keep-Alive', 'TE', 'Trailer', 'Upgrade', 'Expect'],
    ...['Proxy-Authorization', 'Proxy-Connection', 'X-HTTP-Method-Override', 'X-Original-URL', 'X-Rewrite-URL'],
  ];
  it.each(headers)('the header %s, which callers may neither send nor the administrator set', (name) => {
    expect(
      api(`requestHeaders: { allow: [${name}], set: { ${name}: x } }`).map((line) => line.replace(/^\S+ /, '')),
    ).toEqual([
      `upstreams.api.requestHeaders.allow.0 ${gatewayOnly}`,
      `upstreams.api.requestHeaders.set.${name} ${gatewayOnly}`,
    ]);
  });

  it.each(['server', 'gateway', 'metrics', 'directus'])('the name %s, which the gateway keeps for itself', (name) => {
    const told = toldOf(`upstreams: { ${name}: { origin: https://x.example, rules: [] } }`);
    expect(told.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      `upstreams.${name} is a name that the gateway keeps for itself`,
    ]);
  });

  it.each(['Stripe', 'a.b', 'a b', '-a', 'ä', 'a/b', '%61', ''])('the name %j, which is no plain segment', (name) => {
    const told = toldOf(`upstreams: { "${name}": { origin: https://x.example, rules: [] } }`);
    expect(told.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      `upstreams.${name} must be named in lower case letters, digits, "-" and "_"`,
    ]);
  });

  it('a hostname that another has', () => {
    const upstream = (name: string) => `  ${name}: { origin: https://x.example, rules: [], hostnames: [h.example] }\n`;
    expect(toldOf(`upstreams:\n${upstream('a')}${upstream('b')}`)).toEqual([
      'gateway.yaml:3:58 upstreams.b.hostnames.0 is a hostname of a already',
    ]);
  });

  it('what it builds on', () => {
    expect(toldOf('upstreams: { x: { extends: canary } }')).toEqual([
      'gateway.yaml:1:28 upstreams.x.extends must be one of stripe, twilio, none',
    ]);
    expect(toldOf('upstreams: { x: { extends: [stripe] } }', switchedOn)).toEqual([
      'gateway.yaml:1:28 upstreams.x.extends must be text',
    ]);
  });

  it('rules that are no list, where it builds on others: a refusal among them must not be lost', () => {
    const text = 'upstreams: { stripe: { rules: { path: /v1/x, deny: off } } }';
    expect(toldOf(text, switchedOn)).toEqual(['gateway.yaml:1:31 upstreams.stripe.rules must be a list']);
  });
});

it('an administrator reads every fault of every upstream at once, and never a value', () => {
  const told = toldOf(
    `upstreams:
  a: { origin: canary, body: canary, rules: [{ path: canary, deny: off }] }
  b: { origin: "\${WORD}", credential: { bearer: "\${TWO}" }, rules: [{ path: /x }, { path: "\${WORD}", collection: "\${TWO}" }] }
  stripe: { origin: "http://canary.example/canary", idempotencyHeader: "\${TWO}" }
  server: {}
  c: { extends: canary }
`,
    switchedOn,
  );
  expect(told.map((line) => line.replace(/^gateway.yaml:(\d+):\d+ (\S+) .*$/, '$1 $2')).toSorted()).toEqual([
    '2 upstreams.a.body',
    '2 upstreams.a.origin',
    '2 upstreams.a.rules.0.path',
    '3 upstreams.b.credential.bearer',
    '3 upstreams.b.origin',
    '3 upstreams.b.rules.1.collection',
    '3 upstreams.b.rules.1.path',
    '4 upstreams.stripe.idempotencyHeader',
    '4 upstreams.stripe.origin',
    '5 upstreams.server',
    '6 upstreams.c.extends',
  ]);
  expect(told.join('\n')).not.toContain('canary');
});
