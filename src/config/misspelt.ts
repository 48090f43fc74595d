import type { Source } from '../sources.ts';
import { closest } from '../suggest/closest.ts';
import { variableNames } from './read-variables.ts';

export type Misspelt = { readonly name: string; readonly meant: string };

/**
 * Names that nothing reads and that are hardly different from one that is: `STRIPE_CUSTOMER_COLLECTION`. Others may well
 * be meant for somebody else who reads the same file.
 * @param filledIn names of variables with which declarations are filled in
 */
export function misspelt(names: readonly string[], filledIn: readonly string[]): Misspelt[] {
  const plain = [...new Set([...variableNames, ...filledIn])];
  const known = new Set(plain.flatMap((name) => [name, `${name}_FILE`]));
  return names
    .filter((name) => !known.has(name))
    .flatMap((name) => {
      const meant = closest(name.toUpperCase(), name.endsWith('_FILE') ? plain.map((each) => `${each}_FILE`) : plain);
      return meant === undefined ? [] : [{ name, meant }];
    });
}

export type MisspeltThere = Misspelt & { readonly file?: '.env' };

/**
 * The same in .env and in the process' environment. There, what others read is most: only names that begin as one of ours
 * does, up to the first underscore, are looked at.
 */
export function misspeltIn(
  source: Pick<Source, 'dotenv' | 'environment'>,
  filledIn: readonly string[],
): MisspeltThere[] {
  const inFile = Object.keys(source.dotenv());
  const ours = new Set([...variableNames, ...filledIn].flatMap((name) => prefixOf(name) ?? []));
  const elsewhere = Object.keys(source.environment()).filter(
    (name) => !inFile.includes(name) && ours.has(prefixOf(name) ?? ''),
  );
  return [
    ...misspelt(inFile, filledIn).map((each) => ({ ...each, file: '.env' as const })),
    ...misspelt(elsewhere, filledIn),
  ];
}

/** `STRIPE_` */
const prefixOf = (name: string): string | undefined => /^[^_]+_/.exec(name.toUpperCase())?.[0];
