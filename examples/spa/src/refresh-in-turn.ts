/** What the last refresh of any tab came to; no answer where it failed. */
type News = { readonly answer?: unknown };

/**
 * A `fetch` for Directus that refreshes once for all open tabs. They share one cookie, which each refresh replaces: two
 * at a time, and the second would come with a cookie that is no good any more.
 */
export function refreshInTurn(): typeof fetch {
  const tabs = new BroadcastChannel('directus-refresh');
  let news: News = {};
  tabs.addEventListener('message', ({ data }: MessageEvent<News>) => {
    news = data;
  });

  const refreshAndTell: typeof fetch = async (url, options) => {
    let own: News = {};
    try {
      const response = await fetch(url, options);
      if (response.ok) own = { answer: await response.clone().json() };
      return response;
    } finally {
      news = own;
      tabs.postMessage(own);
    }
  };

  return async (url, options) => {
    if (!String(url).endsWith('/auth/refresh')) return await fetch(url, options);
    const before = news;
    const atOnce = await navigator.locks.request(turn, { ifAvailable: true }, async (lock) =>
      lock === null ? undefined : await refreshAndTell(url, options),
    );
    if (atOnce !== undefined) return atOnce;
    return await navigator.locks.request(turn, async () => {
      // The turn may come before the news of what the tab before has got.
      if (news === before) await nextMessage(tabs);
      return news === before || news.answer === undefined
        ? await refreshAndTell(url, options)
        : Response.json(news.answer);
    });
  };
}

const turn = 'directus-refresh';

/** Where a tab is closed in its turn, there is none. */
const nextMessage = (tabs: BroadcastChannel): Promise<unknown> =>
  new Promise((resolve) => {
    tabs.addEventListener('message', resolve, { once: true });
    setTimeout(resolve, patienceMs);
  });

const patienceMs = 1_000;
