import { element } from './element.ts';
import type { Gateway } from './gateway.ts';
import { type Payment, readPayments } from './payments.ts';
import type { Failures } from './show-failure.ts';

/** The list, which is on the screen while it grows. */
export function paymentsPanel(gateway: Gateway, failures: Failures) {
  const rows = element('payments-rows', HTMLTableSectionElement);
  const count = element('payments-count', HTMLElement);
  const toggle = element('payments-toggle', HTMLButtonElement);
  const notice = element('payments-notice', HTMLElement);
  element('payments-scroll', HTMLElement).tabIndex = 0; // Safari gives the keyboard no other way into what scrolls
  let reading: AbortController | undefined;

  const fill = async (signal: AbortSignal): Promise<void> => {
    let shown = 0;
    count.textContent = 'Loading…';
    try {
      for await (const payments of readPayments(gateway, signal)) {
        rows.append(...payments.map(row));
        shown += payments.length;
        count.textContent = `${shown} so far…`;
      }
      count.textContent = shown === 1 ? '1 payment' : `${shown} payments`;
    } catch (error) {
      if (signal.reason === replaced) return;
      count.textContent = shown === 0 ? '' : `The first ${shown} only: the list is not complete.`;
      if (!signal.aborted) await failures.show(notice, error, { method: 'GET', path: '/stripe/payments' });
    }
  };
  const load = async (): Promise<void> => {
    clear();
    const own = new AbortController();
    reading = own;
    toggle.textContent = 'Stop';
    await fill(own.signal);
    if (reading !== own) return;
    reading = undefined;
    toggle.textContent = 'Load again';
  };
  const clear = (): void => {
    reading?.abort(replaced);
    reading = undefined;
    rows.replaceChildren();
    notice.replaceChildren();
    count.textContent = '';
  };
  toggle.addEventListener('click', () => (reading === undefined ? load() : reading.abort()));
  return { load, clear };
}

/** Why a reading ends whose rows nobody wants any more. */
const replaced = 'replaced';

function row({ id, created, amount, status, description }: Payment): HTMLTableRowElement {
  const line = document.createElement('tr');
  const date = created?.toLocaleDateString(undefined, { dateStyle: 'medium' }) ?? '';
  for (const text of [date, amount, status, description]) line.insertCell().textContent = text;
  line.title = id;
  return line;
}
