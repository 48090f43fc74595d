import { caddyForwardAuth } from '../candidates/caddy-forward-auth.ts';
import type { Candidate } from '../candidates/candidate.ts';
import { expressHpm } from '../candidates/express-hpm.ts';
import { gateway } from '../candidates/gateway.ts';
import { guidesExtension } from '../candidates/guides-extension.ts';
import { nginxAuthRequest } from '../candidates/nginx-auth-request.ts';
import type { Findings, Measured } from '../figures.ts';
import { found } from './measure.ts';

type Goal = { readonly other: Candidate; readonly atLeast: number };

const goals: readonly Goal[] = [
  { other: expressHpm, atLeast: 0.95 },
  { other: caddyForwardAuth, atLeast: 1.5 },
  { other: guidesExtension, atLeast: 30 },
  { other: nginxAuthRequest, atLeast: 0.3 },
];

/** How much the gateway gets done beside each of those that one would take in its place, in the same run. */
export function againstOthers(results: readonly Measured[]): Findings[] {
  const perSecondOf = ({ name: wanted }: Candidate) =>
    results.find(({ name }) => name === wanted)?.requestsPerSecond.median;
  const ours = perSecondOf(gateway);
  const findings = goals.flatMap(({ other, atLeast }) => {
    const theirs = perSecondOf(other);
    if (ours === undefined || theirs === undefined) return [];
    return [found(`requests/s, × ${other.name}`, [ours / theirs], { atLeast })];
  });
  const does = 'requests per second of `gateway` over those of the other, medians, in the table above';
  return findings.length === 0 ? [] : [{ name: 'against-others', does, findings }];
}
