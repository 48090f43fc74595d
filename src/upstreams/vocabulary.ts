import { z } from 'zod';
import { byteSize, duration } from '../config/units.ts';
import { hopByHop } from '../http/hop-by-hop.ts';
import { InterpolationError, interpolate, isVariable, type Resolve } from './interpolate.ts';
import { isPlainSegment } from './plain-segment.ts';
import { bodyForms, methods } from './upstream.ts';

export type Vocabulary = ReturnType<typeof vocabularyOf>;

/** The kinds of value that a declaration is made of. @param resolve fills in `${NAME}` */
export function vocabularyOf(resolve: Resolve) {
  const filled = z.string({ error: asText }).transform((raw, context) => {
    try {
      return interpolate(raw, resolve);
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
  const text = filled.refine((value) => value !== '', 'must not be empty');
  const quantity = (unit: typeof duration) =>
    z.union([z.string(), z.number()]).transform(String).pipe(filled).pipe(unit);
  const headerName = text
    .refine((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name), 'must be the name of a header')
    .transform((name) => name.toLowerCase());

  const path = filled.refine(isPattern, 'must be a path such as /v1/customers/:id or /v1/files/*');

  return {
    filled,
    text,
    /** Left out where it is filled in with nothing. */
    optionalText: filled.transform((value) => (value === '' ? undefined : value)).optional(),
    names: z.array(text),
    duration: quantity(duration),
    /** A span of time that is counted in. */
    span: quantity(duration).refine((ms) => ms >= 1_000, 'must be a second or longer, such as 1h'),
    count: z
      .union([z.string(), z.number()])
      .transform(String)
      .pipe(filled)
      .refine((text) => /^[1-9]\d{0,8}$/.test(text), 'must be a whole number, one or more')
      .transform(Number),
    byteSize: quantity(byteSize),
    headerName,
    /** What a header can carry: Node would refuse each request instead of the start. */
    headerValue: text.refine((value) => /^[\t\x20-\x7e]*$/.test(value), 'must be what a header can carry'),
    /** A header that callers or the set-up may decide on. */
    harmlessHeader: headerName.refine(
      (name) => !ofConnection.has(name) && !ofCaller.test(name),
      'is a header that only the gateway itself decides on',
    ),
    credentialHeader: headerName.refine((name) => !ofConnection.has(name), 'is a header of the connection'),
    hostname: text.refine((name) => hostForm.test(name), 'must be a host name in lower case'),
    origin: text
      .refine(isOrigin, 'must be an http(s) address without a path')
      .transform((address) => new URL(address).origin),
    method: z.enum(methods, { error: `must be one of ${methods.join(', ')}` }),
    path,
    resource: path.refine(
      (pattern) => !pattern.endsWith('*') || pattern.endsWith('.*'),
      'must name a resource, without a final *',
    ),
    bodyForm: z.enum(bodyForms, { error: `must be one of ${bodyForms.join(', ')}` }),
    collection: text.refine(
      (name) => /^[^\s/?#"'\\]+$/.test(name),
      'must be the name of a Directus collection, which may hold the {name} of a segment of the path',
    ),
    /** A secret: only ever a variable's. */
    secret: z
      .string({ error: asText })
      .refine(isVariable, 'must come from a variable, such as "${API_KEY}", and never stand here itself')
      .pipe(filled)
      .refine((value) => /^[\x21-\x7e]*$/.test(value), 'must be visible characters without spaces')
      .meta({ pattern: '^\\$\\{.*\\}$' }),
  };
}

const asText = ({ input }: { readonly input?: unknown }): string =>
  input === undefined ? 'is required' : 'must be text';

export const hostForm = /^[a-z0-9][a-z0-9.-]*$/;

/** What frames a message or belongs to one connection (RFC 9110, sections 7.2 and 7.6.1). */
const ofConnection: ReadonlySet<string> = new Set([...hopByHop, 'content-length', 'expect', 'host']);

/** What may bear the caller's token, speaks of where the caller is or of whom, or stands in for method and path. */
const ofCaller =
  /^(authorization|baggage|proxy-authorization|cookie|forwarded|via|x-real-ip|x-forwarded-.*|x-(http-)?method(-override)?|x-original-(url|host|method)|x-rewrite-url)$/;

const isOrigin = (address: string): boolean => URL.canParse(address) && /^https?:\/\/[\w.:[\]-]+\/?$/i.test(address);

function isPattern(pattern: string): boolean {
  if (!pattern.startsWith('/')) return false;
  const segments = pattern.slice(1).replace(/\/$/, '').split('/');
  return segments.every((segment, index) =>
    segment === '*' ? index === segments.length - 1 : /^:\w+$/.test(segment) || isLiteral(segment),
  );
}

/** `.*` alone is an empty name with any extension. */
function isLiteral(segment: string): boolean {
  const name = segment.replace(/\.\*$/, '');
  return segment === '.*' || (isPlainSegment(name) && !/^:|\*/.test(decodeURIComponent(name)));
}
