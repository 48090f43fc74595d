import { editDistance } from './edit-distance.ts';

/**
 * The one of the candidates that is likely meant by a mistyped name.
 * @param most letters that may be wrong
 */
export function closest(
  name: string,
  candidates: readonly string[],
  most: number = mostTypos(name),
): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, typos: editDistance(name, candidate, most) }))
    .filter(({ typos }) => typos <= most)
    .toSorted((one, other) => one.typos - other.typos);
  return best?.candidate;
}

/** Short names are too much alike: POST is no HOST. */
const mostTypos = ({ length }: string): number => (length < 6 ? 0 : length < 10 ? 1 : 2);
