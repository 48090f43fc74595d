import type { Settings } from './settings.ts';

/** What whoever starts the demo has to know before anything else, where `.env` holds keys; undefined where it holds none. */
export function warnOfKeys({ stripe, twilio }: Pick<Settings, 'stripe' | 'twilio'>): string | undefined {
  const names = [...(stripe === undefined ? [] : ['Stripe']), ...(twilio === undefined ? [] : ['Twilio'])];
  if (names.length === 0) return undefined;
  const which = names.join(' and ');
  return [
    '',
    '!'.repeat(80),
    `CAREFUL: .env holds keys of ${which}, so this is no play. The lines that follow, and the`,
    `pages in the browser, call the REAL ${which} with these keys: customers are`,
    'created, messages are sent, and cost money.',
    'For stand-ins, press Ctrl-C, rename .env and start again.',
    '!'.repeat(80),
    '',
  ].join('\n');
}
