import type { BrowserContext, Page, Request } from 'playwright-core';

/** Somebody at the API page, and what their browser has said of it. */
export type Visit = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly requests: readonly Request[];
  /** What the browser has complained of: violations of the policy, and errors of scripts. */
  readonly complaints: readonly string[];
  /** Further origins that this visitor's page is meant to ask. */
  readonly mayAsk: string[];
  signIn(who: { readonly email: string; readonly password: string }): Promise<void>;
};

/** Opens the page and waits until it knows whether somebody is signed in. */
export async function openPage(context: BrowserContext, gatewayUrl: string): Promise<Visit> {
  const page = await context.newPage();
  const requests: Request[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request));
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    // A refusal, and a server that is not there, are for the page to tell.
    const isExpected = /Failed to load resource|blocked by CORS policy/.test(message.text());
    if (message.type() === 'error' && !isExpected) complaints.push(message.text());
  });
  await page.goto(`${gatewayUrl}/gateway/`);
  await page.locator('#sign-in:visible, #signed-in:visible').first().waitFor();
  return {
    page,
    context,
    requests,
    complaints,
    mayAsk: [],
    signIn: async ({ email, password }) => {
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
  };
}

/** The cell of a path and an action, in the table. */
export const cellOf = (page: Page, action: string, path: string) =>
  page.getByRole('button', { name: new RegExp(`^${action} ${path.replaceAll(/[{}.]/g, '\\$&')}: `) });

/** What a cell says. */
export const said = async (page: Page, action: string, path: string): Promise<string> =>
  (await cellOf(page, action, path).locator('span').last().textContent()) ?? '';
