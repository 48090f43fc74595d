import type { Page } from 'playwright-core';

export type Preflight = {
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
};

/** The preflights to one origin that the page's browser makes from now on, which only its own protocol tells of. */
export async function preflightsOf(page: Page, origin: string): Promise<readonly Preflight[]> {
  const preflights: Preflight[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Network.responseReceived', ({ type, response: { url, status, headers } }) => {
    if (type !== 'Preflight' || !url.startsWith(origin)) return;
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    preflights.push({ path: new URL(url).pathname, status, headers: Object.fromEntries(named) });
  });
  await session.send('Network.enable');
  return preflights;
}
