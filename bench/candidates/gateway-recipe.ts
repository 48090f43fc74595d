import { join } from 'node:path';
import { collection, customerPath, withStaticToken } from '../answers.ts';
import type { Recipe, Site } from './candidate.ts';

const command = join(import.meta.dirname, '../../bin/directus-gateway.js');

type Environment = Readonly<Record<string, string>>;

/** As built for production, with nothing turned off: log, CORS, rates, metrics, remembered answers. */
export const complete = (port: number, { surroundings }: Pick<Site, 'surroundings'>, further: Environment) => ({
  program: process.execPath,
  args: [command],
  env: {
    HOST: '127.0.0.1',
    PORT: String(port),
    DIRECTUS_URL: surroundings.directus,
    LOG_STYLE: 'raw',
    CORS_ENABLED: 'true',
    CORS_ORIGIN: 'https://app.example.com',
    RATE_LIMITER_ENABLED: 'true',
    RATE_LIMITER_POINTS: '100000000', // nobody gets that far
    METRICS_ENABLED: 'true',
    METRICS_TOKENS: 'bench-metrics-token',
    SERVER_SHUTDOWN_TIMEOUT: '1s',
    ...further,
  },
});

/** An API beside the one that the candidates ask for a kilobyte. */
export type Declared = {
  readonly upstream: string;
  readonly env?: Environment;
  /** Further rules and the limits, as they stand in gateway.yaml. */
  readonly rules?: readonly string[];
  readonly limits?: string;
};

export const declared = (port: number, site: Pick<Site, 'surroundings'>, api: Declared): Recipe => ({
  ...complete(port, site, { UPSTREAM_KEY: 'key-of-the-upstream', ...api.env }),
  files: { 'gateway.yaml': gatewayYaml(api) },
  path: `/api${customerPath}`,
  headers: withStaticToken,
});

const gatewayYaml = ({ upstream, rules = [], limits = '{}' }: Declared): string => `upstreams:
  api:
    origin: ${upstream}
    plaintext: loopback
    credential: { bearer: "\${UPSTREAM_KEY}" }
    limits: ${limits}
    rules:
${[`{ methods: [GET], path: /v1/customers/:id, collection: ${collection} }`, ...rules].map((rule) => `      - ${rule}\n`).join('')}`;
