import { findNginx } from '../../test/world/nginx.ts';
import { customerPath, withStaticToken } from '../answers.ts';
import { nginxArguments, nginxFrame } from '../nginx-frame.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Candidate, NotInstalled, startRecipe } from './candidate.ts';

/** Directus' answers are remembered as long as the gateway does. */
export const nginxAuthRequest: Candidate = {
  name: 'nginx-auth-request',
  does: 'nginx, one worker: auth_request to Directus, remembered for 10 s; only whether the token is known',
  start: async (site) => {
    const nginx = await findNginx();
    if ('missing' in nginx) throw new NotInstalled(nginx.missing);
    return startRecipe('nginx-auth-request', site, ({ port, folder }) => ({
      program: nginx.program,
      args: nginxArguments(folder),
      files: { 'nginx.conf': nginxFrame(folder, servers(folder, port, site.surroundings)) },
      path: customerPath,
      headers: withStaticToken,
    }));
  },
};

const servers = (folder: string, port: number, { upstream, directus }: Surroundings): string => `
  proxy_cache_path ${folder}/answers keys_zone=answers:1m;
  proxy_http_version 1.1;
  upstream api { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 1000000000; }
  upstream directus { server ${new URL(directus).host}; keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    access_log /dev/null;
    location / {
      auth_request /may;
      proxy_set_header Authorization "Bearer key-of-the-upstream"; proxy_set_header Connection "";
      proxy_pass http://api;
    }
    location = /may {
      internal;
      proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Connection "";
      proxy_cache answers; proxy_cache_key $http_authorization; proxy_cache_valid 200 10s;
      proxy_pass http://directus/users/me;
    }
  }
`;
