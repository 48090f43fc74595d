import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { libraryFiles } from '../src/api-page/library.ts';

/** What the API page has beside its scripts, into `dist`: with the library's few files nothing of npm comes along. */
const root = join(import.meta.dirname, '..');
const page = join(root, 'dist', 'page');

cpSync(join(root, 'src', 'page'), page, {
  recursive: true,
  filter: (path) => !/\.(ts|json)$/.test(path),
});
mkdirSync(join(page, 'library'), { recursive: true });
for (const name of libraryFiles) {
  cpSync(join(root, 'node_modules', 'swagger-ui-dist', name), join(page, 'library', name));
}
