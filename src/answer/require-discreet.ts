import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { secretOf, type Upstream } from '../upstreams/upstream.ts';

type Holder = Pick<Upstream, 'credentials'>;

/** Refuses an answer that was read and gives the gateway's own credential away. @throws GatewayError UPSTREAM_ANSWER_UNREADABLE */
export function requireDiscreet(text: string, { credentials }: Holder): void {
  if (credentials.some((credential) => secretOf(credential).search()(Buffer.from(text)))) throw indiscreet();
}

/**
 * Looks through an answer that is about to stream, and calls back before the piece that makes the credential whole is
 * handed on. What is compressed is not looked into. Whoever hands the pieces on must listen for them in the same turn.
 */
export function whenIndiscreet(
  answer: IncomingMessage,
  { credentials }: Holder,
  onFound: (error: GatewayError) => void,
): void {
  const searches = credentials.map((credential) => secretOf(credential).search());
  answer.on('data', (piece: Buffer) => {
    if (searches.filter((isFoundIn) => isFoundIn(piece)).length > 0) onFound(indiscreet());
  });
}

const indiscreet = () =>
  new GatewayError('UPSTREAM_ANSWER_UNREADABLE', { extensions: { reason: 'it may not be shown' } });
