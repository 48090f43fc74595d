import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { methods } from '../src/upstreams/upstream.ts';
import type { Description } from './derive/description.ts';
import { readOpenApi } from './derive/open-api.ts';
import { stripePattern, twilioPath, twilioPattern } from './derive/patterns.ts';
import { secretMembers } from './derive/secret-members.ts';
import { readStripeClient } from './derive/stripe-client.ts';

const help = `Derives from public descriptions which answers of Stripe and Twilio hold secrets, and which paths they have.

  node scripts/derive-secrets.ts stripe [node_modules/stripe | spec.json]... [--date YYYY-MM-DD] [--version TEXT]
  node scripts/derive-secrets.ts twilio <folder>                               [--date YYYY-MM-DD] [--version TEXT]

Writes src/upstreams/packaged/<name>.secrets.json and <name>.resources.json, which the gateway reads, and
test/unit/upstreams/<name>-paths.json, against which the packaged rules are tested: the methods of every path, with
":customer" where they take a parameter of that name.
Then: npx biome check --write src/upstreams/packaged test/unit/upstreams

Where the descriptions are:
  Stripe  the official client in node_modules/stripe, which Stripe generates from its description, or the description
          itself: https://github.com/stripe/openapi, latest/openapi.spec3.json. Several are taken together, so that an
          older one adds the calls which Stripe still answers and its client no longer has.
  Twilio  https://github.com/twilio/twilio-oai, the folder spec/json`;

type Derived = {
  readonly method: string;
  readonly path: string;
  readonly members: readonly string[];
  readonly ofCustomer: boolean;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    date: { type: 'string', default: 'unknown' },
    version: { type: 'string' },
  },
});
const [name, ...places] = positionals;
if (values.help === true || (name !== 'stripe' && name !== 'twilio')) {
  process.stdout.write(`${help}\n`);
} else if (name === 'stripe') {
  const descriptions = (places.length === 0 ? ['node_modules/stripe'] : places).map(stripeDescription);
  write('stripe', descriptions, (path) => path);
} else {
  const [folder = '.'] = places;
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const descriptions = files.map((file) =>
    readOpenApi(readJson(join(folder, file)), 'github.com/twilio/twilio-oai, spec/json', twilioPath),
  );
  write('twilio', descriptions, twilioPattern);
}

function stripeDescription(place: string): Description {
  if (statSync(place).isDirectory()) return readStripeClient(place);
  return readOpenApi(readJson(place), 'github.com/stripe/openapi', stripePattern);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function write(upstream: string, descriptions: readonly Description[], toPattern: (path: string) => string): void {
  const known = new Map<string, Derived>();
  for (const description of descriptions) {
    for (const { method, path, answers, parameters } of description.operations) {
      const key = `${method} ${path}`;
      if (!known.has(key))
        known.set(key, {
          method,
          path,
          members: secretMembers(description, answers),
          ofCustomer: parameters.includes('customer'),
        });
    }
  }
  const operations = [...known.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  const secrets = grouped(operations.filter(({ members }) => members.length > 0)).map(({ methods, path, members }) => ({
    methods,
    path: toPattern(path),
    members,
  }));
  const versions = [...new Set(descriptions.map(({ version }) => version))];
  const origin = {
    source: [...new Set(descriptions.map(({ source }) => source))].join('; '),
    version: values.version ?? versions.join('; '),
    date: values.date,
  };
  save(`src/upstreams/packaged/${upstream}.secrets.json`, { ...origin, secrets });
  const paths = Map.groupBy(operations, ({ path }) => path);
  save(`src/upstreams/packaged/${upstream}.resources.json`, { ...origin, resources: byMethods(paths) });
  const lines = [...paths].map(
    ([path, each]) =>
      [path, each.map(({ method, ofCustomer }) => (ofCustomer ? `${method}:customer` : method)).join(' ')] as const,
  );
  save(`test/unit/upstreams/${upstream}-paths.json`, Object.fromEntries(lines));
  process.stdout.write(
    `${upstream}: ${operations.length} calls on ${lines.length} paths, ${secrets.length} hold secrets\n`,
  );
}

/** One entry for the methods of a path whose answers hold the same. */
function grouped(operations: readonly Derived[]) {
  const groups = Map.groupBy(operations, ({ path, members }) => `${path} ${members.join()}`);
  return [...groups.values()].flatMap((each) => {
    const [first] = each;
    return first === undefined ? [] : { ...first, methods: each.map(({ method }) => method) };
  });
}

/** One entry for all paths that have the same methods. */
function byMethods(paths: ReadonlyMap<string, readonly Derived[]>) {
  const groups = Map.groupBy(paths, ([, each]) =>
    methods.filter((name) => each.some(({ method }) => method === name)).join(),
  );
  return [...groups].map(([names, each]) => ({ methods: names.split(','), path: each.map(([path]) => path) }));
}

function save(file: string, content: unknown): void {
  writeFileSync(new URL(`../${file}`, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
}
