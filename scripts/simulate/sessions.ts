import { createCalendar } from './calendar.ts';
import type { Random } from './random.ts';

export type Token = { readonly key: string; readonly expiresAt: number };
export type SimulatedRequest = { readonly user: number; readonly token: Token };

export type SessionsParts = {
  /** How many people use the app on this day. */
  readonly users: number;
  /** Milliseconds for which a token is good; Infinity for static tokens. */
  readonly tokenLifetimeMs: number;
  readonly random: Random;
};

/** Milliseconds of one step of the simulation. */
export const tickMs = 20;

/** What is assumed of people; docs/scaling.md says it in words. */
export const people = {
  sessionsPerDay: 2,
  /** Of a day's sessions, those that begin in its busiest hour. */
  peakHourShare: 0.1,
  sessionMs: { least: 240_000, most: 720_000 },
  pauseMs: { least: 10_000, most: 40_000 },
  requestsPerBurst: { least: 1, most: 3 },
  /** Within which the requests of one burst are sent. */
  burstMs: 100,
} as const;

type Session = { readonly user: number; readonly endsAt: number };

/** The busiest hour of a day, without an end: who sends a request in each tick, and with which token. */
export function createSessions({ users, tokenLifetimeMs, random }: SessionsParts) {
  const sessionsPerTick = (users * people.sessionsPerDay * people.peakHourShare * tickMs) / 3_600_000;
  const bursts = createCalendar<Session>(people.pauseMs.most / tickMs + 2);
  const requests = createCalendar<number>(people.burstMs / tickMs + 2);
  const tokens = new Map<number, Token>();
  let issued = 0;

  const tokenOf = (user: number, now: number): Token => {
    const known = tokens.get(user);
    if (known !== undefined && now < known.expiresAt) return known;
    issued += 1;
    const token = { key: `${user}.${issued}`, expiresAt: now + tokenLifetimeMs };
    tokens.set(user, token);
    return token;
  };

  const burst = (session: Session, now: number): void => {
    if (now >= session.endsAt) return;
    const { requestsPerBurst, burstMs, pauseMs } = people;
    const count = random.between(requestsPerBurst.least, requestsPerBurst.most);
    for (let sent = 0; sent < count; sent += 1) requests.add(session.user, random.between(1, burstMs / tickMs));
    bursts.add(session, random.between(pauseMs.least / tickMs, pauseMs.most / tickMs));
  };

  return {
    /** The requests of the tick that begins at `now`, in milliseconds. To be called for every tick. */
    advance: (now: number): SimulatedRequest[] => {
      const begun = random.count(sessionsPerTick);
      for (let session = 0; session < begun; session += 1) {
        const { least, most } = people.sessionMs;
        burst({ user: someUser(users, random), endsAt: now + random.between(least, most) }, now);
      }
      for (const session of bursts.advance()) burst(session, now);
      return requests.advance().map((user) => ({ user, token: tokenOf(user, now) }));
    },
  };
}

/** As Zipf's law with the exponent 1/2: a tenth of all sessions are those of the busiest hundredth of the users. */
export const someUser = (users: number, random: Random): number => Math.floor(users * random.next() ** 2);
