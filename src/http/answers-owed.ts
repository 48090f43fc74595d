import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const owed = Symbol('owed');
type Connection = Duplex & { [owed]?: readonly ServerResponse[] };

/**
 * The answers that a connection's caller is still owed, in the order of their requests: several, where requests have come
 * without waiting. They are kept with their connection: a Set of them, ever filled and emptied, would keep what is gone
 * from V8's small collections.
 */
export const answersOwed = (connection: Connection): readonly ServerResponse[] =>
  connection[owed]?.filter(({ closed }) => !closed) ?? none;

/** Until it is closed. */
export function owe(connection: Connection, answer: ServerResponse): void {
  connection[owed] = [...answersOwed(connection), answer];
}

const none: readonly ServerResponse[] = [];
