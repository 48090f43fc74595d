import { describe, expect, it } from '@jest/globals';
import { readVariables } from '../../../src/config/read-variables.ts';
import { readProjectFile } from './project-file.ts';
import { addressIn, environmentOf, noFile, readCompose, scaledGateways as three } from './read-compose.ts';

const { services } = readCompose();
const { balancer } = services;
const addressOf = (name: string): string => addressIn(services[name]);
const [path = '', inside, mode] = balancer?.volumes[0]?.split(':') ?? [];
const file = readProjectFile(path);

describe('the profile scale of docker-compose.yml', () => {
  it('has three gateways that differ in their address only', () => {
    const [first, ...others] = three.map((name) => ({ ...services[name], networks: undefined }));
    expect(others).toEqual([first, first]);
    expect(first?.profiles).toEqual(['scale']);
  });

  it('publishes the balancer and none of the gateways behind it', () => {
    expect(balancer?.ports).toEqual(services.gateway?.ports);
    expect(three.map((name) => services[name]?.ports)).toEqual([[], [], []]);
    expect(services.redis?.ports).toEqual([]);
  });

  it('has the balancer call each of them, and each of them believe the balancer alone', () => {
    const { PORT } = services['gateway-1']?.environment ?? {};
    const called = [1, 2, 3].map((number) => balancer?.environment[`GATEWAY_${number}`]);
    expect(called).toEqual(three.map((name) => `${addressOf(name)}:${PORT}`));
    for (const name of three) expect(services[name]?.environment.IP_TRUST_PROXY).toBe(addressOf('balancer'));
  });

  it('counts in the Redis that starts with it', () => {
    const { REDIS, RATE_LIMITER_STORE } = readVariables(environmentOf(services['gateway-1']), noFile);
    expect([REDIS, RATE_LIMITER_STORE]).toEqual(['redis://redis:6379', 'redis']);
  });

  it('gives the balancer its file, which exists, every variable that the file reads, and no other', () => {
    expect([inside, mode]).toEqual(['/usr/local/etc/haproxy/haproxy.cfg', 'ro']);
    const read = file.matchAll(/\$\{(\w+)/g);
    const names = new Set(Array.from(read, ([, name]) => name));
    expect(new Set(Object.keys(balancer?.environment ?? {}))).toEqual(names);
  });

  it('lets the balancer write nothing, gain no privilege, and end in its own time', () => {
    expect(balancer).toMatchObject({
      read_only: true,
      privileged: false,
      cap_drop: ['ALL'],
      cap_add: [],
      security_opt: ['no-new-privileges:true'],
    });
    const [, hardStop] = /^ {2}hard-stop-after (\d+)s$/m.exec(file) ?? [];
    expect(Number.parseInt(balancer?.stop_grace_period ?? '', 10)).toBeGreaterThan(Number(hardStop));
  });

  it('has the balancer leave a gateway that stops before that one closes, and close idle connections first', () => {
    const [, inter, fast, fall] = /inter (\d+)s fastinter (\d+)ms fall (\d+)/.exec(file) ?? [];
    const { SERVER_SHUTDOWN_TIMEOUT } = readVariables(environmentOf(services['gateway-1']), noFile);
    expect(Number(inter) * 1_000 + Number(fast) * (Number(fall) - 1)).toBeLessThan(SERVER_SHUTDOWN_TIMEOUT / 4);
    expect(Number(/timeout http-keep-alive (\d+)s/.exec(file)?.[1])).toBeLessThan(65);
  });
});
