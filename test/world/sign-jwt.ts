import { createHmac } from 'node:crypto';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT as Directus signs it with its SECRET; with `alg: none`, one that nobody has signed. */
export function signJwt(claims: object, secret: string, alg: 'HS256' | 'HS512' | 'none' = 'HS256'): string {
  const signed = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
  const signature =
    alg === 'none'
      ? ''
      : createHmac(`sha${alg.slice(2)}`, secret)
          .update(signed)
          .digest('base64url');
  return `${signed}.${signature}`;
}
