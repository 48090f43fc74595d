import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../demo/free-port.ts';
import type { Report } from '../../demo/report.ts';
import type { FoundProgram } from '../../test/world/find-program.ts';
import type { Cores } from '../cores.ts';
import type { Target } from '../load/load.ts';
import { startProcess } from '../start-process.ts';
import type { Surroundings } from '../surroundings.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export type Candidate = {
  readonly name: string;
  /** What it does for a request, in a few words. */
  readonly does: string;
  /** @throws NotInstalled */
  start(site: Site): Promise<Running>;
};

/** Where a candidate is started. */
export type Site = { readonly cores: Cores; readonly surroundings: Surroundings; readonly report: Report };

export type Running = {
  readonly target: Target;
  /** Of the process that is measured, with all that it has started. */
  readonly pid: number;
  stop(): Promise<void>;
};

/** A candidate that this machine has not got: it is left out with these words. */
export class NotInstalled extends Error {}

export type Api = {
  readonly upstream: string;
  /** The file of the one to trust, where that is over TLS. */
  readonly certificate?: string;
};

/** @throws NotInstalled */
export function requireTls({ surroundings }: Site): Required<Api> {
  if (surroundings.overTls === undefined) throw new NotInstalled('there is no openssl, which makes the certificate');
  return surroundings.overTls;
}

type Described = Pick<Candidate, 'name' | 'does'>;
type StartBefore = (name: string, site: Site, api: Api) => Promise<Running>;

/** A candidate before the upstream as it is, and the same over TLS. */
export const plainAndTls = ({ name, does }: Described, start: StartBefore): readonly [Candidate, Candidate] => [
  { name, does, start: (site) => start(name, site, { upstream: site.surroundings.upstream }) },
  {
    name: `${name}-tls`,
    does: 'the same, with TLS to the upstream',
    start: async (site) => start(`${name}-tls`, site, requireTls(site)),
  },
];

/** Has Node trust the certificate of the upstream, where it has one. */
export const trusting = ({ certificate }: Api): Readonly<Record<string, string>> =>
  certificate === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificate };

/** @throws NotInstalled */
export function requireInstalled(found: FoundProgram): Exclude<FoundProgram, { readonly missing: string }> {
  if ('missing' in found) throw new NotInstalled(found.missing);
  return found;
}

/** A candidate that is one command. */
export type Recipe = {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files of its folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly countTokens?: boolean;
};

export async function startRecipe(
  name: string,
  site: Site,
  recipe: (place: { readonly port: number; readonly folder: string }) => Recipe,
): Promise<Running> {
  const folder = await temporaryFolder(name);
  const port = await freePort(undefined, 'PORT');
  const { program, args, env = {}, files = {}, path, headers = {}, countTokens = false } = recipe({ port, folder });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  const url = `http://127.0.0.1:${port}${path}`;
  const { cores } = site;
  const launch = { name, cores, place: 'candidate', program, args, env, cwd: folder, readyAt: url, headers } as const;
  const running = await startProcess(launch);
  return { target: { url, headers, countTokens }, ...running };
}
