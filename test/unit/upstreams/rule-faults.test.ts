import { describe, expect, it } from '@jest/globals';
import { version } from '../../../src/version.ts';
import { declared } from '../settings.ts';

const notKnown = `is not known to version ${version}; a newer one may know it`;

const pathForm = 'must be a path such as /v1/customers/:id or /v1/files/*';

/** What an administrator is told of an upstream with this rule, which begins in column 13 of line 5. */
const withRule = (rule: string): string[] => {
  const text = `upstreams:\n  api:\n    origin: https://api.example\n    body: json\n    rules: [${rule}]`;
  return declared(text).faults.map(({ name, problem }) => `${name} ${problem}`);
};

describe('an administrator is told what is wrong with a rule, by its place and path', () => {
  const rules: [string, string[]][] = [
    ['canary', ['13 0 must be a mapping']],
    ['{ path: /a }', ['13 0 needs either a collection, whose permissions decide, or a deny']],
    ['{ path: /a, deny: off, collection: c }', ['13 0 needs either a collection, whose permissions decide, or a deny']],
    ['{ path: /a, deny: "" }', ['31 0.deny must not be empty']],
    ['{ path: /a, collecton: c }', [`36 0.collecton ${notKnown}`]],
    [
      '{ path: /a, collection: canary wert }',
      ['37 0.collection must be the name of a Directus collection, which may hold the {name} of a segment of the path'],
    ],
    ['{ path: /a, collection: "c_{canary}" }', ['37 0.collection holds {canary}, and the path has not one :canary']],
    ['{ path: [/:a, /b], collection: "c_{a}" }', ['44 0.collection holds {a}, and the path has not one :a']],
    ['{ path: /a, collection: c, host: canary }', ['46 0.host must be one of "hosts"']],
    ['{ path: /a, collection: c, action: write }', ['48 0.action must be one of create, read, update, delete']],
    ['{ path: /a, collection: c, public: "yes" }', ['48 0.public must be true or false']],
    [
      '{ path: /a, collection: c, row: { field: f, from: [{ path: id }] } }',
      ['45 0.row names :id, which the path has not, or has twice'],
    ],
    ['{ path: /:a/:a, collection: "c_{a}" }', ['41 0.collection holds {a}, and the path has not one :a']],
    [
      '{ path: /a, collection: c, operation: list-customers }',
      ['51 0.operation needs a bearer credential, and no other'],
    ],
    [
      '{ path: /a, collection: c, row: { field: f, from: [{ header: id }] } }',
      ['64 0.row.from.0 must be a path, a query or a body, with a name'],
    ],
    [
      '{ path: /a, collection: c, row: { field: f, from: sometimes } }',
      ['63 0.row.from must be a list of places, or each-item for an operation'],
    ],
    [
      '{ path: /a, collection: c, row: { field: f, from: each-item } }',
      ['45 0.row weighs each item, which only an operation can'],
    ],
    [
      '{ methods: [GET, get], path: /a, deny: off }',
      ['30 0.methods.1 must be one of GET, HEAD, POST, PUT, PATCH, DELETE'],
    ],
    ['{ path: "/a/${NONE}", deny: off }', ['21 0.path needs NONE, which is not set']],
    ['{ path: /a, deny: off }, { path: /a }', ['38 1 needs either a collection, whose permissions decide, or a deny']],
  ];
  it.each(rules)('a rule %s', (rule, expected) => {
    expect(withRule(rule)).toEqual(
      expected.map((line) => `gateway.yaml:5:${line.replace(' ', ' upstreams.api.rules.')}`),
    );
  });

  const noPaths = [
    'canary',
    '/a/*/b',
    '/a//b',
    '//a',
    '/',
    '/:a-b',
    '/a%2e',
    '/a%2fb',
    '/a/../b',
    '/%41',
    '"/%2A"',
    '"/%3Aa"',
    '"/*.*"',
    '"/a b"',
    '/ä',
    '"/a?b=1"',
    '"/a;b"',
    '"/a/:"',
    '""',
  ];
  it.each(noPaths)('a rule for the path %s', (path) => {
    expect(withRule(`{ path: ${path}, deny: off }`)).toEqual([
      `gateway.yaml:5:21 upstreams.api.rules.0.path ${pathForm}`,
    ]);
    expect(withRule(`{ path: [/a, ${path}], deny: off }`)).toEqual([
      `gateway.yaml:5:26 upstreams.api.rules.0.path.1 ${pathForm}`,
    ]);
  });
});
