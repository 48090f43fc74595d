import { ask } from './ask.ts';
import { type ApiDocument, isMembers } from './document.ts';
import { button, find } from './element.ts';
import { createExplainDialog } from './explain-dialog.ts';
import { createGateway } from './gateway.ts';
import { type Cell, type Group, matrixOf, type Refused, search } from './matrix.ts';
import { counted, matrixTables } from './matrix-table.ts';
import { createSession } from './session.ts';
import { createSignInForm } from './sign-in-form.ts';
import { createTabs } from './tabs.ts';
import { type Call, createTryIt } from './try-it.ts';

/** The page is at `…/gateway/`; a proxy may have put something before it. */
const gatewayUrl = new URL('..', location.href);
const address = gatewayUrl.href.replace(/\/$/, '');
const directusUrl = await readDirectusUrl();
const session = createSession(directusUrl);
const gateway = createGateway(gatewayUrl, directusUrl, session);

const who = find('who', HTMLParagraphElement);
const notice = find('notice', HTMLParagraphElement);
const count = find('count', HTMLParagraphElement);
const onlyPath = find('only', HTMLParagraphElement);
const account = find('account', HTMLDivElement);
const signedIn = find('signed-in', HTMLDivElement);
const groups = find('groups', HTMLDivElement);
const searchField = find('search', HTMLInputElement);
const tryIt = createTryIt(find('library', HTMLDivElement), address, session);

let shown: { readonly document: ApiDocument; readonly matrix: readonly Group[] } | undefined;
/** The one call that is tried, beside the others of its path; all paths when undefined. */
let only: Call | undefined;

const dialog = createExplainDialog((question) => gateway.explain(question));
const tabs = createTabs(['matrix', 'try'], (name) => {
  if (name === 'try') void showCalls();
});
const form = createSignInForm({ session, enter, cancel: () => void start() });

find('directus', HTMLSpanElement).textContent = directusUrl.href.replace(/\/$/, '');
find('ask', HTMLButtonElement).addEventListener('click', () => void dialog.open({ method: 'GET', path: '' }));
searchField.addEventListener('input', showMatrix);
await start();

/** Undefined where the page itself is at Directus' address: behind the front door. */
async function readDirectusUrl(): Promise<URL> {
  const answer = await ask(new URL('settings.json', location.href), { credentials: 'omit' });
  const url = answer.ok && isMembers(answer.body) ? answer.body.directusUrl : null;
  return typeof url === 'string' ? new URL(`${url}/`) : gatewayUrl;
}

/** Whoever has a session cookie of Directus here is signed in by it. */
async function start(): Promise<void> {
  session.useCookie();
  if ((await enter()) !== undefined) await leave();
}

/** Shows what the session may do. Returns why not, where that cannot be shown. */
async function enter(): Promise<string | undefined> {
  const answer = await gateway.readDocument();
  if ('why' in answer) return answer.why;
  if (!answer.isKnown) return 'Sign in first.';
  const name = await gateway.whoAmI();
  say(undefined);
  form.close();
  account.replaceChildren(...accountButtons());
  show(answer.document, `Signed in as ${name}`);
  return undefined;
}

/** Nobody is signed in any more. What the public may do is shown below the form. */
async function leave(why?: string): Promise<void> {
  session.forget();
  hide();
  const answer = await gateway.readDocument();
  account.replaceChildren();
  form.open(false);
  say('why' in answer ? answer.why : why);
  if (!('why' in answer) && Object.keys(answer.document.paths).length > 0)
    show(answer.document, 'Not signed in: this is what everybody may do');
}

/** A cookie of Directus' own site can be ended from here only where that is this site, too. */
function accountButtons(): HTMLElement[] {
  const isCookie = session.proof() === 'cookie';
  const mayEnd = !isCookie || directusUrl.origin === gatewayUrl.origin;
  const signOut = async () => {
    hide(); // before Directus is waited for
    await session.signOut();
    await leave();
  };
  return [
    button('Ask again', reload, { title: 'Directus is asked again what you may do' }),
    ...(isCookie ? [button('Use another account', () => form.open(true))] : []),
    ...(mayEnd ? [button('Sign out', signOut)] : []),
  ];
}

async function reload(): Promise<void> {
  const why = await enter();
  if (why !== undefined) await leave(session.proof() === 'none' ? 'Your session has ended. Sign in again.' : why);
}

function show(document: ApiDocument, title: string): void {
  clear();
  shown = { document, matrix: matrixOf(document) };
  only = undefined;
  who.textContent = title;
  signedIn.hidden = false;
  tabs.select('matrix');
  showMatrix();
}

function hide(): void {
  shown = undefined;
  who.textContent = '';
  signedIn.hidden = true;
  searchField.value = '';
  clear();
}

/** What one caller has been told is not for the next one at the same screen. */
function clear(): void {
  for (const place of [groups, count, onlyPath]) place.replaceChildren();
  dialog.clear();
  tryIt.clear();
}

function showMatrix(): void {
  if (shown === undefined) return;
  const found = search(shown.matrix, searchField.value);
  groups.replaceChildren(...matrixTables(found, explainCell));
  count.textContent = countWords(sizeOf(shown.matrix), sizeOf(found));
}

function countWords(all: number, found: number): string {
  if (all === 0)
    return 'You may do nothing here yet: Directus grants you nothing that leads to an API. Ask why, above.';
  if (found === 0) return `No path matches “${searchField.value.trim()}”.`;
  return `${found === all ? '' : `${found} of `}${counted(all, 'path')}. A cell says why, and lets you try it.`;
}

function sizeOf(matrix: readonly Group[]): number {
  return matrix.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** Which rows somebody may see depends on the one that they name: then they have to name it. */
function explainCell(path: string, cell: Cell | Refused): void {
  const [method = 'GET'] = cell.methods;
  const isRefused = 'refused' in cell;
  const asked = !isRefused && cell.isLimitedToRows ? path : path.replaceAll(/\{\w+\}/g, 'example');
  void dialog.open({ method, path: asked }, isRefused ? undefined : () => tryCall({ path, method }));
}

function tryCall(call: Call): void {
  only = call;
  tabs.select('try');
}

async function showCalls(): Promise<void> {
  if (shown === undefined) return;
  const all = button('Show all paths', () => {
    only = undefined;
    void showCalls();
  });
  onlyPath.replaceChildren(...(only === undefined ? [] : [`Only ${only.path}. `, all]));
  onlyPath.hidden = only === undefined;
  await tryIt.show(shown.document, only);
}

function say(message: string | undefined): void {
  notice.textContent = message ?? '';
  notice.hidden = message === undefined;
}
