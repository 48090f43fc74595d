import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { jsonSchema } from '../../../src/upstreams/json-schema.ts';

describe('an editor that checks gateway.yaml', () => {
  it('has the schema of this version: npm run schema writes it', () => {
    const published = JSON.parse(readFileSync(new URL('../../../gateway.schema.json', import.meta.url), 'utf8'));

    expect(published).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
  });
});
