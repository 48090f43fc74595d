import { describe, expect, it } from '@jest/globals';
import { misspelt, misspeltIn } from '../../../src/config/misspelt.ts';
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

describe('of what the process was started with, only what begins like one of ours is looked at', () => {
  const found = (environment: Record<string, string>, dotenv: Record<string, string> = {}) =>
    misspeltIn({ dotenv: () => dotenv, environment: () => ({ ...dotenv, ...environment }) }, ['OPENAI_API_KEY']);

  it.each([
    ['STRIPE_CUSTOMER_COLLECTION', 'STRIPE_CUSTOMERS_COLLECTION'],
    ['DIRECTUS_TOKNE_FILE', 'DIRECTUS_TOKEN_FILE'],
    ['directus_url', 'DIRECTUS_URL'],
    ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
  ])('%s is likely to mean %s', (name, meant) => expect(found({ [name]: 'x' })).toEqual([{ name, meant }]));

  it.each([
    ...['PATH', 'HOME', 'HOSTNAME', 'PWD', 'PORTS', 'NODE_ENV', 'XORS_ORIGIN', 'GATEWAY_PORT'],
    ...['DIRECTUS_PORT', 'DIRECTUS_SERVICE_HOST', 'DIRECTUS_USER_TOKEN', 'REDIS_PORT', 'REDIS_SERVICE_HOST'],
    ...['OTEL_LOGS_EXPORTER', 'OTEL_METRICS_EXPORTER', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'LOG_FILE'],
    ...['STRIPE_SECRET_KEY', 'STRIPE_API_KEY', 'STRIPE_WEBHOOK_SECRET', 'TWILIO_SERVICE_SID', 'SESSION_MANAGER'],
  ])('%s may be meant for somebody else', (name) => expect(found({ [name]: 'x' })).toEqual([]));

  it('and what .env says is told once, with its place', () => {
    const name = 'XORS_ORIGIN';
    expect(found({}, { [name]: 'x' })).toEqual([{ name, meant: 'CORS_ORIGIN', file: '.env' }]);
  });
});
