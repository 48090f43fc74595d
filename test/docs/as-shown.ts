import type { Ran } from './run-page.ts';

/** For expectations: what came instead of what a page shows. */
export const asShown = ({ block, isAsShown, code, out, err }: Ran): string =>
  isAsShown
    ? 'as shown'
    : [`line ${block.line}: ${block.text}`, `exit code ${code}`, out, err, 'shown was', block.answer?.text].join('\n');
