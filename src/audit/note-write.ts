import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Grant } from '../authorize/authorize.ts';
import type { Accountability } from '../directus/accountability.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { wasNeverSent } from '../limit/was-never-sent.ts';
import { trailOf } from '../log/trail.ts';
import { UpstreamAnswer } from '../operations/upstream-answer.ts';
import { ruleName } from '../upstreams/rule-name.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import type { AuditItem } from './audit-item.ts';
import type { AuditStore, OpenWrite } from './audit-store.ts';
import { identityIn, plainId, readIdentity } from './read-identity.ts';

/** Who does what, as it was decided. */
export type AdmittedWrite = {
  readonly upstream: Upstream;
  readonly grant: Grant;
  readonly accountability: Accountability;
  readonly method: string;
  /** Below the upstream's name, without the query. */
  readonly path: string;
  readonly response: ServerResponse;
};

/** One write, while it is under way. */
export type NotedWrite = {
  /** It is about to be sent: from now on it is noted, whatever comes of it. */
  sending(): void;
  /** Its answer begins, and streams. */
  answered(answer: IncomingMessage): void;
  /** Its answer was read: the object, and the API's own id of the request. */
  created(object: unknown, requestId: string | undefined): void;
};

export type NoteWrite = (write: AdmittedWrite) => NotedWrite & {
  /** Sends it, and notes its end. Settles as `send` does. */
  follow(send: () => Promise<void>): Promise<void>;
};

/** @param now milliseconds since the epoch */
export const createNoteWrite =
  (store: Pick<AuditStore, 'open'>, now: () => number): NoteWrite =>
  (write) => {
    const { upstream, response } = write;
    let known: Known = { time: 0, status: null, code: null, id: null, requestId: null };
    let open: OpenWrite | undefined;
    let isReading = false;
    let isOver = false;
    const learn = (more: Partial<Known>) => {
      known = { ...known, ...more };
    };
    const id = randomUUID();

    const endIfOver = () => {
      if (isOver && !isReading) open?.ended();
    };
    const end = (outcome: Outcome) => {
      learn(outcome);
      isOver = true;
      endIfOver();
    };

    return {
      sending: () => {
        learn({ time: now() });
        open = store.open(() => itemOf(id, write, known));
      },
      answered: (answer) => {
        learn({ requestId: plainId(answer.headers[upstream.audit.requestIdHeader], upstream.credentials) });
        isReading = true;
        readIdentity(answer, upstream, (found) => {
          learn({ id: found });
          isReading = false;
          endIfOver();
        });
      },
      created: (object, requestId) =>
        learn({ id: identityIn(object, upstream), requestId: plainId(requestId, upstream.credentials) }),
      follow: async (send) => {
        try {
          await send();
        } catch (error) {
          if (wasNeverSent(error)) open?.dropped();
          end(failed(error, response));
          throw error;
        }
        end({ status: response.headersSent ? response.statusCode : null, code: null });
      },
    };
  };

type Outcome = Pick<AuditItem, 'status' | 'code'>;
type Known = Outcome & { readonly time: number; readonly id: string | null; readonly requestId: string | null };

/** What the caller is answered a moment later, where there is a caller still. */
function failed(error: unknown, response: ServerResponse): Outcome {
  const isGone = response.destroyed && !response.headersSent;
  const status = (own: number) => (response.headersSent ? response.statusCode : isGone ? null : own);
  if (error instanceof UpstreamAnswer) return { status: status(error.status), code: null };
  if (error instanceof GatewayError) return { status: status(error.status), code: error.code };
  return { status: status(500), code: isGone ? null : 'INTERNAL_SERVER_ERROR' };
}

const itemOf = (
  id: string,
  { upstream, grant, accountability: { user, share, role, ip }, method, path, response }: AdmittedWrite,
  known: Known,
): AuditItem => ({
  id,
  time: new Date(known.time).toISOString(),
  user,
  share,
  role,
  ip,
  upstream: upstream.name,
  method,
  action: grant.action,
  collection: grant.collection,
  rule: ruleName(grant.rule),
  path,
  status: known.status,
  code: known.code,
  upstream_id: known.id,
  upstream_request_id: known.requestId,
  request_id: trailOf(response).requestId ?? null,
});
