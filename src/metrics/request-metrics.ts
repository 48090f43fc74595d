import type { ServerResponse } from 'node:http';
import { Histogram, type Registry } from 'prom-client';
import { codes } from '../errors/codes.ts';
import { isCutOff, type OnEnd } from '../log/when-ended.ts';
import { methods } from '../upstreams/upstream.ts';
import { prefix, type Reading, registerCounter } from './readings.ts';

/**
 * What is told of requests. Every label is a name of the set-up or a word of a closed set, so that callers can neither
 * add series nor have a text of theirs in one.
 */
export function createRequestMetrics(registry: Registry): OnEnd {
  const requests = countRequests(registry);
  const refuse = countRefusals(registry);
  const observeCheck = createDurations(registry, {
    name: 'check_duration_seconds',
    help: 'Until Directus, or what is remembered of it, had said who a caller is and what they may do.',
  });
  const observeFirstByte = createDurations(registry, {
    name: 'first_byte_duration_seconds',
    help: 'From sending a request until the answer began, for requests that are streamed.',
    labelName: 'upstream',
  });
  const observeRequest = createDurations(registry, {
    name: 'request_duration_seconds',
    help: 'From the arrival of a request to the end of its answer. Tunnels are left out.',
    labelName: 'upstream',
  });

  return ({ method = '' }, response, { upstream = '', rule = '', directusMs, upstreamMs, code }, durationMs) => {
    requests(upstream, rule, knownMethods.has(method) ? method : 'other', statusOf(response));
    if (code !== undefined) refuse(code);
    if (directusMs !== undefined) observeCheck('', directusMs);
    if (upstreamMs !== undefined) observeFirstByte(upstream, upstreamMs);
    if (response.statusCode !== 101) observeRequest(upstream, durationMs);
  };
}

type RequestLabel = 'upstream' | 'rule' | 'method' | 'status';

function countRequests(registry: Registry) {
  const counts = new Map<string, { readonly labels: Record<RequestLabel, string>; count: number }>();
  registerCounter(registry, {
    name: 'requests_total',
    help: 'Requests whose answer has ended, by upstream, rule, method and class of status; cut: it was cut off.',
    labelNames: ['upstream', 'rule', 'method', 'status'],
    read: () => [...counts.values()].map(({ labels, count }): Reading<RequestLabel> => [labels, count]),
  });
  return (upstream: string, rule: string, method: string, status: string): void => {
    const key = `${method} ${status} ${upstream} ${rule}`; // only a rule's name has spaces, and it is the last
    const known = counts.get(key);
    if (known !== undefined) known.count += 1;
    else counts.set(key, { labels: { upstream, rule, method, status }, count: 1 });
  };
}

function countRefusals(registry: Registry) {
  const counts = new Map<string, number>(Object.keys(codes).map((code) => [code, 0]));
  registerCounter(registry, {
    name: 'refusals_total',
    help: 'Requests that ended with an error of the gateway, by its code.',
    labelNames: ['code'],
    read: () => [...counts].map(([code, count]): Reading<'code'> => [{ code }, count]),
  });
  return (code: string): void => {
    const count = counts.get(code);
    if (count !== undefined) counts.set(code, count + 1);
  };
}

type Durations = { readonly name: string; readonly help: string; readonly labelName?: 'upstream' };

/** Observes milliseconds. The histogram of each upstream is looked up by its name alone, with no labels to be made. */
function createDurations(registry: Registry, { name, help, labelName }: Durations) {
  const labelNames = labelName === undefined ? [] : [labelName];
  const histogram = new Histogram({ name: prefix + name, help, labelNames, buckets, registers: [registry] });
  const children = new Map<string, Pick<Histogram.Internal<'upstream'>, 'observe'>>();
  return (upstream: string, ms: number): void => {
    let child = children.get(upstream);
    if (child === undefined) {
      child = labelName === undefined ? histogram.labels({}) : histogram.labels({ upstream });
      children.set(upstream, child);
    }
    child.observe(ms / 1_000);
  };
}

/** In seconds: what is remembered takes less than a millisecond, and what an API composes may take a minute. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const knownMethods: ReadonlySet<string> = new Set([...methods, 'OPTIONS']);

/** By the first digit. */
const classes = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** What `status` may say. */
export const statuses = [...classes, 'cut'] as const;

const statusOf = (response: ServerResponse): (typeof statuses)[number] =>
  isCutOff(response) ? 'cut' : (classes[Math.floor(response.statusCode / 100)] ?? 'other');
