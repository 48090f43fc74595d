import { readMe, readUserPermissions } from '@directus/sdk';
import { describe, expect, it } from '@jest/globals';
import { command } from '../../../src/directus/client.ts';
import { questionOf } from '../../../src/directus/question-of.ts';

describe('a question for Directus is told of without whom or what it is about', () => {
  it.each([
    ['GET', '/users?filter[id][_eq]=alice&limit=1', '/users'],
    ['GET', '/users/alice?fields=role.id', '/users/:id'],
    ['PATCH', '/users/alice', '/users/:id'],
    ['SEARCH', '/items/customers', '/items/:collection'],
    ['PATCH', '/items/customers/7', '/items/:collection/:id'],
    ['GET', '/permissions/me/customers/7', '/permissions/me/:collection/:id'],
    ['GET', '/permissions?filter[policy][_in]=a,b', '/permissions'],
    ['GET', '/access?filter[role][_null]=true', '/access'],
  ] as const)('%s %s', (method, path, route) => {
    expect(questionOf(command(method, path))).toEqual({ method, route });
  });

  it('in the SDK’s own words too', () => {
    expect(questionOf(readUserPermissions())).toEqual({ method: 'GET', route: '/permissions/me' });
    expect(questionOf(readMe({ fields: ['id'] }))).toEqual({ method: 'GET', route: '/users/me' });
  });
});
