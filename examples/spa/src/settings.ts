const { VITE_SIGN_IN, VITE_DIRECTUS_URL, VITE_GATEWAY_URL, VITE_TWILIO_ACCOUNT_SID = '' } = import.meta.env;

/** What `.env` says. In session mode the app's own origin is Directus' and the gateway's too. */
export const settings = {
  mode: VITE_SIGN_IN,
  directusUrl: VITE_SIGN_IN === 'session' ? location.origin : VITE_DIRECTUS_URL,
  gatewayUrl: VITE_SIGN_IN === 'session' ? location.origin : VITE_GATEWAY_URL,
  twilioAccountSid: VITE_TWILIO_ACCOUNT_SID,
};
