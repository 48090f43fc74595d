import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { accountSid, secrets, startWorld, tokens, type World } from '../world/world.ts';

describe('smoke', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());
  beforeEach(() => world.reset());

  it('streams', async () => {
    const answer = await supertest(world.gateway.url)
      .get('/stripe/v1/customers?limit=3')
      .set('Authorization', `Bearer ${tokens.reader}`);
    expect(answer.status).toBe(200);
    expect(world.stripe.seen).toMatchObject([
      { method: 'GET', target: '/v1/customers?limit=3', headers: { authorization: `Bearer ${secrets.stripeKey}` } },
    ]);
    const m = await supertest(world.gateway.url)
      .post(`/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`)
      .set('Authorization', `Bearer ${tokens.creator}`)
      .send({ To: '+1', Body: 'hi' });
    expect(m.status).toBe(200);
    expect(world.twilio.seen[0]?.body).toBe('To=%2B1&Body=hi&From=%2B15550001111');
    const none = await supertest(world.gateway.url).get('/stripe/v1/customers');
    console.log(m.headers, none.body, none.headers['www-authenticate']);
    world.stripe.answerWith((_q, r) => r.writeHead(401).end('bad key sk_..'));
    const rej = await supertest(world.gateway.url)
      .get('/stripe/v1/customers?limit=3')
      .set('Authorization', `Bearer ${tokens.reader}`);
    expect(rej.status).toBe(502);
    console.log(world.gateway.logs(), world.directus.asked);
  });
});
