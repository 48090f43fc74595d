import { element } from './element.ts';
import { type Call, type Gateway, SignInOver, Unanswered } from './gateway.ts';
import { memberOf, Refusal } from './refusal.ts';
import { NotRefreshed } from './sign-in.ts';

export type Failures = {
  /** Says in `place` why a call came to nothing. */
  show(place: Element, error: unknown, call: Call): Promise<void>;
};

/** @param askToSignIn what to do when the sign-in has ended in the middle */
export function showFailures(gateway: Gateway, askToSignIn: (sentence: string) => void): Failures {
  return {
    show: async (place, error, call) => {
      if (error instanceof SignInOver) {
        askToSignIn(`${error.message} Nothing was sent; what you have typed is still there.`);
        return;
      }
      const card = cardOf(error, call);
      place.replaceChildren(card);
      if (!(error instanceof Refusal) || error.status >= 500) return;
      // A refusal stands by itself: where explain fails, there is just no more to say.
      const explanation = await gateway.explain(call).catch(() => undefined);
      card.append(...explained(explanation));
    },
  };
}

function cardOf(error: unknown, call: Call): HTMLElement {
  const template = element('failure', HTMLTemplateElement);
  const card = document.createElement('div');
  card.className = 'failure';
  card.setAttribute('role', 'alert');
  card.append(template.content.cloneNode(true));
  const fill = (slot: string, text: string | undefined) => {
    const target = card.querySelector(`[data-slot="${slot}"]`);
    if (target !== null && text !== undefined) target.textContent = text;
    else target?.closest('[data-line]')?.remove();
  };
  const isRefusal = error instanceof Refusal;
  fill('sentence', sentenceOn(error, call));
  fill('code', isRefusal ? [error.status, error.code].filter(Boolean).join(' ') : undefined);
  fill('request', isRefusal ? error.requestId : undefined);
  return card;
}

function sentenceOn(error: unknown, call: Call): string {
  if (error instanceof Refusal) return `${error.message}${isUndecided(error) ? afterAll(call) : ''}`;
  if (error instanceof NotRefreshed) return error.message;
  if (!(error instanceof Unanswered)) return 'The answer broke off.';
  return `No answer came. The gateway is not there, or pages of this address may not call it (CORS_ORIGIN).${afterAll(call)}`;
}

/** The API may have done it before the answer was lost. */
const isUndecided = ({ status }: Refusal): boolean => status === 500 || status === 502 || status === 504;

function afterAll({ method, idempotencyKey }: Call): string {
  if (method === 'GET') return '';
  if (idempotencyKey !== undefined) return ' Try again: it is done once at most.';
  return ' It may have been done all the same: look before you try again.';
}

/** What to change comes from the gateway; so do the rule, and the collection and action that it asks Directus about. */
function explained(explanation: unknown): HTMLElement[] {
  const advice = memberOf(memberOf(explanation, 'refusal'), 'advice');
  if (typeof advice !== 'string') return [];
  const says = document.createElement('p');
  says.className = 'advice';
  says.textContent = advice;
  const [collection, action] = [memberOf(explanation, 'collection'), memberOf(explanation, 'action')];
  if (typeof collection !== 'string' || typeof action !== 'string') return [says];
  const decides = document.createElement('p');
  decides.className = 'decides';
  decides.textContent = `What decides: the permission to ${action} in the collection ${collection}.`;
  return [says, decides];
}
