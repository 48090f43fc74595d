import type { JsonObject } from '../directus/json.ts';

/** Where a Directus token may be, in one of which it has to be. A caller without one needs none for what is public. */
export const securityOf = (isKnown: boolean): readonly JsonObject[] =>
  isKnown ? [{ token: [] }, { query: [] }, { session: [] }, { password: [] }] : [];

export const securitySchemes = (sessionCookieName: string): JsonObject => ({
  token: { type: 'http', scheme: 'bearer', description: 'A Directus token.' },
  query: { type: 'apiKey', in: 'query', name: 'access_token', description: 'The same.' },
  session: { type: 'apiKey', in: 'cookie', name: sessionCookieName, description: "Directus' session cookie." },
  password: { type: 'http', scheme: 'basic', description: 'The token as the password.' },
});
