import type { IncomingMessage } from 'node:http';
import { json } from '../world/answers.ts';
import type { Answer } from '../world/recording-upstream.ts';

/** An API that makes one object for each idempotency key, as Stripe does for the whole account (docs.stripe.com/api/idempotent_requests). */
export function onceForEachKey(header: string, make: (number: number) => object) {
  const objects = new Map<string, object>();
  const keys: string[] = [];
  const remember = ({ headers }: IncomingMessage): object => {
    const key = String(headers[header]);
    keys.push(key);
    const object = objects.get(key) ?? make(objects.size + 1);
    objects.set(key, object);
    return object;
  };
  const answer: Answer = (request, response) => json(response, 200, remember(request));
  return { answer, remember, keys };
}
