import axios from 'axios';

// An endpoint extension of Directus: whoever may read in `customers` gets the upstream's answer.
export default {
  id: 'bench',
  handler: (router, { services }) => {
    router.get('/v1/customers/:id', async ({ params, schema, accountability }, response) => {
      try {
        const customers = new services.ItemsService('customers', { schema, accountability });
        await customers.readByQuery({ fields: ['*'], limit: 1 });
      } catch {
        response.status(401).send('Unauthorized');
        return;
      }
      const answer = await axios.get(`${process.env.BENCH_UPSTREAM}/v1/customers/${encodeURIComponent(params.id)}`, {
        headers: { Authorization: `Bearer ${process.env.BENCH_UPSTREAM_KEY}` },
      });
      response.json(answer.data);
    });
  },
};
