import { customerPath, withStaticToken } from '../answers.ts';
import { findCaddy } from '../find-caddy.ts';
import {
  type Api,
  type Candidate,
  NotInstalled,
  type Running,
  requireTls,
  type Site,
  startRecipe,
} from './candidate.ts';

export const caddyForwardAuth: Candidate = {
  name: 'caddy-forward-auth',
  does: 'Caddy: forward_auth to Directus for every request; only whether the token is known',
  start: (site) => startBefore('caddy-forward-auth', site, { upstream: site.surroundings.upstream }),
};

export const caddyForwardAuthTls: Candidate = {
  name: 'caddy-forward-auth-tls',
  does: 'the same, with TLS to the upstream',
  start: async (site) => startBefore('caddy-forward-auth-tls', site, requireTls(site)),
};

async function startBefore(name: string, site: Site, api: Api): Promise<Running> {
  const caddy = await findCaddy();
  if ('missing' in caddy) throw new NotInstalled(caddy.missing);
  const { directus } = site.surroundings;
  return startRecipe(name, site, ({ port, folder }) => ({
    program: caddy.program,
    args: ['run', '--config', `${folder}/Caddyfile`],
    env: { HOME: folder },
    files: { Caddyfile: caddyfile({ port, directus, ...api }) },
    path: customerPath,
    headers: withStaticToken,
  }));
}

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
