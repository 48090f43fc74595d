import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { useBrowser } from '../world/browser.ts';
import { listen } from '../world/listen.ts';
import { poll } from '../world/poll.ts';
import { useStops } from '../world/use-stops.ts';
import { heldList } from './held-list.ts';
import { useSpa } from './use-spa.ts';
import { addCustomer, answersTo, listed, orders, sendMessage, signInAt, textOf } from './visitor.ts';

const newVisitor = useBrowser();
const loaded = (page: Page) => page.locator('#payments-count:has-text("250 payments")').waitFor();
const sessionCookie = async (context: BrowserContext) =>
  (await context.cookies()).find(({ name }) => name === 'directus_session_token');

describe('the app on one origin with Directus and the gateway, by the front door,', () => {
  const world = useSpa({ mode: 'session' });
  const stopLater = useStops();
  /** Of another port: another origin, yet the same site, so that the browser sends the cookie along. */
  let foreign: string;
  beforeAll(async () => {
    const page = createServer((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end('<!doctype html>'),
    );
    foreign = stopLater(await listen(page)).origin;
  });

  async function writer(): Promise<Page> {
    const page = await (await newVisitor()).newPage();
    await signInAt(page, world().app, world().personas.writer);
    await loaded(page);
    return page;
  }

  it('works with the cookie alone: no script has a token, and no call bears one', async () => {
    const page = await writer();
    await sendMessage(page, 'by cookie');
    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    await addCustomer(page, 'cookie@example.com');
    expect(await textOf(page, '#customer-result')).toMatch(/^Customer cus_/);

    const { gateway, taps } = world();
    const cookie = await sessionCookie(page.context());
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(gateway.wire.received()).toContain(`directus_session_token=${cookie?.value}`);
    expect(gateway.wire.received()).not.toMatch(/^(authorization:|access-control-|OPTIONS )/im);
    for (const { wire } of [taps.stripe, taps.twilio]) expect(wire.received()).not.toContain(cookie?.value);
    expect(gateway.logs()).not.toContain(cookie?.value);
  });

  it('stays signed in when it is loaded again, and is signed out by signing out', async () => {
    const page = await writer();
    await page.reload();
    await loaded(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#sign-in').waitFor();
    await page.reload();

    await page.locator('#sign-in').waitFor();
    expect(await sessionCookie(page.context())).toMatchObject({ value: '' }); // Directus' way to clear it
  });

  it('shows why something is refused', async () => {
    const page = await (await newVisitor()).newPage();
    await signInAt(page, world().app, world().personas.creator);
    await page.locator('#payments-notice .advice').waitFor();

    expect(await textOf(page, '#payments-notice')).toContain('"read" on "customers"');
    expect(world().taps.stripe.seen).toEqual([]);
  });

  const email = 'email=victim%40example.com';
  const attacks: [string, string][] = [
    ['a form', `post('application/x-www-form-urlencoded')`],
    ['a form that looks like JSON', `post('text/plain')`],
    ['a form with a file', `post('multipart/form-data')`],
    [
      'a script that reads no answer',
      `fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '${email}' })`,
    ],
    ['a beacon', `navigator.sendBeacon(url, new URLSearchParams('${email}'))`],
  ];
  it.each(attacks)(
    'is safe from a foreign page with %s: 403 though the cookie came along, and Stripe saw nothing',
    async (_what, attack) => {
      const { gateway, taps } = world();
      const page = await writer();
      taps.stripe.reset();
      gateway.wire.clear();
      await page.goto(foreign);
      const path = `/stripe/v1/customers/cus_${randomUUID()}`;
      await page.evaluate(`{ const url = '${gateway.url}${path}'; ${formPost} ${attack}; 0 }`);
      const line = await gateway.logged((each) => each.path === path);

      expect(line).toMatchObject({ method: 'POST', status: 403, reason: 'foreign_site' });
      expect(gateway.wire.received()).toMatch(/^cookie: directus_session_token=/im);
      expect(taps.stripe.seen).toEqual([]);
    },
  );

  it('is safe from a foreign page that wants to read, or to delete: the browser gives it nothing', async () => {
    const { gateway, taps } = world();
    const page = await writer();
    await page.goto(foreign);
    taps.stripe.reset();
    const ask = (method: string) =>
      page.evaluate(
        `fetch('${gateway.url}/stripe/v1/customers/cus_1', { method: '${method}', credentials: 'include' }).then((answer) => answer.text())`,
      );

    await expect(ask('GET')).rejects.toThrow('Failed to fetch');
    await expect(ask('DELETE')).rejects.toThrow('Failed to fetch');
    expect(taps.stripe.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  it('is safe from a page of another site: the cookie does not even go along', async () => {
    const { gateway, taps } = world();
    const page = await writer();
    await page.goto(foreign.replace('127.0.0.1', 'localhost'));
    taps.stripe.reset();
    gateway.wire.clear();
    const target = `${gateway.url}/stripe/customers`;
    const answer = page.waitForResponse(target);
    await page.evaluate(`{ const url = '${target}'; ${formPost} post('application/x-www-form-urlencoded'); 0 }`);

    expect((await answer).status()).toBe(401);
    expect(gateway.wire.received()).not.toMatch(/^cookie:/im);
    expect(taps.stripe.seen).toEqual([]);
  });
});

/** Runs in the page: what a click on a prepared form does. */
const formPost = `const post = (enctype) => {
  const form = Object.assign(document.createElement('form'), { method: 'POST', action: url, enctype });
  form.append(Object.assign(document.createElement('input'), { name: '{"email":"victim@example.com","name":"', value: '"}' }));
  document.body.append(form);
  form.submit();
};`;

describe('a session that would end while the app is open', () => {
  // Refreshed after five seconds, and again after ten.
  const lifetimes = { SESSION_COOKIE_TTL: '10s', SESSION_REFRESH_GRACE_PERIOD: '1s' };
  const world = useSpa({ mode: 'session', directus: lifetimes });

  /** Signs in, and resolves when the session with which the app began, and with it the list, has ended. */
  async function untilFirstSessionEnds(page: Page): Promise<string | undefined> {
    const listing = page.waitForRequest(/\/stripe\/payments$/);
    await signInAt(page, world().app, world().personas.writer);
    await listing;
    const first = await sessionCookie(page.context());
    await poll('the first session has ended', () => isRefused(world().directus.url, first?.value ?? ''), 20_000);
    return first?.value;
  }

  it('is refreshed before: the next call works, with another cookie', async () => {
    const page = await (await newVisitor()).newPage();
    const first = await untilFirstSessionEnds(page);
    await sendMessage(page, 'later');

    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    expect(world().taps.twilio.seen).toHaveLength(1);
    expect((await sessionCookie(page.context()))?.value).not.toBe(first);
  });

  it('and a list that is on its way comes whole, by the front door, with one refresh', async () => {
    const { gateway, taps } = world();
    const { answer, release } = heldList(250, 3);
    taps.stripe.answerWith(answer);
    const page = await (await newVisitor()).newPage();
    const refreshes = answersTo(page, '/auth/refresh');
    await untilFirstSessionEnds(page);
    expect(refreshes.filter((status) => status === 200)).toHaveLength(1); // before, there was nothing to resume
    await sendMessage(page, 'meanwhile');
    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    expect(await listed(page)).toEqual(orders(200));
    release();
    await loaded(page);

    expect(await listed(page)).toEqual(orders(250));
    expect(gateway.wire.received().match(/GET \/stripe\/payments HTTP/g)).toHaveLength(1);
    expect(taps.stripe.seen).toHaveLength(3);
    expect(taps.twilio.seen).toHaveLength(1);
  });
});

/** Whether Directus lets nobody in with this session any more. */
const isRefused = async (url: string, session: string): Promise<boolean> =>
  (await fetch(`${url}/users/me`, { headers: { Cookie: `directus_session_token=${session}` } })).status === 401;
