import { describe, expect, it } from '@jest/globals';
import { type VariableName, variables } from '../../../src/config/variables.ts';

describe('an administrator’s value is taken', () => {
  const values: [VariableName, string | undefined, unknown, string][] = [
    ['DIRECTUS_URL', 'http://directus:8055', 'http://directus:8055', 'an address'],
    ['DIRECTUS_URL', 'HTTPS://CMS.example//', 'https://cms.example', 'in its plain form'],
    ['DIRECTUS_URL', 'https://x.example/cms/', 'https://x.example/cms', 'with a path'],
    ['PERMISSIONS_TTL', undefined, undefined, 'how long is best depends on whether changes are heard of'],
    ['PERMISSIONS_TTL', '0', 0, 'nothing is remembered'],
    ['STRIPE_LIVE_SECRET_KEY', 'rk_live_x', 'rk_live_x', 'a restricted key'],
    ['STRIPE_CUSTOMERS_COLLECTION', 'Kunden-2', 'Kunden-2', 'any name of a table'],
    ['STRIPE_API_URL', undefined, undefined, 'the packaged declaration has the default'],
    ['STRIPE_API_URL', 'http://LOCALHOST:4242/', 'http://localhost:4242', 'a stand-in'],
    ['STRIPE_API_URL', 'https://x.example:443', 'https://x.example', 'the scheme’s own port'],
    ['TWILIO_API_URL', undefined, undefined, 'the packaged declaration has the default'],
    ['PORT', undefined, 8056, 'by default'],
    ['PORT', '0', 0, 'any free one'],
    ['PORT', '65535', 65_535, 'the last'],
    ['HOST', undefined, '0.0.0.0', 'by default'],
    ['WORKERS', undefined, 1, 'one process by default'],
    ['WORKERS', '256', 256, 'the most'],
    ['WORKERS', 'auto', 'auto', 'as many as there are cores'],
    ['IP_TRUST_PROXY', undefined, false, 'nobody by default, as in Directus 12'],
    ['IP_TRUST_PROXY', 'true', true, 'everybody'],
    ['IP_TRUST_PROXY', '2', 2, 'a number of hops'],
    ['IP_TRUST_PROXY', 'loopback, 10.0.0.0/8,::1/128', ['loopback', '10.0.0.0/8', '::1/128'], 'addresses and networks'],
    ['MAX_PAYLOAD_SIZE', undefined, 1_048_576, '1 MB by default, as in Directus'],
    ['SERVER_SHUTDOWN_TIMEOUT', '2s', 2_000, 'a time'],
    ['SESSION_COOKIE_NAME', undefined, 'directus_session_token', 'as in Directus'],
    ['CORS_ENABLED', undefined, false, 'off by default'],
    ['CORS_ORIGIN', undefined, false, 'no page by default'],
    ['CORS_ORIGIN', '*', '*', 'any page'],
    [
      'CORS_ORIGIN',
      'https://a.example, HTTP://B.example:80/',
      ['https://a.example', 'http://b.example'],
      'pages as browsers write them',
    ],
    ['CORS_METHODS', ' GET ,,POST', ['GET', 'POST'], 'a list'],
    ['CORS_MAX_AGE', '0', 0, 'no time'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318/', 'http://collector:4318', 'an address'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'https://x.example/v1/traces', 'https://x.example/v1/traces', 'with a path'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b%20c, d=e==', 'a=b%20c, d=e==', 'headers, to be read later'],
    ['OTEL_TRACES_SAMPLER', undefined, 'parentbased_always_on', 'as OpenTelemetry has it'],
    ['OTEL_TRACES_SAMPLER_ARG', '.25', 0.25, 'a quarter'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.0', 1, 'all'],
  ];
  it.each(values)('%s=%s becomes %j: %s', (name, value, parsed) => {
    expect(variables[name].parse(value)).toEqual(parsed);
  });
});

describe('an administrator’s value is refused', () => {
  const address = 'must be an http(s) address';
  const origin = 'must be an http(s) address without a path';
  const visible = 'must be visible characters without spaces';
  const proxies = 'must be true, false, a number of hops, or a list of addresses';
  const origins = 'must be true, false, *, or a list of origins such as https://app.example';
  const samplers =
    'always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio';
  const faults: [VariableName, string, string, string[]][] = [
    ['DIRECTUS_URL', address, 'no address of Directus', ['directus:8055', 'ftp://x', 'http://', 'x', 'http://a b']],
    ['DIRECTUS_URL', address, 'more than an address', ['http://x?a', 'http://x#a', 'http://u:p@x', 'http://x\\y']],
    ['STRIPE_API_URL', origin, 'more than an origin', ['https://x/v1', 'https://x?a', 'https://u@x', 'https://x\\@y']],
    ['STRIPE_API_URL', origin, 'no origin', ['api.stripe.com', 'file:///x', 'https://', 'https://x:99999']],
    ['STRIPE_LIVE_SECRET_KEY', visible, 'not what a header can carry', ['sk a', 'sk\n', 'skä', '"sk" ']],
    ['TWILIO_AUTH_TOKEN', visible, 'not what a header can carry', ['a b', 'a\r\nX: y']],
    [
      'STRIPE_CUSTOMERS_COLLECTION',
      'must be the name of a Directus collection',
      'no name',
      ['a b', 'a/b', 'a?b', '"a"'],
    ],
    ['TWILIO_ACCOUNT_SID', 'must be an account SID (AC…)', 'another SID', ['SK1', 'ac1', 'AC', 'AC1/..', 'AC1.json']],
    ['TWILIO_API_KEY_SID', 'must be an API key SID (SK…)', 'another SID', ['AC1', 'SK', 'SK1:x']],
    ['PORT', 'must be a port number', 'no port', ['65536', '-1', '80a', '1e3', '8056.5', '999999']],
    ['IP_TRUST_PROXY', proxies, 'no address', ['yes', '1.2.3', 'x, 10.0.0.1', ',', 'true,10.0.0.1', '10.0.0.1/a']],
    ['WORKERS', 'must be auto, or a number from 1 to 256', 'no number', ['0', '257', '1.5', '-1', 'many', ' 2']],
    [
      'IP_TRUST_PROXY',
      proxies,
      'no network, over which Express would stumble',
      ['10.0.0.0/33', '10.0.0.0/0', '::/129', '10.0.0.0/8/9'],
    ],
    [
      'CORS_ORIGIN',
      origins,
      'no origin',
      ['app.example', 'https://a.example/x', '*,https://a.example', 'null', ',', 'https://*.example/'],
    ],
    ['CORS_ENABLED', 'must be true or false', 'neither', ['yes', 'TRUE', '1', ' true']],
    ['CORS_MAX_AGE', 'must be a number of seconds', 'no number', ['10s', '-1', '1.5']],
    ['SESSION_COOKIE_NAME', 'must be the name of a cookie', 'no name', ['a b', 'a=b', 'a;b', 'ä']],
    ['LOG_LEVEL', 'must be fatal, error, warn, info, debug, trace or silent', 'no level', ['loud', 'INFO']],
    ['LOG_STYLE', 'must be pretty or raw', 'no style', ['json']],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', address, 'no address', ['collector:4318', 'grpc://x', 'http://user:key@x']],
    [
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'must be http/protobuf, which is the only one here',
      'another',
      ['grpc', 'http/json'],
    ],
    ['OTEL_TRACES_EXPORTER', 'must be otlp or none', 'another', ['console', 'zipkin', 'otlp,console']],
    ['OTEL_RESOURCE_ATTRIBUTES', 'must be pairs such as a=1,b=2', 'no pairs', ['a', '=1', 'a=1,b', 'a=%', ' =1']],
    [
      'OTEL_EXPORTER_OTLP_HEADERS',
      'must be headers such as authorization=Bearer%20abc',
      'no headers',
      ['a b=1', 'a=%0a', 'a=ü'],
    ],
    ['OTEL_TRACES_SAMPLER', `must be one of ${samplers}`, 'another', ['jaeger_remote', 'ALWAYS_ON']],
    ['OTEL_TRACES_SAMPLER_ARG', 'must be a number from 0 to 1', 'no share', ['2', '-1', '1.5', '10%', '1e-1', '0.']],
  ];
  const rows = faults.flatMap(([name, message, why, each]) =>
    each.map((value): [VariableName, string, string, string] => [name, value, why, message]),
  );

  it.each(rows)('%s=%j: %s', (name, value, _why, message) => {
    expect(variables[name].safeParse(value).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });

  it('a shutdown that takes longer than a timer can run, which would end at once', () => {
    expect(variables.SERVER_SHUTDOWN_TIMEOUT.safeParse('25d').success).toBe(false);
    expect(variables.SERVER_SHUTDOWN_TIMEOUT.safeParse('24d').success).toBe(true);
  });
});
