import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { z } from 'zod';
import { startDirectus } from '../../demo/directus/start.ts';
import { useBrowser } from '../world/browser.ts';
import { listen } from '../world/listen.ts';
import { installationMs, useLiveWorld } from '../world/live-world.ts';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';

const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
const customers = '/stripe/v1/customers';
const slowMs = 120_000;
const failure = z.object({ err: z.object({ message: z.string() }) });

describe('docs/troubleshooting.md quotes what is said when', () => {
  const stopLater = useStops();
  const live = useLiveWorld('11.17.4');
  const newVisitor = useBrowser();
  let app: { readonly origin: string; readonly port: number };

  beforeAll(async () => {
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<p>An app</p>');
    });
    app = stopLater(await listen(server));
  });

  /** Why there is no feed of changes, in the words of the log. */
  const noFeed = async (more: Record<string, string>): Promise<string> => {
    const gateway = stopLater(await startGateway({ ...live().environment, ...more }));
    const line = await gateway.logged(
      ({ msg }) => msg === 'no feed of changes from Directus; answers are remembered briefly only',
    );
    const health = await (await fetch(`${gateway.url}/server/health`)).json();
    expect(health).toMatchObject({ status: 'ok', checks: { feed: 'error' } });
    return failure.parse(line).err.message;
  };

  it(
    'a page of another origin asks a gateway that lists none: Chromium’s own words',
    async () => {
      const tab = await (await newVisitor()).newPage();
      const said = tab.waitForEvent('console', (message) => message.text().includes('CORS'));
      await tab.goto(app.origin);
      const ask = (url: string) => fetch(url, { headers: { Authorization: 'Bearer x' } }).catch(() => undefined);
      await tab.evaluate(ask, live().gateway.url + customers);
      const text = (await said)
        .text()
        .replace(/http:\S+stripe\S+(?=')/, 'http://…')
        .replace(app.origin, 'https://app.example.com');

      expect(page).toContain(text.replace(' on the requested resource.', ''));
    },
    slowMs,
  );

  it(
    'a page of another site sends no cookie, one of another port does if it asks for it',
    async () => {
      const elsewhere = `http://localhost:${app.port}`;
      const cors = { CORS_ENABLED: 'true', CORS_ORIGIN: `${elsewhere},${app.origin}`, CORS_CREDENTIALS: 'true' };
      const gateway = stopLater(await startGateway({ ...live().environment, ...cors }));
      const context = await newVisitor();
      const { token: value } = live().personas.reader;
      await context.addCookies([{ name: 'directus_session_token', value, url: gateway.url, sameSite: 'Lax' }]);
      const tab = await context.newPage();
      const statusFrom = async (origin: string, credentials: 'include' | 'same-origin'): Promise<number> => {
        await tab.goto(origin);
        const how = { url: gateway.url + customers, credentials };
        return await tab.evaluate(async (given) => (await fetch(given.url, given)).status, how);
      };

      expect(await statusFrom(app.origin, 'include')).toBe(200);
      expect(await statusFrom(app.origin, 'same-origin')).toBe(401);
      expect(await statusFrom(elsewhere, 'include')).toBe(401);
      expect(gateway.logs().match(/"reason":"no_token"/g)).toHaveLength(2);
    },
    slowMs,
  );

  it('DIRECTUS_TOKEN may not read what decides', async () => {
    const message = await noFeed({ DIRECTUS_TOKEN: live().personas.reader.token });
    expect(message).toMatch(/^DIRECTUS_TOKEN does not read all of directus_permissions,/);
    expect(page).toContain('`DIRECTUS_TOKEN does not read all of directus_…`');
  });

  it('DIRECTUS_TOKEN is none of Directus’', async () => {
    const message = await noFeed({ DIRECTUS_TOKEN: 'canaryTokenOfNobody' });
    expect(page).toContain(`\`${message}\`: the token is refused`);
  });

  it(
    'Directus has WebSockets off',
    async () => {
      const deaf = stopLater(await startDirectus({ version: '11.17.4', env: { WEBSOCKETS_ENABLED: 'false' } }));
      const message = await noFeed({ DIRECTUS_URL: deaf.url, DIRECTUS_TOKEN: deaf.adminToken });
      expect(page).toContain(`\`${message}\``);
    },
    installationMs,
  );

  it('stripe-node speaks HTTPS to a gateway that does not', async () => {
    const { gateway, personas } = live();
    const stripe = new Stripe(personas.reader.token, { host: '127.0.0.1', port: gateway.port });
    const message = await stripe.customers.list().then(
      () => 'answered',
      (error: Error) => error.message,
    );
    expect(page).toContain(`\`${message}\``);
  });
});
