import { readFileSync } from 'node:fs';

/** Of this gateway. The same file is above `src` and above `dist`. */
export const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
