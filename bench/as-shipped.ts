import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));

/** What Node is given by `npm start` and by the image, beside the gateway. */
export const nodeFlags: readonly string[] = String(scripts.start).split(' ').slice(1, -1);
