import { Counter, Gauge, type Registry } from 'prom-client';

/** A number with its labels. */
export type Reading<Label extends string = string> = readonly [labels: Readonly<Record<Label, string>>, value: number];

export type Described<Label extends string> = {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  /** Asked when somebody reads the metrics. */
  readonly read: () => Iterable<Reading<Label>>;
};

/** How several processes' values of one gauge become one. */
export type Together = 'sum' | 'min' | 'max';

export const prefix = 'directus_gateway_';

/** A counter whose numbers are kept elsewhere, as plain numbers: counting costs nothing there. */
export function registerCounter<Label extends string>(registry: Registry, described: Described<Label>): void {
  const { name, help, labelNames, read } = described;
  new Counter({
    name: prefix + name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.inc(labels, value);
    },
  });
}

/** A gauge that is looked at when somebody reads. What is not there has no value, rather than 0. */
export function registerGauge<Label extends string>(
  registry: Registry,
  { name, help, labelNames, read, together }: Described<Label> & { readonly together: Together },
): void {
  new Gauge({
    name: prefix + name,
    help,
    labelNames,
    aggregator: together,
    registers: [registry],
    collect() {
      this.reset();
      if (labelNames.length === 0) this.remove(); // or it would be 0
      for (const [labels, value] of read()) this.set(labels, value);
    },
  });
}
