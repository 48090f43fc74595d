import type { Charge, Ledger } from './ledger.ts';
import type { Redis } from './redis.ts';

/** What all gateways on this Redis have spent. Rejects while Redis is gone: what cannot be counted is not spent. */
export function createRedisLedger(redis: Redis): Ledger {
  const run = (script: string, charges: readonly Charge[]): Promise<unknown> =>
    redis.ask((client) =>
      client.eval(script, {
        keys: charges.map(({ key }) => `directus-gateway:${key}`),
        arguments: charges.flatMap(toArguments),
      }),
    );
  return {
    service: 'redis',
    spend: async (charges) => {
      const exhausted = await run(spendScript, charges);
      if (typeof exhausted !== 'number') throw new Error('Redis has answered with something else than a number.');
      return charges[exhausted - 1];
    },
    refund: async (charges) => {
      await run(refundScript, charges);
    },
  };
}

/** Limit, milliseconds until the end, how many members, and these. Without members a request is counted: -1. */
const toArguments = ({ limit, endsInMs, members }: Charge): string[] => [
  String(limit),
  String(endsInMs),
  String(members?.length ?? -1),
  ...(members ?? []),
];

/** Redis runs a script whole, with nothing in between: first all are looked at, then all are charged. */
const spendScript = `
local at = 1
for i, key in ipairs(KEYS) do
  local limit, count = tonumber(ARGV[at]), tonumber(ARGV[at + 2])
  local total
  if count < 0 then
    total = tonumber(redis.call('GET', key) or '0') + 1
  else
    total = redis.call('HLEN', key)
    for m = 1, count do
      if redis.call('HEXISTS', key, ARGV[at + 2 + m]) == 0 then total = total + 1 end
    end
  end
  if total > limit then return i end
  at = at + 3 + math.max(count, 0)
end
at = 1
for i, key in ipairs(KEYS) do
  local count = tonumber(ARGV[at + 2])
  if count < 0 then redis.call('INCR', key) end
  for m = 1, count do redis.call('HINCRBY', key, ARGV[at + 2 + m], 1) end
  if redis.call('PTTL', key) == -1 then redis.call('PEXPIRE', key, ARGV[at + 1]) end
  at = at + 3 + math.max(count, 0)
end
return 0
`;

/** What has ended is gone, and must not come back with less than nothing. */
const refundScript = `
local at = 1
for i, key in ipairs(KEYS) do
  local count = tonumber(ARGV[at + 2])
  if count < 0 and tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
  for m = 1, count do
    local member = ARGV[at + 2 + m]
    if redis.call('HEXISTS', key, member) == 1 and redis.call('HINCRBY', key, member, -1) <= 0 then
      redis.call('HDEL', key, member)
    end
  end
  at = at + 3 + math.max(count, 0)
end
return 0
`;
