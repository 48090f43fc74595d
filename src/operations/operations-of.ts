import { operationNames, type Upstream } from '../upstreams/upstream.ts';
import type { Operation, Operations } from './operation.ts';
import type { StripeOperationParts } from './stripe.ts';

/**
 * What the rules of an upstream name as `operation`. The code, with Stripe's whole client, is loaded at the first call:
 * whoever uses the API's own paths only does not carry it.
 */
export function operationsOf(parts: StripeOperationParts): Operations {
  if (!hasOperations(parts.upstream)) return new Map();
  let loaded: Promise<Operations> | undefined;
  const load = async (): Promise<Operations> => {
    const { stripeOperations } = await import('./stripe.ts');
    return stripeOperations(parts);
  };
  return new Map(
    operationNames.map((name): [typeof name, Operation] => [
      name,
      async (call) => {
        loaded ??= load();
        const operation = (await loaded).get(name);
        if (operation === undefined) throw new Error(`The operation ${name} is not there.`);
        await operation(call);
      },
    ]),
  );
}

const hasOperations = ({ rules }: Upstream): boolean => rules.some((rule) => 'operation' in rule);
