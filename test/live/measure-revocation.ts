// How soon a change in Directus holds at the gateway: `node test/live/measure-revocation.ts [tries]`, by hand.
import { createCollections } from '../../demo/directus/collections.ts';
import { createServiceUser } from '../../demo/directus/service-user.ts';
import { startDirectus } from '../../demo/directus/start.ts';
import { feedIs } from '../world/gateway-state.ts';
import { startRecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { revocations, timeRevocation } from './revocations.ts';

const tries = Number(process.argv[2] ?? 50);
const directus = await startDirectus({ version: '11.17.4', env: { LOGIN_STALL_TIME: '0' } });
await createCollections(directus);
const stripe = await startRecordingUpstream();
const gateway = await startGateway({
  DIRECTUS_URL: directus.url,
  DIRECTUS_TOKEN: await createServiceUser(directus),
  STRIPE_LIVE_SECRET_KEY: 'sk_test_live',
  STRIPE_CUSTOMERS_COLLECTION: 'customers',
  STRIPE_API_URL: stripe.origin,
  RATE_LIMITER_ENABLED: 'false',
});
try {
  await feedIs(gateway, 'ok');
  console.log(`From Directus' answer to the first refusal of a caller ..., ${tries} tries each, in milliseconds`);
  for (const { what, prepare } of revocations) {
    const taken: number[] = [];
    for (let attempt = 0; attempt < tries; attempt++) {
      taken.push((await timeRevocation(gateway, await prepare(directus), false)).ms);
      stripe.reset();
    }
    taken.sort((one, other) => one - other);
    const [median = 0, maximum = 0] = [taken[Math.floor(tries / 2)], taken.at(-1)];
    console.log(
      `${what.padEnd(50)} median ${median.toFixed(1).padStart(6)}   maximum ${maximum.toFixed(1).padStart(6)}`,
    );
  }
} finally {
  await gateway.stop();
  await stripe.stop();
  await directus.stop();
}
