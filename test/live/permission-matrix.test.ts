import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { type LiveWorld, useLiveWorld } from '../world/live-world.ts';
import { newUser, type User } from '../world/new-user.ts';
import { as } from '../world/use-world.ts';
import { askDirectus, type DirectusSays, isAllowed } from './directus-says.ts';
import { type Case, cases } from './permission-cases.ts';
import { type Call, type Named, type Route, routes } from './permission-routes.ts';

/** Routes that were open to a caller, and those that were refused to one. */
const seenOpen = new Set<string>();
const seenRefused = new Set<string>();

describe('on Directus 11.17.4', () => {
  const live = useLiveWorld('11.17.4', { STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id' });

  describe.each(cases)('the gateway does exactly what Directus says of a caller who $caller', (given) => {
    let user: User;
    let named: Named;
    let says: DirectusSays;
    beforeAll(async () => {
      user = await newCaller(live(), given);
      named = await rowsFor(live(), user);
      says = await askDirectus(live(), user);
    });

    it.each(routes)('and $what', (route) => tryRoute(live(), route, { user, named, says }));
  });

  it('every route is open to some callers and refused to others', () => {
    const all = new Set(routes.map(({ what }) => what));

    expect({ seenOpen, seenRefused }).toEqual({ seenOpen: all, seenRefused: all });
  });
});

type Caller = { readonly user: User; readonly named: Named; readonly says: DirectusSays };

/** Sends the gateway one request and compares what becomes of it with what Directus says of the caller. */
async function tryRoute(world: LiveWorld, route: Route, { user, named, says }: Caller): Promise<void> {
  const call = route.call(world, named);
  const allowed = await isAllowed(route, named, says);
  const whole = route.action === 'read' ? await wholeAnswer(world, call) : undefined;
  const { status, answer } = await send(world.gateway.url, call, as(user.token));
  (allowed ? seenOpen : seenRefused).add(route.what);

  if (!allowed) return expectRefusal(world, { status, answer });
  expect({ status, answer }).toEqual({ status: route.what.startsWith('sends') ? 201 : 200, answer });
  switch (route.action) {
    case 'read':
      return expect(sorted(answer)).toEqual(sorted(await visibleIn(whole, route, says)));
    case 'create':
      return expectCreated(world, { route, call, says }, answer);
    case 'delete':
      return expect(answer).toMatchObject({ id: call.path.split('/').at(-1), deleted: true });
  }
}

async function newCaller({ directus }: LiveWorld, { caller, rules }: Case): Promise<User> {
  const access = { name: caller.slice(0, 60), admin_access: false, app_access: false };
  const policy = await createInDirectus(directus, '/policies', access);
  const stored = rules.map((rule) => ({ permissions: {}, fields: ['*'], ...rule, policy }));
  if (stored.length > 0) await callDirectus(directus, 'POST', '/permissions', stored);
  return newUser(directus, { policies: [{ policy }] });
}

/** The third and fourth of the world's customers change hands; the spare ones are new. */
async function rowsFor(world: LiveWorld, user: User): Promise<Named> {
  const [, , third, fourth, fifth] = world.customers;
  if (third === undefined || fourth === undefined || fifth === undefined)
    throw new Error('There are too few customers.');
  const query = { filter: { stripe_customer_id: { _in: [third.id, fourth.id] } } };
  await callDirectus(world.directus, 'PATCH', '/items/customers', { query, data: { owner: user.id } });
  const [ownSpare, anotherSpare] = [await newCustomer(world, user.id), await newCustomer(world, null)];
  return { own: third.id, another: fifth.id, ownSpare, anotherSpare };
}

async function newCustomer(world: LiveWorld, owner: string | null): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  const call: Call = { path: '/stripe/v1/customers', method: 'POST', form: { email } };
  const { id } = z.object({ id: z.string() }).parse(await upstreamsOwn(world, call));
  await callDirectus(world.directus, 'POST', '/items/customers', { email, stripe_customer_id: id, owner });
  return id;
}

function expectRefusal(
  { taps }: LiveWorld,
  { status, answer }: { readonly status: number; readonly answer: unknown },
): void {
  expect({ status, answer }).toEqual({
    status: 403,
    answer: expect.objectContaining({
      errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'FORBIDDEN' }) })],
    }),
  });
  expect(taps.stripe.wire.received() + taps.twilio.wire.received()).toBe('');
}

const record = z.record(z.string(), z.unknown());
type Item = z.output<typeof record>;

