import { styleText } from 'node:util';
import type { Check } from './check.ts';

/** One line for each check, in columns, with what to do below it. */
export function describeChecks(checks: readonly Check[], isColored: boolean): string {
  const subjectWidth = longest(checks.map(({ subject }) => subject));
  const nameWidth = longest(checks.map(({ name }) => name));
  const indent = ' '.repeat(statusWidth + subjectWidth + nameWidth + 6);
  return checks
    .map(({ status, subject, name, message, advice }) => {
      const mark = status.padEnd(statusWidth);
      const shown = isColored ? styleText(colors[status], mark, { validateStream: false }) : mark;
      const line = `${shown}  ${subject.padEnd(subjectWidth)}  ${name.padEnd(nameWidth)}  ${message}\n`;
      return advice === undefined ? line : `${line}${indent}→ ${advice}\n`;
    })
    .join('');
}

const statusWidth = 'fault'.length;
const colors = { ok: 'green', warn: 'yellow', fault: 'red', off: 'gray' } as const;

const longest = (words: readonly string[]): number => Math.max(0, ...words.map((word) => word.length));
