import { invalidPayload } from '../errors/gateway-error.ts';
import { isPlainSegment } from '../upstreams/plain-segment.ts';

export type RequestTarget = {
  /** Starts with a slash; byte for byte as it came. */
  readonly path: string;
  /** Without the question mark; byte for byte as it came. */
  readonly query: string;
};

/**
 * Splits a request target (RFC 9112, section 3.2) and refuses every path that two readers might understand
 * differently, so that the path which is checked is the path which is sent: dot segments, empty segments, encoded
 * separators, dots, letters and percent signs, backslashes, path parameters, control characters, absolute form. A final
 * slash is kept, and matched like everything else.
 * @param target as on the request line
 * @throws GatewayError INVALID_PAYLOAD
 */
export function parseRequestTarget(target: string): RequestTarget {
  if (!target.startsWith('/')) throw invalidPayload('The request target must be a path');
  if (!visibleAscii.test(target))
    throw invalidPayload('The request target holds a character that is not allowed there');
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  if (path !== '/' && !path.slice(1).replace(/\/$/, '').split('/').every(isPlainSegment))
    throw invalidPayload('The path is not in its plain form');
  return { path, query: mark === -1 ? '' : target.slice(mark + 1) };
}

/** All that a request line can hold but `#`, which belongs to browsers, and `\`, which some of them read as `/`. */
const visibleAscii = /^[\x21\x22\x24-\x5b\x5d-\x7e]+$/;
