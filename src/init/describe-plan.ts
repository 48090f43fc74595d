import type { Plan } from './plan.ts';
import { shortList } from './short-list.ts';
import { nameOf, type Step } from './step.ts';

/**
 * A plan for people.
 * @param isWhole whether every optional collection is named, of which Stripe alone has dozens
 */
export function describePlan({ exists, create, available }: Plan, isWhole: boolean): string {
  const lines = [
    ...exists.map((name) => `  exists  ${name}`),
    ...create.flatMap((step) => [
      `  create  ${nameOf(step)}`,
      ...detailsOf(step).map((detail) => `            ${detail}`),
    ]),
    ...(isWhole ? everyOptional(available) : someOptional(available)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const someOptional = (names: readonly string[]): string[] =>
  names.length === 0
    ? []
    : [
        `  optional ${shortList(names)}`,
        '            --dry-run lists them, --with <name,…> or --with all creates them',
      ];

const everyOptional = (names: readonly string[]): string[] =>
  names.length === 0
    ? []
    : ['  optional, created by --with <name,…> or --with all:', ...names.map((name) => `            ${name}`)];

function detailsOf(step: Step): string[] {
  switch (step.kind) {
    case 'folder':
      return [`icon ${step.icon}`, step.note];
    case 'collection': {
      const fields = ['id', ...step.fields.map(({ name }) => name)].join(', ');
      const place = step.folder === undefined ? '' : `, in the folder ${step.folder}${step.hidden ? ', hidden' : ''}`;
      return [`icon ${step.icon}${place}`, `fields ${fields}`, step.note];
    }
    case 'field':
      return [`added to the collection, which is there: ${step.note ?? ''}`];
    case 'policy':
      return [
        step.reads.length === 0 ? 'no permission yet' : `reads ${step.reads.join(', ')}`,
        ...(step.creates === undefined ? [] : [`creates items of ${step.creates.join(', ')}`]),
        ...(step.ipAccess === undefined ? [] : [`at ${step.ipAccess.join(', ')} only`]),
        step.description,
      ];
    case 'permission':
      return ['added to the policy, which is there'];
    case 'user':
      return [`with the policies ${step.policies.join(', ')}; its token is printed once`];
  }
}
