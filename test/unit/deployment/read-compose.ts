import { parse } from 'yaml';
import { z } from 'zod';
import { readProjectFile } from './project-file.ts';

const FILE = 'docker-compose.yml';
const text = z.union([z.string(), z.number()]).transform(String);

const service = z.object({
  image: z.string().optional(),
  build: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  user: z.string().optional(),
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  cap_add: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  environment: z.record(z.string(), text).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  command: z.array(z.string()).optional(),
  networks: z
    .union([z.array(z.string()), z.record(z.string(), z.object({ ipv4_address: z.string().optional() }).nullable())])
    .optional(),
});

export type Service = z.output<typeof service>;

const compose = z.object({
  services: z.record(z.string(), service),
  networks: z.record(
    z.string(),
    z.object({
      internal: z.boolean().default(false),
      ipam: z.object({ config: z.array(z.record(z.string(), z.string())) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

/** docker-compose.yml, anchors and merges resolved, variables not. */
export const readCompose = () => compose.parse(parse(readProjectFile(FILE), { merge: true }));

export type Reference = { readonly name: string; readonly kind: 'default' | 'required'; readonly argument: string };

/** Every `${NAME:-default}` and `${NAME:?message}` outside comments; those in the default of another too. */
export function readReferences(): Reference[] {
  const found: Reference[] = [];
  fillIn(readProjectFile(FILE).replaceAll(/^\s*#.*$/gm, ''), (reference) => found.push(reference));
  return found;
}

/** The text with the default, or nothing, in place of each reference, from the innermost outwards. */
function fillIn(text: string, tell: (reference: Reference) => void = () => undefined): string {
  const filled = text.replaceAll(/\$\{(\w+):([-?])([^${}]*)\}/g, (_whole, name: string, kind, argument: string) => {
    const isRequired = kind === '?';
    tell({ name, kind: isRequired ? 'required' : 'default', argument });
    return isRequired ? '' : argument;
  });
  return filled === text ? text : fillIn(filled, tell);
}

/** How many `$` of the file, outside comments, belong to no such reference. */
export function countOtherDollars(): number {
  const code = readProjectFile(FILE).replaceAll(/^\s*#.*$/gm, '');
  return code.split('$').length - 1 - readReferences().length;
}

/** A value as Compose passes it on when nothing is set but what must be, which is empty here. */
export const withDefaults = (value: string): string => fillIn(value);

/** The three of the profile `scale`. */
export const scaledGateways = ['gateway-1', 'gateway-2', 'gateway-3'] as const;

/** The fixed address of a service, with its variables, or nothing. */
export const addressIn = (service: Service | undefined): string =>
  (Array.isArray(service?.networks) ? undefined : service?.networks?.default?.ipv4_address) ?? '';

/** A service's variables as it gets them when nothing is set. */
export const environmentOf = (service: Service | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(service?.environment ?? {}).map(([name, value]) => [name, withDefaults(value)]));

/** For variables that name a file, which these do not. */
export const noFile = (): string => {
  throw new Error('no files here');
};
