import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { json } from '../world/answers.ts';
import { useBrowser } from '../world/browser.ts';
import { poll } from '../world/poll.ts';
import { passOnTo } from '../world/tap.ts';
import { heldList } from './held-list.ts';
import { useSpa } from './use-spa.ts';
import { addCustomer, sendMessage, signInAt, textOf } from './visitor.ts';

// Directus lets pages of every origin call it here, so that it is the gateway that refuses one.
const world = useSpa({ mode: 'json', directus: { CORS_ORIGIN: 'true' } });
const newVisitor = useBrowser();

/** In the app, signed in as one of the personas. */
async function visitorWhoIs(name: 'reader' | 'writer' | 'nobody' | 'creator', app = world().app): Promise<Page> {
  const page = await (await newVisitor()).newPage();
  await signInAt(page, app, world().personas[name]);
  return page;
}

const rows = (page: Page) => page.locator('#payments-rows tr');

describe('somebody who looks at their payments', () => {
  it('sees all of them', async () => {
    const page = await visitorWhoIs('reader');
    await page.getByText('250 payments').waitFor();

    expect(await rows(page).count()).toBe(250);
    expect(await rows(page).first().locator('td').allTextContents()).toEqual([
      expect.stringMatching(/\d{4}$/),
      expect.stringMatching(/^€\d+\.\d\d$/),
      expect.stringMatching(/^[a-z ]+$/),
      expect.stringMatching(/^Order \d+$/),
    ]);
  });

  it('sees the first ones while Stripe still holds back the last page', async () => {
    const { answer, release } = heldList(250, 3);
    world().taps.stripe.answerWith(answer);
    const page = await visitorWhoIs('reader');
    await page.getByText('200 so far…').waitFor();

    expect(await rows(page).count()).toBe(200);
    expect(world().taps.stripe.seen).toHaveLength(3);
    release();
    await page.getByText('250 payments').waitFor();
    expect(await rows(page).count()).toBe(250);
  });

  it.each([
    ['closes the page', (page: Page) => page.close()],
    ['goes elsewhere', (page: Page) => page.goto('about:blank')],
    ['presses Stop', (page: Page) => page.getByRole('button', { name: 'Stop' }).click()],
    ['signs out', (page: Page) => page.getByRole('button', { name: 'Sign out' }).click()],
  ])('and %s in the middle: Stripe is asked for no further page', async (_what, leave) => {
    const { taps, gateway } = world();
    const { answer, release } = heldList(500, 2);
    taps.stripe.answerWith(answer);
    const page = await (await newVisitor()).newPage();
    const listing = page.waitForResponse(/\/stripe\/payments$/);
    await signInAt(page, world().app, world().personas.reader);
    const id = await (await listing).headerValue('X-Request-Id');
    await page.getByText('100 so far…').waitFor();
    await leave(page);
    const left = await gateway.logged(({ requestId }) => requestId === id);
    release();
    await page.context().close();

    expect([left.status, left.cutOff]).toEqual([200, true]);
    expect(taps.stripe.seen).toHaveLength(2);
  });

  it('is told that a list that breaks off is not complete', async () => {
    const { answer, breakOff } = heldList(250, 3);
    world().taps.stripe.answerWith(answer);
    const page = await visitorWhoIs('reader');
    await page.getByText('200 so far…').waitFor();
    breakOff();

    expect(await textOf(page, '#payments-notice')).toBe('The answer broke off.');
    expect(await textOf(page, '#payments-count')).toBe('The first 200 only: the list is not complete.');
  });
});

