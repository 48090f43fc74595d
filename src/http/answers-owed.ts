import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const owed = Symbol('owed');
type Connection = Duplex & { [owed]?: ServerResponse[] };

/**
 * The answers that a connection's caller is still owed, in the order of their requests: several, where requests have come
 * without waiting. They are kept with their connection: a Set of them, ever filled and emptied, would keep what is gone
 * from V8's small collections.
 */
export function answersOwed(connection: Connection): readonly ServerResponse[] {
  return connection[owed] ?? none;
}

/** Until it is closed. */
export function owe(connection: Connection, answer: ServerResponse): void {
  connection[owed] ??= [];
  const answers = connection[owed];
  answers.push(answer);
  answer.once('close', () => answers.splice(answers.indexOf(answer), 1));
}

const none: readonly ServerResponse[] = [];
