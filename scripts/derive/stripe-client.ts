import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { readDeclarations } from './declarations.ts';
import type { Description, Operation } from './description.ts';

/**
 * Reads what Stripe generates from its OpenAPI description into the official client: every call with its method and
 * path in `*.js`, the types of parameters and answers in the `*.d.ts` beside it.
 * @param folder of the installed package `stripe`
 */
export function readStripeClient(folder: string): Description {
  const root = join(folder, 'esm/resources');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'));
  const texts = new Map(files.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
  const { types, resolve } = readDeclarations(texts, (from, to) => relative(root, join(root, dirname(from), to)));
  const operations = files.flatMap((name) => {
    const script = readFileSync(join(root, name.replace(/\.d\.ts$/, '.js')), 'utf8');
    const signatures = signaturesOf(texts.get(name) ?? '');
    return callsOf(script).map(({ method, path, call }): Operation => {
      const { parameters = '', answer = '' } = signatures.get(call) ?? {};
      const named = resolve(name, parameters).flatMap((type) => types.get(type) ?? []);
      return { method, path, answers: resolve(name, answer), parameters: named.map((member) => member.name) };
    });
  });
  const version: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  return {
    source: 'the official client, npm package stripe, generated from github.com/stripe/openapi',
    version: `${version} (OpenAPI ${readFileSync(join(folder, 'OPENAPI_VERSION'), 'utf8').trim()})`,
    operations: operations.filter(({ path }) => /^\/v\d\//.test(path)),
    types,
  };
}

function callsOf(script: string): { call: string; method: string; path: string }[] {
  const calls = script.split(/^ {4}(?=\w+\([^)]*\) \{$)/m).slice(1);
  return calls.flatMap((text) => {
    const [, method, path] = /_makeRequest\(\s*'([A-Z]+)',\s*[`']([^`']+)[`']/.exec(text) ?? [];
    if (method === undefined || path === undefined) return [];
    return [{ call: text.slice(0, text.indexOf('(')), method, path: path.replaceAll(/\$\{[^}]*\}/g, ':id') }];
  });
}

function signaturesOf(declarations: string): Map<string, { parameters: string; answer: string }> {
  const lines = declarations.matchAll(/^ {4}(\w+)\((.*)\): (\w*Promise<.*>);$/gm);
  return new Map(
    [...lines].map(([, name = '', given = '', answer = '']) => {
      const parameters = /params\??: ([\w.]+)/.exec(given)?.[1] ?? '';
      return [name, { parameters, answer }];
    }),
  );
}
