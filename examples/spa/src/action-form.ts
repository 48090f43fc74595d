import { element } from './element.ts';
import type { Call, Gateway } from './gateway.ts';
import { memberOf } from './refusal.ts';
import type { Failures } from './show-failure.ts';

type Action = {
  /** Of the form; its result goes to the element `<id>-result`. */
  readonly id: string;
  /** The call that the filled-in form stands for. */
  readonly callOf: (fields: Readonly<Record<string, string>>) => Call;
  /** Says what the API answered. */
  readonly describe: (answer: unknown) => string;
};

/** A form whose button makes one call, and says what came of it. While it is under way the button does nothing more. */
export function actionForm({ id, callOf, describe }: Action, gateway: Gateway, failures: Failures): void {
  const form = element(id, HTMLFormElement);
  const result = element(`${id}-result`, HTMLElement);
  let isUnderWay = false;

  const submit = async (): Promise<void> => {
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const call = callOf(fields);
    result.replaceChildren();
    try {
      const answer: unknown = await (await gateway.call(call)).json();
      const done = document.createElement('p');
      done.className = 'done';
      done.textContent = describe(answer);
      result.replaceChildren(done);
      form.reset();
    } catch (error) {
      await failures.show(result, error, call);
    }
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isUnderWay) return;
    isUnderWay = true;
    form.setAttribute('aria-busy', 'true');
    try {
      await submit();
    } finally {
      isUnderWay = false;
      form.removeAttribute('aria-busy');
    }
  });
}

/** A message by Twilio; the gateway knows the sender. Twilio has no idempotency keys. */
export const messageForm = (account: string): Action => ({
  id: 'message',
  callOf: ({ to = '', body = '' }) => ({
    method: 'POST',
    path: `/twilio/2010-04-01/Accounts/${account}/Messages.json`,
    body: { To: to, Body: body },
  }),
  describe: (answer) => `Message ${memberOf(answer, 'sid')} is ${memberOf(answer, 'status')}.`,
});

/** A customer at Stripe. */
export const customerForm = (): Action => {
  let last = { fields: '', key: '' };
  return {
    id: 'customer',
    callOf: ({ email = '', name = '' }) => {
      // Whoever presses again because no answer came means the same customer, and so does the key.
      const fields = JSON.stringify([email, name]);
      if (last.fields !== fields) last = { fields, key: crypto.randomUUID() };
      return {
        method: 'POST',
        path: '/stripe/customers',
        body: { email, ...(name !== '' && { name }) },
        idempotencyKey: last.key,
      };
    },
    describe: (answer) => {
      last = { fields: '', key: '' };
      return `Customer ${memberOf(answer, 'id')} is created.`;
    },
  };
};
