import { oncePer } from './once-per.ts';
import type { GoverningRule, Upstream } from './upstream.ts';

/** The upstream with what a rule says otherwise. */
export const underRule = (upstream: Upstream, rule: GoverningRule): Upstream => rulesOf(upstream)(rule);

const rulesOf = oncePer((upstream: Upstream) =>
  oncePer(
    (rule: GoverningRule): Upstream => ({
      ...upstream,
      bodyForm: rule.bodyForm ?? upstream.bodyForm,
      links: rule.links ?? upstream.links,
      allowedValues: rule.allowedValues,
      forbiddenParameters: [...upstream.forbiddenParameters, ...(rule.forbiddenParameters ?? [])],
    }),
  ),
);
