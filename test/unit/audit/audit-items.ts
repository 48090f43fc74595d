import type { AuditItem } from '../../../src/audit/audit-item.ts';

/** An item that differs from others by its key alone. */
export const auditItem = (id: string): AuditItem => ({
  id,
  time: '2026-01-01T00:00:00.000Z',
  user: 'user-1',
  share: null,
  role: 'role-1',
  ip: '192.0.2.7',
  upstream: 'stripe',
  method: 'POST',
  action: 'create',
  collection: 'customers',
  rule: 'any /v1/customers',
  path: '/v1/customers',
  status: 200,
  code: null,
  upstream_id: 'cus_1',
  upstream_request_id: null,
  request_id: null,
});

export const auditItems = (...ids: string[]): AuditItem[] => ids.map(auditItem);
