import { editDistance } from '../suggest/edit-distance.ts';
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
      const meant = closest(name, name.endsWith('_FILE') ? plain.map((each) => `${each}_FILE`) : plain);
      return meant === undefined ? [] : [{ name, meant }];
    });
}

function closest(name: string, candidates: readonly string[]): string | undefined {
  const most = mostTypos(name);
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name.toUpperCase(), candidate, most) }))
    .filter(({ distance }) => distance <= most)
    .toSorted((one, other) => one.distance - other.distance);
  return best?.candidate;
}

/** Short names are too much alike: POST is no HOST. */
const mostTypos = ({ length }: string): number => (length < 6 ? 0 : length < 10 ? 1 : 2);
