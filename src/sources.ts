import type { Environment, ReadFile } from './config/read-variables.ts';
import { readSetup, type Setup } from './read-setup.ts';

/** Where set-ups come from, as it is whenever it is asked. */
export type Source = {
  /** All that is set; what the process was started with wins over .env. */
  readonly environment: () => Environment;
  /** What .env alone says. */
  readonly dotenv: () => Environment;
  readonly readFile: ReadFile;
};

/** What one set-up was read from: text, secrets included, from which another process can read the same. */
export type Sources = {
  readonly environment: Environment;
  /** Path and content of each file. */
  readonly files: readonly (readonly [string, string])[];
};

/** @throws ConfigError with all faults at once */
export const setupFrom = ({ environment, readFile }: Source): Setup => readSetup(environment(), readFile);

/** @throws ConfigError with all faults at once */
export function setupWithSources(source: Source): { readonly setup: Setup; readonly sources: Sources } {
  const environment = source.environment();
  const files = new Map<string, string>();
  const setup = readSetup(environment, (path) => {
    const content = source.readFile(path);
    files.set(path, content);
    return content;
  });
  return { setup, sources: { environment, files: [...files] } };
}

/** The same again: what was not there then is not there now. */
export function sourceOf({ environment, files }: Sources): Source {
  const contents = new Map(files);
  return {
    environment: () => environment,
    dotenv: () => ({}),
    readFile: (path) => {
      const content = contents.get(path);
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return content;
    },
  };
}
