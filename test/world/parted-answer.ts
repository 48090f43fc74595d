import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './recording-upstream.ts';

const nameIn = (target: string): string => target.split('/').at(-1)?.split('?')[0] ?? '';

/** What the answer to a request says, from its first to its last byte. */
export const wholeAnswer = (name: string): string => parts(name).join('');

const parts = (name: string): string[] => {
  const count = name.startsWith('stream') ? 8 : 3;
  const middle = Array.from({ length: count - 2 }, (_none, index) => `"part${index}":"${'x'.repeat(120)}",`);
  return [`{"begin":"${name}",`, ...middle, `"end":"${name}"}`];
};

/** Answers in several parts, so that there is a middle in which it can be cut off. */
export const answerInParts: Answer = async ({ url = '' }, response) => {
  response.setHeader('Content-Type', 'application/json');
  for (const part of parts(nameIn(url))) {
    if (response.destroyed) return;
    response.write(part);
    await sleep(4);
  }
  response.end();
};
