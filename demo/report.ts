const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 250;
/** Work that is over sooner is not worth a line. */
const WORTH_SAYING_MS = 1_500;

/** Tells a person, on standard error, what is going on and for how long. */
export type Report = {
  line(text: string): void;
  /** Does the work while a line tells how long it has been at it. */
  during<T>(what: string, work: () => Promise<T>): Promise<T>;
};

/** A terminal gets one living line; a log (CI, a file) gets a line every ten seconds. */
export function createReport(out: NodeJS.WriteStream = process.stderr): Report {
  return {
    line: (text) => {
      out.write(`${text}\n`);
    },
    during: async (what, work) => {
      const startedAt = performance.now();
      const elapsedMs = () => performance.now() - startedAt;
      const timer = setInterval(
        () =>
          out.write(
            out.isTTY ? `\r\u001b[K${what} ... ${seconds(elapsedMs())}` : `${what} ... ${seconds(elapsedMs())}\n`,
          ),
        out.isTTY ? REDRAW_EVERY_MS : LINE_EVERY_MS,
      );
      try {
        return await work();
      } finally {
        clearInterval(timer);
        if (out.isTTY) out.write('\r\u001b[K');
        if (elapsedMs() >= (out.isTTY ? WORTH_SAYING_MS : LINE_EVERY_MS))
          out.write(`${what}: ${seconds(elapsedMs())}\n`);
      }
    },
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
