import type { Rule } from './upstream.ts';

/** How metrics name a rule: `GET,HEAD /v1/customers/:id`. Made of the set-up alone, whatever callers send. */
export function ruleName(rule: Rule): string {
  const known = names.get(rule);
  if (known !== undefined) return known;
  const name = `${rule.methods?.join(',') ?? 'any'} ${rule.path}`;
  names.set(rule, name);
  return name;
}

const names = new WeakMap<Rule, string>();
