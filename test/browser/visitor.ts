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
