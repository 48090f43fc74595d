import { find } from './element.ts';
import type { Session } from './session.ts';

export type SignInParts = {
  readonly session: Session;
  /** Shows what the session may do. Undefined: it does; else why not. */
  readonly enter: () => Promise<string | undefined>;
  /** Leaves the form without signing in. */
  readonly cancel: () => void;
};

export type SignInForm = {
  /** @param mayCancel whether there is somebody to go back to */
  open(mayCancel: boolean): void;
  close(): void;
};

/** E-mail and password, with a one-time password where Directus wants one; or a token. */
export function createSignInForm({ session, enter, cancel }: SignInParts): SignInForm {
  const section = find('sign-in', HTMLElement);
  const email = find('email', HTMLInputElement);
  const password = find('password', HTMLInputElement);
  const otp = find('otp', HTMLInputElement);
  const token = find('token', HTMLInputElement);
  const otpRow = find('otp-row', HTMLDivElement);
  const cancelButton = find('cancel', HTMLButtonElement);

  const clear = (): void => {
    for (const field of [password, otp, token]) field.value = '';
    for (const id of ['login-error', 'token-error']) say(id, undefined);
    otpRow.hidden = true;
  };

  onSubmit('login', async () => {
    say('login-error', undefined);
    const refusal = await session.signIn({ email: email.value, password: password.value, otp: otp.value });
    if (refusal?.wantsOtp) {
      otpRow.hidden = false;
      otp.focus();
    }
    say('login-error', refusal === undefined ? await enter() : refusal.message);
  });
  onSubmit('paste', async () => {
    session.useToken(token.value.trim());
    const why = await enter();
    if (why !== undefined) session.forget();
    say('token-error', why);
  });
  cancelButton.addEventListener('click', cancel);

  return {
    open: (mayCancel) => {
      clear();
      cancelButton.hidden = !mayCancel;
      section.hidden = false;
    },
    close: () => {
      clear();
      section.hidden = true;
    },
  };
}

/** One at a time. The button keeps the focus meanwhile. */
function onSubmit(id: string, act: () => Promise<void>): void {
  const form = find(id, HTMLFormElement);
  let isBusy = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    form.setAttribute('aria-busy', 'true');
    void act().finally(() => {
      isBusy = false;
      form.removeAttribute('aria-busy');
    });
  });
}

function say(id: string, message: string | undefined): void {
  const place = find(id, HTMLParagraphElement);
  place.textContent = message ?? '';
  place.hidden = message === undefined;
}
