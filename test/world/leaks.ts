import type { World } from './world.ts';

/**
 * Where a secret was found that does not belong there, in every byte that upstreams, Directus and callers have received
 * since the last reset, and in the log. Every secret of the world begins with `canary`, whoever it belongs to; so do
 * bodies that must not be logged. Encoded credentials are looked into as well.
 */
export function leaks({ directus, stripe, twilio, gateway }: World): string[] {
  const withoutItsToken = directus.wire.received().replace(/^authorization: Bearer \S+\r$/gim, '');
  return [
    ...search('Stripe', stripe.wire.received(), /canary(?!StripeKey|Body)\w*/g),
    ...search('Twilio', twilio.wire.received(), /canary(?!TwilioToken|Body)\w*/g),
    ...search('Directus', withoutItsToken, /canary\w*/g),
    ...search('a caller', gateway.wire.sent(), /canary(?!Body)\w*/g),
    ...search('the log', gateway.logs(), /canary\w*/g),
  ];
}

const search = (reader: string, text: string, foreign: RegExp): string[] =>
  [...new Set(`${text}\n${decoded(text)}`.match(foreign))].map((secret) => `${reader} got ${secret}`);

const decoded = (text: string): string =>
  (text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []).map((run) => Buffer.from(run, 'base64').toString('latin1')).join('\n');
