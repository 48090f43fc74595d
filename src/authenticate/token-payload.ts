import { type TokenPayload, tokenHeader, tokenPayload } from '../directus/answers.ts';

/**
 * The payload of a JWT issued by a Directus, not verified; undefined for a static token, which is anything else.
 *
 * Directus takes for a JWT whatever `jsonwebtoken` decodes with `iss` = `directus`, and looks all else up as a static
 * token. A user can choose their static token, so this must never take for a JWT what Directus does not: it asks for
 * the whole form, header included, or somebody could write another user's id into their own static token.
 */
export function readTokenPayload(token: string): TokenPayload | undefined {
  const [header, payload] = jwtForm.exec(token)?.slice(1) ?? [];
  if (header === undefined || payload === undefined) return undefined;
  try {
    tokenHeader.parse(decode(header));
    return tokenPayload.parse(decode(payload));
  } catch {
    return undefined;
  }
}

const jwtForm = /^([\w-]+)\.([\w-]+)\.[\w-]+$/;

const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
