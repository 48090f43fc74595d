import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach } from '@jest/globals';
import type { DirectusVersion } from '../../../demo/directus/install.ts';
import { seedPersonas } from '../../../demo/directus/personas.ts';
import { type RunningDirectus, startDirectus } from '../../../demo/directus/start.ts';
import { installationMs, quickLogin } from '../../world/live-world.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../../world/recording-upstream.ts';
import { type RunningGateway, startGateway } from '../../world/start-gateway.ts';
import { useStops } from '../../world/use-stops.ts';
import { addExtension } from './add-extension.ts';

export const accountSid = 'AC00000000000000000000000000000001';
export const secrets = { twilio: 'canaryTwilioToken0123456789', stripe: 'sk_test_canaryStripeKey0123456789' };

/** The credential as it goes to Twilio. */
export const basic = `Basic ${Buffer.from(`${accountSid}:${secrets.twilio}`).toString('base64')}`;

/** A Directus with the extension in it, the gateway before the same Directus, and one API behind both. */
export type Both = {
  readonly directus: RunningDirectus;
  readonly gateway: RunningGateway;
  readonly api: RecordingUpstream;
  /** Static tokens of the personas. */
  readonly tokens: { readonly reader: string; readonly nobody: string };
};

export function useBoth(version: DirectusVersion): () => Both {
  const stopLater = useStops();
  let both: Both | undefined;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guides-'));
    stopLater({ stop: () => rm(folder, { recursive: true, force: true }) });
    await addExtension(version, folder);
    const api = stopLater(await startRecordingUpstream());
    const env = {
      ...quickLogin,
      GUIDES_TWILIO_SID: accountSid,
      GUIDES_TWILIO_TOKEN: secrets.twilio,
      GUIDES_TWILIO_URL: api.origin,
      GUIDES_STRIPE_KEY: secrets.stripe,
      GUIDES_STRIPE_URL: api.origin,
    };
    const directus = stopLater(await startDirectus({ version, folder, env }));
    const { reader, nobody } = await seedPersonas(directus);
    const environment = {
      DIRECTUS_URL: directus.url,
      ...(version === '10.13.4' && { DIRECTUS_TOKEN: directus.adminToken }), // which cannot do without
      STRIPE_LIVE_SECRET_KEY: secrets.stripe,
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
      STRIPE_API_URL: api.origin,
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: secrets.twilio,
      TWILIO_COLLECTION: 'messages',
      TWILIO_API_URL: api.origin,
      IP_TRUST_PROXY: 'true',
      RATE_LIMITER_ENABLED: 'false',
    };
    const gateway = stopLater(await startGateway(environment));
    both = { directus, gateway, api, tokens: { reader: reader.token, nobody: nobody.token } };
  }, installationMs);
  beforeEach(() => both?.api.reset());
  return () => {
    if (both === undefined) throw new Error('Directus has not started.');
    return both;
  };
}
