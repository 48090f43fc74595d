const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export type Claims = { id?: string | null; role?: string | null; share?: string; exp: number; iss?: string };

let made = 0;

/**
 * A token of the form that Directus issues, with a signature of its own each. The stub Directus does not verify it: it
 * knows the tokens that a test has told it.
 * @param claims `exp` in seconds since the epoch
 */
export function jwt(claims: Claims): string {
  made += 1;
  return [part({ alg: 'HS256', typ: 'JWT' }), part({ iss: 'directus', ...claims }), `canaryTokenSignature${made}`].join(
    '.',
  );
}
