/** An answer that is no success, in words. */
export class Refusal extends Error {
  readonly status: number;
  /** Directus', the gateway's or the API's own code. */
  readonly code: string | undefined;
  /** Whoever runs the gateway finds the request in its log by this. */
  readonly requestId: string | undefined;

  constructor(response: Response, body: unknown) {
    const { message, code } = wordsIn(body);
    super(message ?? `The answer was ${response.status} ${response.statusText}`.trimEnd());
    this.name = 'Refusal';
    this.status = response.status;
    this.code = code;
    this.requestId = response.headers.get('X-Request-Id') ?? undefined;
  }
}

/** The body of an answer that is no success; it may be anything. */
export const refusalOf = async (response: Response): Promise<Refusal> =>
  new Refusal(response, await response.json().catch(() => undefined));

/**
 * The gateway says `{ errors: [{ message, extensions: { code } }] }`, as Directus does. Stripe's own errors pass through
 * as `{ error: { message, code or type } }`, Twilio's as `{ message, code }`.
 */
function wordsIn(body: unknown): { message?: string; code?: string } {
  const [first] = listIn(body, 'errors');
  if (first !== undefined) return words(first, memberOf(memberOf(first, 'extensions'), 'code'));
  const error = memberOf(body, 'error');
  if (error !== undefined) return words(error, memberOf(error, 'code') ?? memberOf(error, 'type'));
  return words(body, memberOf(body, 'code'));
}

function words(from: unknown, code: unknown): { message?: string; code?: string } {
  const message = memberOf(from, 'message');
  return {
    ...(typeof message === 'string' && { message }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
  };
}

function listIn(from: unknown, name: string): unknown[] {
  const list = memberOf(from, name);
  return Array.isArray(list) ? list : [];
}

/** One member of what may not even be an object. */
export const memberOf = (from: unknown, name: string): unknown =>
  typeof from === 'object' && from !== null && Object.hasOwn(from, name) ? Reflect.get(from, name) : undefined;
