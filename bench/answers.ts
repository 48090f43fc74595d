/** A kilobyte of JSON, which the upstream answers to everything. */
export const upstreamAnswer = JSON.stringify({
  id: 'cus_1',
  object: 'customer',
  email: 'someone@example.com',
  description: 'x'.repeat(1024 - 82),
});

/** Where the upstream is asked for it. */
export const customerPath = '/v1/customers/cus_1';

export const collection = 'bench';
const user = '8a2c1f5e-3b64-4d0a-9c53-6f1f7d0f8e21';
const full = { access: 'full', fields: ['*'], presets: null };

/** What the stand-in for Directus answers to everybody: it knows one user, under every token. */
export const directusAnswers: Readonly<Record<string, string>> = {
  '/permissions/me': JSON.stringify({ data: { [collection]: { read: full } } }),
  '/users/me': JSON.stringify({ data: { id: user, role: '2f1d7f0c-53f4-4e35-8d0e-1fd9f5f0a5c4' } }),
  '/server/ping': 'pong',
};

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Of the form that Directus issues. Nobody verifies the signature, which a count can be added to. */
export const token = [
  part({ alg: 'HS256', typ: 'JWT' }),
  part({ iss: 'directus', id: user, role: null, exp: 4_102_444_800 }),
  'c2lnbmF0dXJl',
].join('.');

export const withStaticToken = { Authorization: 'Bearer bench-static-token-of-a-user' };
