type Heard = { readonly at: number; readonly answer: unknown };

/**
 * A `fetch` for Directus that refreshes once for all open tabs. They share one cookie, which each refresh replaces: two
 * at a time, and the second would come with a cookie that is no good any more.
 */
export function refreshInTurn(): typeof fetch {
  const tabs = new BroadcastChannel('directus-refresh');
  let heard: Heard | undefined;
  tabs.addEventListener('message', ({ data }: MessageEvent<Heard>) => {
    heard = data;
  });
  return async (url, options) => {
    if (!String(url).endsWith('/auth/refresh')) return await fetch(url, options);
    const at = Date.now();
    return await navigator.locks.request('directus-refresh', async () => {
      // Another tab has refreshed while this one waited.
      if (heard !== undefined && heard.at >= at) return Response.json(heard.answer);
      const response = await fetch(url, options);
      if (response.ok) {
        heard = { at: Date.now(), answer: await response.clone().json() };
        tabs.postMessage(heard);
      }
      return response;
    });
  };
}
