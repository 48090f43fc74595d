import { expect, it } from '@jest/globals';
import { dial } from '../world/dial.ts';
import type { Seen } from '../world/recording-upstream.ts';
import type { RunningGateway } from '../world/start-gateway.ts';
import type { World } from '../world/world.ts';

/** One line of the book. */
export type Attack = {
  readonly name: string;
  /** What comes before it, over connections of their own: an honest call, a change at Directus. */
  readonly before?: () => unknown;
  /** All bytes of one connection (latin1). The last request has to end the connection, one way or another. */
  readonly sends: string | (() => string);
  /** Status and code of every answer: `401 INVALID_CREDENTIALS, 200`. Of several, the attacker gets one. */
  readonly gets: string | readonly string[];
  /** Every request that an upstream sees, as `POST /v1/customers a=1`. Nothing where it is left out. */
  readonly sees?: readonly string[];
  /** Tokens that Directus is asked about. Any where it is left out. */
  readonly asks?: readonly string[];
  /** Where it was described: an advisory, a section, an issue; or `ours`. */
  readonly source: string;
};

/**
 * Carries every attack out against the gateway. What `before` does is not counted among what is seen or asked. That no
 * secret has got anywhere else is looked after by useWorld.
 */
export function carryOut(world: World, attacks: readonly Attack[], gateway: RunningGateway = world.gateway): void {
  it.each(attacks)('$name ($source)', async ({ before, sends, gets, sees = [], asks }) => {
    await before?.();
    const earlier = { seen: everySeen(world).length, asked: world.directus.asked.length };
    const call = dial(gateway.port);
    call.send(typeof sends === 'string' ? sends : sends());
    const received = await call.closed;

    expect([gets].flat()).toContain(verdicts(received));
    expect(everySeen(world).slice(earlier.seen).map(told)).toEqual(sees);
    const asked = world.directus.asked.slice(earlier.asked).map(({ token }) => token);
    if (asks !== undefined) expect([...new Set(asked)]).toEqual(asks);
  });
}

const everySeen = ({ stripe, twilio }: World): readonly Seen[] => [...stripe.seen, ...twilio.seen];

const told = ({ method, target, body }: Seen): string => `${method} ${target} ${body}`.trim();

/** Status and code of every answer on a connection, interim ones included. */
export const verdicts = (received: string): string =>
  received
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .map((answer) => [answer.slice(9, 12), /"code":"(\w+)"/.exec(answer)?.[1] ?? ''].join(' ').trim())
    .join(', ');
