import { writeFileSync } from 'node:fs';
import { jsonSchema } from '../src/upstreams/json-schema.ts';

/** `npm run schema`: writes gateway.schema.json. */
writeFileSync(new URL('../gateway.schema.json', import.meta.url), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
