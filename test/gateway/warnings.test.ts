import { expect, it } from '@jest/globals';
import { startGatewayProcess } from '../world/gateway-process.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();

it('a gateway with everything on answers every kind of request without a warning of Node’s', async () => {
  world.stripe.answerWith((_request, response) => {
    response.setHeader('Content-Type', 'application/json').end('{"object":"list","data":[],"has_more":false}');
  });
  const gateway = await startGatewayProcess({
    ...world.environment,
    FRONT_DOOR: 'true',
    METRICS_ENABLED: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    AUDIT_COLLECTION: 'audit',
    DIRECTUS_TOKEN: tokens.admin,
  });
  const call = async (path: string, method = 'GET') => {
    const answer = await fetch(gateway.url + path, { method, headers: as(tokens.admin) });
    await answer.arrayBuffer();
    return answer.status;
  };

  expect([
    await call('/stripe/payments'),
    await call('/stripe/v1/customers'),
    await call('/stripe/v1/customers', 'POST'),
    await call('/gateway/'),
    await call('/gateway/specs/oas'),
    await call('/items/customers'),
  ]).toEqual([200, 200, 200, 200, 200, 403]);
  gateway.child.kill('SIGINT');
  await gateway.ended;
  expect(gateway.log().match(/\w*Warning: .*/g)).toEqual([expect.stringContaining('stripTypeScriptTypes')]); // from source only
});
