/**
 * Path and query of what a person has written or pasted: `stripe/customers`, or the whole address, of which scheme, user
 * and host are dropped. The rest stays byte for byte, so that it is weighed as a request for it would be.
 */
export function pathAsked(text: string): string {
  const path = text.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}
