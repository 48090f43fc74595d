import { describe, expect, it } from '@jest/globals';
import { warnOfKeys } from '../../../demo/warn-of-keys.ts';

const stripe = { STRIPE_LIVE_SECRET_KEY: 'rk_canary' };
const twilio = { TWILIO_ACCOUNT_SID: 'ACcanary', TWILIO_AUTH_TOKEN: 'canary' };

describe('whoever starts the demo', () => {
  it.each([
    ['Stripe', { stripe, twilio: undefined }],
    ['Twilio', { stripe: undefined, twilio }],
    ['Stripe and Twilio', { stripe, twilio }],
  ])('with keys of %s in .env is warned that they are used, and how not to', (names, settings) => {
    const warning = warnOfKeys(settings);

    expect(warning).toContain(`CAREFUL: .env holds keys of ${names}`);
    expect(warning).toContain(`REAL ${names}`);
    expect(warning).toContain('rename .env');
    expect(warning).not.toContain('canary');
  });

  it('without any is not', () => {
    expect(warnOfKeys({ stripe: undefined, twilio: undefined })).toBeUndefined();
  });
});
