import type { IncomingHttpHeaders } from 'node:http';
import { whyUnreachable } from '../directus/call.ts';
import { wantedCollections } from '../init/wanted.ts';
import { withCredential } from '../prepare/credentials.ts';
import type { Setup } from '../read-setup.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { type Check, checksOf } from './check.ts';

/** Which upstreams are on, and whether each takes the gateway's credential. */
export async function checkUpstreams(
  { upstreams, off }: Pick<Setup, 'upstreams' | 'off'>,
  timeoutMs: number,
): Promise<Check[]> {
  const ofThose = await Promise.all(upstreams.map((upstream) => checkUpstream(upstream, timeoutMs)));
  const others = off.map(({ name, reason }) => checksOf(name).off('upstream', reason));
  const none = checksOf('upstreams').warn('upstream', 'none is on', 'Set the key of an API: see .env.example.');
  return [...ofThose.flat(), ...(upstreams.length === 0 ? [none] : []), ...others];
}

async function checkUpstream(upstream: Upstream, timeoutMs: number): Promise<Check[]> {
  const { name, origin, rules } = upstream;
  const governed = wantedCollections([upstream]).filter(({ routes }) => routes.length > 0);
  const needed = governed.filter(({ optional }) => !optional).map((collection) => collection.name);
  const listed = `${needed.slice(0, 3).join(', ')}${needed.length > 3 ? ', …' : ''}`;
  const more = governed.length === needed.length ? '' : ` and ${governed.length - needed.length} optional ones`;
  const count = `${rules.length} rules, ${needed.length === 1 ? 'collection' : `${needed.length} collections:`} ${listed}${more}`;
  return [checksOf(name).ok('upstream', `on, ${origin}, ${count}`), await checkCredential(upstream, timeoutMs)];
}

/** Nothing of the answer is shown but its status: it may be about the account, or quote the key. */
async function checkCredential(upstream: Upstream, timeoutMs: number): Promise<Check> {
  const { name, origin, probe } = upstream;
  const { ok, warn, fault, off } = checksOf(name);
  if (probe === undefined) return off('credential', 'not tried: no probe is declared');
  let status: number;
  try {
    const { headers, target } = withCredential(
      { headers: upstream.requestHeaders.set, target: probe },
      upstream,
      origin,
    );
    status = await statusOf(`${origin}${target}`, headers, timeoutMs);
  } catch (error) {
    const advice = 'See network, proxy and DNS.';
    return fault('credential', `${origin} cannot be reached: ${whyUnreachable(error)}`, advice);
  }
  if (status >= 200 && status < 300) return ok('credential', `accepted (GET ${probe})`);
  if (status === 401) return fault('credential', `refused with 401 (GET ${probe})`, 'See the key of this API.');
  if (status === 403) {
    const advice = 'A restricted key may well not do this. An unknown or locked one is refused so, too.';
    return warn('credential', `not allowed to GET ${probe} (403)`, advice);
  }
  return warn('credential', `not told: ${origin} answered GET ${probe} with ${status}`);
}

/** Never follows a redirection: the credential belongs to one origin. */
async function statusOf(address: string, sent: IncomingHttpHeaders, timeoutMs: number): Promise<number> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(sent)) {
    if (name !== 'host' && typeof value === 'string') headers.set(name, value);
  }
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(address, { headers, redirect: 'manual', signal });
  await answer.body?.cancel();
  return answer.status;
}
