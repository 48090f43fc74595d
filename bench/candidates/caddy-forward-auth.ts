import { customerPath, withStaticToken } from '../answers.ts';
import { findCaddy } from '../find-caddy.ts';
import { type Api, plainAndTls, requireInstalled, startRecipe } from './candidate.ts';

export const [caddyForwardAuth, caddyForwardAuthTls] = plainAndTls(
  {
    name: 'caddy-forward-auth',
    does: 'Caddy: forward_auth to Directus for every request; only whether the token is known',
  },
  async (name, site, api) => {
    const caddy = requireInstalled(await findCaddy());
    const { directus } = site.surroundings;
    return startRecipe(name, site, ({ port, folder }) => ({
      program: caddy.program,
      args: ['run', '--config', `${folder}/Caddyfile`],
      env: { HOME: folder },
      files: { Caddyfile: caddyfile({ port, directus, ...api }) },
      path: customerPath,
      headers: withStaticToken,
    }));
  },
);

type Place = Api & { readonly port: number; readonly directus: string };

const caddyfile = ({ port, directus, upstream, certificate }: Place): string => `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  log {
    output discard
  }
  forward_auth ${new URL(directus).host} {
    uri /users/me
  }
  reverse_proxy ${new URL(upstream).origin} {
    header_up Authorization "Bearer key-of-the-upstream"
    transport http {
      keepalive_idle_conns_per_host 64
      ${certificate === undefined ? '' : `tls_trusted_ca_certs ${certificate}`}
    }
  }
}
`;
