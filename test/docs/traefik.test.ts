import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { readPage } from './read-page.ts';

const blocks = readPage('docs/recipes/behind-traefik.md');
const fileNamed = (name: string): unknown =>
  parse(blocks.find(({ mark }) => mark.kind === 'file' && mark.name === name)?.text ?? '');

/** Seconds, as Go writes them. */
const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number(text.slice(0, -1)));

/** What the page uses of Traefik 3's reference of the static configuration, and nothing else. */
const atStart = z.strictObject({
  entryPoints: z.record(
    z.string(),
    z.strictObject({
      address: z.string().regex(/^:\d+$/),
      transport: z.strictObject({ respondingTimeouts: z.strictObject({ readTimeout: seconds }) }),
    }),
  ),
  certificatesResolvers: z.record(
    z.string(),
    z.strictObject({
      acme: z.strictObject({ email: z.email(), storage: z.string(), tlsChallenge: z.strictObject({}) }),
    }),
  ),
  providers: z.strictObject({ file: z.strictObject({ filename: z.string() }) }),
});

/** The same of the dynamic configuration. */
const watched = z.strictObject({
  http: z.strictObject({
    routers: z.record(
      z.string(),
      z.strictObject({
        rule: z.string().regex(/^Host\(`[\w.]+`\)$/),
        entryPoints: z.array(z.string()),
        service: z.string(),
        tls: z.strictObject({ certResolver: z.string() }),
      }),
    ),
    services: z.record(
      z.string(),
      z.strictObject({
        loadBalancer: z.strictObject({
          servers: z.array(z.strictObject({ url: z.url() })),
          serversTransport: z.string(),
        }),
      }),
    ),
    serversTransports: z.record(
      z.string(),
      z.strictObject({ forwardingTimeouts: z.strictObject({ idleConnTimeout: seconds }) }),
    ),
  }),
});

/** Without a Traefik to run: what can be told from the files alone. */
describe('whoever copies the files of the recipe behind-traefik', () => {
  const { entryPoints, certificatesResolvers } = atStart.parse(fileNamed('traefik.yml'));
  const { routers, services, serversTransports } = watched.parse(fileNamed('directus-gateway.yml')).http;

  it('has every name in them defined', () => {
    for (const { entryPoints: used, service, tls } of Object.values(routers)) {
      expect(Object.keys(entryPoints)).toEqual(expect.arrayContaining(used));
      expect(services).toHaveProperty(service);
      expect(certificatesResolvers).toHaveProperty(tls.certResolver);
    }
    for (const { loadBalancer } of Object.values(services)) {
      expect(serversTransports).toHaveProperty(loadBalancer.serversTransport);
    }
  });

  it('has idle connections closed before the gateway closes them, and bodies waited for as long as it waits', () => {
    for (const { forwardingTimeouts } of Object.values(serversTransports)) {
      expect(forwardingTimeouts.idleConnTimeout).toBeLessThan(65);
    }
    for (const { transport } of Object.values(entryPoints)) {
      expect(transport.respondingTimeouts.readTimeout).toBeGreaterThanOrEqual(300);
    }
  });
});
