import type { NewField } from '../init/step.ts';

/** One write that was let through to an upstream: a row of AUDIT_COLLECTION. Its members are the fields there. */
export type AuditItem = {
  /** A UUID of the gateway's making: sent twice, it is refused the second time. */
  readonly id: string;
  /** When it was sent upstream, in UTC. */
  readonly time: string;
  /** Null for a share, and for a caller without a token. */
  readonly user: string | null;
  readonly share: string | null;
  readonly role: string | null;
  readonly ip: string;
  readonly upstream: string;
  readonly method: string;
  readonly action: string;
  /** Whose permission has allowed it. */
  readonly collection: string;
  readonly rule: string;
  /** Below the upstream's name, without the query. */
  readonly path: string;
  /** Of the answer that the caller got; null where there was nobody to answer, or it is not known. */
  readonly status: number | null;
  /** Of the gateway's own error, where the answer was one. */
  readonly code: string | null;
  /** What the answer names as the id of its object. */
  readonly upstream_id: string | null;
  readonly upstream_request_id: string | null;
  /** As in `X-Request-Id`, in the answer and the log. */
  readonly request_id: string | null;
};

/** The fields beside `id`, in the order in which Data Studio shows them. A path may be longer than `string` holds. */
export const auditFields: readonly NewField[] = [
  { name: 'time', type: 'timestamp', note: 'When it was sent.' },
  {
    name: 'user',
    type: 'string',
    note: 'The user’s id: /admin/users/<id>. No relation, so that users can be deleted.',
  },
  { name: 'share', type: 'string' },
  { name: 'role', type: 'string' },
  { name: 'ip', type: 'string' },
  { name: 'upstream', type: 'string' },
  { name: 'method', type: 'string' },
  { name: 'action', type: 'string' },
  { name: 'collection', type: 'string', note: 'Whose permission has allowed it.' },
  { name: 'rule', type: 'text' },
  { name: 'path', type: 'text' },
  { name: 'status', type: 'integer', note: 'What the caller was answered. Empty: not known, it may have happened.' },
  { name: 'code', type: 'string', note: 'The gateway’s error: docs/errors.md. With one, it may have happened.' },
  { name: 'upstream_id', type: 'string', note: 'The id of what was created or changed, where the answer named it.' },
  { name: 'upstream_request_id', type: 'string' },
  { name: 'request_id', type: 'string', note: 'X-Request-Id, as in the log of the gateway.' },
] satisfies readonly (NewField & { name: Exclude<keyof AuditItem, 'id'> })[];
