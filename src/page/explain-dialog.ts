import type { Answer } from './ask.ts';
import { button, element, find } from './element.ts';
import { explanation } from './explanation.ts';

export type Question = { readonly method: string; readonly path: string };

export type ExplainDialog = {
  /** @param tryIt what to do for somebody who would rather try it; absent where it is refused */
  open(question: Question, tryIt?: () => void): Promise<void>;
  /** Closes it, with nothing left of what was asked and answered. */
  clear(): void;
};

/** Asks the gateway about one request, and shows what it says. Whoever is asking may change the question. */
export function createExplainDialog(explain: (question: Question) => Promise<Answer>): ExplainDialog {
  const dialog = find('explain', HTMLDialogElement);
  const method = find('method', HTMLSelectElement);
  const path = find('path', HTMLInputElement);
  const shown = find('answer', HTMLDivElement);
  let offered: HTMLElement[] = [];
  let asked = 0;

  const show = async (): Promise<void> => {
    asked += 1;
    const mine = asked;
    const [missing] = braces.exec(path.value) ?? [];
    if (missing !== undefined) {
      shown.replaceChildren(element('p', {}, `Put a value in place of ${missing}: what you may do depends on it.`));
      path.focus();
      return;
    }
    const answer = await explain({ method: method.value, path: path.value });
    if (mine !== asked) return; // something else has been asked since
    shown.replaceChildren(
      ...(answer.ok ? explanation(answer.body) : [element('p', { class: 'error' }, answer.message)]),
      ...offered,
    );
  };

  find('question', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void show();
  });
  find('close', HTMLButtonElement).addEventListener('click', () => dialog.close());

  return {
    clear: () => {
      asked += 1; // an answer that is still to come is nobody's
      dialog.close();
      path.value = '';
      offered = [];
      shown.replaceChildren();
    },
    open: async (question, tryIt) => {
      method.value = question.method;
      path.value = question.path;
      offered =
        tryIt === undefined
          ? []
          : [
              element(
                'p',
                { class: 'buttons' },
                button('Try this call', () => {
                  dialog.close();
                  tryIt();
                }),
              ),
            ];
      shown.replaceChildren();
      dialog.showModal();
      if (path.value === '') path.focus();
      else await show();
    },
  };
}

const braces = /\{\w+\}/;
