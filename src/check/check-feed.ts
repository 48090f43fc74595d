import { type SubscriptionParts, subscribe } from '../feed/subscription.ts';
import { type Check, checksOf } from './check.ts';

/** Whether Directus lets the gateway listen to changes. Ends the connection at once. */
export function checkFeed(parts: SubscriptionParts, timeoutMs: number): Promise<Check> {
  const { ok, fault } = checksOf('directus');
  const advice = 'Directus needs WEBSOCKETS_ENABLED=true, and a proxy before it must pass upgrades of /websocket.';
  return new Promise((resolve) => {
    const settle = (check: Check) => {
      clearTimeout(timer);
      subscription.end();
      resolve(check);
    };
    const timer = setTimeout(() => settle(fault('feed', 'no subscription was confirmed in time', advice)), timeoutMs);
    const subscription = subscribe(parts, {
      onLive: () => settle(ok('feed', `changes are heard of at once (${parts.watched.length} collections)`)),
      onEvent: () => undefined,
      onEnd: ({ message }) => settle(fault('feed', `the WebSocket was refused: ${message}`, advice)),
    });
  });
}
