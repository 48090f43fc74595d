import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { makeCertificate } from '../../../bench/certificate.ts';
import { createNodeLoad } from '../../../bench/load/node-load.ts';
import { listen } from '../../world/listen.ts';

const runLoad = createNodeLoad({ notPinned: 'a test' });
const dose = { connections: 3, seconds: 0.3 };
const folder = mkdtempSync(join(tmpdir(), 'bench-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const files = await makeCertificate(folder);

describe('a load', () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(() => stop?.());

  const upstream = async (answer: (response: ServerResponse, count: number) => void) => {
    const saw: IncomingHttpHeaders[] = [];
    const server: Server = createServer((request, response) => {
      saw.push(request.headers);
      answer(response, saw.length);
    });
    const listening = await listen(server);
    stop = listening.stop;
    return { url: listening.origin, saw };
  };

  test('tells how many requests the upstream has answered', async () => {
    const { url, saw } = await upstream((response) => response.end('{}'));
    const load = await runLoad({ url, headers: { Authorization: 'Bearer known' } }, dose);
    expect(load.requests).toBe(saw.length);
    expect(new Set(saw.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer known']));
  });

  test('ends with its last request, where their number is set', async () => {
    const { url, saw } = await upstream((response) => response.end('{}'));
    const load = await runLoad({ url, headers: {} }, { connections: 3, seconds: 20, requests: 50 });
    expect([load.requests, saw.length]).toEqual([50, 50]);
  });

  test('bears another token with each request, where each is to be a stranger', async () => {
    const { url, saw } = await upstream((response) => response.end('{}'));
    const target = { url, headers: { Authorization: 'Bearer known.' }, countTokens: true };
    const loads = [await runLoad(target, dose), await runLoad(target, dose)];
    const tokens = new Set(saw.map(({ authorization }) => authorization));
    expect(tokens.size).toBe(loads.reduce((sum, { requests }) => sum + requests, 0));
    expect([...tokens].every((token) => /^Bearer known\.\d+$/.test(token ?? ''))).toBe(true);
  });

  test.each([302, 403, 503])('comes to nothing when one single answer is %i', async (status) => {
    const { url } = await upstream((response, count) => response.writeHead(count === 5 ? status : 200).end('{}'));
    await expect(runLoad({ url, headers: {} }, dose)).rejects.toThrow(/^1 of \d+ requests/);
  });

  test('comes to nothing when a connection is cut', async () => {
    const { url } = await upstream((response, count) => (count === 5 ? response.destroy() : response.end('{}')));
    await expect(runLoad({ url, headers: {} }, dose)).rejects.toThrow(/^1 of \d+ requests/);
  });

  const overTls = files ? test : test.skip;

  overTls.each([
    { trusted: true, because: 'it was told to trust the certificate' },
    { trusted: false, because: 'nobody vouches for the upstream' },
  ])('goes over TLS: $trusted, where $because', async ({ trusted }) => {
    const { certificate = '', key = '' } = files ?? {};
    const options = { cert: readFileSync(certificate), key: readFileSync(key) };
    let saw = 0;
    const server = createTlsServer(options, (_request, response) => {
      saw += 1;
      response.end('{}');
    });
    const { port, stop: stopServer } = await listen(server);
    stop = stopServer;
    const target = { url: `https://localhost:${port}`, headers: {}, ...(trusted && { certificate }) };
    const load = await runLoad(target, { ...dose, requests: 20 }).catch(() => undefined);
    expect([load?.requests, saw]).toEqual(trusted ? [20, 20] : [undefined, 0]);
  });
});
