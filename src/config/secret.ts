import { inspect } from 'node:util';

const shown = '[secret]';

const shortest = 10;
const nothing = Buffer.alloc(0);

/**
 * A value that is only handed out for the origins it belongs to. Printed, serialized or inspected it reads `[secret]`,
 * so that it cannot reach a log, an error or a metric by accident.
 */
export class Secret {
  readonly #value: string;
  readonly #bytes: Buffer;
  readonly #origins: ReadonlySet<string>;

  /** @param origins scheme, host and port as `URL#origin` writes them */
  constructor(value: string, ...origins: readonly string[]) {
    this.#value = value;
    this.#bytes = Buffer.from(value);
    this.#origins = new Set(origins);
  }

  /** The value itself. Throws when `origin` is none of those that it belongs to. */
  revealFor(origin: string): string {
    if (!this.#origins.has(origin)) throw new Error('A secret was asked for by an origin that it does not belong to.');
    return this.#value;
  }

  /** Whether a text gives it away: as it is, as it is written in a URL, or within what is written in Base64. */
  isIn(text: string): boolean {
    if (this.#value === '' || text.length < this.#value.length) return false;
    return readings(text).some((reading) => reading.includes(this.#value));
  }

  /**
   * Looks for the value, as it is, in a text that comes in pieces: whether it is complete with this one. Ten characters
   * may stand in a text by chance, so a value that short is not looked for.
   */
  search(): (piece: Buffer) => boolean {
    const value = this.#bytes;
    if (value.length <= shortest) return () => false;
    let before: Buffer = nothing; // the end of what has come, which may be its beginning
    return (piece) => {
      const isAcross =
        before.length > 0 && Buffer.concat([before, piece.subarray(0, value.length - 1)]).includes(value);
      if (isAcross || piece.includes(value)) return true;
      const end = piece.length < value.length ? Buffer.concat([before, piece]) : piece;
      before = end.subarray(1 - value.length);
      return false;
    };
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

const readings = (text: string): string[] => [
  text,
  text.replaceAll(/%[0-9a-f]{2}/gi, (encoded) => String.fromCharCode(Number.parseInt(encoded.slice(1), 16))),
  ...(text.match(/[\w+/-]{8,}/g) ?? []).map((encoded) => Buffer.from(encoded, 'base64').toString('latin1')),
];
