import { describe, expect, it } from '@jest/globals';
import { requireMethod } from '../../../src/route/require-method.ts';
import { refusalOf } from '../refusal.ts';

describe('a caller may use each method that stands for an action', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])('%s', (method) => {
    expect(requireMethod(method, undefined)).toBe(method);
  });
});

describe('a caller with any other method is refused and told the ones there are', () => {
  const others: [string, string][] = [
    ['OPTIONS', 'no CORS preflight: those are answered before'],
    ['TRACE', 'it would show the gateway’s credential'],
    ['CONNECT', 'the gateway is no tunnel'],
    ['SEARCH', 'Directus has it, the upstreams do not'],
    ['PROPFIND', 'Node parses it, nobody here knows it'],
    ['get', 'methods are case-sensitive'],
    ['constructor', 'a member of every object'],
    ['', 'nothing'],
  ];

  it.each(others)('%s (%s)', (method) => {
    expect(refusalOf(() => requireMethod(method, undefined))).toMatchObject({
      code: 'METHOD_NOT_ALLOWED',
      status: 405,
      message: `Invalid method "${method}" used. Should be one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE".`,
      headers: { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE' },
      extensions: { current: method, allowed: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    });
  });
});

describe('a caller’s wish to change the protocol', () => {
  it.each(['h2c', 'H2C'])('%s is ignored, as the caller’s client expects', (upgrade) => {
    expect(requireMethod('GET', upgrade)).toBe('GET');
  });

  it.each(['websocket', 'h2c, websocket', 'websocket, h2c', 'TLS/1.0', ''])('%j is refused', (upgrade) => {
    expect(refusalOf(() => requireMethod('GET', upgrade)).code).toBe('INVALID_PAYLOAD');
  });

  it('is not looked at where the method is refused already', () => {
    expect(refusalOf(() => requireMethod('TRACE', 'websocket')).code).toBe('METHOD_NOT_ALLOWED');
  });
});
