import { z } from 'zod';
import { ask, statusOf } from './dial.ts';

const error = z.object({ errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).min(1) });

/** Status and code of a raw answer of Directus or of the gateway: `403 FORBIDDEN`. There is no code to a success. */
export function verdict(received: string): string {
  const status = statusOf(received);
  return status < 400 ? String(status) : `${status} ${error.parse(bodyOf(received)).errors[0]?.extensions.code}`;
}

/** @param received a raw answer whose body is JSON in one piece */
export const bodyOf = (received: string): unknown => JSON.parse(received.slice(received.indexOf('\r\n\r\n')));

/** What is said to a GET with these header lines. */
export const verdictOn = async (port: number, target: string, lines: readonly string[]): Promise<string> =>
  verdict(await ask(port, [`GET ${target} HTTP/1.1`, ...lines]));

export const portOf = (url: string): number => Number(new URL(url).port);
