import type { BrowserContext, Response } from 'playwright-core';

/** Everything that the pages of a visitor are answered from now on, headers and bodies, as one text. */
export function answersOf(context: BrowserContext): () => Promise<string> {
  const texts: Promise<string>[] = [];
  context.on('response', (response) => {
    texts.push(textOf(response));
  });
  return async () => (await Promise.all(texts)).join('\n');
}

/** Some answers have no body: preflights, redirects, what was broken off. */
async function textOf(response: Response): Promise<string> {
  const headers = JSON.stringify(await response.allHeaders().catch(() => ({})));
  return `${response.url()}\n${headers}\n${await response.text().catch(() => '')}`;
}
