import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ask, statusOf } from '../world/dial.ts';
import { type LiveWorld, useLiveWorld, versions } from '../world/live-world.ts';
import { newUser, roleOf } from '../world/new-user.ts';
import { bodyOf, portOf, verdict, verdictOn } from '../world/verdict.ts';
import { type Kind, kinds, type Row } from './token-kinds.ts';
import { type Place, places } from './token-places.ts';

const agrees = ({ butGateway }: Row): boolean => butGateway === undefined;
const differs = (row: Row): boolean => !agrees(row);

describe.each(versions)('on Directus %s', (version) => {
  const live = useLiveWorld(version);

  it.each(kinds.filter(agrees))('a caller with $what hears $says from both', ofKind);
  it.each(kinds.filter(differs))('a caller with $what hears $butGateway, though Directus says $says', ofKind);
  it.each(places.filter(agrees))('a caller with the token $what hears $says from both', atPlace);
  it.each(places.filter(differs))(
    'a caller with the token $what hears $butGateway, though Directus says $says',
    atPlace,
  );

  async function ofKind(row: Kind): Promise<void> {
    const token = await row.make(live());
    await compare(live(), row, { query: '', lines: [`Authorization: Bearer ${token}`], token });
  }

  async function atPlace(row: Place): Promise<void> {
    const { directus, personas } = live();
    const { token: good } = await newUser(directus, { role: await roleOf(directus, personas.reader) });
    const tokens = { good, bad: randomUUID() };
    const query = row.query === undefined ? '' : `?${row.query(tokens)}`;
    await compare(live(), row, { query, lines: row.lines?.(tokens) ?? [], token: good });
  }

  it('a caller who writes with the token in the query is known to Directus and to the gateway', async () => {
    const { directus, gateway, personas, taps } = live();
    const post = (port: number, path: string, type: string, body: string) =>
      ask(
        port,
        [
          `POST ${path}?access_token=${personas.creator.token} HTTP/1.1`,
          `Content-Type: ${type}`,
          `Content-Length: ${body.length}`,
        ],
        body,
      );
    const form = 'name=Grace+Hopper';
    const itself = await post(portOf(directus.url), '/items/customers', 'application/json', '{"name":"Grace Hopper"}');
    const through = await post(gateway.port, '/stripe/v1/customers', 'application/x-www-form-urlencoded', form);

    expect([statusOf(itself), statusOf(through)]).toEqual([204, 200]);
    expect(taps.stripe.seen.map(({ target, body }) => [target, body])).toEqual([['/v1/customers', form]]);
  });

  it('a caller without a token is refused by Directus in two ways, and by the gateway in the one that says so', async () => {
    const { directus, gateway } = live();
    const itself = portOf(directus.url);

    expect(await verdictOn(itself, '/users/me', [])).toBe('401 INVALID_CREDENTIALS');
    expect(await verdictOn(itself, '/permissions/me', [])).toBe('403 FORBIDDEN');
    expect(await verdictOn(gateway.port, '/stripe/payments', [])).toBe('401 INVALID_CREDENTIALS');
  });
});

type Attempt = { readonly query: string; readonly lines: string[]; readonly token: string };

/**
 * Sends Directus and the gateway the same attempt to read customers. They must agree on the token and on who its bearer
 * is, and the upstream must see a request or none, with the gateway's credential and nothing of the caller's.
 */
async function compare(
  { directus, gateway, taps, stripe }: LiveWorld,
  { says, butGateway = says }: Row,
  { query, lines, token }: Attempt,
): Promise<void> {
  const requestId = randomUUID();
  const itself = await askDirectus(portOf(directus.url), query, lines);
  const through = await verdictOn(gateway.port, `/stripe/v1/customers${query}`, [
    ...lines,
    `X-Request-Id: ${requestId}`,
  ]);

  expect({ directus: itself.says, gateway: through }).toEqual({ directus: says, gateway: butGateway });
  const credentials = taps.stripe.seen.map(({ headers }) => headers.authorization);
  expect(credentials).toEqual(butGateway === '200' ? [`Bearer ${stripe.secretKey}`] : []);
  expect(taps.stripe.wire.received()).not.toContain(token);
  if (itself.user === undefined || butGateway !== says) return;
  const { user } = await gateway.logged((line) => line.requestId === requestId);
  expect({ user }).toEqual({ user: itself.user });
}

const identity = z.object({ data: z.object({ id: z.string().nullable().default(null) }) });
const permissions = z.object({ data: z.object({ customers: z.object({ read: z.object({ access: z.string() }) }) }) });

/** What Directus says: its refusal of the token; else whether all of `customers` may be read, and who is asking. */
async function askDirectus(port: number, query: string, lines: string[]) {
  const me = await ask(port, [`GET /users/me${query} HTTP/1.1`, ...lines]);
  if (statusOf(me) !== 200) return { says: verdict(me) };
  const may = await ask(port, [`GET /permissions/me${query} HTTP/1.1`, ...lines]);
  const access = permissions.safeParse(bodyOf(may)).data?.data.customers.read.access;
  return { says: access === 'full' ? verdict(may) : '403 FORBIDDEN', user: identity.parse(bodyOf(me)).data.id };
}
