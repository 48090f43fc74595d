import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { caddyForwardAuth } from '../../../bench/candidates/caddy-forward-auth.ts';
import { expressHpm } from '../../../bench/candidates/express-hpm.ts';
import { gateway } from '../../../bench/candidates/gateway.ts';
import { guidesExtension } from '../../../bench/candidates/guides-extension.ts';
import { nginxAuthRequest } from '../../../bench/candidates/nginx-auth-request.ts';
import { straight } from '../../../bench/candidates/straight.ts';
import { holdStreams } from '../../../bench/load/hold-streams.ts';
import { runTransfer } from '../../../bench/load/run-transfer.ts';
import { addedTime } from '../../../bench/measures/added-time.ts';
import { againstOthers } from '../../../bench/measures/against-others.ts';
import { isMet } from '../../../bench/measures/table-of-measures.ts';
import { whileRunning } from '../../../bench/measures/while-running.ts';
import { spreadOf } from '../../../bench/statistics.ts';
import { listen } from '../../world/listen.ts';

const cores = { notPinned: 'a test' };

describe('a target', () => {
  test.each([
    { median: 0.9, target: { atLeast: 0.9 }, met: 'yes', because: 'it is as much as it should be' },
    { median: 0.89, target: { atLeast: 0.9 }, met: 'no', because: 'it is less' },
    { median: 40, target: { atMost: 40 }, met: 'yes', because: 'it is as much as it may be' },
    { median: 40.1, target: { atMost: 40 }, met: 'no', because: 'it is more' },
    { median: Number.NaN, target: { atMost: 40 }, met: 'no', because: 'nothing was measured' },
    { median: Number.NaN, target: { atLeast: 40 }, met: 'no', because: 'nothing was measured' },
    { median: 1, target: undefined, met: '', because: 'there is none' },
  ])('is met: "$met", where $because', ({ median, target, met }) => {
    expect(isMet({ value: spreadOf([median]), target })).toBe(met);
  });
});

describe('the time that the gateway adds', () => {
  const none = spreadOf([0]);
  const measured = (name: string, p50Ms: number, p99Ms: number) => ({
    name,
    does: '',
    requestsPerSecond: none,
    cpuMicroseconds: none,
    cpuMicrosecondsByRound: [0],
    p50Ms: none,
    p99Ms: none,
    alone: { p50Ms: spreadOf([p50Ms]), p99Ms: spreadOf([p99Ms]) },
    peakMb: 0,
  });

  test('is what its answer takes on one connection, less what the upstream’s takes', () => {
    const [found] = addedTime([measured(straight.name, 0.25, 1), measured(gateway.name, 0.75, 3)]);
    expect(found?.findings.map(({ value }) => value.median)).toEqual([0.5, 2]);
  });

  test('is not told where only one of them was measured', () => {
    expect(addedTime([measured(gateway.name, 0.75, 3)])).toEqual([]);
  });
});

describe('the gateway against what one would take in its place', () => {
  const none = spreadOf([0]);
  const measured = (name: string, requestsPerSecond: number) => ({
    name,
    does: '',
    requestsPerSecond: spreadOf([requestsPerSecond]),
    cpuMicroseconds: none,
    cpuMicrosecondsByRound: [0],
    p50Ms: none,
    p99Ms: none,
    peakMb: 0,
  });
  const ours = measured(gateway.name, 300);

  test.each([
    { other: expressHpm, perSecond: 300, ratio: 1, met: 'yes' },
    { other: expressHpm, perSecond: 320, ratio: 0.9375, met: 'no' },
    { other: caddyForwardAuth, perSecond: 200, ratio: 1.5, met: 'yes' },
    { other: guidesExtension, perSecond: 10, ratio: 30, met: 'yes' },
    { other: nginxAuthRequest, perSecond: 1_000, ratio: 0.3, met: 'yes' },
  ])('gets $ratio times as much done as $other.name: met is $met', ({ other, perSecond, ratio, met }) => {
    const [told] = againstOthers([ours, measured(other.name, perSecond)]);
    expect(told?.findings.map((finding) => [finding.value.median, isMet(finding)])).toEqual([[ratio, met]]);
  });

  test('is not told where it, or all of them, were not measured', () => {
    expect([...againstOthers([ours]), ...againstOthers([measured(expressHpm.name, 1)])]).toEqual([]);
  });
});

describe('a long request', () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(() => stop?.());

  const upstream = async (listener: RequestListener) => {
    const listening = await listen(createServer(listener));
    stop = listening.stop;
    return listening.origin;
  };

  test('uploads as many bytes as it was told to, with their number in its head', async () => {
    const saw: { headers: IncomingHttpHeaders; bytes: number }[] = [];
    const url = await upstream(async (request, response) => {
      let bytes = 0;
      for await (const piece of request) bytes += piece.length;
      saw.push({ headers: request.headers, bytes });
      response.end(JSON.stringify({ received: bytes }));
    });
    await runTransfer(cores, { url, headers: { Authorization: 'Bearer known' }, bytes: 200_001, direction: 'up' });
    expect(saw).toEqual([
      {
        bytes: 200_001,
        headers: expect.objectContaining({ authorization: 'Bearer known', 'content-length': '200001' }),
      },
    ]);
  });

  test('comes to nothing when fewer bytes arrive', async () => {
    const url = await upstream((_request, response) => response.end('x'.repeat(99)));
    const transfer = { url, headers: {}, bytes: 100, direction: 'down' } as const;
    await expect(runTransfer(cores, transfer)).rejects.toThrow('99 of 100 bytes');
  });

  test('is held open with its first event until all of them are let go', async () => {
    let open = 0;
    const url = await upstream((_request, response) => {
      open += 1;
      response.once('close', () => {
        open -= 1;
      });
      response.write('data: 1\n\n');
    });
    const held = await holdStreams(cores, { most: 1_000, by: undefined }, { url, headers: {}, streams: 150 });
    expect(open).toBe(150);
    await held.stop();
  });

  test('that is closed by the other side is found out when all are let go', async () => {
    let asked = 0;
    const url = await upstream((_request, response) => {
      asked += 1;
      response.write('data: 1\n\n');
      if (asked === 3) response.end();
    });
    const held = await holdStreams(cores, { most: 1_000, by: undefined }, { url, headers: {}, streams: 5 });
    await expect(held.stop()).rejects.toThrow('Only 4 of 5');
  });
});

describe('what is started for a measure', () => {
  test('is stopped in reverse when the measure fails', async () => {
    const stopped: string[] = [];
    const starting = (name: string) =>
      Promise.resolve({
        stop: () => {
          stopped.push(name);
          return Promise.resolve();
        },
      });
    const work = whileRunning(async (start) => {
      await start(starting('upstream'));
      await start(starting('gateway'));
      throw new Error('broken');
    });
    await expect(work).rejects.toThrow('broken');
    expect(stopped).toEqual(['gateway', 'upstream']);
  });
});
