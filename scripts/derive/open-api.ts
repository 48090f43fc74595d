import { z } from 'zod';
import type { Description, Member, Operation } from './description.ts';

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** A schema of OpenAPI, or what may stand in its place. */
type Schema = {
  readonly $ref?: string | undefined;
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
};
const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.string().optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), schema).optional(),
    items: schema.optional(),
    anyOf: z.array(schema).optional(),
    oneOf: z.array(schema).optional(),
    allOf: z.array(schema).optional(),
  }),
);
const content = z.record(z.string(), z.object({ schema: schema.optional() })).optional();
const operation = z.object({
  parameters: z.array(z.object({ name: z.string().optional(), in: z.string().optional() })).optional(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ content })).optional(),
});
const servers = z.array(z.object({ url: z.string() })).optional();
const description = z.object({
  info: z.object({ version: z.coerce.string() }),
  servers,
  paths: z.record(z.string(), z.looseObject({ servers })),
  components: z.object({ schemas: z.record(z.string(), schema).optional() }).optional(),
});

/**
 * Reads an OpenAPI 3 description.
 * @param toPath the declared form of one of its paths on one of its servers
 */
export function readOpenApi(
  json: unknown,
  source: string,
  toPath: (path: string, server: string) => string,
): Description {
  const { info, servers: everywhere, paths, components } = description.parse(json);
  const types = new Map<string, readonly Member[]>();
  for (const [name, each] of Object.entries(components?.schemas ?? {}))
    types.set(`#/components/schemas/${name}`, membersOf(each, name, types));
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method): Operation[] => {
      if (item[method] === undefined) return [];
      const data = operation.parse(item[method]);
      const name = `${method} ${path}`;
      const schemas = (from: z.output<typeof content>) =>
        Object.values(from ?? {}).flatMap((each) => each.schema ?? []);
      const answers = Object.entries(data.responses ?? {}).flatMap(([status, answer]) =>
        status.startsWith('2') ? schemas(answer.content) : [],
      );
      const asked = schemas(data.requestBody?.content).flatMap((each) => Object.keys(each.properties ?? {}));
      return [
        {
          method: method.toUpperCase(),
          path: toPath(path, (item.servers ?? everywhere)?.[0]?.url ?? ''),
          answers: answers.flatMap((each, index) => typesOf(each, `${name} ${index}`, types)),
          parameters: [...(data.parameters ?? []).flatMap((each) => each.name ?? []), ...asked],
        },
      ];
    }),
  );
  return { source, version: info.version, operations, types };
}

/** The names of the types that a schema stands for; what is written in place gets a name of its own. */
function typesOf(each: Schema, place: string, types: Map<string, readonly Member[]>): string[] {
  if (each.$ref !== undefined) return [each.$ref];
  const choices = choicesOf(each).flatMap((choice, index) => typesOf(choice, `${place}|${index}`, types));
  const items = each.items === undefined ? [] : typesOf(each.items, place, types);
  if (each.properties === undefined) return [...choices, ...items];
  types.set(place, membersOf({ properties: each.properties }, place, types));
  return [place, ...choices, ...items];
}

function membersOf(each: Schema, place: string, types: Map<string, readonly Member[]>): Member[] {
  const inner = choicesOf(each).flatMap((choice, index) => typesOf(choice, `${place}|${index}`, types));
  const own = Object.entries(each.properties ?? {}).map(([name, value]): Member => {
    const held = typesOf(value, `${place}.${name}`, types);
    const isText = [value, ...choicesOf(value)].some(({ type }) => type === 'string');
    // Where text or an object may stand, the text is the id of the object, which is there when it is expanded.
    const expandable = isText && held.length > 0;
    return {
      name,
      comment: value.description ?? '',
      isText: (isText && !expandable) || isOpen(value),
      types: held,
      expandable,
    };
  });
  const whole: Member = { name: '', comment: '', isText: false, types: inner, expandable: false };
  return inner.length === 0 ? own : [...own, whole];
}

const choicesOf = ({ anyOf = [], oneOf = [], allOf = [] }: Schema): readonly Schema[] => [...anyOf, ...oneOf, ...allOf];

/** Of any form, or of one that is not said. */
const isOpen = ({ type, properties, $ref, items, ...rest }: Schema): boolean =>
  properties === undefined &&
  $ref === undefined &&
  items === undefined &&
  choicesOf(rest).length === 0 &&
  (type === undefined || type === 'object' || type === 'array');
