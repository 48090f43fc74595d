import type { RestCommand } from '@directus/sdk';
import type { Asked } from '../tracing/trace.ts';

/** What a command asks, without whom or what it is about: `GET /permissions/me`, `SEARCH /items/:collection`. */
export function questionOf(command: RestCommand<unknown, object>): Asked {
  const { method, path } = command();
  return { method: method ?? 'GET', route: routeOf(path.split('?', 1)[0]?.split('/').slice(1) ?? []) };
}

function routeOf([first = '', ...rest]: readonly string[]): string {
  const names =
    first === 'items' ? ['collection', 'id'] : first === 'permissions' ? ['me', 'collection', 'id'] : ['id'];
  const varying = rest.map((segment, index) => (segment === 'me' ? segment : `:${names[index] ?? 'id'}`));
  return `/${[first, ...varying].join('/')}`;
}
