import { customerPath, withStaticToken } from '../answers.ts';
import { findCaddy } from '../find-caddy.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Candidate, NotInstalled, startRecipe } from './candidate.ts';

export const caddyForwardAuth: Candidate = {
  name: 'caddy-forward-auth',
  does: 'Caddy: forward_auth to Directus for every request; only whether the token is known',
  start: async (site) => {
    const caddy = await findCaddy();
    if ('missing' in caddy) throw new NotInstalled(caddy.missing);
    return startRecipe('caddy-forward-auth', site, ({ port, folder }) => ({
      program: caddy.program,
      args: ['run', '--config', `${folder}/Caddyfile`],
      env: { HOME: folder },
      files: { Caddyfile: caddyfile(port, site.surroundings) },
      path: customerPath,
      headers: withStaticToken,
    }));
  },
};

const caddyfile = (port: number, { upstream, directus }: Surroundings): string => `{
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
  reverse_proxy ${new URL(upstream).host} {
    header_up Authorization "Bearer key-of-the-upstream"
    transport http {
      keepalive_idle_conns_per_host 64
    }
  }
}
`;
