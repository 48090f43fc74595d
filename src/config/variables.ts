import { isIP } from 'node:net';
import { z } from 'zod';
import { readPairs } from './pairs.ts';
import { byteSize, duration } from './units.ts';

const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((word) => word === 'true');

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((number) => number <= 65_535, 'must be a port number');

const isOrigin = (text: string): boolean => URL.canParse(text) && /^https?:\/\/[\w.:[\]-]+\/?$/i.test(text);

const origin = z
  .string()
  .refine(isOrigin, 'must be an http(s) address without a path')
  .transform((text) => new URL(text).origin);

const baseUrl = z
  .string()
  .refine((text) => /^https?:\/\/[^?#@\\]+$/i.test(text) && URL.canParse(text), 'must be an http(s) address')
  .transform((text) => new URL(text).href.replace(/\/+$/, ''));

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);

/** A credential goes into a header: visible ASCII only, or Node would refuse each request instead of the start. */
const credential = z.string().regex(/^[\x21-\x7e]+$/, 'must be visible characters without spaces');

/** Directus takes any name that its database takes; these are the ones that cannot be mistaken for something else. */
const collection = z.string().regex(/^[^\s/?#"'\\]+$/, 'must be the name of a Directus collection');

/** One field, not a path to a related one. */
const field = z.string().regex(/^\w+$/, 'must be the name of a field');

const pairs = z.string().refine((text) => readPairs(text) !== undefined, 'must be pairs such as a=1,b=2');

/** The value that a header can carry, or Node would refuse each request instead of the start. */
const isHeader = ([name, value]: readonly [string, string]): boolean =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value);

const headerPairs = pairs.refine(
  (text) => [...(readPairs(text) ?? [])].every(isHeader),
  'must be headers such as authorization=Bearer%20abc',
);

const otlpProtocol = z.literal('http/protobuf', { error: 'must be http/protobuf, which is the only one here' });

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const whole = (unit: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/, `must be a whole number${unit}, one or more`)
    .transform(Number);

const workers = z
  .string()
  .regex(/^(auto|[1-9]\d{0,2})$/, 'must be auto, or a number from 1 to 256')
  .transform((text) => (text === 'auto' ? text : Number(text)))
  .refine((count) => count === 'auto' || count <= 256, 'must be auto, or a number from 1 to 256');

const isRedis = (text: string): boolean => URL.canParse(text) && /^rediss?:\/\/[^/]/i.test(text);

const namedNetworks = new Set(['loopback', 'linklocal', 'uniquelocal']);

const isPrefix = (text: string, bits: number): boolean =>
  /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= bits;

const isAddressOrNetwork = (text: string): boolean => {
  const [address = '', prefix, ...more] = text.split('/');
  if (namedNetworks.has(text)) return true;
  const bits = isIP(address) === 4 ? 32 : 128;
  return isIP(address) !== 0 && more.length === 0 && (prefix === undefined || isPrefix(prefix, bits));
};

/** Express' "trust proxy", as Directus passes it on: yes, no, a number of hops, or addresses. */
const trustProxy = list.transform((entries, context): boolean | number | string[] => {
  const [first = ''] = entries;
  if (entries.length === 1 && (first === 'true' || first === 'false')) return first === 'true';
  if (entries.length === 1 && /^\d{1,3}$/.test(first)) return Number(first);
  if (entries.length > 0 && entries.every(isAddressOrNetwork)) return entries;
  context.addIssue({ code: 'custom', message: 'must be true, false, a number of hops, or a list of addresses' });
  return z.NEVER;
});

const corsOrigin = list.transform((entries, context): boolean | '*' | string[] => {
  const [first = ''] = entries;
  if (entries.length === 1 && (first === 'true' || first === 'false')) return first === 'true';
  if (entries.length === 1 && first === '*') return '*';
  if (entries.length > 0 && entries.every(isOrigin)) return entries.map((entry) => new URL(entry).origin);
  context.addIssue({
    code: 'custom',
    message: 'must be true, false, *, or a list of origins such as https://app.example',
  });
  return z.NEVER;
});

/**
 * Every variable that the gateway reads, with its form and default. Each is also read as `NAME_FILE`, the path of a
 * file that holds the value, as Directus does. `.env.example` explains them; a test compares the two.
 */
export const variables = {
  DIRECTUS_URL: baseUrl,
  DIRECTUS_TOKEN: credential.optional(),
  DIRECTUS_ADMIN_TOKEN: credential.optional(),
  PERMISSIONS_TTL: duration.optional(),
  AUDIT_COLLECTION: collection
    .refine((name) => !name.startsWith('directus_'), 'must not be one of Directus’ own')
    .optional(),
  FRONT_DOOR: flag.default(false),
  API_PAGE_ENABLED: flag.default(true),
  DIRECTUS_PUBLIC_URL: baseUrl.optional(),

  STRIPE_LIVE_SECRET_KEY: credential
    .refine((key) => !key.startsWith('pk_'), 'is a publishable key; a secret (sk_) or restricted (rk_) one is needed')
    .optional(),
  STRIPE_CUSTOMERS_COLLECTION: collection.optional(),
  STRIPE_CUSTOMER_ID_FIELD: field.optional(),
  STRIPE_API_URL: origin.optional(),

  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9A-Za-z]+$/, 'must be an account SID (AC…)')
    .optional(),
  TWILIO_AUTH_TOKEN: credential.optional(),
  TWILIO_API_KEY_SID: z
    .string()
    .regex(/^SK[0-9A-Za-z]+$/, 'must be an API key SID (SK…)')
    .optional(),
  TWILIO_API_KEY_SECRET: credential.optional(),
  TWILIO_COLLECTION: collection.optional(),
  TWILIO_PHONE_NUMBER: z.string().optional(),
  TWILIO_API_URL: origin.optional(),

  GATEWAY_CONFIG: z.string().optional(),

  HOST: z.string().default('0.0.0.0'),
  PORT: port.default(8056),
  WORKERS: workers.default(1),
  PUBLIC_URL: baseUrl.optional(),
  IP_TRUST_PROXY: trustProxy.default(false),
  MAX_PAYLOAD_SIZE: byteSize.default(1_048_576),
  SERVER_SHUTDOWN_TIMEOUT: duration.default(8_000),
  SESSION_COOKIE_NAME: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of a cookie')
    .default('directus_session_token'),

  RATE_LIMITER_ENABLED: flag.default(true),
  RATE_LIMITER_POINTS: whole('').default(50),
  RATE_LIMITER_DURATION: whole(' of seconds').default(1),
  RATE_LIMITER_STORE: z.enum(['memory', 'redis'], { error: 'must be memory or redis' }).default('memory'),
  REDIS: z.string().refine(isRedis, 'must be an address such as redis://localhost:6379').optional(),

  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
  LOG_STYLE: z.enum(['pretty', 'raw'], { error: 'must be pretty or raw' }).optional(),

  METRICS_ENABLED: flag.default(false),
  METRICS_TOKENS: list
    .refine((tokens) => tokens.length > 0, 'must be one token, or several with commas between them')
    .refine((tokens) => tokens.every((token) => credential.safeParse(token).success), 'must be visible characters')
    .optional(),

  OTEL_SDK_DISABLED: flag.default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], { error: 'must be otlp or none' }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: baseUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerPairs.optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headerPairs.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: otlpProtocol.default('http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: otlpProtocol.optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers, { error: `must be one of ${samplers.join(', ')}` })
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .refine((text) => /^(0|1|0?\.\d+|[01]\.0+)$/.test(text), 'must be a number from 0 to 1')
    .transform(Number)
    .default(1),

  CORS_ENABLED: flag.default(false),
  CORS_ORIGIN: corsOrigin.default(false),
  CORS_METHODS: list.default(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  CORS_ALLOWED_HEADERS: list.default(['Content-Type', 'Authorization', 'Idempotency-Key', 'Stripe-Version']),
  CORS_EXPOSED_HEADERS: list.default(['X-Request-Id', 'Request-Id', 'Retry-After']),
  CORS_CREDENTIALS: flag.default(false),
  CORS_MAX_AGE: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a number of seconds')
    .transform(Number)
    .default(18_000),
} as const satisfies Record<string, z.ZodType>;

export type VariableName = keyof typeof variables;
export const variablesSchema = z.object(variables);
export type Variables = Readonly<z.output<typeof variablesSchema>>;
