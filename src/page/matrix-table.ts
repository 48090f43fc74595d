import { type Action, actions } from './document.ts';
import { breakable, button, element } from './element.ts';
import type { Cell, Group, Refused, Row } from './matrix.ts';

/** @param open is told which cell somebody wants to know more of */
export type OpenCell = (path: string, cell: Cell | Refused) => void;

/** A table for each API. Roles are spelled out, for on narrow screens the style sheet makes something else of tables. */
export const matrixTables = (groups: readonly Group[], open: OpenCell): HTMLElement[] =>
  groups.map(({ upstream, rows }) => {
    const title = `upstream-${upstream}`;
    return element(
      'section',
      { 'aria-labelledby': title },
      element('h2', { id: title }, upstream, ' ', element('small', {}, counted(rows.length, 'path'))),
      element(
        'table',
        { role: 'table', 'aria-labelledby': title },
        element('thead', { role: 'rowgroup' }, headings()),
        element('tbody', { role: 'rowgroup' }, ...rows.map((row) => line(row, open))),
      ),
    );
  });

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const headings = (): HTMLElement =>
  element(
    'tr',
    { role: 'row' },
    ...['Path', ...actions].map((name) => element('th', { role: 'columnheader', scope: 'col' }, name)),
  );

const line = (row: Row, open: OpenCell): HTMLElement =>
  element(
    'tr',
    { role: 'row' },
    element(
      'th',
      { role: 'rowheader', scope: 'row' },
      element('code', {}, ...breakable(row.path)),
      element('small', {}, `permissions on ${row.collections.join(', ')}`),
    ),
    ...actions.map((action) => element('td', { role: 'cell' }, cellOf(row, action, open))),
  );

function cellOf({ path, cells }: Row, action: Action, open: OpenCell): HTMLElement {
  const cell = cells[action];
  if (cell === undefined) return element('div', { class: 'cell absent' }, ...labelled(action, 'no such call'));
  const { kind, words } = wordsFor(cell);
  const made = button('', () => open(path, cell), {
    class: `cell ${kind}`,
    'aria-label': `${action} ${path}: ${words}. Explain`,
  });
  made.append(...labelled(action, words));
  return made;
}

const labelled = (action: Action, words: string): HTMLElement[] => [
  element('span', { class: 'action', 'aria-hidden': 'true' }, action),
  element('span', {}, words),
];

/** What a cell says; its colour and sign only repeat it. */
function wordsFor(cell: Cell | Refused): { readonly kind: string; readonly words: string } {
  if ('refused' in cell) return { kind: 'refused', words: 'refused' };
  const { fields, isLimitedToRows } = cell;
  const parts = [
    ...(isLimitedToRows ? ['some rows'] : []),
    ...(fields === 'all' ? [] : [fields.length === 0 ? 'no fields' : shortened(fields)]),
  ];
  return parts.length === 0 ? { kind: 'allowed', words: 'allowed' } : { kind: 'limited', words: parts.join('; ') };
}

const shortened = (fields: readonly string[]): string =>
  fields.length <= 3
    ? `only ${fields.join(', ')}`
    : `only ${fields.slice(0, 2).join(', ')} and ${fields.length - 2} more`;
