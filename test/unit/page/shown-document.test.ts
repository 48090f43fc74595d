import { describe, expect, it } from '@jest/globals';
import { readDocument } from '../../../src/page/document.ts';
import { operationCount, shownDocument, withPlainSlashes } from '../../../src/page/shown-document.ts';

const address = 'https://gateway.example/api';
const operation = (rule: string) => ({ operationId: rule, 'x-gateway-rule': rule });
const document = readDocument({
  openapi: '3.1.1',
  servers: [{ url: 'http://inner:8056' }],
  security: [{ token: [] }],
  tags: [{ name: 'a' }, { name: 'b' }],
  paths: {
    '/a/one/{id}': { parameters: [], get: operation('/one/:id'), head: operation('/one/:id'), 'x-gateway-methods': {} },
    '/b/all/{id}/parts/{part}': { get: operation('/all/:id/*') },
    '/b/all/{id}/{path}': { parameters: [], head: operation('/all/:id/*'), post: operation('/all/:id/*') },
  },
  components: { securitySchemes: { token: {} }, responses: { 401: {} } },
});

describe('what the library is given to show', () => {
  it('is at the page’s own address, and says nothing of tokens, which the page adds', () => {
    const shown = shownDocument(document, address, undefined);

    expect(shown).toMatchObject({ servers: [{ url: address }], components: { responses: { 401: {} } } });
    expect(JSON.stringify(shown)).not.toMatch(/inner|security/);
  });

  it('has no HEAD beside a GET, and has it where it stands alone', () => {
    const { paths } = shownDocument(document, address, undefined);

    expect(Object.values(paths).map(Object.keys)).toEqual([
      ['parameters', 'get', 'x-gateway-methods'],
      ['get'],
      ['parameters', 'head', 'post'],
    ]);
  });

  it('is one path where one is asked for', () => {
    const shown = shownDocument(document, address, '/a/one/{id}');

    expect([Object.keys(shown.paths), shown.tags, operationCount(shown)]).toEqual([
      ['/a/one/{id}'],
      [{ name: 'a' }],
      1,
    ]);
  });
});

describe('a path that the library has encoded', () => {
  it.each([
    ['/b/all/7/x%2Fy%2fz', '/b/all/7/x/y/z', 'what stands for several segments has its slashes'],
    ['/b/all/7/x%2Fy?q=a%2Fb?c', '/b/all/7/x/y?q=a%2Fb?c', 'the query is left alone'],
    ['/b/all/7%2F8/x', '/b/all/7%2F8/x', 'an earlier segment is left alone'],
    ['/a/one/7%2F8', '/a/one/7%2F8', 'one segment is left alone'],
    ['/b/all/7/parts/x%2Fy', '/b/all/7/parts/x%2Fy', 'also where its rule is about more segments than one'],
    ['/elsewhere/x%2Fy', '/elsewhere/x%2Fy', 'so is a path that is not in the document'],
  ])('%s → %s: %s', (given, wanted) => {
    expect(withPlainSlashes(document, address, address + given)).toBe(address + wanted);
  });

  it('at another address is left alone', () => {
    expect(withPlainSlashes(document, address, 'https://x.example/b/all/7/x%2Fy')).toBe(
      'https://x.example/b/all/7/x%2Fy',
    );
  });
});
