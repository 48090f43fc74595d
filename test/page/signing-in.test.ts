import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { callDirectus } from '../../demo/directus/call.ts';
import { versions } from '../world/live-world.ts';
import { newUser, roleOf } from '../world/new-user.ts';
import { poll } from '../world/poll.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { oneTimePassword } from './one-time-password.ts';
import { corsFor127, tokenIn, useApiPage } from './use-api-page.ts';
import { cellOf, said } from './visit.ts';

const password = 'a password of no account but in a test';

describe.each(versions)('on Directus %s', (version) => {
  const stopLater = useStops();
  const { live, visit, visitAs, visitAt } = useApiPage(version, {}, corsFor127);

  it('somebody signs in with their password, and sees what they may do and nothing else', async () => {
    const { personas } = live();
    const [reader, creator] = [await visitAs(personas.reader), await visitAs(personas.creator)];
    const path = '/stripe/customers';

    expect([await said(reader.page, 'read', path), await said(reader.page, 'create', path)]).toEqual([
      'allowed',
      'refused',
    ]);
    expect([await said(creator.page, 'read', path), await said(creator.page, 'create', path)]).toEqual([
      'refused',
      'allowed',
    ]);
    expect(await cellOf(reader.page, 'read', '/stripe/payments').count()).toBe(1);
    expect(await cellOf(creator.page, 'read', '/stripe/payments').count()).toBe(0);
  });

  it('somebody with a wrong password is told so, and can try again', async () => {
    const { personas } = live();
    const { page, signIn } = await visit();
    await signIn({ ...personas.reader, password: 'not this one' });
    await page.getByRole('alert').getByText('Directus does not know this e-mail with this password.').waitFor();
    await signIn(personas.reader);

    await page.getByText(`Signed in as ${personas.reader.email}`).waitFor();
  });

  it('somebody whose Directus wants a one-time password too is asked for it, and signs in with it', async () => {
    const { directus } = live();
    // An administrator: whoever turns it on changes their own user.
    const user = await newUser(directus, { role: await roleOf(directus, { id: 'me' }), password });
    const asUser = { url: directus.url, adminToken: user.token };
    const { secret } = z
      .object({ secret: z.string() })
      .parse(await callDirectus(asUser, 'POST', '/users/me/tfa/generate', { password }));
    // A half minute may end between the two: then the next one's is right.
    const untilTaken = (take: (otp: string) => Promise<boolean>) =>
      poll('the one-time password is taken', () => take(oneTimePassword(secret)));
    await untilTaken((otp) =>
      callDirectus(asUser, 'POST', '/users/me/tfa/enable', { secret, otp }).then(
        () => true,
        () => false,
      ),
    );
    const { page, signIn } = await visit();
    expect(await page.getByLabel('One-time password').isVisible()).toBe(false);
    await signIn({ ...user, password });
    await page.getByRole('alert').getByText('Enter the one-time password of your app.').waitFor();

    await untilTaken(async (otp) => {
      await page.getByLabel('One-time password').fill(otp);
      const answered = page.waitForResponse((response) => response.url().endsWith('/auth/login'));
      await page.getByRole('button', { name: 'Sign in' }).click();
      return (await answered).ok();
    });
    await page.getByText(`Signed in as ${user.email}`).waitFor();
  });

  it('somebody with a session of a Directus on another port of this host is signed in at once, and ends it there', async () => {
    const { gateway, directus, personas } = live();
    const { page, context } = await visit();
    const { email, password } = personas.reader;
    await context.request.post(`${directus.url}/auth/login`, { data: { email, password, mode: 'session' } });
    await page.goto(`${gateway.url}/gateway/`);
    await page.getByText(`Signed in as the user ${personas.reader.id}`).waitFor();

    expect(await said(page, 'read', '/stripe/customers')).toBe('allowed');
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
  });

  it('the token is in no store, cookie, address or page of the browser', async () => {
    const { page, context, requests } = await visitAs(live().personas.reader);
    await page.getByRole('tab', { name: 'Try a call' }).click();
    await page.locator('.opblock-tag').first().waitFor();
    const token = tokenIn(requests);
    const kept = await page.evaluate(everythingKept);

    expect(token.length).toBeGreaterThan(100);
    expect(kept).toEqual([[], [], [], [], null, '']);
    expect(await context.cookies()).toEqual([]);
    expect(`${requests.map((request) => request.url()).join()} ${page.url()} ${await page.content()}`).not.toContain(
      token,
    );
  });

  it('a login that is about to end is renewed before it is used, and its successor is used', async () => {
    const { page, requests } = await visitAs(live().personas.reader);
    await page.clock.setFixedTime(Date.now() + 14.9 * 60_000); // an access token lives for a quarter of an hour
    const renewed = page.waitForResponse((response) => response.url().endsWith('/auth/refresh'));
    const asked = page.waitForResponse((response) => response.url().endsWith('/gateway/specs/oas'));
    await page.getByRole('button', { name: 'Ask again' }).click();
    const used = (await (await asked).request().allHeaders()).authorization;

    expect(requests.filter((request) => request.url().endsWith('/auth/refresh'))).toHaveLength(1);
    expect(used).toMatch(/^Bearer ey/);
    // Within one second Directus makes the same token twice.
    expect(used).toBe(`Bearer ${(await (await renewed).json()).data.access_token}`);
    await page.getByText('Signed in as').waitFor();
  });

  it('a login that Directus has ended meanwhile is said to have ended', async () => {
    const { page, signIn } = await visit();
    const { directus, personas } = live();
    const user = await newUser(directus, { role: await roleOf(directus, personas.reader), password });
    await signIn({ ...user, password });
    await page.getByText(`Signed in as ${user.email}`).waitFor();
    await fetch(`${directus.url}/users/${user.id}`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${directus.adminToken}`, 'Content-Type': 'application/json' },
      body: '{"status":"suspended"}',
    });
    await page.clock.setFixedTime(Date.now() + 20 * 60_000);
    await page.getByRole('button', { name: 'Ask again' }).click();

    await page.getByText('Your session has ended. Sign in again.').waitFor();
    await page.getByLabel('E-mail').waitFor();
  });

  it('somebody signs out, and the login is over at Directus too', async () => {
    const { directus, personas } = live();
    const made = await visit();
    const answered = made.page.waitForResponse((response) => response.url().endsWith('/auth/login'));
    await made.signIn(personas.reader);
    const { data } = await (await answered).json();
    const left = made.page.waitForResponse((response) => response.url().endsWith('/auth/logout'));
    await made.page.getByRole('button', { name: 'Sign out' }).click();
    await left;
    await made.page.getByLabel('E-mail').waitFor();
    const refreshed = await fetch(`${directus.url}/auth/refresh`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ mode: 'json', refresh_token: data.refresh_token }),
    });

    expect(refreshed.status).toBe(401);
    expect(await made.page.locator('#groups').textContent()).toBe('');
  });

  it('somebody pastes a token, and a wrong one is refused in words', async () => {
    const { page } = await visit();
    await page.getByText('Use a token instead').click();
    const field = page.getByLabel('A token of your Directus user');
    await field.fill('no-such-token');
    await page.getByRole('button', { name: 'Use this token' }).click();
    await page.getByRole('alert').getByText('Directus does not accept this token.').waitFor();
    await field.fill(live().personas.reader.token);
    await page.getByRole('button', { name: 'Use this token' }).click();

    await page.getByText(`Signed in as the user ${live().personas.reader.id}`).waitFor();
    expect(await said(page, 'read', '/stripe/customers')).toBe('allowed');
  });

  it('somebody whose Directus lets no page of this site in is told what to set there', async () => {
    const url = live().gateway.url.replace('127.0.0.1', 'localhost');
    const { page, signIn } = await visitAt(url);
    await signIn(live().personas.reader);

    await page.getByRole('alert').getByText(`CORS_ORIGIN=${url}`).waitFor();
  });

  it('somebody whose browser does not reach Directus is told that', async () => {
    const { environment, personas } = live();
    const nowhere = { ...environment, DIRECTUS_PUBLIC_URL: 'http://directus.invalid:8055' };
    const other = await stopLater(await startGateway(nowhere));
    const { page, signIn, mayAsk } = await visitAt(other.url);
    mayAsk.push('http://directus.invalid:8055');
    await signIn(personas.reader);

    await page.getByRole('alert').getByText('Directus cannot be reached at http://directus.invalid:8055').waitFor();
  });
});

/** What a page can keep in a browser, beside cookies. */
const everythingKept = `Promise.all([
  Object.entries(localStorage), Object.entries(sessionStorage), indexedDB.databases(), caches.keys(), history.state, name,
])`;
