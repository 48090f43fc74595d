import {
  ConfigError,
  type Environment,
  type Fault,
  givenValue,
  type ReadFile,
  readVariables,
} from './config/read-variables.ts';
import type { Variables } from './config/variables.ts';
import { codeOf } from './errors/code-of.ts';
import { type Off, readUpstreams } from './upstreams/read-upstreams.ts';
import type { Upstream } from './upstreams/upstream.ts';

export type Setup = {
  readonly variables: Variables;
  readonly upstreams: readonly Upstream[];
  /** Declared and not used, with the reason. */
  readonly off: readonly Off[];
  /** Paths of the files that it was read from. */
  readonly files: readonly string[];
  /** Names of the variables with which declarations are filled in. */
  readonly filledIn: readonly string[];
};

/**
 * The whole set-up: the variables, gateway.yaml, and the packaged upstreams.
 * @throws ConfigError with all faults at once
 */
export function readSetup(environment: Environment, readFile: ReadFile): Setup {
  const files: string[] = [];
  const read: ReadFile = (path) => {
    files.push(path);
    return readFile(path);
  };
  const { variables, faults } = attempt(() => readVariables(environment, read));
  const file = configFile(givenValue('GATEWAY_CONFIG', environment, read, []), read, faults);
  const filledIn = new Set<string>();
  const resolve = (name: string) => {
    filledIn.add(name);
    return givenValue(name, environment, read, faults);
  };
  const declared = readUpstreams({ file, resolve });
  const all = [...faults, ...declared.faults.filter((fault) => !isTold(fault, faults))];
  if (all.length > 0 || variables === undefined) throw new ConfigError(unique(all), files);
  return {
    variables,
    upstreams: declared.upstreams,
    off: declared.off,
    files: [...new Set(files)],
    filledIn: [...filledIn],
  };
}

function attempt(readAll: () => Variables): { variables: Variables | undefined; faults: Fault[] } {
  try {
    return { variables: readAll(), faults: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { variables: undefined, faults: [...error.faults] };
  }
}

const defaultFile = 'gateway.yaml';

/**
 * GATEWAY_CONFIG, or gateway.yaml where there is one. One that is there and cannot be read is a fault, which shows no other
 * name: what names no file may be anything, and a secret that was put into the wrong variable.
 */
function configFile(wanted: string | undefined, read: ReadFile, faults: Fault[]) {
  const name = wanted ?? defaultFile;
  try {
    return { name, text: read(name) };
  } catch (error) {
    const isAbsent = codeOf(error) === 'ENOENT';
    if (wanted === undefined && isAbsent) return undefined;
    const shown = name === defaultFile ? `: ${name}` : '';
    faults.push({ name: 'GATEWAY_CONFIG', problem: `names a file that cannot be read${shown}` });
    return undefined;
  }
}

/** A packaged declaration only repeats what is wrong with a variable. */
const isTold = ({ name, problem }: Fault, faults: readonly Fault[]): boolean =>
  name.startsWith('packaged ') && faults.some((fault) => problem.includes(fault.name) || !problem.includes('needs '));

const unique = (faults: readonly Fault[]): Fault[] =>
  faults.filter(
    (fault, index) =>
      faults.findIndex(({ name, problem }) => name === fault.name && problem === fault.problem) === index,
  );
