import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { useBrowser } from '../world/browser.ts';
import { answersOf } from './answers-of.ts';
import { preflightsOf } from './preflights-of.ts';
import { useSpa } from './use-spa.ts';
import { addCustomer, sendMessage, signInAt, textOf } from './visitor.ts';

const world = useSpa({ mode: 'cookie' });
const newVisitor = useBrowser();

const loaded = (page: Page) => page.locator('#payments-count:has-text("250 payments")').waitFor();

async function writer(): Promise<Page> {
  const page = await (await newVisitor()).newPage();
  await signInAt(page, world().app, world().personas.writer);
  await loaded(page);
  return page;
}

describe('the app on another origin than Directus and the gateway', () => {
  it('stays signed in when it is loaded again, in another tab too', async () => {
    const page = await writer();
    await page.reload();
    await loaded(page);
    const other = await page.context().newPage();
    await other.goto(world().app);

    await loaded(other);
  });

  it('is signed out by signing out: the cookie is empty', async () => {
    const page = await writer();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#sign-in').waitFor();
    await page.reload();

    await page.locator('#sign-in').waitFor();
    expect(await page.context().cookies()).toMatchObject([{ name: 'directus_refresh_token', value: '' }]);
  });

  it('is let by one preflight for each path, which the browser remembers', async () => {
    const page = await (await newVisitor()).newPage();
    const preflights = await preflightsOf(page, world().gateway.url);
    await signInAt(page, world().app, world().personas.writer);
    await loaded(page);
    await page.getByRole('button', { name: 'Load again' }).click();
    await loaded(page);
    await addCustomer(page, 'preflight@example.com');
    await textOf(page, '#customer-result');

    const answer = {
      'access-control-allow-origin': world().app,
      'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
      'access-control-allow-headers': 'Content-Type,Authorization,Idempotency-Key,Stripe-Version',
      'access-control-max-age': '18000',
    };
    expect(preflights).toEqual([
      { path: '/stripe/payments', status: 204, headers: expect.objectContaining(answer) },
      { path: '/stripe/customers', status: 204, headers: expect.objectContaining(answer) },
    ]);
    expect(preflights[0]?.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(
      world()
        .gateway.wire.received()
        .match(/^OPTIONS \S+/gm),
    ).toEqual(['OPTIONS /stripe/payments', 'OPTIONS /stripe/customers']);
  });

  it('sends the gateway no cookie, and a page that would cannot read the answer', async () => {
    const page = await writer();
    const { gateway } = world();
    expect(await page.context().cookies()).toHaveLength(1);
    expect(gateway.wire.received()).not.toMatch(/^cookie:/im);

    const ping = (credentials: string) =>
      page.evaluate(
        `fetch('${gateway.url}/server/ping', { credentials: '${credentials}' }).then((answer) => answer.text())`,
      );
    expect(await ping('omit')).toBe('pong');
    await expect(ping('include')).rejects.toThrow('Failed to fetch');
    expect(gateway.wire.received()).toMatch(/^cookie: directus_refresh_token=/im);
  });

  it('breaks no rule of its own policy, and leaves no token where another script or visitor finds it', async () => {
    const context = await newVisitor();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/policy|trusted/i.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await signInAt(page, world().app, world().personas.writer);
    await loaded(page);
    await sendMessage(page, '<img src=x onerror="document.title = 1">');
    await textOf(page, '#message-result');

    expect(complaints).toEqual([]);
    expect(await page.evaluate('[{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]')).toEqual(
      [{}, {}, '', `${world().app}/`],
    );
    await expect(page.evaluate('document.body.innerHTML = "<b>markup</b>"')).rejects.toThrow(/TrustedHTML/);
    await expect(page.evaluate('fetch("http://127.0.0.1:9/")')).rejects.toThrow('Failed to fetch');
    expect(complaints.join('\n')).toMatch(/connect-src/);
  });

  it('sees no credential of an API, and no API sees a token of its user', async () => {
    const { personas, app, gateway, taps, stripe, twilio, serviceToken } = world();
    const context = await newVisitor();
    const answers = answersOf(context);
    const page = await context.newPage();
    const login = page.waitForResponse((response) => response.url().endsWith('/auth/login') && response.ok());
    await signInAt(page, app, personas.writer);
    await loaded(page);
    await sendMessage(page, 'canary');
    await textOf(page, '#message-result');
    await addCustomer(page, 'canary@example.com');
    await textOf(page, '#customer-result');
    const { access_token: accessToken } = tokenAnswer.parse(await (await login).json()).data;
    const refreshToken = (await context.cookies())[0]?.value ?? 'none';
    const received = `${await answers()}\n${gateway.wire.sent()}`;
    const sent = `${taps.stripe.wire.received()}\n${taps.twilio.wire.received()}`;

    const basic = btoa(`${twilio.accountSid}:${twilio.authToken}`);
    for (const secret of [stripe.secretKey, twilio.authToken, basic, serviceToken])
      expect(received).not.toContain(secret);
    for (const token of [accessToken, refreshToken]) {
      expect(sent).not.toContain(token);
      expect(gateway.logs()).not.toContain(token);
    }
    // What was searched is what was to be searched.
    expect(received).toContain('"object":"payment_intent"');
    expect(gateway.wire.received()).toContain(accessToken);
    expect(sent).toContain(stripe.secretKey);
    expect(sent).toContain(basic);
  });
});

const tokenAnswer = z.object({ data: z.object({ access_token: z.string() }) });
