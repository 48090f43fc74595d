import { GatewayError, invalidPayload } from '../errors/gateway-error.ts';
import type { Parameter } from '../prepare/parameters.ts';
import type { DestinationLimit } from '../upstreams/upstream.ts';

/**
 * The telephone numbers that a message or call goes to, in plain form: `+4915112345678`, or with the channel before it,
 * `whatsapp:+4915112345678`. A list with commas, and a parameter that is repeated, are several.
 * @param parameters all that is sent, in query and body
 * @throws GatewayError INVALID_PAYLOAD where there is none, or something else than a number; FORBIDDEN for one that
 *   begins with none of the prefixes
 */
export function destinationsOf(parameters: readonly Parameter[], { parameter, prefixes }: DestinationLimit): string[] {
  const named = parameters.filter(({ path: [top = ''] }) => top.toLowerCase() === parameter.toLowerCase());
  if (named.length === 0) throw invalidPayload(`"${parameter}" is required`);
  const plain = named.flatMap(({ name, value }) => {
    if (name !== parameter) throw odd(parameter); // in another case or with brackets, it might be read or not
    return value.split(',').map((number) => plainNumber(number) ?? refuseOdd(parameter));
  });
  if (prefixes !== undefined && !plain.every((number) => prefixes.some((prefix) => number.startsWith(prefix)))) {
    throw new GatewayError('FORBIDDEN', {
      message: `The parameter "${parameter}" names a destination that is not allowed.`,
      extensions: { parameters: [parameter] },
      logReason: 'foreign_destination',
    });
  }
  return [...new Set(plain)];
}

/** E.164: at most 15 digits, the first of which begins the country's code. People write some marks between them. */
function plainNumber(text: string): string | undefined {
  const [, channel = '', number = ''] = /^(?:([A-Za-z]+):)?(\+[\d ().-]+)$/.exec(text.trim()) ?? [];
  const digits = number.replaceAll(/[ ().-]/g, '');
  if (!/^\+[1-9]\d{6,14}$/.test(digits)) return undefined;
  return channel === '' ? digits : `${channel.toLowerCase()}:${digits}`;
}

const odd = (parameter: string) =>
  invalidPayload(`"${parameter}" must be telephone numbers such as +4915112345678, with commas between them`);

const refuseOdd = (parameter: string): never => {
  throw odd(parameter);
};
