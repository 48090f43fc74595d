import { expect, it } from '@jest/globals';
import { setupFrom, setupWithSources, sourceOf } from '../../src/sources.ts';

const absent = (path: string): never => {
  throw Object.assign(new Error(path), { code: 'ENOENT' });
};

it('a set-up is read again as it was, whatever has become of the files and variables since', () => {
  const files = new Map([
    ['key', 'keyInAFile\n'],
    [
      'gateway.yaml',
      'upstreams: { shop: { origin: "https://x.example", credential: { bearer: "${SHOP_KEY}" }, rules: [] } }',
    ],
  ]);
  const environment: Record<string, string> = { DIRECTUS_URL: 'http://127.0.0.1:9', SHOP_KEY_FILE: 'key' };
  const { setup, sources } = setupWithSources({
    environment: () => ({ ...environment }),
    dotenv: () => ({}),
    readFile: (path) => files.get(path) ?? absent(path),
  });
  files.clear();
  environment.DIRECTUS_URL = 'nonsense';

  const again = setupFrom(sourceOf(JSON.parse(JSON.stringify(sources))));
  expect(again.upstreams.map(({ name }) => name)).toEqual(setup.upstreams.map(({ name }) => name));
  expect(again.variables).toEqual(setup.variables);
  expect(again.files).toEqual(['gateway.yaml', 'key']);
});

it('a file that was not there is not there again', () => {
  const source = { environment: () => ({ DIRECTUS_URL: 'http://127.0.0.1:9' }), dotenv: () => ({}), readFile: absent };
  const { sources } = setupWithSources(source);
  expect(setupFrom(sourceOf(sources)).files).toEqual(['gateway.yaml']);
});
