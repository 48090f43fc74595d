import type { IncomingHttpHeaders } from 'node:http';
import { connectionOptions } from '../http/hop-by-hop.ts';

/** Where a caller stands in a trace (W3C Trace Context). */
export type TraceContext = {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The caller's own step: 16 hexadecimal digits. */
  readonly parentId: string;
  /** As far as version 00 of levels 1 and 2 knows them. */
  readonly flags: number;
  /** `tracestate` as it came. */
  readonly state: string | undefined;
};

export const sampledFlag = 0x01;
/** Of level 2: that the trace's id was made at random, which is so for all of its steps. */
export const randomFlag = 0x02;

/** Headers that are about traces: what is said in them is never a caller's as it came. */
export const traceHeaders: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

/**
 * What a caller says of their trace; undefined where they say nothing, or nothing that is valid, and then the rest of it
 * does not count either (W3C Trace Context, sections 3.2 and 4.3).
 */
export function readTraceContext({
  traceparent,
  tracestate,
  connection,
}: IncomingHttpHeaders): TraceContext | undefined {
  if (typeof traceparent !== 'string' || connectionOptions(connection).has('traceparent')) return undefined;
  const [, version = '', traceId = '', parentId = '', flags = '', more = ''] = form.exec(traceparent) ?? [];
  const isKnown = version === '00' ? more === '' : version !== '' && version !== 'ff';
  if (!isKnown || /^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  const state = typeof tracestate === 'string' && isState(tracestate) ? tracestate : undefined;
  return { traceId, parentId, flags: Number.parseInt(flags, 16) & (sampledFlag | randomFlag), state };
}

/** The header of version 00; of a higher version, as much as is there of this one. */
export const traceparentOf = ({ traceId, parentId, flags }: Omit<TraceContext, 'state'>): string =>
  `00-${traceId}-${parentId}-${flags.toString(16).padStart(2, '0')}`;

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(|-.*)$/;

/** Section 3.3: up to 32 members, empty ones apart, each key once. */
function isState(text: string): boolean {
  const members = text.split(',').map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''));
  const given = members.filter((member) => member !== '');
  const keys = new Set(given.map((member) => member.split('=', 1)[0]));
  return given.length > 0 && given.length <= 32 && keys.size === given.length && given.every((one) => member.test(one));
}

/** A key of level 2, which takes those of level 1 in; a value of visible characters and spaces, which are not its last. */
const member = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
