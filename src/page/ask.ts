import { isMembers } from './document.ts';

/** What a server has answered, or why it has not, in a sentence for whoever reads the page. */
export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

/** Asks for JSON. A status of 0: nobody has answered. */
export async function ask(url: URL, options: RequestInit): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, { ...options, redirect: 'error', cache: 'no-store' });
  } catch {
    return { ok: false, status: 0, code: '', message: `${url.origin} does not answer.` };
  }
  const body = await response.json().catch(() => undefined);
  return response.ok ? { ok: true, body } : { ok: false, status: response.status, ...firstError(body, response) };
}

/** The error that Directus and the gateway write: `{"errors":[{"message","extensions":{"code"}}]}`. */
function firstError(body: unknown, { status }: Response): { code: string; message: string } {
  const [error]: unknown[] = isMembers(body) && Array.isArray(body.errors) ? body.errors : [];
  const extensions = isMembers(error) && isMembers(error.extensions) ? error.extensions : {};
  const message = isMembers(error) && typeof error.message === 'string' ? error.message : `It answered ${status}.`;
  return { code: typeof extensions.code === 'string' ? extensions.code : '', message };
}
