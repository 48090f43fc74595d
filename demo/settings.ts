import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'dotenv';

const PROJECT = join(import.meta.dirname, '..');
const STRIPE = ['STRIPE_LIVE_SECRET_KEY', 'STRIPE_API_URL'];
const TWILIO = [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_API_KEY_SID',
  'TWILIO_API_KEY_SECRET',
  'TWILIO_PHONE_NUMBER',
  'TWILIO_API_URL',
];

export type Environment = Record<string, string>;

export type Settings = {
  directusPort: number;
  gatewayPort: number;
  logLevel: string;
  /** The gateway's variables for the real API, where `.env` holds its keys; the stand-in is used otherwise. */
  stripe: Environment | undefined;
  twilio: Environment | undefined;
};

/** Keys count only from `.env`: one that lingers in a shell must not turn a demo into real messages. */
export async function readSettings(): Promise<Settings> {
  const file: Environment = parse(await readFile(join(PROJECT, '.env'), 'utf8').catch(() => ''));
  const either = { ...file, ...process.env };
  const stripe = await pick(file, STRIPE);
  const twilio = await pick(file, TWILIO);
  const hasTwilio = twilio.TWILIO_ACCOUNT_SID && (twilio.TWILIO_AUTH_TOKEN || twilio.TWILIO_API_KEY_SECRET);
  return {
    directusPort: readPort('DEMO_DIRECTUS_PORT', either, 8055),
    gatewayPort: readPort('PORT', either, 8056),
    logLevel: either.LOG_LEVEL || 'warn',
    stripe: stripe.STRIPE_LIVE_SECRET_KEY ? stripe : undefined,
    twilio: hasTwilio ? twilio : undefined,
  };
}

/** The named variables that have a value, read from a file where only `NAME_FILE` is set. */
async function pick(file: Environment, names: string[]): Promise<Environment> {
  const picked: Environment = {};
  for (const name of names) {
    const path = file[`${name}_FILE`];
    const value = file[name] || (path && (await readFile(resolve(PROJECT, path), 'utf8')).trim());
    if (value) picked[name] = value;
  }
  return picked;
}

function readPort(name: string, from: NodeJS.ProcessEnv, otherwise: number): number {
  const text = from[name] || String(otherwise);
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new Error(`${name} must be a port number, 1 to 65535.`);
}
