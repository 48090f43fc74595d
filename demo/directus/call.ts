type Access = { url: string; adminToken: string };

/**
 * One call of the Directus REST API as its admin.
 * @returns the `data` of the answer, for the caller to look into
 */
export async function callDirectus(directus: Access, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${directus.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${directus.adminToken}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Directus answered ${method} ${path} with ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text).data;
}

/** The same for an answer that is one item; returns its id. */
export async function createInDirectus(directus: Access, path: string, body: unknown): Promise<string> {
  const item = await callDirectus(directus, 'POST', path, body);
  if (typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string') return item.id;
  throw new Error(`Directus answered POST ${path} without an id.`);
}
