import { describe, expect, it } from '@jest/globals';
import { misspelt } from '../../../src/config/misspelt.ts';
import { variableNames } from '../../../src/config/read-variables.ts';

describe('a variable that nothing reads', () => {
  it.each([
    ['STRIPE_CUSTOMER_COLLECTION', 'STRIPE_CUSTOMERS_COLLECTION'],
    ['RATE_LIMIT_POINTS', 'RATE_LIMITER_POINTS'],
    ['CORS_ORIGINS', 'CORS_ORIGIN'],
    ['TWILIO_ACCOUNT_ID', 'TWILIO_ACCOUNT_SID'],
    ['directus_url', 'DIRECTUS_URL'],
    ['DIRECTUS_TOKNE', 'DIRECTUS_TOKEN'],
    ['STRIPE_LIVE_SECRT_KEY_FILE', 'STRIPE_LIVE_SECRET_KEY_FILE'],
    ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
  ])('%s is likely to mean %s', (name, meant) => {
    expect(misspelt([name], ['OPENAI_API_KEY'])).toEqual([{ name, meant }]);
  });

  it.each(['POST', 'DB_HOST', 'NODE_ENV', 'SECRET', 'ADMIN_PASSWORD', 'OPENAI_API_KEY', 'TEST', 'EMAIL_FROM', '_FILE'])(
    '%s may be meant for somebody else',
    (name) => expect(misspelt([name], ['OPENAI_API_KEY'])).toEqual([]),
  );

  it('is none of those that the gateway reads', () => {
    const all = variableNames.flatMap((name) => [name, `${name}_FILE`]);
    expect(misspelt(all, [])).toEqual([]);
  });
});
