import type { IncomingMessage, ServerResponse } from 'node:http';
import { forbid, json } from './answers.ts';
import { answerWritten, type StubWritten } from './stub-written.ts';

/** What only the gateway's own user reads. */
export type StubService = {
  /** The service token (DIRECTUS_TOKEN) that the stub knows. */
  readonly token: string;
  /** Users as they are now, by id. */
  readonly accounts: Map<string, { readonly status: string; readonly role: { readonly id: string } | null }>;
  /** Policies that are attached to neither a role nor a user, with their permissions. */
  readonly publicPolicies: Map<
    string,
    { readonly ip_access?: readonly string[]; readonly permissions: readonly object[] }
  >;
  readonly written: StubWritten;
};

/** Answers the service user's questions. */
export function answerService(service: StubService, request: IncomingMessage, response: ServerResponse): void {
  const { accounts, publicPolicies, written } = service;
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://directus.test');
  if (answerWritten(written, request, response)) return;
  if (pathname === '/users') {
    const account = accounts.get(searchParams.get('filter[id][_eq]') ?? '');
    json(response, 200, { data: account === undefined ? [] : [account] });
  } else if (pathname === '/permissions/me')
    json(response, 200, { data: { ...mayReadWhatDecides, [written.collection]: mayCreate } });
  else if (pathname === '/access') {
    const attached = [...publicPolicies].map(([id, { ip_access = null }]) => ({ policy: { id, ip_access } }));
    json(response, 200, { data: attached });
  } else if (pathname === '/permissions') {
    const asked = searchParams.get('filter[policy][_in]')?.split(',') ?? [];
    json(response, 200, { data: asked.flatMap((id) => publicPolicies.get(id)?.permissions ?? []) });
  } else if (pathname === '/users/me') json(response, 200, { data: { id: 'user-service' } });
  else if (pathname === '/server/info') json(response, 200, { data: { version: '11.17.4' } });
  else if (pathname === '/policies') json(response, 200, { data: [] });
  else if (pathname === '/policies/me/globals') json(response, 200, { data: { admin_access: false } });
  else forbid(response);
}

const mayCreate = { create: { access: 'full', fields: ['*'] } };
const decides = ['permissions', 'policies', 'access', 'users', 'roles', 'activity'];
const mayReadWhatDecides = Object.fromEntries(
  decides.map((name) => [`directus_${name}`, { read: { access: 'full', fields: ['*'] } }]),
);
