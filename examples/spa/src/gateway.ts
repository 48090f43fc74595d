import { memberOf, type Refusal, refusalOf } from './refusal.ts';
import type { Proof, SignIn } from './sign-in.ts';

export type Call = {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Makes Stripe take calls with the same key for one. */
  readonly idempotencyKey?: string;
};

export type Gateway = ReturnType<typeof connectGateway>;

/** No answer came. Whether a POST has been carried out is then not known. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** The user must sign in again. Nothing was carried out. */
export class SignInOver extends Error {
  override readonly name = 'SignInOver';
}

export function connectGateway(url: string, signIn: SignIn) {
  const send = async ({ method, path, body, signal, idempotencyKey }: Call, { token }: Proof): Promise<Response> => {
    const headers = new Headers();
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    if (idempotencyKey !== undefined) headers.set('Idempotency-Key', idempotencyKey);
    try {
      return await fetch(url + path, {
        method,
        headers,
        // Cookies for its own origin only: another one gets the token, and needs none.
        credentials: 'same-origin',
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unanswered('No answer came from the gateway.', { cause: error });
    }
  };

  /**
   * One call. Where the access token had ended, the sign-in is refreshed and the call is made again, a POST too: the gateway
   * decides who asks before it passes anything on, so a 401 of its own means that nothing was done. After any other
   * failure nothing is repeated.
   * @throws Refusal, Unanswered, SignInOver, NotRefreshed, or the signal's reason
   */
  const call = async (wanted: Call): Promise<Response> => {
    const proof = await signIn.proof();
    const response = await send(wanted, proof);
    if (response.ok) return response;
    const refusal = await refusalOf(response);
    if (!saysSignInIsOver(refusal)) throw refusal;
    if (!(await signIn.renew(proof))) throw new SignInOver('Your sign-in has ended.');
    const again = await send(wanted, await signIn.proof());
    if (again.ok) return again;
    throw await refusalOf(again);
  };

  /** What the gateway says about a call that this user makes: the same verdict, and what to change. */
  const explain = async ({ method, path }: Call): Promise<unknown> => {
    const question = new URLSearchParams({ method, path });
    const response = await call({ method: 'GET', path: `/gateway/explain?${question}` });
    return memberOf(await response.json(), 'data');
  };

  return { call, explain };
}

/** Not every 401: what an API itself would answer so is a 502 of the gateway's. */
const saysSignInIsOver = ({ status, code }: Refusal): boolean =>
  status === 401 && (code === 'TOKEN_EXPIRED' || code === 'INVALID_CREDENTIALS');
