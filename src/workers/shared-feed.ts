import type { Concerned } from '../feed/concerned.ts';
import type { CreateFeed } from '../feed/feed.ts';
import type { ToWorker } from './messages.ts';

type Told = Extract<ToWorker, { kind: 'feed' }>;
type View = { readonly onChange: (concerned: Concerned) => void; live: boolean; complete: boolean };

export type SharedFeed = {
  /** The feed of the gateway that is built next. It hears of nothing, until the primary says otherwise. */
  readonly createFeed: CreateFeed;
  /** What the primary says. */
  hear(told: Pick<Told, 'live' | 'complete' | 'changed'>): void;
  /** What is said from now on is not for the gateways that there are: they remember briefly, and forget what they know. */
  cut(): void;
  stop(): void;
};

/**
 * A worker's part of the primary's feed of changes. While the primary is silent nothing is taken for granted: whoever
 * had been remembered is forgotten, and answers are remembered briefly.
 * @param silenceMs after which the primary counts as silent; it speaks every second
 */
export function createSharedFeed(silenceMs = 5_000): SharedFeed {
  let view: View | undefined;
  let heardAt = performance.now();

  const lose = () => {
    if (view === undefined) return;
    const { live, onChange } = view;
    Object.assign(view, { live: false, complete: false });
    if (live) onChange('everybody');
  };
  const watch = setInterval(() => {
    if (performance.now() - heardAt >= silenceMs) lose();
  }, silenceMs / 5).unref();

  return {
    createFeed: ({ onChange }) => {
      const mine: View = { onChange, live: false, complete: false };
      view = mine;
      return {
        isLive: () => mine.live,
        isComplete: () => mine.complete,
        start: () => undefined,
        stop: () => {
          Object.assign(mine, { live: false, complete: false });
          if (view === mine) view = undefined;
        },
      };
    },
    hear: ({ live, complete, changed }) => {
      heardAt = performance.now();
      if (view === undefined) return;
      const wasLive = view.live;
      Object.assign(view, { live, complete });
      if (wasLive !== live)
        view.onChange('everybody'); // what happened in between, nobody knows
      else if (changed !== undefined) view.onChange(changed);
    },
    cut: () => {
      lose();
      view = undefined;
    },
    stop: () => clearInterval(watch),
  };
}
