import type { Page } from 'playwright-core';

type Login = { readonly email: string; readonly password: string };

/** Opens the app and signs in as a person would. */
export async function signInAt(page: Page, app: string, login: Login): Promise<void> {
  await page.goto(app);
  await signIn(page, login);
}

/** Fills in the form that is on the screen. */
export async function signIn(page: Page, { email, password }: Login): Promise<void> {
  const form = page.locator('#sign-in');
  await form.getByLabel('E-mail').fill(email);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#app').waitFor();
}

/** Fills in the form and sends it. */
export async function sendMessage(page: Page, body: string): Promise<void> {
  const form = page.locator('#message');
  await form.getByLabel('To').fill('+15005550006');
  await form.getByLabel('Text').fill(body);
  await form.getByRole('button', { name: 'Send' }).click();
}

export async function addCustomer(page: Page, email: string): Promise<void> {
  const form = page.locator('#customer');
  await form.getByLabel('E-mail').fill(email);
  await form.getByRole('button', { name: 'Add' }).click();
}

/** What there is to read in an element once something is. */
export async function textOf(page: Page, selector: string): Promise<string> {
  const place = page.locator(`${selector}:not(:empty)`);
  await place.waitFor();
  return ((await place.textContent()) ?? '').replaceAll(/\s+/g, ' ').trim();
}

/** What the payments that are on the screen are for, in their order. */
export const listed = (page: Page): Promise<string[]> =>
  page.locator('#payments-rows tr td:last-child').allTextContents();

/** The same of so many of `heldList`. */
export const orders = (count: number): string[] =>
  Array.from({ length: count }, (_none, index) => `Order ${index + 1}`);

/** The statuses of the answers to POSTs to this path, as they come. */
export function answersTo(page: Page, path: string): number[] {
  const statuses: number[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith(path) && response.request().method() === 'POST') statuses.push(response.status());
  });
  return statuses;
}
