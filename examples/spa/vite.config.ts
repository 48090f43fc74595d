import { defineConfig, loadEnv, type Plugin } from 'vite';

const modes = ['json', 'cookie', 'session'];

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, import.meta.dirname);
  if (!modes.includes(env.VITE_SIGN_IN ?? '')) {
    throw new Error('VITE_SIGN_IN must be json, cookie or session. Copy .env.example to .env.');
  }
  const directus = addressIn(env, 'VITE_DIRECTUS_URL');
  const gateway = addressIn(env, 'VITE_GATEWAY_URL');
  const isBehindGateway = env.VITE_SIGN_IN === 'session';
  return {
    plugins: [contentSecurityPolicy(isBehindGateway ? [] : [directus, gateway])],
    // The address by its number, as Directus and the gateway are called: to a browser, localhost would be another site,
    // and Directus' cookies would not go along.
    server: {
      host: '127.0.0.1',
      port: 5173,
      strictPort: true,
      // On one origin with the gateway, as a web server in front of both arranges it elsewhere. The Host stays the page's
      // own, by which the gateway knows that a call with the cookie comes from a page of this origin.
      proxy: isBehindGateway
        ? Object.fromEntries(paths.map((path) => [path, { target: gateway, changeOrigin: false }]))
        : {},
    },
    preview: { host: '127.0.0.1', port: 5173, strictPort: true },
  };
});

/** What the app asks of the gateway and, through its front door, of Directus. */
const paths = ['/auth/', '/gateway/', '/stripe/', '/twilio/'];

function addressIn(env: Record<string, string>, name: string): string {
  const text = env[name] ?? '';
  if (!URL.canParse(text)) throw new Error(`${name} must be an address. Copy .env.example to .env.`);
  return new URL(text).origin;
}

/**
 * Only the app's own files run and are shown, only these addresses are called, and no text can become markup. A web
 * server should send the same as a header, with `frame-ancestors 'none'`, which a page cannot say itself.
 */
const contentSecurityPolicy = (addresses: readonly string[]): Plugin => ({
  name: 'content-security-policy',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          'img-src data:',
          ["connect-src 'self'", ...addresses].join(' '),
          "base-uri 'none'",
          "form-action 'none'",
          "require-trusted-types-for 'script'",
        ].join('; '),
      },
      injectTo: 'head-prepend',
    },
  ],
});
