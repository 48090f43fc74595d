import { isDirectusError } from '@directus/sdk';
import { actionForm, customerForm, messageForm } from './action-form.ts';
import { element } from './element.ts';
import { connectGateway } from './gateway.ts';
import { paymentsPanel } from './payments-panel.ts';
import { settings } from './settings.ts';
import { showFailures } from './show-failure.ts';
import { createSignIn } from './sign-in.ts';

const signIn = createSignIn(settings);
const gateway = connectGateway(settings.gatewayUrl, signIn);
const failures = showFailures(gateway, askToSignIn);
const payments = paymentsPanel(gateway, failures);
actionForm(messageForm(settings.twilioAccountSid), gateway, failures);
actionForm(customerForm(), gateway, failures);

const form = element('sign-in', HTMLFormElement);
const notice = element('sign-in-notice', HTMLElement);
const app = element('app', HTMLElement);
const signOut = element('sign-out', HTMLButtonElement);

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const [email, password] = [element('email', HTMLInputElement), element('password', HTMLInputElement)];
  notice.textContent = '';
  form.setAttribute('aria-busy', 'true');
  try {
    await signIn.start(email.value, password.value);
    password.value = '';
    open();
  } catch (error) {
    notice.textContent = isDirectusError(error)
      ? (error.errors[0]?.message ?? 'Directus refuses.')
      : 'No answer came from Directus. It is not there, or does not let pages of this address call it (CORS_ORIGIN).';
  } finally {
    form.removeAttribute('aria-busy');
  }
});

signOut.addEventListener('click', async () => {
  // Whether or not Directus can be told: this page forgets.
  await signIn.end().catch(() => undefined);
  for (const each of document.querySelectorAll('form')) each.reset();
  for (const each of document.querySelectorAll('.result')) each.replaceChildren();
  askToSignIn('');
});

function open(): void {
  show({ isSignedIn: true });
  payments.load().catch(reportError);
}

function askToSignIn(sentence: string): void {
  payments.clear();
  notice.textContent = sentence;
  show({ isSignedIn: false });
  element('email', HTMLInputElement).focus();
}

function show({ isSignedIn }: { isSignedIn: boolean }): void {
  form.hidden = isSignedIn;
  app.hidden = !isSignedIn;
  signOut.hidden = !isSignedIn;
}

if (await signIn.resume().catch(() => false)) open();
else show({ isSignedIn: false });
