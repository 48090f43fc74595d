/** What vite.config.ts has made sure of. */
interface ImportMetaEnv {
  readonly VITE_SIGN_IN: 'json' | 'cookie' | 'session';
  readonly VITE_DIRECTUS_URL: string;
  readonly VITE_GATEWAY_URL: string;
  readonly VITE_TWILIO_ACCOUNT_SID?: string;
}
