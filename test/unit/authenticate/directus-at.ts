import { createAuthenticator } from '../../../src/authenticate/authenticate.ts';
import type { Permissions } from '../../../src/directus/accountability.ts';
import type { Directus } from '../../../src/directus/directus.ts';
import type { Token } from '../../../src/token/extract-token.ts';
import { directusWith } from '../directus-with.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
export const jwt = (claims: object, signature = 'c2ln'): string =>
  [part({ alg: 'HS256', typ: 'JWT' }), part({ iss: 'directus', ...claims }), signature].join('.');
export const bearer = (value: string): Token => ({ source: 'header', value });
export const permissions: Permissions = new Map([['customers', { read: { access: 'full', fields: ['*'] } }]]);
export const here = '203.0.113.7';

/** A Directus that knows everybody, at a clock that stands still until the test moves it. */
export function directusAt(start: number, permissionsTtlMs = 10_000, answers: Partial<Directus> = {}) {
  const clock = { ms: start };
  const asked: string[] = [];
  const directus = directusWith({
    readPermissions: () => Promise.resolve(permissions),
    readMe: () => Promise.resolve({ id: 'user-static', role: 'role-1' }),
    ...answers,
  });
  const { authenticate, forget } = createAuthenticator({
    directus: {
      ...directus,
      readPermissions: (asker) => {
        asked.push(`permissions ${asker.token} ${asker.address}`);
        return directus.readPermissions(asker);
      },
      readMe: (asker) => {
        asked.push(`me ${asker.token} ${asker.address}`);
        return directus.readMe(asker);
      },
    },
    isGoverning: (collection) => collection === 'customers',
    ttlMs: () => permissionsTtlMs,
    now: () => clock.ms,
  });
  return {
    clock,
    asked,
    forget,
    enter: authenticate,
    /** Where the public is nobody. */
    authenticate: (token: Token | undefined, address: string) => authenticate(token, address, false),
  };
}
