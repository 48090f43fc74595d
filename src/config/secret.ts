import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that is only handed out for the one origin it belongs to. Printed, serialized or inspected it reads
 * `[secret]`, so that it cannot reach a log, an error or a metric by accident.
 */
export class Secret {
  readonly #value: string;
  readonly #origin: string;

  /** @param origin scheme, host and port as `URL#origin` writes them */
  constructor(value: string, origin: string) {
    this.#value = value;
    this.#origin = origin;
  }

  /** The value itself. Throws when `origin` is not the one that it belongs to. */
  revealFor(origin: string): string {
    if (origin !== this.#origin) throw new Error('A secret was asked for by an origin that it does not belong to.');
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
