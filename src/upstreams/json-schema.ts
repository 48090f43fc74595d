import { z } from 'zod';
import { declarationSchema, fileSchema } from './declaration.ts';

/** gateway.yaml as a JSON Schema, by which editors complete and check it. A member that a packaged upstream has may be left out. */
export function jsonSchema(): object {
  const declaration = declarationSchema(() => undefined).partial();
  const file = fileSchema.extend({
    upstreams: z
      .record(fileSchema.shape.upstreams.keyType, declaration)
      .describe('By name, which is the first segment of their routes.'),
  });
  return { ...z.toJSONSchema(file, { io: 'input' }), title: 'gateway.yaml of directus-gateway' };
}
