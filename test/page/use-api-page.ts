import { afterEach, expect } from '@jest/globals';
import type { BrowserContext, Request } from 'playwright-core';
import type { DirectusVersion } from '../../demo/directus/install.ts';
import type { Persona } from '../../demo/directus/personas.ts';
import { useBrowser } from '../world/browser.ts';
import { useLiveWorld } from '../world/live-world.ts';
import { openPage, type Visit } from './visit.ts';

type NewContext = Parameters<ReturnType<typeof useBrowser>>;

/** For Directus: pages at 127.0.0.1 may sign in, without a cookie, and those at localhost may not. */
export const corsFor127 = {
  CORS_ENABLED: 'true',
  CORS_ORIGIN: 'regex:^http://127\\.0\\.0\\.1:',
  CORS_CREDENTIALS: 'false',
};

/**
 * The API page of a gateway before a real Directus, in a real browser. After each test: the browser has asked nobody but
 * these two, had nothing to complain of, and no caller's token has come to an API.
 */
export function useApiPage(version: DirectusVersion, ofGateway: Record<string, string>, ofDirectus = {}) {
  const newVisitor = useBrowser();
  const live = useLiveWorld(version, ofGateway, ofDirectus);
  const visits: Visit[] = [];

  const visitIn = async (context: BrowserContext, url: string): Promise<Visit> => {
    const made = await openPage(context, url);
    visits.push(made);
    return made;
  };
  const visitAt = async (url: string, ...options: NewContext): Promise<Visit> =>
    visitIn(await newVisitor(...options), url);
  const visit = (...options: NewContext): Promise<Visit> => visitAt(live().gateway.url, ...options);
  const visitAs = async (who: Persona, ...options: NewContext): Promise<Visit> => {
    const made = await visit(...options);
    await made.signIn(who);
    await made.page.getByText(`Signed in as ${who.email}`).waitFor();
    return made;
  };

  afterEach(async () => {
    const seen = visits.splice(0);
    const sent = live().taps.stripe.wire.received() + live().taps.twilio.wire.received();
    try {
      for (const { page, requests, complaints, mayAsk } of seen) {
        const own = [new URL(page.url()).origin, live().directus.url, ...mayAsk];
        expect(requests.map((request) => request.url()).filter((url) => !isOf(own, url))).toEqual([]);
        expect(complaints).toEqual([]);
        for (const token of tokensIn(requests)) expect(sent).not.toContain(token);
      }
    } finally {
      await Promise.all(seen.map(({ context }) => context.close()));
    }
  });
  return { live, visit, visitAs, visitAt, visitIn, newVisitor };
}

/** What the style sheet has in it is no request that leaves. */
const isOf = (origins: readonly string[], url: string): boolean =>
  url.startsWith('data:') || origins.some((origin) => new URL(url).origin === origin);

const tokensIn = (requests: readonly Request[]): string[] =>
  requests.flatMap((request) => request.headers().authorization?.replace('Bearer ', '') ?? []);

/** The token that the browser has shown last. */
export const tokenIn = (requests: readonly Request[]): string => tokensIn(requests).at(-1) ?? '';
