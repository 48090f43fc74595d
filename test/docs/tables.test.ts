import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readProjectFile } from '../unit/deployment/project-file.ts';

const members = z.record(z.string(), z.unknown());
const declaration = z
  .object({
    properties: z.object({
      upstreams: z.object({
        additionalProperties: z.object({
          properties: z
            .looseObject({
              limits: z.object({ properties: members }),
              rules: z.object({ items: z.object({ properties: members }) }),
            })
            .readonly(),
        }),
      }),
    }),
  })
  .parse(JSON.parse(readProjectFile('gateway.schema.json'))).properties.upstreams.additionalProperties.properties;
const manifest = z.object({ dependencies: members }).parse(JSON.parse(readProjectFile('package.json')));

/** The lines of the first table below a heading, without its head, cell by cell. */
const tableBelow = (file: string, heading: string): string[][] => {
  const lines = readProjectFile(file).split('\n');
  const below = lines.slice(lines.indexOf(heading) + 1);
  const begins = below.findIndex((line) => line.startsWith('|'));
  const rest = below.slice(begins);
  const ends = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(2, ends).map((line) => line.split('|').slice(1, -1));
};
const namedIn = ([cell = '']: string[]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('whoever reads docs/gateway-yaml.md finds every member, and no other,', () => {
  const { rules, limits } = declaration;
  it.each([
    ['of an API', '## The API', Object.keys(declaration).filter((name) => name !== 'rules')],
    ['of a rule', '## Rules', Object.keys(rules.items.properties)],
    ['of limits', '## Limits', Object.keys(limits.properties)],
  ])('%s', (_of, heading, wanted) => {
    const found = tableBelow('docs/gateway-yaml.md', heading).flatMap(namedIn);

    expect(found.sort()).toEqual(wanted.sort());
  });
});

it('whoever reads SECURITY.md finds every package that the gateway depends on, and no other', () => {
  const all = Object.keys(manifest.dependencies);
  const named = tableBelow('SECURITY.md', '## Dependencies, and why each is there').flatMap(([cell = '']) =>
    cell.split(',').map((name) => name.trim()),
  );
  const meant = named.flatMap((name) =>
    name.endsWith('/*') ? all.filter((each) => each.startsWith(name.slice(0, -1))) : [name],
  );

  expect(meant.sort()).toEqual(all.sort());
});
