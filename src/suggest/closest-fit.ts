import type { Part } from '../specs/template.ts';
import { editDistance, likelyTypos } from './edit-distance.ts';

/** A pattern filled in with what was asked for. */
export type Fit = {
  readonly path: string;
  /** How far it is from what was asked for. */
  readonly cost: number;
};

/**
 * The way in which a pattern comes closest to the segments of a path: as they are, with one segment too few, or with
 * one too many. What stands for any text is the caller's own. Undefined: they have too little in common.
 */
export function closestFit(pattern: readonly Part[], asked: readonly string[]): Fit | undefined {
  const isOpen = pattern.at(-1)?.kind === 'rest';
  const difference = asked.length - pattern.length;
  const fits = [
    ...(difference === 0 || (isOpen && difference > 0) ? [matched(pattern, asked, undefined)] : []),
    ...(difference === -1 || (isOpen && difference > -1)
      ? pattern.map((part, at) => missing(pattern, asked, part, at))
      : []),
    ...(difference === 1 ? asked.map((_segment, at) => withoutOne(pattern, asked, at)) : []),
  ];
  return fits.filter((each) => each !== undefined).toSorted(byCost)[0];
}

export const byCost = (one: Fit, other: Fit): number => one.cost - other.cost || one.path.length - other.path.length;

function missing(pattern: readonly Part[], asked: readonly string[], part: Part, at: number): Fit | undefined {
  const next = pattern[at + 1]?.kind;
  // Nobody can tell what else the caller would have said there; and before what may be anything, anything may be missing.
  if (part.kind !== 'literal' || (next !== 'literal' && next !== 'extension')) return undefined;
  return dearer(matched(pattern, asked.toSpliced(at, 0, part.text), at));
}

const withoutOne = (pattern: readonly Part[], asked: readonly string[], at: number): Fit | undefined =>
  dearer(matched(pattern, asked.toSpliced(at, 1), undefined));

const dearer = (found: Fit | undefined): Fit | undefined =>
  found === undefined || found.cost + segmentCost > mostCost ? undefined : { ...found, cost: found.cost + segmentCost };

/** @param added the segment that the caller has not written: it has nothing in common with what they wrote */
function matched(pattern: readonly Part[], asked: readonly string[], added: number | undefined): Fit | undefined {
  let cost = 0;
  let inCommon = 0;
  const segments: string[] = [];
  for (const [index, part] of pattern.entries()) {
    const segment = asked[index] ?? '';
    const found = meant(part, segment);
    if (found === undefined) return undefined;
    cost += found.cost;
    if (cost > mostCost) return undefined;
    if (part.kind === 'literal' && index !== added) inCommon += 1;
    segments.push(found.text);
  }
  if (inCommon === 0) return undefined;
  return { cost, path: `/${[...segments, ...asked.slice(pattern.length)].join('/')}` };
}

function meant(part: Part, segment: string): { readonly text: string; readonly cost: number } | undefined {
  switch (part.kind) {
    case 'literal': {
      const cost = distanceOf(part.text, segment);
      return cost === undefined ? undefined : { text: part.text, cost };
    }
    case 'extension': {
      const dot = segment.lastIndexOf('.');
      const cost = dot < 1 ? undefined : distanceOf(part.before, segment.slice(0, dot));
      return cost === undefined ? undefined : { text: `${part.before}${segment.slice(dot)}`, cost };
    }
    case 'name':
    case 'rest':
      return segment === '' ? undefined : { text: segment, cost: anyCost };
  }
}

function distanceOf(expected: string, segment: string): number | undefined {
  if (expected === segment) return 0;
  const typos = editDistance(expected.toLowerCase(), segment.toLowerCase(), likelyTypos(expected));
  return typos === Number.POSITIVE_INFINITY ? undefined : Math.max(typos, caseCost);
}

/** Of one segment too many or too few. */
const segmentCost = 2;
const caseCost = 0.5;
/** Of what matches anything: a literal is likelier. */
const anyCost = 0.01;
/** Beyond it, it is a guess. */
const mostCost = 2.5;
