import { execFile } from 'node:child_process';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { callDirectus } from '../../demo/directus/call.ts';
import { type RunningDirectus, startDirectus } from '../../demo/directus/start.ts';
import { readCompose } from '../unit/deployment/read-compose.ts';
import { installationMs, quickLogin } from '../world/live-world.ts';
import { useStops } from '../world/use-stops.ts';

const { collections: service, 'gateway-try': gatewayTry } = readCompose().services;
const { STRIPE_CUSTOMERS_COLLECTION, STRIPE_CUSTOMER_ID_FIELD, TWILIO_COLLECTION } = gatewayTry?.environment ?? {};
const ofCompose = 'http://directus:8055';
const fieldList = z.array(z.object({ collection: z.string(), field: z.string(), type: z.string() }));

describe('whoever starts the profile try of docker-compose.yml', () => {
  const stopLater = useStops();
  let directus: RunningDirectus;
  beforeAll(async () => {
    directus = stopLater(await startDirectus({ version: '11.17.4', env: quickLogin }));
  }, installationMs);

  /** What Compose runs, with the Directus of the test in place of its own. */
  const createCollections = async (password = directus.adminPassword) => {
    const [node, ...args] = (service?.command ?? []).map((arg) => arg.replaceAll('$$', '$'));
    const aimed = args.map((arg) => arg.replaceAll(ofCompose, directus.url));
    expect([node, args.join('').split(ofCompose).length]).toEqual(['node', 2]);
    const env = { ADMIN_EMAIL: directus.adminEmail, ADMIN_PASSWORD: password };
    const { promise, resolve } = Promise.withResolvers<{ failed: boolean; err: string }>();
    execFile(process.execPath, aimed, { env }, (error, _out, err) => resolve({ failed: error !== null, err }));
    return await promise;
  };
  const made = async () => ({
    collections: await callDirectus(directus, 'GET', '/collections'),
    fields: await callDirectus(directus, 'GET', '/fields'),
  });

  it('is told that the password is wrong, and nothing is created', async () => {
    const before = await made();

    expect(await createCollections('another')).toEqual({
      failed: true,
      err: expect.stringContaining('Directus does not let ADMIN_EMAIL in with ADMIN_PASSWORD: 401'),
    });
    expect(await made()).toEqual(before);
  });

  it('gets the collections and the field that its gateway is told of', async () => {
    expect(await createCollections()).toEqual({ failed: false, err: '' });
    const fields = fieldList.parse((await made()).fields).map(({ collection, field }) => `${collection}.${field}`);

    expect([STRIPE_CUSTOMERS_COLLECTION, TWILIO_COLLECTION]).toEqual(['customers', 'messages']);
    expect(fields).toContain(`${STRIPE_CUSTOMERS_COLLECTION}.${STRIPE_CUSTOMER_ID_FIELD}`);
    expect(fields.filter((name) => /^(customers|messages)\./.test(name)).sort()).toEqual([
      'customers.email',
      'customers.id',
      'customers.name',
      'customers.stripe_customer_id',
      'messages.Body',
      'messages.From',
      'messages.To',
      'messages.id',
    ]);
  });

  it('keeps what is there when it is started again, fields of their own and items too', async () => {
    await callDirectus(directus, 'POST', '/fields/customers', { field: 'owner', type: 'uuid', schema: {}, meta: {} });
    await callDirectus(directus, 'POST', '/items/customers', { name: 'Ada', stripe_customer_id: 'cus_1' });
    const before = await made();

    expect(await createCollections()).toEqual({ failed: false, err: '' });
    expect(await made()).toEqual(before);
    expect(await callDirectus(directus, 'GET', '/items/customers')).toMatchObject([{ name: 'Ada' }]);
  });
});
