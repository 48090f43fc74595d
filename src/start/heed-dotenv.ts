import type { Logger } from 'pino';
import { bareNumbers } from '../config/bare-numbers.ts';
import { misspeltIn } from '../config/misspelt.ts';
import type { Setup } from '../read-setup.ts';
import type { Source } from '../sources.ts';

/**
 * Warns of what is set and does not count, or hardly as it was meant. Once each: names that are misspelt, in .env or in the
 * process' environment, and small numbers without a unit. At each change: values that change in .env while the process
 * itself has been started with another. Never tells a value.
 * @returns looks at .env as it is when a set-up has been read
 */
export function heedDotenv(source: Pick<Source, 'dotenv' | 'environment'>, logger: Logger) {
  const told = new Set<string>();
  const warnOnce = (about: { readonly variable: string }, words: string): void => {
    if (!told.has(about.variable)) logger.warn(about, words);
    told.add(about.variable);
  };
  let before = source.dotenv();
  return ({ filledIn }: Pick<Setup, 'filledIn'>): void => {
    const now = source.dotenv();
    for (const { name, meant, ...place } of misspeltIn(source, filledIn)) {
      warnOnce({ variable: name, ...place }, `nothing reads ${name}; did you mean ${meant}?`);
    }
    const set = source.environment();
    for (const { name, countsAs, such } of bareNumbers(set)) {
      warnOnce({ variable: name }, `${name} has no unit and counts as ${countsAs}; write one, such as ${such}`);
    }
    const inVain = Object.keys(now).filter((name) => now[name] !== before[name] && now[name] !== set[name]);
    before = now;
    if (inVain.length > 0) {
      logger.warn(
        { variables: inVain, file: '.env' },
        'these have changed and do not count: the process was started with other values; restart it without them',
      );
    }
  };
}
