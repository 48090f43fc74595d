import { oncePer } from './once-per.ts';
import type { Rule } from './upstream.ts';

/** How metrics name a rule: `GET,HEAD /v1/customers/:id`. Made of the set-up alone, whatever callers send. */
export const ruleName = oncePer(({ methods, path }: Rule): string => `${methods?.join(',') ?? 'any'} ${path}`);
