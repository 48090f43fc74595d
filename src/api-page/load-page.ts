import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { libraryFiles } from './library.ts';

export type PageFile = {
  readonly type: string;
  /** Weak: the same for both of its encodings. */
  readonly etag: string;
  readonly whole: Buffer;
  readonly packed: Buffer;
};

/** By their path below `/gateway/`; the page itself is `''`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** @param settings of the page, as JSON: the same for everybody */
export async function loadPage(settings: string): Promise<PageFiles> {
  const own = await readdir(pageFolder);
  const files = [
    ...own.filter((name) => types.has(extname(name))).map((name) => readPageFile(name)),
    ...libraryFiles.map((name) => readLibraryFile(name)),
    Promise.resolve({ path: 'settings.json', content: Buffer.from(settings) }),
  ];
  const read = (await Promise.all(files)).filter((file) => file !== undefined);
  return new Map(await Promise.all(read.map(({ path, content }) => finished(path, content))));
}

type Named = { readonly path: string; readonly content: Buffer };

const isSource = import.meta.filename.endsWith('.ts');
const pageFolder = join(import.meta.dirname, '..', 'page');
const libraryFolder = isSource
  ? join(import.meta.dirname, '..', '..', 'node_modules', 'swagger-ui-dist')
  : join(pageFolder, 'library');

/** Of the page's own files, those that a browser can read; sources become what the build would make of them. */
const types: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.ts', 'text/javascript; charset=utf-8'],
]);

async function readPageFile(name: string): Promise<Named> {
  const content = await readFile(join(pageFolder, name));
  if (name === 'index.html') return { path: '', content };
  if (!name.endsWith('.ts')) return { path: name, content };
  const script = stripTypeScriptTypes(String(content)).replaceAll(ofSource, '$1.js$2');
  return { path: name.replace(/\.ts$/, '.js'), content: Buffer.from(script) };
}

const ofSource = /( from '\.\/[\w-]+)\.ts(';)/g;

/** From source the library is there with the development dependencies only; without it the page has nothing to try. */
const readLibraryFile = (name: string): Promise<Named | undefined> =>
  readFile(join(libraryFolder, name)).then(
    (content) => ({ path: `library/${name}`, content }),
    () => undefined,
  );

async function finished(path: string, whole: Buffer): Promise<[string, PageFile]> {
  const type = path === '' ? types.get('.html') : (types.get(extname(path)) ?? plain.get(extname(path)));
  const etag = `W/"${createHash('sha256').update(whole).digest('base64url')}"`;
  return [path, { type: type ?? 'text/plain; charset=utf-8', etag, whole, packed: await promisify(gzip)(whole) }];
}

const plain: ReadonlyMap<string, string> = new Map([['.json', 'application/json; charset=utf-8']]);
