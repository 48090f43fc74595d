import { expect, it } from '@jest/globals';
import { newUser, roleOf } from '../world/new-user.ts';
import { useApiPage } from './use-api-page.ts';
import { said } from './visit.ts';

const { live, visit, visitAs, visitIn, newVisitor } = useApiPage('11.17.4', { FRONT_DOOR: 'true' });
const password = 'a password of no account but in a test';

/** Somebody who has signed in to Data Studio, which stands at the same address, and may read their own e-mail there or not. */
async function signedInAtDirectus(as: 'admin' | 'writer' = 'writer') {
  const { gateway, directus, personas } = live();
  const role = await roleOf(directus, as === 'admin' ? { id: 'me' } : personas.writer);
  const user = await newUser(directus, { role, password });
  const name = as === 'admin' ? user.email : `the user ${user.id}`;
  const context = await newVisitor();
  const data = { email: user.email, password, mode: 'session' };
  await context.request.post(`${gateway.url}/auth/login`, { data });
  const made = await visitIn(context, gateway.url);
  await made.page.getByText(`Signed in as ${name}`).waitFor();
  return { ...made, name };
}

it('somebody with a session of Directus is signed in at once, and tries a call with it', async () => {
  const { taps, stripe } = live();
  const { page, context, requests } = await signedInAtDirectus('admin');
  const [cookie] = await context.cookies();
  expect(await said(page, 'create', '/stripe/customers')).toBe('allowed');
  await page.getByRole('button', { name: /^create \/stripe\/customers: / }).click();
  await page.getByRole('button', { name: 'Try this call' }).click();
  await page.locator('.opblock-post textarea').fill('{"email":"cookie@example.com"}');
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.locator('.live-responses-table').getByText('cookie@example.com').first().waitFor();

  expect(taps.stripe.seen.map(({ method, target, body }) => [method, target, body])).toEqual([
    ['POST', '/v1/customers', 'email=cookie%40example.com'],
  ]);
  expect(taps.stripe.seen[0]?.headers.authorization).toBe(`Bearer ${stripe.secretKey}`);
  expect(taps.stripe.wire.received()).not.toContain(cookie?.value);
  expect(requests.filter((request) => request.headers().authorization !== undefined)).toEqual([]);
});

it('somebody signs out there, and the session is over at Directus too', async () => {
  const { gateway } = live();
  const { page, context } = await signedInAtDirectus();
  const [before] = await context.cookies();
  const left = page.waitForResponse((response) => response.url().endsWith('/auth/logout'));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await left;
  await page.getByLabel('E-mail').waitFor();
  const headers = { Cookie: `directus_session_token=${before?.value}` };

  expect(before?.value).toMatch(/^ey/);
  expect((await fetch(`${gateway.url}/users/me`, { headers })).status).toBe(401);
});

it('somebody with a session looks at it as somebody else, whose token is then used alone, and goes back', async () => {
  const { personas } = live();
  const { page, name, signIn } = await signedInAtDirectus();
  await page.getByRole('button', { name: 'Use another account' }).click();
  await signIn(personas.reader);
  await page.getByText(`Signed in as ${personas.reader.email}`).waitFor();
  expect(await said(page, 'create', '/stripe/customers')).toBe('refused');

  await page.reload();
  await page.getByText(`Signed in as ${name}`).waitFor();
  expect(await said(page, 'create', '/stripe/customers')).toBe('allowed');
});

it('somebody without one signs in at the same address, and no cookie is set', async () => {
  const { page, context, requests } = await visitAs(live().personas.reader);
  const logins = requests.filter((request) => request.url().endsWith('/auth/login'));

  expect(logins.map((request) => new URL(request.url()).origin)).toEqual([live().gateway.url]);
  expect(await context.cookies()).toEqual([]);
  expect(await said(page, 'read', '/stripe/customers')).toBe('allowed');
});

it('a session that Directus no longer knows is no sign-in, and the form is there', async () => {
  const { page, context } = await visit();
  await context.addCookies([{ name: 'directus_session_token', value: 'dead', url: live().gateway.url }]);
  await page.reload();

  await page.getByLabel('E-mail').waitFor();
  expect(await page.getByRole('status').first().isVisible()).toBe(false);
});