/** The upstream saw what the caller sent, what Directus presets, and the gateway's own sender; the caller sees what is listed. */
type Creation = { readonly route: Route; readonly call: Call; readonly says: DirectusSays };

function expectCreated(world: LiveWorld, { route, call, says }: Creation, answer: unknown): void {
  const { fields = [], presets } = says.permission(route) ?? {};
  const sender = route.collection === 'messages' ? { From: world.twilio.phoneNumber } : {};
  const seen = [...world.taps.stripe.seen, ...world.taps.twilio.seen];

  expect(seen.map(({ body }) => [...new URLSearchParams(body)].sort())).toEqual([
    Object.entries({ ...sender, ...presets, ...call.form, ...call.json }).sort(),
  ]);
  expect(answer).toEqual(visible(record.parse(answer), fields));
  if (fields.includes('*')) expect(Object.keys(record.parse(answer)).length).toBeGreaterThan(5);
}

/** What the upstream itself answers, with every page of a list. */
async function wholeAnswer(world: LiveWorld, { path }: Call): Promise<unknown> {
  const [, name, customer] = /^\/stripe\/(payments|customers)(?:\/([\w-]+))?$/.exec(path) ?? [];
  if (name === undefined) return upstreamsOwn(world, { path });
  const listPath = `/stripe/v1/${name === 'payments' ? 'payment_intents' : name}?limit=100`;
  const all: Item[] = [];
  for (let more = ''; ; ) {
    const page = stripePage.parse(
      await upstreamsOwn(world, { path: `${listPath}${customer === undefined ? '' : `&customer=${customer}`}${more}` }),
    );
    all.push(...page.data);
    if (!page.has_more) return all;
    more = `&starting_after=${page.data.at(-1)?.id}`;
  }
}

const stripePage = z.object({ data: z.array(record), has_more: z.boolean() });

/** Of the whole answer, the items of the rows that Directus shows the caller, each with the fields that it lists. */
async function visibleIn(whole: unknown, { row, items, ...need }: Route, says: DirectusSays): Promise<unknown> {
  const { access, fields = [] } = says.permission(need) ?? {};
  const cut = (all: unknown) =>
    z
      .array(record)
      .parse(all)
      .map((item) => visible(item, fields));
  if (items !== undefined) return { ...record.parse(whole), [items]: cut(record.parse(whole)[items]) };
  if (!Array.isArray(whole)) return visible(record.parse(whole), fields);
  if (access === 'full' || row !== 'each item') return cut(whole);
  const readable = (await says.readable()) ?? new Set();
  return cut(whole.filter(({ object, id, customer }) => readable.has(object === 'customer' ? id : customer)));
}

/** The members of one item that these fields list, with whatever tells what it is. */
function visible(item: Item, fields: readonly string[]): Item {
  if (fields.includes('*')) return item;
  const members = ['id', 'object', ...fields].flatMap((field) => {
    const [top = '', inner] = field.split('.');
    if (!(top in item)) return [];
    return [[top, inner === undefined ? item[top] : pick(item[top], inner)]];
  });
  return Object.fromEntries(members);
}

function pick(value: unknown, name: string): unknown {
  const parsed = record.safeParse(value);
  if (!parsed.success) return undefined;
  return name in parsed.data ? { [name]: parsed.data[name] } : {};
}

/** Two things made within the same second have no order among them. */
const sorted = (answer: unknown): unknown =>
  Array.isArray(answer) ? answer.toSorted((one, other) => (String(one.id) < String(other.id) ? -1 : 1)) : answer;

async function send(origin: string, { path, method, form, json }: Call, headers: Record<string, string>) {
  const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
  const body = json === undefined ? String(new URLSearchParams(form)) : JSON.stringify(json);
  const response = await fetch(origin + path, {
    ...(method !== undefined && { method }),
    headers: { ...headers, ...(method === 'POST' && { 'Content-Type': type }) },
    ...(method === 'POST' && { body }),
  });
  return { status: response.status, answer: z.unknown().parse(await response.json()) };
}

/** The same call past the gateway and the taps. */
async function upstreamsOwn({ stripe, twilio }: LiveWorld, { path, ...call }: Call): Promise<unknown> {
  const account = Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString('base64');
  const [, name, rest = ''] = /^\/(stripe|twilio)(\/.*)$/.exec(path) ?? [];
  const { answer } =
    name === 'stripe'
      ? await send(stripe.url, { ...call, path: rest }, as(stripe.secretKey))
      : await send(twilio.url, { ...call, path: rest }, { Authorization: `Basic ${account}` });
  return answer;
}
