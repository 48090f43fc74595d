import { type Answer, ask } from './ask.ts';
import { type ApiDocument, isMembers, isOfSomebody, type Members, readDocument } from './document.ts';
import type { Question } from './explain-dialog.ts';
import type { Session } from './session.ts';

/** The gateway that the page has come from, asked in the name of whoever has signed in. */
export type Gateway = {
  /** What they may do; or why that cannot be said. */
  readDocument(): Promise<{ readonly document: ApiDocument; readonly isKnown: boolean } | { readonly why: string }>;
  explain(question: Question): Promise<Answer>;
  /** A name for them, as good as there is one. */
  whoAmI(): Promise<string>;
};

/** @param directusUrl where it is of the same origin, Directus is asked for a name; both end with a slash */
export function createGateway(gatewayUrl: URL, directusUrl: URL, session: Session): Gateway {
  const get = async (url: URL): Promise<Answer> => {
    const { authorization, credentials } = await session.credentials();
    return await ask(url, { credentials, ...(authorization && { headers: { Authorization: authorization } }) });
  };
  const explain = ({ method, path }: Question): Promise<Answer> =>
    get(new URL(`gateway/explain?${new URLSearchParams({ method, path })}`, gatewayUrl));

  return {
    readDocument: async () => {
      const answer = await get(new URL('gateway/specs/oas', gatewayUrl));
      if (!answer.ok) return { why: whyRefused(answer) };
      const document = readDocument(answer.body);
      return { document, isKnown: isOfSomebody(document) };
    },
    explain,
    whoAmI: async () => {
      const email = session.email();
      if (email !== undefined) return email;
      const isSameSite = directusUrl.origin === gatewayUrl.origin;
      const user = isSameSite ? dataOf(await get(new URL('users/me?fields=email', directusUrl))) : {};
      return typeof user.email === 'string'
        ? user.email
        : nameOf(dataOf(await explain({ method: 'GET', path: '/' })).caller);
    },
  };
}

const dataOf = (answer: Answer): Members =>
  answer.ok && isMembers(answer.body) && isMembers(answer.body.data) ? answer.body.data : {};

/** @param caller as `/gateway/explain` tells it */
function nameOf(caller: unknown): string {
  const { user, share } = isMembers(caller) ? caller : {};
  if (typeof user === 'string') return `the user ${user}`;
  return typeof share === 'string' ? `the share ${share}` : 'somebody';
}

const whyRefused = ({ status, code, message }: Exclude<Answer, { ok: true }>): string =>
  refusedTokens.has(code)
    ? 'Directus does not accept this token.'
    : status === 0
      ? message
      : `The gateway says: ${message}`;

const refusedTokens = new Set(['INVALID_CREDENTIALS', 'TOKEN_EXPIRED', 'INVALID_TOKEN']);
