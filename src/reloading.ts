import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { ConfigError, variableNames } from './config/read-variables.ts';
import type { VariableName } from './config/variables.ts';
import type { Gateway } from './create-gateway.ts';
import type { Setup } from './read-setup.ts';
import type { Upgrades } from './server.ts';

export type ReloadingParts<Built extends Startable> = {
  readonly setup: Setup;
  readonly readAgain: () => Setup;
  readonly build: (setup: Setup) => Built;
  readonly logger: Logger;
  /** Does not say what a new set-up consists of, as another process does. */
  readonly isTerse?: boolean;
};

type Startable = Pick<Gateway, 'start' | 'stop'>;

export type Reloading<Built extends Startable = Startable> = {
  /** What is built of the set-up that is good now. */
  readonly current: () => Built;
  readonly start: () => void;
  readonly stop: () => void;
  /** Goes over to the set-up as it is now, whole or not at all. */
  readonly reload: () => void;
  /** Paths of the files on which the set-up depends, also one that was not good. */
  readonly files: () => readonly string[];
};

/**
 * A gateway, or what belongs to one, that can be set up anew while it serves. Requests under way end on the one that
 * they began on; nothing that one has remembered reaches the next. A set-up with faults changes nothing.
 */
export function createReloading<Built extends Startable>(parts: ReloadingParts<Built>): Reloading<Built> {
  const { setup, readAgain, build, logger, isTerse = false } = parts;
  let now = { setup, built: build(setup) };
  let files = setup.files;

  const reload = () => {
    try {
      const next = readAgain();
      files = next.files;
      const built = build(next);
      built.start();
      const before = now;
      now = { setup: next, built };
      before.built.stop();
      const waiting = isTerse ? [] : fixed.filter((name) => before.setup.variables[name] !== next.variables[name]);
      if (waiting.length > 0)
        logger.warn({ variables: waiting }, 'these variables have changed since the start: restart to let them count');
      logger.info(isTerse ? {} : summary(next), 'set up anew');
    } catch (error) {
      if (error instanceof ConfigError) files = error.files;
      const faults = error instanceof ConfigError ? { faults: error.faults } : { err: error };
      logger.error(faults, 'the new set-up has faults; the last good one stays');
    }
  };

  return {
    current: () => now.built,
    start: () => now.built.start(),
    stop: () => now.built.stop(),
    reload,
    files: () => files,
  };
}

/** Answers each request with the gateway that is current when it comes. */
export const answering = ({
  current,
}: Pick<Reloading<Gateway>, 'current'>): { readonly handle: RequestListener; readonly upgrades: Upgrades } => ({
  handle: (request, response) => current().app(request, response),
  upgrades: {
    accepts: (request) => current().upgrades.accepts(request),
    announce: (request, head) => current().upgrades.announce(request, head),
  },
});

/** Belong to the process, and not to what it serves. */
const fixed: readonly VariableName[] = [
  'HOST',
  'PORT',
  'WORKERS',
  'LOG_LEVEL',
  'LOG_STYLE',
  'SERVER_SHUTDOWN_TIMEOUT',
  'REDIS',
  'METRICS_ENABLED',
  ...variableNames.filter((name) => name.startsWith('OTEL_')),
];

/** What is on, and what is off and why. */
export const summary = ({ variables, upstreams, off }: Setup) => ({
  directus: variables.DIRECTUS_URL,
  upstreams: Object.fromEntries([
    ...upstreams.map(({ name, origin }) => [name, origin]),
    ...off.map(({ name, reason }) => [name, `off: ${reason}`]),
  ]),
  frontDoor: variables.FRONT_DOOR ? 'on' : 'off: FRONT_DOOR is false',
  audit: variables.AUDIT_COLLECTION ?? 'off: no AUDIT_COLLECTION',
  feed: variables.DIRECTUS_TOKEN === undefined ? 'off: no DIRECTUS_TOKEN' : 'on',
});
