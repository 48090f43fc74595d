import type { Logger } from 'pino';
import type { Permissions } from '../directus/accountability.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Concerned } from './concerned.ts';
import type { Subscription } from './subscription.ts';
import { halfReadable, type Watched, watchedCollections } from './watched.ts';

export type FeedParts = {
  /** Base address of Directus. */
  readonly url: string;
  /** A user's token that may read the watched collections; it need not be an admin's. */
  readonly token: string;
  /** Whether Directus has policies: from 11 on. Rejects while Directus cannot be asked. */
  readonly hasPolicies: () => Promise<boolean>;
  /** What the token may do. */
  readonly readPermissions: () => Promise<Permissions>;
  readonly heartbeatMs: number;
  /** What was known about these callers may have ceased to be true. Whether the feed is live is up to date by then. */
  readonly onChange: (concerned: Concerned) => void;
  readonly logger: Logger;
};

export type Feed = {
  /** Whether changes are heard of at the moment. */
  isLive(): boolean;
  /** Whether every change is, logouts included: Directus 10 writes no activity for them. */
  isComplete(): boolean;
  start(): void;
  stop(): void;
};

export type CreateFeed = (parts: FeedParts) => Feed;

/**
 * Keeps a subscription to Directus' changes alive. Calls `onChange` at each change and once more half a second after it,
 * since the event precedes Directus' own cache clearing; and when the feed begins or is lost, since something may have
 * changed meanwhile. Tries again after a growing, jittered pause.
 */
export function createFeed({
  url,
  token,
  hasPolicies,
  readPermissions,
  heartbeatMs,
  onChange,
  logger,
}: FeedParts): Feed {
  let subscription: Subscription | undefined;
  let retry: NodeJS.Timeout | undefined;
  let look: NodeJS.Timeout | undefined;
  let failures = 0;
  let live = false;
  let logouts = false;
  let stopped = false;

  const echoes = new Set<NodeJS.Timeout>();
  const changed = (concerned: Concerned) => {
    onChange(concerned);
    const echo = setTimeout(() => {
      echoes.delete(echo);
      onChange(concerned);
    }, echoMs);
    echoes.add(echo);
  };

  const onLive = () => {
    live = true;
    failures = 0;
    logger.info('the feed of changes from Directus is live');
    changed('everybody');
  };

  const onEnd = (error: unknown) => {
    if (stopped) return;
    const wasLive = live;
    live = false;
    subscription = undefined;
    clearTimeout(look);
    if (wasLive) changed('everybody');
    const pauseMs = Math.round(Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.5 + Math.random() / 2));
    failures += 1;
    logger.warn({ err: error, pauseMs }, 'no feed of changes from Directus; answers are remembered briefly only');
    retry = setTimeout(start, pauseMs);
  };

  const requireWhole = async (watched: readonly Watched[]) => {
    const missing = halfReadable(watched, await readPermissions().catch(namingTheToken));
    if (missing.length > 0) throw new Error(`DIRECTUS_TOKEN does not read all of ${missing.join(', ')}.`);
  };

  const onEvent = (concerned: Concerned) => {
    changed(concerned);
    if (concerned === 'everybody') lookSoon();
  };
  /** What is for many may be about the token itself, which Directus then tells less, and does not say so. */
  const lookSoon = () => {
    clearTimeout(look);
    look = setTimeout(() => {
      const looked = subscription;
      requireWhole(watchedCollections(logouts)).catch((error: unknown) => {
        if (looked !== subscription) return; // lost meanwhile
        subscription?.end();
        onEnd(error);
      });
    }, echoMs);
  };

  const watch = async () => {
    logouts = await hasPolicies();
    const watched = watchedCollections(logouts);
    await requireWhole(watched);
    const { subscribe } = await import('./subscription.ts'); // with a WebSocket client, which nobody else needs
    if (!stopped) subscription = subscribe({ url, token, watched, heartbeatMs }, { onLive, onEvent, onEnd });
  };

  const start = () => {
    watch().catch(onEnd);
  };

  return {
    isLive: () => live,
    isComplete: () => live && logouts,
    start,
    stop: () => {
      stopped = true;
      live = false;
      clearTimeout(retry);
      clearTimeout(look);
      for (const echo of echoes) clearTimeout(echo);
      subscription?.end();
    },
  };
}

/** Directus' own words do not say whose credentials it means. */
function namingTheToken(error: unknown): never {
  if (!(error instanceof GatewayError) || error.status >= 500) throw error;
  throw new Error(`Directus refuses DIRECTUS_TOKEN: ${error.message}`, { cause: error });
}

const echoMs = 500;
const firstPauseMs = 250;
const longestPauseMs = 10_000;
