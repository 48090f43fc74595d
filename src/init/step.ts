/** One thing that is created in Directus. What refers to another thing names it: it is there or comes before. */
export type Step =
  | { readonly kind: 'folder'; readonly name: string; readonly icon: string; readonly note: string }
  | {
      readonly kind: 'collection';
      readonly name: string;
      readonly icon: string;
      readonly note: string;
      /** Name of the folder that it is put in. */
      readonly folder?: string;
      /** Whether it stays out of sight where content is edited; permissions show it all the same. */
      readonly hidden: boolean;
      readonly fields: readonly NewField[];
      /** Of what kind its key `id` is: numbers that the database counts, when left out. */
      readonly key?: 'uuid';
      /** Whether Directus writes no activity and no revision for each of its items. */
      readonly isUntracked?: boolean;
    }
  | ({ readonly kind: 'field'; readonly collection: string } & NewField)
  | {
      readonly kind: 'policy';
      readonly name: string;
      readonly icon: string;
      readonly description: string;
      /** Collections that it reads whole. */
      readonly reads: readonly string[];
      /** Collections in which it creates items. */
      readonly creates?: readonly string[];
      /** Addresses at which alone it counts; anywhere when left out. */
      readonly ipAccess?: readonly string[];
    }
  | {
      readonly kind: 'permission';
      readonly policy: string;
      readonly action: 'read' | 'create';
      readonly collection: string;
    }
  | {
      readonly kind: 'user';
      readonly name: string;
      readonly description: string;
      readonly policies: readonly string[];
    };

export type NewField = {
  readonly name: string;
  readonly type: 'string' | 'text' | 'integer' | 'timestamp' | 'json';
  readonly note?: string;
};

/** A step in one line, such as `collection stripe_products` or `field customers.stripe_customer_id`. */
export function nameOf(step: Step): string {
  switch (step.kind) {
    case 'folder':
    case 'collection':
    case 'policy':
    case 'user':
      return `${step.kind} ${step.name}`;
    case 'field':
      return `field ${step.collection}.${step.name}`;
    case 'permission':
      return step.action === 'read'
        ? `permission to read ${step.collection} in the policy ${step.policy}`
        : `permission to create items of ${step.collection} in the policy ${step.policy}`;
  }
}
