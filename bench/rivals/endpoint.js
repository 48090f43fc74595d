import axios from 'axios';

// An endpoint extension of Directus, as its guides build theirs: it asks Directus for the caller's permissions at the public
// address, with the caller's token, and then the upstream. test/live/guides/extension.js is that design in full.
export default {
  id: 'bench',
  handler: (router, { env }) => {
    const upstream = axios.create({
      baseURL: env.BENCH_UPSTREAM,
      headers: { Authorization: `Bearer ${env.BENCH_UPSTREAM_KEY}` },
    });
    router.get('/v1/customers/:id', async (request, response) => {
      try {
        const permissions = await fetch(`${env.PUBLIC_URL}/permissions/me`, {
          headers: { Authorization: `Bearer ${request.token}` },
        });
        const { data } = await permissions.json();
        if (data.customers?.read?.access !== 'full') return response.sendStatus(401);
      } catch {
        return response.sendStatus(401);
      }
      upstream.get(`/v1/customers/${encodeURIComponent(request.params.id)}`).then(
        ({ data }) => response.json(data),
        (error) => response.send(error),
      );
    });
  },
};
