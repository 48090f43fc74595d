import type { Plan } from './plan.ts';
import { nameOf, type Step } from './step.ts';

/** A plan for people. */
export function describePlan({ exists, create, available }: Plan): string {
  const lines = [
    ...exists.map((name) => `  exists  ${name}`),
    ...create.flatMap((step) => [
      `  create  ${nameOf(step)}`,
      ...detailsOf(step).map((detail) => `            ${detail}`),
    ]),
    ...(available.length > 0 ? [`  also available (--with <name,…> or --with all): ${available.join(', ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

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
        ...(step.ipAccess === undefined ? [] : [`at ${step.ipAccess.join(', ')} only`]),
        step.description,
      ];
    case 'permission':
      return ['added to the policy, which is there'];
    case 'user':
      return [`with the policies ${step.policies.join(', ')}; its token is printed once`];
  }
}
