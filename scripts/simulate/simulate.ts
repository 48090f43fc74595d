import { createCalendar } from './calendar.ts';
import { createRandom, type Random } from './random.ts';
import { createSessions, people, type SimulatedRequest, someUser, tickMs } from './sessions.ts';
import { createSimulatedProcess, type Outcome } from './simulated-process.ts';

export type Scenario = {
  /** How many people use the app on this day. */
  readonly users: number;
  /** Workers of all gateways together. */
  readonly processes: number;
  /** To how many of them the requests of one user go. */
  readonly spread: number;
  readonly ttlMs: number;
  /** Infinity for static tokens. */
  readonly tokenLifetimeMs: number;
  /** Changes in Directus that make every process forget somebody, evenly spread. */
  readonly changesPerHour: number;
  /** Whether each of them is about everybody, such as a permission, or about one of the users. */
  readonly changesAreOf: 'everybody' | 'one user';
};

/** Rates are those of all processes together. */
export type Simulated = {
  readonly requestsPerSecond: number;
  /** Of the requests, those for which nothing was asked. */
  readonly hitRate: number;
  /** How often Directus is asked about a token. */
  readonly asksPerSecond: number;
  readonly asksInBusiestSecond: number;
  /** Of what was asked, what had been pushed out by others. */
  readonly pushedOut: number;
  /** Answers that one process could use, if it had room for all. */
  readonly answersPerProcess: number;
};

/** By then as many sessions end as begin. */
const settleMs = people.sessionMs.most;
const measuredMs = 300_000;

/**
 * Five minutes of the busiest hour, of one process: the others are like it. No clock of the machine has a part in it:
 * the same scenario, the same figures.
 */
export async function simulate(scenario: Scenario): Promise<Simulated> {
  const random = createRandom(seed);
  const clock = { now: 0 };
  const process = createSimulatedProcess({ now: () => clock.now, ttlMs: scenario.ttlMs });
  const sessions = createSessions({ ...scenario, random });
  const changes = changing(scenario, random);
  const isItsOwn = balancing(scenario, random);
  const counts = createCounts();

  for (; clock.now < settleMs + measuredMs; clock.now += tickMs) {
    await process.answer();
    for (const user of changes.advance(clock.now)) process.forget(user);
    const measuredAt = clock.now - settleMs;
    for (const request of sessions.advance(clock.now).filter(isItsOwn)) {
      const outcome = process.request(request);
      if (measuredAt >= 0) counts.add(outcome, measuredAt);
    }
  }
  return { ...counts.result(scenario.processes), answersPerProcess: process.countHolding() };
}

const seed = 20_261_121;

/**
 * A user's requests go to neighbours in a ring of processes, the first by the user's number, as a balancer would choose
 * that goes by a hash. Whether this one goes to the first process of all.
 */
const balancing =
  ({ processes, spread }: Scenario, random: Random) =>
  ({ user }: SimulatedRequest): boolean =>
    (user + random.between(0, spread - 1)) % processes === 0;

/** As the feed does: at once, and once more half a second later. A change of one is of somebody who comes as often as others do. */
function changing({ users, changesPerHour, changesAreOf }: Scenario, random: Random) {
  const echoes = createCalendar<number | undefined>(echoMs / tickMs + 1);
  let changes = 0;
  return {
    /** Whom the changes of this tick are about; undefined: everybody. */
    advance: (now: number): readonly (number | undefined)[] => {
      const again = echoes.advance();
      const changesByNow = Math.floor((now * changesPerHour) / 3_600_000 + 0.5);
      const fresh = Array.from({ length: changesByNow - changes }, () =>
        changesAreOf === 'everybody' ? undefined : someUser(users, random),
      );
      changes = changesByNow;
      for (const user of fresh) echoes.add(user, echoMs / tickMs);
      return [...again, ...fresh];
    },
  };
}

const echoMs = 500;

function createCounts() {
  const total: Record<Outcome, number> = { remembered: 0, joined: 0, asked: 0, 'pushed out': 0 };
  const asksBySecond = new Array<number>(measuredMs / 1_000).fill(0);
  return {
    add: (outcome: Outcome, measuredAt: number): void => {
      total[outcome] += 1;
      if (outcome === 'remembered' || outcome === 'joined') return;
      const second = Math.floor(measuredAt / 1_000);
      asksBySecond[second] = (asksBySecond[second] ?? 0) + 1;
    },
    result: (processes: number) => {
      const asks = total.asked + total['pushed out'];
      const requests = total.remembered + total.joined + asks;
      const perSecond = (count: number): number => (count * processes * 1_000) / measuredMs;
      return {
        requestsPerSecond: perSecond(requests),
        hitRate: 1 - asks / requests,
        asksPerSecond: perSecond(asks),
        asksInBusiestSecond: Math.max(...asksBySecond) * processes,
        pushedOut: asks === 0 ? 0 : total['pushed out'] / asks,
      };
    },
  };
}
