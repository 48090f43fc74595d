import { describe, expect, it } from '@jest/globals';
import { type OwnSites, refuseForeignSite, type Site } from '../../../src/token/refuse-foreign-site.ts';
import type { Action, Method } from '../../../src/upstreams/upstream.ts';
import { refusalOf } from '../refusal.ts';

const inCookie = { source: 'cookie', value: 'abc' } as const;
const inBasic = { source: 'basic', value: 'abc' } as const;
const post = { method: 'POST', rule: undefined } as const;
const nowhere: Site = { origin: undefined, secFetchSite: undefined, host: 'api.example' };
const unnamed: OwnSites = { publicOrigin: undefined, listed: [] };
const named: OwnSites = { publicOrigin: 'https://api.example', listed: ['https://app.example'] };
const foreign: Site = { origin: 'https://evil.example', secFetchSite: 'cross-site', host: 'api.example' };

describe('a visitor’s session cookie, or Basic credentials that the browser remembers, may write', () => {
  const sites: [string, Partial<Site>, OwnSites][] = [
    ['from a program that is no browser', {}, named],
    ['from a page of the same origin, where the browser names none', { secFetchSite: 'same-origin' }, named],
    ['by the visitor’s own doing, such as a bookmark', { secFetchSite: 'none' }, named],
    ['from a page of PUBLIC_URL', { origin: 'https://api.example', secFetchSite: 'same-origin' }, named],
    ['from an origin that CORS_ORIGIN lists', { origin: 'https://app.example', secFetchSite: 'cross-site' }, named],
    ['from the host that is called, where there is no PUBLIC_URL', { origin: 'https://api.example' }, unnamed],
    ['from that host with its port', { origin: 'http://localhost:8056', host: 'localhost:8056' }, unnamed],
  ];

  it.each(sites)('%s', (_where, site, own) => {
    for (const token of [inCookie, inBasic]) {
      expect(refuseForeignSite(token, post, { ...nowhere, ...site }, own)).toBeUndefined();
    }
  });
});

describe('neither may write when the browser was led here', () => {
  const sites: [string, Partial<Site>, OwnSites][] = [
    ['by another site', foreign, named],
    ['by another site, where there is no PUBLIC_URL', foreign, unnamed],
    ['by a subdomain', { origin: 'https://x.api.example' }, named],
    ['by the same host on another port', { origin: 'https://api.example:8443' }, named],
    ['by the same host without encryption', { origin: 'http://api.example' }, named],
    ['by another port of the host that is called', { origin: 'http://api.example:81' }, unnamed],
    ['by a site whose name ends like a listed one', { origin: 'https://evil-app.example' }, named],
    ['by a listed origin in an odd notation', { origin: 'https://app.example/' }, named],
    ['by a sandboxed or local page', { origin: 'null' }, unnamed],
    ['by something that is no origin', { origin: '' }, unnamed],
    ['by a page whose origin the browser keeps back', { secFetchSite: 'cross-site' }, unnamed],
    ['by a neighbour whose origin the browser keeps back', { secFetchSite: 'same-site' }, unnamed],
    ['by a page that says so twice', { secFetchSite: 'same-origin, cross-site' }, unnamed],
    ['by the host that is called, where PUBLIC_URL is another', { origin: 'https://inside', host: 'inside' }, named],
  ];

  it.each(sites)('%s', (_by, site, own) => {
    for (const token of [inCookie, inBasic]) {
      const refusal = refusalOf(() => refuseForeignSite(token, post, { ...nowhere, ...site }, own));
      expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', 'foreign_site']);
    }
  });

  it.each<Method>(['POST', 'PUT', 'PATCH', 'DELETE'])('with %s', (method) => {
    expect(refusalOf(() => refuseForeignSite(inCookie, { method, rule: undefined }, foreign, named)).code).toBe(
      'FORBIDDEN',
    );
  });
});

describe('whether it is a write', () => {
  const by = (method: Method, action?: Action) => ({ method, rule: { path: '/x', collection: 'x', action } });
  const nothingSaid: Partial<Site>[] = [{}, { secFetchSite: 'none' }];

  it.each([by('GET', 'update'), by('HEAD', 'delete'), by('POST', 'read'), by('POST')])(
    'is the word of its method and of its rule, and either is enough: %j',
    (asked) => {
      expect(refusalOf(() => refuseForeignSite(inCookie, asked, foreign, named)).code).toBe('FORBIDDEN');
    },
  );

  it.each([by('GET'), by('GET', 'read'), { method: 'GET', rule: { path: '/x', deny: 'off' } } as const])(
    'neither says: %j',
    (asked) => {
      expect(refuseForeignSite(inCookie, asked, foreign, named)).toBeUndefined();
    },
  );

  it.each(nothingSaid)('a GET that is one must be said to come from here: %j', (site) => {
    const reboot = by('GET', 'update');
    const at = (more: Partial<Site>) => () => refuseForeignSite(inCookie, reboot, { ...nowhere, ...more }, named);
    expect(refusalOf(at(site)).logReason).toBe('foreign_site');
    expect(at({ secFetchSite: 'same-origin' })()).toBeUndefined();
    expect(at({ origin: 'https://app.example' })()).toBeUndefined();
  });
});

describe('a caller whom another site led here is left alone', () => {
  it.each<Method>(['GET', 'HEAD'])('when they only read, with %s', (method) => {
    expect(refuseForeignSite(inCookie, { method, rule: undefined }, foreign, named)).toBeUndefined();
  });

  it.each(['query', 'header'] as const)('when the token came from the %s, where a page must put it', (source) => {
    expect(refuseForeignSite({ source, value: 'abc' }, post, foreign, named)).toBeUndefined();
  });

  it('when there is no token, which is refused later for what it is', () => {
    expect(refuseForeignSite(undefined, post, foreign, named)).toBeUndefined();
  });
});
