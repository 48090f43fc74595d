import type { Variables } from '../config/variables.ts';
import type { Setup } from '../read-setup.ts';
import { tracingSettings } from '../tracing/tracing-settings.ts';
import { version } from '../version.ts';
import { spanOf } from './span.ts';
import { describeUpstream, upstreamFacts } from './upstream-facts.ts';

/** One side of a set-up, for machines and for people. Neither holds a secret. */
export type Aspect = {
  readonly name: 'upstreams' | 'permissions' | 'limits' | 'browser' | 'operation';
  readonly facts: Readonly<Record<string, unknown>>;
  readonly text: string;
};

export type Running = {
  /** How many processes serve. */
  readonly workers: number;
  readonly logStyle: 'pretty' | 'raw';
  /** Milliseconds for which Directus' answers are remembered: while every change is heard of, and while not. */
  readonly remembered: { readonly heardMs: number; readonly otherwiseMs: number };
};

/** What is on, what is off, and why. */
export const aspectsOf = (setup: Setup, running: Running): readonly Aspect[] => [
  upstreams(setup),
  permissions(setup.variables, running),
  limits(setup, running),
  browser(setup.variables),
  operation(setup.variables, running),
];

function upstreams({ upstreams: on, off }: Setup): Aspect {
  const facts = {
    upstreams: Object.fromEntries([
      ...on.map((upstream) => [upstream.name, upstreamFacts(upstream)]),
      ...off.map(({ name, reason }) => [name, { off: reason }]),
    ]),
  };
  const lines = [...on.map(describeUpstream), ...off.map(({ name, reason }) => `${name} off (${reason})`)];
  return { name: 'upstreams', facts, text: lines.join('; ') };
}

function permissions(variables: Variables, { remembered: { heardMs, otherwiseMs } }: Running): Aspect {
  const { DIRECTUS_URL: directus, DIRECTUS_TOKEN } = variables;
  const rememberedFor = (ms: number) => (ms === 0 ? 'never remembered' : `remembered for ${spanOf(ms)}`);
  const changes = DIRECTUS_TOKEN === undefined ? 'off: no DIRECTUS_TOKEN' : 'on';
  const text =
    DIRECTUS_TOKEN === undefined
      ? `${rememberedFor(otherwiseMs)}; changes are not heard of at once (no DIRECTUS_TOKEN)`
      : `${rememberedFor(heardMs)} while changes are heard of at once, else ${rememberedFor(otherwiseMs)}`;
  return {
    name: 'permissions',
    facts: {
      directus,
      rememberedMs: DIRECTUS_TOKEN === undefined ? otherwiseMs : heardMs,
      changes,
    },
    text: `asked of ${directus}, ${text}`,
  };
}

function limits({ variables, upstreams: on }: Setup, { workers }: Running): Aspect {
  const { RATE_LIMITER_ENABLED, RATE_LIMITER_POINTS: points, RATE_LIMITER_DURATION: seconds, REDIS } = variables;
  const here = workers > 1 ? 'memory of the first process, for all workers' : 'memory';
  const places = {
    rates: variables.RATE_LIMITER_STORE === 'redis' ? 'Redis' : here,
    budgets: REDIS === undefined ? here : 'Redis',
  };
  const budgets = new Set(
    on.flatMap(({ name, rules }) =>
      rules.flatMap((rule) =>
        'deny' in rule
          ? []
          : [rule.budget, rule.destinations?.count].flatMap((each) => (each ? `${name} ${each.id}` : [])),
      ),
    ),
  ).size;
  const rates = RATE_LIMITER_ENABLED
    ? { points, seconds, countedIn: places.rates }
    : 'off: RATE_LIMITER_ENABLED is false';
  const told = RATE_LIMITER_ENABLED
    ? `${points} requests in ${spanOf(seconds * 1_000)} for each address and user (counted in ${places.rates})`
    : 'no rates (RATE_LIMITER_ENABLED is false)';
  return {
    name: 'limits',
    facts: { rates, budgets: { rules: budgets, countedIn: places.budgets } },
    text:
      budgets === 0
        ? `${told}; no rule has a budget`
        : `${told}; budgets of ${budgets} ${budgets === 1 ? 'rule' : 'rules'} (${places.budgets})`,
  };
}

function browser(variables: Variables): Aspect {
  const {
    API_PAGE_ENABLED,
    CORS_ENABLED,
    CORS_ORIGIN,
    FRONT_DOOR,
    SESSION_COOKIE_NAME: cookie,
    PUBLIC_URL,
  } = variables;
  const cors = CORS_ENABLED ? String(CORS_ORIGIN) : 'off: CORS_ENABLED is false';
  const writesFrom = PUBLIC_URL === undefined ? 'the host of each request' : new URL(PUBLIC_URL).origin;
  return {
    name: 'browser',
    facts: {
      cors,
      frontDoor: FRONT_DOOR ? 'on' : 'off: FRONT_DOOR is false',
      apiPage: API_PAGE_ENABLED ? '/gateway/' : 'off: API_PAGE_ENABLED is false',
      cookie,
      writesFrom,
    },
    text: [
      CORS_ENABLED ? `CORS for ${cors}` : 'no CORS (CORS_ENABLED is false)',
      FRONT_DOOR ? 'Directus behind the front door' : 'no front door (FRONT_DOOR is false)',
      API_PAGE_ENABLED ? 'API page at /gateway/' : 'no API page (API_PAGE_ENABLED is false)',
      `writes with the cookie ${cookie} from ${PUBLIC_URL === undefined ? `${writesFrom} (no PUBLIC_URL)` : writesFrom}`,
    ].join('; '),
  };
}

function operation(variables: Variables, { workers, logStyle }: Running): Aspect {
  const { METRICS_ENABLED, METRICS_TOKENS, AUDIT_COLLECTION, LOG_LEVEL: logLevel } = variables;
  const tracing = tracingSettings(variables);
  const collector = tracing && new URL(tracing.url).origin; // the path may hold a key
  const readers = METRICS_TOKENS === undefined ? 'administrators' : 'METRICS_TOKENS';
  const metrics = METRICS_ENABLED ? `on, for ${readers}` : 'off: METRICS_ENABLED is false';
  return {
    name: 'operation',
    facts: {
      version,
      node: process.versions.node,
      metrics,
      tracing: collector ?? 'off: no OTEL_EXPORTER_OTLP_ENDPOINT',
      audit: AUDIT_COLLECTION ?? 'off: no AUDIT_COLLECTION',
      workers,
      logLevel,
      logStyle,
    },
    text: [
      `directus-gateway ${version} on Node ${process.versions.node}`,
      METRICS_ENABLED ? `/metrics for ${readers}` : 'no metrics (METRICS_ENABLED is false)',
      collector === undefined ? 'no spans (no OTEL_EXPORTER_OTLP_ENDPOINT)' : `spans to ${collector}`,
      AUDIT_COLLECTION === undefined ? 'no audit (no AUDIT_COLLECTION)' : `writes noted in ${AUDIT_COLLECTION}`,
      workers === 1 ? 'one process' : `${workers} workers`,
      `log ${logLevel}, ${logStyle}`,
    ].join('; '),
  };
}
