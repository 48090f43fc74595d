import type { BrowserContext, Locator, Page, Response } from 'playwright-core';
import type { RunningDirectus } from '../../demo/directus/start.ts';

type Admin = Pick<RunningDirectus, 'url' | 'adminEmail' | 'adminPassword'>;

/** Data Studio of Directus 11.17, operated as docs/set-up-in-directus.md says, by the words that it shows. */
export type DataStudio = {
  readonly page: Page;
  /** Makes the field `owner` of a collection, which holds a user. */
  createOwner(collection: string): Promise<void>;
  openPolicy(name: string): Promise<void>;
  addCollection(collection: string): Promise<void>;
  /** Presses an action of a collection in the open policy, and chooses what it shall be. */
  choose(collection: string, action: Action, access: 'All Access' | 'No Access' | 'Use Custom'): Promise<void>;
  /** In what **Use Custom** has opened. */
  openTab(name: 'Item Permissions' | 'Field Permissions'): Promise<void>;
  /** None is ticked where there was no access; all are where there was all access. */
  tickFields(labels: readonly string[]): Promise<void>;
  addItemRule(field: string, value: string): Promise<void>;
  /** Closes it with ✓. */
  finish(): Promise<void>;
  assignToRole(name: string): Promise<void>;
  /** The open policy, with ✓ at the top right. Resolves when Directus has it. */
  save(): Promise<void>;
  openUser(name: string): Promise<void>;
  /** Resolves when nothing is on its way, and no message lies over the page. */
  settled(): Promise<void>;
  /** The first token of the open user, or another one. Directus has it at once, without ✓. */
  makeToken(): Promise<string>;
};

export type Action = 'Create' | 'Read' | 'Update' | 'Delete';

/** Logs in by the form, as an administrator. */
export async function openDataStudio(context: BrowserContext, directus: Admin): Promise<DataStudio> {
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  // Asks who owns the project, over whatever is there, until somebody has said so.
  const later = page.getByRole('button', { name: 'Remind Later' });
  await page.addLocatorHandler(later, () => later.click());
  const goTo = (path: string) => page.goto(`${directus.url}/admin${path}`);
  await goTo('/login');
  await page.getByPlaceholder('Email').fill(directus.adminEmail);
  await page.getByPlaceholder('Password').fill(directus.adminPassword);
  await page.getByRole('button', { name: 'Sign In' }).click();
  await page.waitForURL(({ pathname }) => !pathname.endsWith('/login'));

  const dialog = page.locator('#dialog-outlet');
  const menu = page.locator('#menu-outlet');
  const fieldNamed = (label: string) => page.locator('.field').filter({ hasText: new RegExp(`^\\s*${label}`) });
  return {
    page,
    createOwner: async (collection) => {
      await goTo(`/settings/data-model/${collection}`);
      await exactly(page, 'Create Field').click();
      await exactly(dialog, 'Many to One').click();
      await dialog.getByPlaceholder('A unique column name...').fill('owner');
      await dialog.getByPlaceholder('Collection...').fill('directus_users');
      await answered(page, 'POST', '/relations', () => exactly(dialog, 'Save').click());
    },
    openPolicy: async (name) => {
      await goTo('/settings/policies');
      await page.getByRole('row', { name }).click();
    },
    addCollection: async (collection) => {
      await page.getByText('Add Collection').click();
      await exactly(menu, collection).click();
    },
    choose: async (collection, action, access) => {
      const row = page.locator('tr').filter({ hasText: collection });
      await row.getByRole('button', { name: action, exact: true }).click();
      await exactly(menu, access).click();
      await exactly(menu, access).waitFor({ state: 'detached' }); // it fades, and the next one has the same words
    },
    openTab: (name) => exactly(dialog, name).click(),
    tickFields: async (labels) => {
      for (const label of labels) await exactly(dialog, label).click();
    },
    addItemRule: async (field, value) => {
      await exactly(dialog, 'Add Filter').click();
      await exactly(menu, field).click();
      await exactly(dialog, 'Contains').click(); // what it proposes
      await exactly(menu, 'Equals').click();
      await dialog.locator('input').last().fill(value);
    },
    finish: async () => {
      await checkMark(dialog).click();
      await checkMark(dialog).waitFor({ state: 'detached' });
    },
    assignToRole: async (name) => {
      await fieldNamed('Roles').getByText('Add Existing').click();
      await dialog.getByRole('row').filter({ hasText: name }).click();
      await checkMark(dialog).click();
      await fieldNamed('Roles').getByText(name).waitFor();
    },
    save: () => answered(page, 'PATCH', '/policies/', () => checkMark(page.locator('header')).click()),
    openUser: async (name) => {
      await goTo('/users');
      await page.getByRole('row').filter({ hasText: name }).click();
    },
    settled: async () => {
      await page.waitForLoadState('networkidle');
      await page.getByText("We'll remind you again").waitFor({ state: 'detached' });
    },
    makeToken: async () => {
      const token = fieldNamed('Token');
      await token.locator('.regenerate-icon').click();
      const confirm = page.getByRole('button', { name: 'Regenerate Token' }); // asked where there is a token
      const saved = token.getByText('Token was saved successfully.');
      await confirm.or(saved).first().waitFor();
      if (await confirm.isVisible()) await confirm.click();
      await saved.waitFor();
      return await token.locator('input').inputValue();
    },
  };
}

/** For one step, also on a machine that does ten things at once. */
const patienceMs = 30_000;

const exactly = (within: Page | Locator, text: string) => within.getByText(text, { exact: true });

const checkMark = (within: Locator) => within.locator('button:has([data-icon="check"])').first();

async function answered(page: Page, method: string, path: string, act: () => Promise<void>): Promise<void> {
  const isAnswer = (response: Response) =>
    response.request().method() === method && new URL(response.url()).pathname.startsWith(path);
  const [response] = await Promise.all([page.waitForResponse(isAnswer), act()]);
  if (!response.ok()) throw new Error(`Directus answered with ${response.status()}: ${await response.text()}`);
}
