import { afterAll, afterEach, beforeEach, expect } from '@jest/globals';
import { leaks } from './leaks.ts';
import type { GatewayOptions } from './start-gateway.ts';
import { startWorld, type World } from './world.ts';

/** A world for the tests of one file: fresh before each of them, searched for leaked secrets after each. */
export async function useWorld(more: Record<string, string> = {}, options: GatewayOptions = {}): Promise<World> {
  const world = await startWorld(more, options);
  beforeEach(() => world.reset());
  afterEach(() => expect(leaks(world)).toEqual([]));
  afterAll(() => world.stop());
  return world;
}

/** The caller's token, as most callers send it. */
export const as = (token: string) => ({ Authorization: `Bearer ${token}` });
