import type { World } from './world.ts';

/** Where `npm run dev` in examples/spa serves the app (its vite.config.ts). */
const origin = 'http://127.0.0.1:5173';

/** For Directus and the gateway alike: pages of the app may call them. */
export const corsForSpa = { CORS_ENABLED: 'true', CORS_ORIGIN: origin };

/** A line to paste, beside the demo's own. */
export function describeSpa({ directus, twilio }: World, gatewayUrl: string, account: string | undefined): string[] {
  const variables = {
    VITE_SIGN_IN: 'json',
    VITE_DIRECTUS_URL: directus.url,
    VITE_GATEWAY_URL: gatewayUrl,
    VITE_TWILIO_ACCOUNT_SID: account ?? twilio.accountSid,
  };
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [
    `A single-page app for these people, at ${origin} (examples/spa/README.md)`,
    '  from another terminal, in the folder of this project',
    `    cd examples/spa && npm ci && ${settings.join(' ')} npm run dev`,
  ];
}
