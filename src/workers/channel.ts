import type { z } from 'zod';
import { type FromWorker, type Question, type ToWorker, toWorker } from './messages.ts';

/** Asks the primary. Rejects when it does not answer within a second, and at once for a second after that. */
export type Ask = <Answer>(question: Question, form: z.ZodType<Answer>) => Promise<Answer>;

/** A worker's way to the primary. */
export type Channel = {
  send(message: FromWorker): void;
  readonly ask: Ask;
  /** Lets the process end when nothing else is left. */
  release(): void;
};

export type ChannelParts = {
  /** Everything that the primary says, save answers. */
  readonly hear: (message: Exclude<ToWorker, { kind: 'answer' }>) => void;
  /** Told when the primary falls silent, and when it answers again. */
  readonly onSilence: (isSilent: boolean) => void;
  readonly timeoutMs?: number;
};

/**
 * The channel that Node gives a process which another has forked.
 * @throws Error where there is none
 */
export function openChannel({ hear, onSilence, timeoutMs = 1_000 }: ChannelParts): Channel {
  if (process.send === undefined) throw new Error('A worker is started by the gateway, and not by hand.');
  const send = process.send.bind(process);
  const asked = new Map<number, (answer: unknown) => void>();
  let count = 0;
  let silentUntil = Number.NEGATIVE_INFINITY;
  let isSilent = false;

  const setSilent = (silent: boolean): void => {
    if (silent) silentUntil = performance.now() + timeoutMs;
    if (silent !== isSilent) onSilence(silent);
    isSilent = silent;
  };

  process.on('message', (text: unknown) => {
    const { data: message } = toWorker.safeParse(text); // others may use the channel too
    if (message === undefined) return;
    if (message.kind !== 'answer') return hear(message);
    asked.get(message.id)?.(message.answer);
    asked.delete(message.id);
    setSilent(false);
  });

  const answerTo = (question: Question): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    count += 1;
    const id = count;
    const timer = setTimeout(() => {
      asked.delete(id);
      setSilent(true);
      reject(new Error('The primary does not answer.'));
    }, timeoutMs);
    asked.set(id, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    say({ kind: 'ask', id, question });
    return promise;
  };

  const say = (message: FromWorker): void => {
    send(message, undefined, {}, () => undefined); // what cannot be sent is not answered
  };

  return {
    send: say,
    ask: async (question, form) => {
      if (performance.now() < silentUntil) throw new Error('The primary does not answer.');
      return form.parse(await answerTo(question));
    },
    release: () => process.channel?.unref(),
  };
}
