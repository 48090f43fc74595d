import { z } from 'zod';

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytes = { b: 1, kb: 1_024, mb: 1_024 ** 2, gb: 1_024 ** 3 } as const;

/** What Node's timers can hold; a longer one would run out at once. */
const longestTimerMs = 2 ** 31 - 1;

const quantity = (units: Readonly<Record<string, number>>, bareUnit: string, example: string, most: number) => {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)(${Object.keys(units).join('|')})?$`, 'i');
  return z.string().transform((text, context) => {
    const match = pattern.exec(text);
    const factor = units[(match?.[2] ?? bareUnit).toLowerCase()];
    const amount = Math.round(Number(match?.[1]) * (factor ?? Number.NaN));
    if (!(amount <= most)) {
      context.addIssue({ code: 'custom', message: `must be a quantity such as ${example}` });
      return z.NEVER;
    }
    return amount;
  });
};

/** `10s`, `5m`, or a bare number of milliseconds, as Directus writes it → milliseconds. */
export const duration = quantity(milliseconds, 'ms', '"10s" or "5m"', longestTimerMs);

/** `1mb`, `512kb`, or a bare number of bytes, as Directus writes it → bytes. */
export const byteSize = quantity(bytes, 'b', '"1mb" or "512kb"', Number.MAX_SAFE_INTEGER);
