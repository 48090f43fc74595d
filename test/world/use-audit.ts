import type { IncomingMessage } from 'node:http';
import { type AuditQueueLimits, auditQueueLimits } from '../../src/audit/audit-queue.ts';
import { poll } from './poll.ts';
import type { RunningGateway } from './start-gateway.ts';
import type { WrittenItem } from './stub-written.ts';
import { as } from './use-world.ts';
import { tokens, type World } from './world.ts';

/** What sets the audit of a world up. */
export const auditing = { AUDIT_COLLECTION: 'api_writes', DIRECTUS_TOKEN: 'canaryTokenService' };

type Sending = { readonly token?: string; readonly method?: string; readonly body?: string };

/** Pauses that a test can wait for. */
export const quickAudit: AuditQueueLimits = {
  ...auditQueueLimits,
  gatherMs: 20,
  firstPauseMs: 50,
  longestPauseMs: 100,
};

/** Whether a request to Directus is one that writes items. */
export const isAuditing = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'POST' && url.startsWith('/items/');

/** What the tests of the audit do again and again. */
export function useAudit(world: World) {
  const { written } = world.directus.service;
  return {
    /** Sends a write, and waits for its answer. */
    send: async (
      path: string,
      { token = tokens.admin, method = 'POST', body = 'name=canaryBody' }: Sending = {},
      { url }: Pick<RunningGateway, 'url'> = world.gateway,
    ) => {
      const headers = { ...as(token), 'Content-Type': 'application/x-www-form-urlencoded' };
      const answer = await fetch(`${url}${path}`, { method, headers, body: method === 'DELETE' ? null : body });
      return { status: answer.status, body: await answer.text(), id: answer.headers.get('x-request-id') };
    },
    /** The items in Directus, when there are so many. */
    noted: async (count: number): Promise<readonly WrittenItem[]> => {
      await poll(`${count} items are written`, () => written.items.length >= count);
      return written.items;
    },
    /** The items that were logged instead, when there are so many. */
    logged: async (count: number, { logs }: Pick<RunningGateway, 'logs'> = world.gateway) => {
      await poll(`${count} items are logged`, () => loggedItems(logs()).length >= count);
      return loggedItems(logs());
    },
  };
}

type LoggedItem = {
  readonly level: number;
  readonly reason: string;
  readonly code?: string;
  readonly item: WrittenItem;
};

/** Items in the lines of a log, with the reason for which they are there. */
export const loggedItems = (log: string): LoggedItem[] =>
  log
    .split('\n')
    .filter((line) => line.includes('"audit item not written"'))
    .map((line) => JSON.parse(line));