describe('somebody who does something', () => {
  it('sends a message, which Twilio gets as a form, from the gateway’s own number', async () => {
    const { taps, twilio } = world();
    const page = await visitorWhoIs('creator');
    await sendMessage(page, 'Grüße & 10 % off + more');

    expect(await textOf(page, '#message-result')).toMatch(/^Message SM\S+ is \w+\.$/);
    const [sent, ...more] = taps.twilio.seen;
    expect(more).toEqual([]);
    expect(sent?.target).toBe(`/2010-04-01/Accounts/${twilio.accountSid}/Messages.json`);
    expect(Object.fromEntries(new URLSearchParams(sent?.body))).toEqual({
      To: '+15005550006',
      Body: 'Grüße & 10 % off + more',
      From: twilio.phoneNumber,
    });
  });

  it('adds a customer', async () => {
    const page = await visitorWhoIs('creator');
    await addCustomer(page, 'grace@example.com');

    expect(await textOf(page, '#customer-result')).toMatch(/^Customer cus_\S+ is created\.$/);
    expect(new URLSearchParams(created()[0]?.body).get('email')).toBe('grace@example.com');
  });

  it('creates one customer with one key, however often they press while no good answer comes', async () => {
    const { taps, stripe } = world();
    const page = await visitorWhoIs('creator');
    taps.stripe.answerWith((_request, response) => response.destroy());
    await addCustomer(page, 'twice@example.com');
    expect(await textOf(page, '#customer-result')).toContain('Try again: it is done once at most.');
    taps.stripe.answerWith(passOnTo(stripe.url));
    await page.locator('#customer').getByRole('button').click();
    await page.getByText(/^Customer cus_/).waitFor();
    expect(keys()).toEqual(new Set([expect.any(String)]));

    await addCustomer(page, 'twice@example.com');
    await poll('another customer is created', () => keys().size === 2);
  });

  it('is told that a message may have gone out, and it is not sent a second time', async () => {
    const { taps } = world();
    const page = await visitorWhoIs('creator');
    taps.twilio.answerWith((_request, response) => response.destroy());
    await sendMessage(page, 'once');

    expect(await textOf(page, '#message-result')).toMatch(/502 UPSTREAM_UNREACHABLE/);
    expect(await textOf(page, '#message-result')).toContain('look before you try again.');
    expect(await page.getByLabel('Text').inputValue()).toBe('once');
    expect(taps.twilio.seen).toHaveLength(1);
  });
});

describe('somebody who is refused', () => {
  it('reads the sentence, the code, the name of the request, and what to change in Directus', async () => {
    const { taps, gateway } = world();
    const page = await visitorWhoIs('reader');
    await sendMessage(page, 'not mine to send');
    await page.locator('#message-result .advice').waitFor();

    const said = await textOf(page, '#message-result');
    const { requestId } = await gateway.logged(({ method, status }) => method === 'POST' && status === 403);
    expect(said).toMatch(/^You don't have permission to access this\. ?Code 403 FORBIDDEN/);
    expect(said).toContain(`Request ${requestId}`);
    expect(said).toContain('"create" on "messages"');
    expect(said).toContain('What decides: the permission to create in the collection messages.');
    expect(taps.twilio.seen).toEqual([]);
  });

  it('reads Stripe’s and Twilio’s own sentences too', async () => {
    const { taps } = world();
    const page = await visitorWhoIs('creator');
    const declined = { type: 'invalid_request_error', code: 'email_invalid', message: 'Invalid email address: x@y' };
    taps.stripe.answerWith((_request, response) => json(response, 400, { error: declined }));
    const unreachable = { code: 21211, message: "Invalid 'To' Phone Number", status: 400 };
    taps.twilio.answerWith((_request, response) => json(response, 400, unreachable));
    await addCustomer(page, 'x@y');
    await sendMessage(page, 'to nobody');

    expect(await textOf(page, '#customer-result')).toMatch(/^Invalid email address: x@y ?Code 400 email_invalid/);
    expect(await textOf(page, '#message-result')).toMatch(/^Invalid 'To' Phone Number ?Code 400 21211/);
  });

  it('because the password is wrong, and is still asked for it', async () => {
    const page = await (await newVisitor()).newPage();
    const login = { email: world().personas.reader.email, password: 'wrong' };
    await page.goto(world().app);
    await page.locator('#email').fill(login.email);
    await page.locator('#password').fill(login.password);
    await page.locator('#sign-in').getByRole('button').click();

    expect(await textOf(page, '#sign-in-notice')).toBe('Invalid user credentials.');
    expect(await page.locator('#app').isVisible()).toBe(false);
  });

  it('because the gateway does not list the page’s origin: nothing reaches an API', async () => {
    const { taps, app } = world();
    const page = await visitorWhoIs('writer', app.replace('127.0.0.1', 'localhost'));
    await sendMessage(page, 'from elsewhere');

    expect(await textOf(page, '#payments-notice')).toContain('pages of this address may not call it (CORS_ORIGIN)');
    expect(await textOf(page, '#message-result')).toContain('pages of this address may not call it (CORS_ORIGIN)');
    expect([taps.stripe.seen, taps.twilio.seen]).toEqual([[], []]);
  });
});

/** The requests that were to create something at Stripe, and the idempotency keys of them. */
const created = () => world().taps.stripe.seen.filter(({ method }) => method === 'POST');
const keys = () => new Set(created().map(({ headers }) => headers['idempotency-key']));
