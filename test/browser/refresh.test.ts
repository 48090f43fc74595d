import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { useBrowser } from '../world/browser.ts';
import { poll } from '../world/poll.ts';
import { heldList } from './held-list.ts';
import { useSpa } from './use-spa.ts';
import { answersTo, listed, orders, sendMessage, signIn, signInAt, textOf } from './visitor.ts';

/** A token is taken for one that is about to end five seconds before. */
const shortLived = { ACCESS_TOKEN_TTL: '6s' };
const tokenAnswer = z.object({ data: z.object({ access_token: z.string() }) });

describe.each(['json', 'cookie'] as const)('in %s mode, when the access token ends while the app is open,', (mode) => {
  const world = useSpa({ mode, directus: shortLived });
  const newVisitor = useBrowser();
  const refreshes = () => world().relay.asked('POST /auth/refresh');

  /** In the app, with so much of the list on the screen, as the writer, whose token has ended since. */
  async function untilTokenEnds(page: Page, enter: () => Promise<unknown>, shown = payments): Promise<void> {
    const given = page.waitForResponse(
      (response) =>
        /\/auth\/(login|refresh)$/.test(response.url()) && response.request().method() === 'POST' && response.ok(),
    );
    await enter();
    await page.locator(shown).waitFor();
    const token = tokenAnswer.parse(await (await given).json()).data.access_token;
    await poll('the token has ended', () => isRefused(world().directus.url, token), 20_000);
    world().relay.reset();
    world().taps.stripe.reset();
  }
  const signInAndWait = (page: Page, shown?: string) =>
    untilTokenEnds(page, () => signInAt(page, world().app, world().personas.writer), shown);

  const newPage = async (): Promise<Page> => (await newVisitor()).newPage();
  /** One whose clock stands still, as if the laptop had slept: it takes its token for good. */
  async function pageThatSlept(): Promise<Page> {
    const page = await newPage();
    await page.clock.setFixedTime(new Date());
    return page;
  }
  async function visitorWhoSlept(): Promise<Page> {
    const page = await pageThatSlept();
    await signInAndWait(page);
    return page;
  }

  it('it refreshes once before the next call, which works', async () => {
    const page = await newPage();
    await signInAndWait(page);
    const answers = answersTo(page, 'Messages.json');
    await sendMessage(page, 'after the break');

    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    expect([answers, refreshes()]).toEqual([[201], 1]);
    expect(world().taps.twilio.seen).toHaveLength(1);
  });

  it('it repeats what was refused, where it did not know: Twilio sees the POST exactly once', async () => {
    const page = await visitorWhoSlept();
    const answers = answersTo(page, 'Messages.json');
    await sendMessage(page, 'after the break');

    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    expect([answers, refreshes()]).toEqual([[401, 201], 1]);
    expect(world().taps.twilio.seen).toHaveLength(1);
  });

  it('it refreshes once for calls that are refused together', async () => {
    const page = await visitorWhoSlept();
    await page.locator('#message-to').fill('+15005550006');
    await page.locator('#message-body').fill('both at once');
    await page.evaluate("for (const id of ['payments-toggle', 'message-send']) document.getElementById(id).click()");
    await page.locator(payments).waitFor();

    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    expect(refreshes()).toBe(1);
    expect(world().taps.twilio.seen).toHaveLength(1);
    expect(world().taps.stripe.seen).toHaveLength(pagesOfPayments);
  });

  it.each([
    ['it has refreshed before a message goes out', newPage, [201]],
    ['a message was refused and repeated', pageThatSlept, [401, 201]],
  ])('a list that is on its way comes whole, though %s meanwhile', async (_what, open, statuses) => {
    const { gateway, taps } = world();
    const { answer, release } = heldList(250, pagesOfPayments);
    taps.stripe.answerWith(answer);
    const page = await open();
    await signInAndWait(page, '#payments-count:has-text("200 so far…")');
    const [messages, refreshed] = [answersTo(page, 'Messages.json'), answersTo(page, '/auth/refresh')];
    await sendMessage(page, 'meanwhile');
    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    expect(await listed(page)).toEqual(orders(200));
    release();
    await page.locator(payments).waitFor();

    expect(await listed(page)).toEqual(orders(250));
    expect([messages, refreshed]).toEqual([statuses, [200]]);
    expect(gateway.wire.received().match(/GET \/stripe\/payments HTTP/g)).toHaveLength(1);
    expect(taps.stripe.seen).toEqual([]); // nothing after the page that was held
    expect(taps.twilio.seen).toHaveLength(1);
    const line = await gateway.logged(({ method, path }) => `${method} ${path}` === 'GET /stripe/payments');
    expect([line.status, line.cutOff]).toEqual([200, undefined]);
  });

  it('it asks to sign in where nothing is left to refresh with, keeps what was typed, and has sent nothing', async () => {
    const page = await visitorWhoSlept();
    await page.context().clearCookies();
    const withoutToken = { postData: JSON.stringify({ mode }) };
    await page.route('**/auth/refresh', (route) => route.continue(withoutToken));
    await sendMessage(page, 'typed before');
    await page.locator('#sign-in').waitFor();

    expect(await textOf(page, '#sign-in-notice')).toContain('Your sign-in has ended. Nothing was sent');
    expect(world().taps.twilio.seen).toEqual([]);
    await signIn(page, world().personas.writer);
    await page.locator('#message-send').click();
    expect(await textOf(page, '#message-result')).toMatch(/^Message SM/);
    expect(world().taps.twilio.seen.map(({ body }) => new URLSearchParams(body).get('Body'))).toEqual(['typed before']);
  });

  it('it says that Directus does not answer, where it does not, and has sent nothing', async () => {
    const page = await visitorWhoSlept();
    await page.route('**/auth/refresh', (route) => route.abort());
    await sendMessage(page, 'not now');

    expect(await textOf(page, '#message-result')).toMatch(/^Directus does not answer.* Nothing was sent\.$/);
    expect(world().taps.twilio.seen).toEqual([]);
    await page.unroute('**/auth/refresh');
    await page.locator('#message-send').click();
    await page.getByText(/^Message SM/).waitFor();
  });

  if (mode === 'json') return; // tabs have nothing in common
  it('two tabs refresh once: the one that comes second waits, and takes what the first has got', async () => {
    const context = await newVisitor();
    const [first, second] = [await context.newPage(), await context.newPage()];
    await signInAndWait(first);
    await untilTokenEnds(second, () => second.goto(world().app));
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    await context.route('**/auth/refresh', async (route) => {
      await held;
      await route.continue();
    });
    for (const tab of [first, second]) await tab.getByRole('button', { name: 'Load again' }).click();
    await poll('the second waits', async () => (await first.evaluate(waitingTabs)) === 1);
    letGo();
    for (const tab of [first, second]) await tab.locator(payments).waitFor();

    expect(refreshes()).toBe(1);
    expect(world().taps.stripe.seen).toHaveLength(2 * pagesOfPayments);
  });
});

const payments = '#payments-count:has-text("250 payments")';
const pagesOfPayments = 3;

/** Runs in the page. */
const waitingTabs = 'navigator.locks.query().then(({ pending }) => pending.length)';

/** Whether Directus lets nobody in with it any more. */
const isRefused = async (url: string, token: string): Promise<boolean> =>
  (await fetch(`${url}/users/me`, { headers: { Authorization: `Bearer ${token}` } })).status === 401;
