import { findNginx } from '../../test/world/nginx.ts';
import { customerPath, withStaticToken } from '../answers.ts';
import { nginxArguments, nginxFrame } from '../nginx-frame.ts';
import { type Api, plainAndTls, requireInstalled, startRecipe } from './candidate.ts';

/** Directus' answers are remembered as long as the gateway does. */
export const [nginxAuthRequest, nginxAuthRequestTls] = plainAndTls(
  {
    name: 'nginx-auth-request',
    does: 'nginx, one worker: auth_request to Directus, remembered for 10 s; only whether the token is known',
  },
  async (name, site, api) => {
    const nginx = requireInstalled(await findNginx());
    const { directus } = site.surroundings;
    return startRecipe(name, site, ({ port, folder }) => ({
      program: nginx.program,
      args: nginxArguments(folder),
      files: { 'nginx.conf': nginxFrame(folder, servers({ folder, port, directus, ...api })) },
      path: customerPath,
      headers: withStaticToken,
    }));
  },
);

type Place = Api & { readonly folder: string; readonly port: number; readonly directus: string };

const servers = ({ folder, port, directus, upstream, certificate }: Place): string => `
  proxy_cache_path ${folder}/answers keys_zone=answers:1m;
  proxy_http_version 1.1;
  upstream api { server 127.0.0.1:${new URL(upstream).port}; keepalive 64; keepalive_requests 1000000000; }
  upstream directus { server ${new URL(directus).host}; keepalive 16; }
  ${certificate === undefined ? '' : `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${certificate}; proxy_ssl_name localhost;`}
  server {
    listen 127.0.0.1:${port};
    access_log /dev/null;
    location / {
      auth_request /may;
      proxy_set_header Authorization "Bearer key-of-the-upstream"; proxy_set_header Connection "";
      proxy_pass ${new URL(upstream).protocol}//api;
    }
    location = /may {
      internal;
      proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Connection "";
      proxy_cache answers; proxy_cache_key $http_authorization; proxy_cache_valid 200 10s;
      proxy_pass http://directus/users/me;
    }
  }
`;
