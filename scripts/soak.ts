import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type FaultyRelay, faults, startFaultyRelay } from '../test/world/faulty-relay.ts';
import { startGatewayProcess } from '../test/world/gateway-process.ts';
import { listen } from '../test/world/listen.ts';
import { type LoadKind, type Outcome, startMixedLoad } from '../test/world/mixed-load.ts';
import { answerInParts, wholeAnswer } from '../test/world/parted-answer.ts';
import { startStubDirectus } from '../test/world/stub-directus.ts';
import { portOf } from '../test/world/verdict.ts';
import { bounds, describeSamples, growthOf, readSamples, reportSource } from './soak/samples.ts';

/**
 * `npm run soak -- --minutes 10`: holds load on a gateway while its neighbours fail, and watches what it keeps. Exit code
 * 1: it keeps ever more, or something wrong went through.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const lengthMs = Number(values.minutes) * 60_000;
if (!(lengthMs > 0)) throw new Error('--minutes must be a number above 0.');

const config = `
upstreams:
  stripe:
    rules: [{ path: /v1/load/*, collection: customers }]
    limits: { connect: 500ms, firstByte: 800ms, silence: 800ms, total: 5s }
`;
const poolSize = 60;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

async function soak(): Promise<boolean> {
  const directus = await startStubDirectus();
  const full = { access: 'full', fields: ['*'] };
  const addUser = (token: string, permissions: Record<string, unknown>) =>
    directus.users.set(token, { id: `user-${token}`, permissions });
  for (let index = 0; index < poolSize; index += 1)
    addUser(`known${index}`, { customers: { read: full, create: full } });
  addUser('nobody', {});
  const watched = ['access', 'activity', 'permissions', 'policies', 'roles', 'users'];
  addUser(directus.service.token, Object.fromEntries(watched.map((name) => [`directus_${name}`, { read: full }])));
  const upstream = await startUpstream();
  const relays = [await startFaultyRelay(portOf(directus.url)), await startFaultyRelay(upstream.port)] as const;
  const [toDirectus, toUpstream] = relays;

  const cwd = mkdtempSync(join(tmpdir(), 'soak-'));
  writeFileSync(join(cwd, 'gateway.yaml'), config);
  const gateway = await startGatewayProcess(
    {
      DIRECTUS_URL: `http://127.0.0.1:${toDirectus.port}`,
      DIRECTUS_TOKEN: directus.service.token,
      STRIPE_LIVE_SECRET_KEY: 'sk_test_soak',
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_API_URL: `http://127.0.0.1:${toUpstream.port}`,
      RATE_LIMITER_ENABLED: 'false',
    },
    { cwd, before: reportSource(sampleEvery(lengthMs)) },
  );
  const samples = readSamples(gateway.child);

  const ends = new Map<string, number>();
  let wrong = 0;
  const onEnd = ({ name, end, body }: Outcome): void => {
    ends.set(String(end), (ends.get(String(end)) ?? 0) + 1);
    if (end === 'stuck' || end === 500 || (end === 200 && body !== wholeAnswer(name))) wrong += 1;
  };
  const load = startMixedLoad(gateway.url, kinds(), onEnd);
  const tidy = setInterval(directus.reset, 1_000); // it keeps what it was asked
  const injected = await injectFaults([toDirectus, toUpstream], performance.now() + lengthMs);
  await load.stop();
  const atLoad = [...samples];
  await sleep(2 * sampleEvery(lengthMs));
  const atRest = samples.at(-1);
  clearInterval(tidy);

  gateway.child.kill('SIGTERM');
  const exit = await gateway.ended;
  for (const part of [...relays, upstream, directus]) await part.stop();
  rmSync(cwd, { recursive: true });

  say(describeSamples(atLoad, atRest));
  const growth = growthOf(atLoad);
  const isJudged = lengthMs >= 60_000;
  const tooMuch = bounds.filter(({ of, most }) => isJudged && growth[of] > most);
  if (!isJudged) say('Less than a minute is warm-up: the trend is shown, not judged.');
  for (const { of, most, unit } of bounds)
    say(`${of}: ${growth[of].toFixed(1)} ${unit} after warm-up (at most ${most})`);
  say(`requests ${load.sent()}, faults ${injected}, ends ${JSON.stringify(Object.fromEntries([...ends].sort()))}`);
  say(`wrong answers ${wrong}, double sends ${upstream.twice()}, forbidden ${upstream.forbidden()}, exit code ${exit}`);
  return tooMuch.length === 0 && wrong + upstream.twice() + upstream.forbidden() === 0 && exit === 0;
}

/** About 40 samples, at least one a second. */
const sampleEvery = (ms: number): number => Math.min(15_000, Math.max(500, ms / 40));

function kinds(): LoadKind[] {
  const path = '/stripe/v1/load';
  const one = () => Math.floor(Math.random() * poolSize);
  const known = () => `known${one()}`;
  const reading = ['read', 'read', 'stream', 'stream'].map(
    (name): LoadKind => ({ name, token: known, method: 'GET', path }),
  );
  return [
    ...reading,
    ...reading,
    { name: 'write', token: known, method: 'POST', path },
    { name: 'write', token: known, method: 'POST', path },
    { name: 'forbidden', token: 'nobody', method: 'POST', path },
    { name: 'unknown', token: () => `unknown${one()}`, method: 'POST', path },
  ];
}

/** One fault after the other, with a pause between them. Resolves with their number when the time is up. */
async function injectFaults(relays: readonly FaultyRelay[], until: number): Promise<number> {
  let count = 0;
  const left = () => Math.max(0, until - performance.now());
  for (;;) {
    await sleep(Math.min(5_000, left()));
    const fault = faults[Math.floor(count / relays.length) % faults.length];
    const relay = relays[count % relays.length];
    if (left() === 0 || fault === undefined || relay === undefined) return count;
    relay.fail(fault);
    count += 1;
    await sleep(Math.min(1_200, left()));
    relay.mend();
  }
}

/** Keeps nothing but the names of what was written. */
async function startUpstream() {
  const written = new Set<string>();
  let twice = 0;
  let forbidden = 0;
  const server = createServer((request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    if (/^(forbidden|unknown)/.test(name)) forbidden += 1;
    if (request.method === 'POST' && written.has(name)) twice += 1;
    if (request.method === 'POST') written.add(name);
    response.on('error', () => undefined);
    request.on('error', () => undefined).resume();
    request.on('end', () => answerInParts(request, response, ''));
  });
  return { ...(await listen(server)), twice: () => twice, forbidden: () => forbidden };
}

process.exitCode = (await soak()) ? 0 : 1;
