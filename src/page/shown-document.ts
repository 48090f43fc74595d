import { type ApiDocument, isMembers, type Members, methods } from './document.ts';

/**
 * The document as the library is to show it: at the address that the page itself was loaded from, and without what the
 * page does itself or says otherwise (tokens, and HEAD beside each GET).
 * @param only this path alone
 */
export function shownDocument(document: ApiDocument, address: string, only: string | undefined): ApiDocument {
  const { security: _security, ...rest } = document;
  const paths = Object.entries(document.paths)
    .filter(([path]) => only === undefined || path === only)
    .map(([path, item]) => [path, withoutHead(item)] as const);
  const { securitySchemes: _schemes, ...components } = isMembers(document.components) ? document.components : {};
  const tags = [...new Set(paths.map(([path]) => path.split('/', 2)[1] ?? ''))].map((name) => ({ name }));
  return { ...rest, tags, components, servers: [{ url: address }], paths: Object.fromEntries(paths) };
}

function withoutHead(item: Members): Members {
  if (item.get === undefined) return item;
  const { head: _head, ...rest } = item;
  return rest;
}

export const operationCount = ({ paths }: ApiDocument): number =>
  Object.values(paths).reduce((sum, item) => sum + methods.filter((method) => item[method] !== undefined).length, 0);

/**
 * What Swagger UI knows an operation by.
 * @param method of the path in the document: `PUT`
 */
export function layoutKey(
  { paths }: ApiDocument,
  { path, method }: { readonly path: string; readonly method: string },
) {
  const operation = paths[path]?.[method.toLowerCase()];
  const { tags, operationId } = isMembers(operation) ? operation : {};
  return ['operations', String(Array.isArray(tags) ? tags[0] : undefined), String(operationId)];
}

/**
 * A final parameter that stands for several segments has its slashes encoded by the library, which the gateway refuses.
 * @param address of the gateway, without a final slash
 * @param url that the library would call
 */
export function withPlainSlashes(document: ApiDocument, address: string, url: string): string {
  const [path = '', ...query] = url.slice(address.length).split('?');
  const isOpen = Object.entries(document.paths).some(
    ([template, item]) => endsOpen(template, item) && matches(template, path),
  );
  const plain = isOpen ? path.replace(/[^/]*$/, (last) => last.replaceAll(/%2F/gi, '/')) : path;
  return url.startsWith(address) ? address + [plain, ...query].join('?') : url;
}

const endsOpen = (template: string, item: Members): boolean =>
  /\{path(_\d+)?\}$/.test(template) &&
  Object.values(item).some(
    (operation) => isMembers(operation) && String(operation['x-gateway-rule'] ?? '').endsWith('/*'),
  );

function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, index) => part.includes('{') || part === given[index]);
}
