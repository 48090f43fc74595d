import { beforeAll } from '@jest/globals';
import { startDirectus } from '../../demo/directus/start.ts';
import { freePort } from '../../demo/free-port.ts';
import { type StandIns, startStandIns } from '../../demo/stand-ins.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { useStops } from '../world/use-stops.ts';
import { makeCheckout } from './checkout.ts';
import { type Block, readPage } from './read-page.ts';
import { type Ran, type Reader, runPage } from './run-page.ts';

export type ReaderOptions = {
  /** Of their Directus. */
  readonly directus?: Readonly<Record<string, string>>;
};

export type ReaderInPlace = {
  /** Does what a page says, in the folder and the shell in which the pages before have left them. */
  follow(page: string, more?: Pick<Reader, 'replace'>): Promise<readonly Ran[]>;
  /** The same for some blocks of a page. */
  run(blocks: readonly Block[], more?: Pick<Reader, 'replace'>): Promise<readonly Ran[]>;
};

/** Somebody with a copy of the project, a Directus in which nothing was made yet, and accounts at the APIs. */
export function useReader({ directus: env = {} }: ReaderOptions = {}): () => ReaderInPlace {
  const stopLater = useStops();
  let reader: ReaderInPlace | undefined;
  beforeAll(async () => {
    const { folder } = stopLater(await makeCheckout());
    const directus = stopLater(await startDirectus({ version: '11.17.4', env: { ...quickLogin, ...env } }));
    const standIns = stopLater(await startStandIns());
    const port = await freePort(undefined, 'PORT');
    const gatewayUrl = `http://127.0.0.1:${port}`;
    const environment = {
      DIRECTUS: directus.url,
      GATEWAY: gatewayUrl,
      ADMIN_TOKEN: directus.adminToken,
      ACCOUNT_SID: standIns.twilio.accountSid,
      STRIPE_API_URL: standIns.stripe.url,
      TWILIO_API_URL: standIns.twilio.url,
      HOST: '127.0.0.1',
      PORT: String(port),
    };
    const own = { DIRECTUS_URL: directus.url, PUBLIC_URL: gatewayUrl, ...secretsOf(standIns) };
    const run = async (blocks: readonly Block[], more: Pick<Reader, 'replace'> = {}) =>
      stopLater(await runPage(blocks, { folder, environment, own, ...more })).ran;
    reader = { run, follow: (page, more) => run(readPage(page), more) };
  }, installationMs);
  return () => {
    if (reader === undefined) throw new Error('The reader’s place is not ready.');
    return reader;
  };
}

const secretsOf = ({ stripe, twilio }: StandIns): Record<string, string> => ({
  STRIPE_LIVE_SECRET_KEY: stripe.secretKey,
  OPENAI_API_KEY: 'sk-proj-ofTheReader',
  TWILIO_ACCOUNT_SID: twilio.accountSid,
  TWILIO_AUTH_TOKEN: twilio.authToken,
  TWILIO_PHONE_NUMBER: twilio.phoneNumber,
});
