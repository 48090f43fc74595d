import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { DCLinter } from 'dclint';
import { readVariables, variableNames } from '../../../src/config/read-variables.ts';
import { readProjectFile } from './project-file.ts';
import {
  addressIn,
  countOtherDollars,
  environmentOf,
  noFile,
  readCompose,
  readReferences,
  type Service,
  scaledGateways as three,
  withDefaults,
} from './read-compose.ts';
import { readExample } from './read-example.ts';

const { services, networks, volumes } = readCompose();
const references = readReferences();
const addressOf = (name: string): string => addressIn(services[name]);
const profiles = { live: services.gateway, try: services['gateway-try'], scale: services['gateway-1'] } as const;
const standInOnly = ['STRIPE_API_URL', 'TWILIO_API_URL'];

describe('docker-compose.yml', () => {
  it('is valid against the schema of the Compose specification', () => {
    const rules = { 'no-unbound-port-interfaces': 0 }; // takes an address that is a variable for none
    const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] });
    const files: { messages: { type: string; message: string }[] }[] = linter.lintFiles(['docker-compose.yml'], false);
    expect(files).toHaveLength(1);
    // Warnings are about style.
    expect(files.flatMap(({ messages }) => messages).filter(({ type }) => type === 'error')).toEqual([]);
  });

  describe('variables', () => {
    const composeOnly = readExample('docker-compose.env.example');
    const explained = new Map([...readExample('.env.example'), ...composeOnly].map((line) => [line.name, line]));

    it('are written with a default or a message, so that none is forgotten silently', () => {
      expect(countOtherDollars()).toBe(0);
    });

    it.each(references)('explains $name in an example file', ({ name }) => {
      expect(explained.get(name)?.explanation).toBeTruthy();
    });

    it('are each used, where docker-compose.env.example shows them', () => {
      const used = new Set(references.map(({ name }) => name));
      const unused = composeOnly.map(({ name }) => name).filter((name) => !used.has(name));
      expect(unused).toEqual(['COMPOSE_PROFILES']); // read by Compose itself
    });

    it('are explained in one file only', () => {
      const gatewayNames: readonly string[] = variableNames;
      expect(composeOnly.filter(({ name }) => gatewayNames.includes(name))).toEqual([]);
    });

    it.each(composeOnly.filter(({ name }) => name !== 'COMPOSE_PROFILES'))(
      'has the default of $name that the example shows, or asks for it',
      ({ name, value, isDefault }) => {
        const uses = references.filter((reference) => reference.name === name);
        for (const { kind, argument } of uses) {
          expect({ kind, value: kind === 'default' ? argument : '' }).toEqual({
            kind: isDefault ? 'default' : 'required',
            value,
          });
        }
      },
    );

    it('have no default where they are secret', () => {
      const secrets = references.filter(({ name }) => /SECRET|PASSWORD|TOKEN|KEY/.test(name));
      expect(secrets.filter(({ kind, argument }) => kind === 'default' && argument !== '')).toEqual([]);
      for (const name of ['DIRECTUS_SECRET', 'ADMIN_EMAIL', 'ADMIN_PASSWORD', 'DB_PASSWORD']) {
        expect(references.filter((one) => one.name === name).map(({ kind }) => kind)).toContain('required');
      }
    });
  });

  describe('order of the start', () => {
    const dependencies = Object.entries(services).flatMap(([name, { depends_on }]) =>
      Object.entries(depends_on).map(([on, { condition }]) => ({ name, on, condition })),
    );

    it.each(dependencies)('$name waits until $on is $condition, which $on can be', ({ on, condition }) => {
      const target = services[on];
      const hasHealth = target?.healthcheck !== undefined || target?.build !== undefined; // the Dockerfile has one
      const ends = target?.restart === 'no';
      expect({ condition, can: { hasHealth, ends } }).toEqual(
        hasHealth
          ? { condition: 'service_healthy', can: { hasHealth: true, ends: false } }
          : { condition: 'service_completed_successfully', can: { hasHealth: false, ends: true } },
      );
    });

    it('has the gateway wait for Directus, and Directus for its database', () => {
      for (const gateway of Object.values(profiles)) {
        expect(gateway?.depends_on.directus?.condition).toBe('service_healthy');
      }
      expect(services.directus?.depends_on.database?.condition).toBe('service_healthy');
    });

    it.each(Object.keys(profiles))('waits, in the profile %s, for nothing that does not start there', (profile) => {
      const starts = (service: Service | undefined) =>
        service !== undefined && (service.profiles.length === 0 || service.profiles.includes(profile));
      const waitsInVain = dependencies.filter(({ name, on }) => starts(services[name]) && !starts(services[on]));
      expect(waitsInVain).toEqual([]);
    });
  });

  describe.each(Object.entries(profiles))('the gateway in the profile %s', (profile, gateway) => {
    it('starts with this profile and no other', () => {
      expect(gateway?.profiles).toEqual([profile]);
    });

    it('cannot write, gain a privilege or be root', () => {
      expect(gateway).toMatchObject({
        build: '.',
        read_only: true,
        privileged: false,
        cap_drop: ['ALL'],
        cap_add: [],
        security_opt: ['no-new-privileges:true'],
      });
      expect(gateway?.user).toBeUndefined(); // the Dockerfile's, which is not root
    });

    it('is given every variable that it reads and no other, so that nothing in .env is ignored silently', () => {
      const given = Object.keys(gateway?.environment ?? {});
      const notNeeded = profile !== 'try' ? standInOnly : ['TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET']; // an auth token is given
      const forCommands = ['DIRECTUS_ADMIN_TOKEN']; // an administrator's token has no business in a service that runs
      const expected = variableNames.filter((name) => ![...notNeeded, ...forCommands].includes(name));
      expect(given.sort()).toEqual(expected.sort());
    });

    it('is set up without a fault', () => {
      expect(() => readVariables(environmentOf(gateway), noFile)).not.toThrow();
    });

    it('has more time to stop than it takes, with half as much again', () => {
      const { SERVER_SHUTDOWN_TIMEOUT } = readVariables(environmentOf(gateway), noFile);
      const [, seconds] = /^(\d+)s$/.exec(gateway?.stop_grace_period ?? '') ?? [];
      expect(Number(seconds) * 1_000).toBeGreaterThan(1.5 * SERVER_SHUTDOWN_TIMEOUT);
    });
  });

  it('has Directus believe X-Forwarded-For from the gateways, and from nobody else', () => {
    const gateways = ['gateway', 'gateway-try', ...three].map(addressOf);
    const trusted = services.directus?.environment.IP_TRUST_PROXY?.split(',');
    expect(new Set(trusted)).toEqual(new Set(gateways));
  });

  it('has Directus let the API page sign in, at the address that browsers open, and pages of nobody else', () => {
    const { CORS_ENABLED, CORS_CREDENTIALS, CORS_ORIGIN = '' } = services.directus?.environment ?? {};
    const published = [services.gateway, services['gateway-try'], services.balancer].map((each) => each?.ports[0]);
    const port = withDefaults(published[0] ?? '').split(':')[1];

    expect(new Set(published).size).toBe(1);
    expect([CORS_ENABLED, CORS_CREDENTIALS]).toEqual(['true', 'false']);
    expect(CORS_ORIGIN).toMatch(/^\$\{PUBLIC_URL:-/);
    expect(withDefaults(CORS_ORIGIN).split(',')).toEqual([`http://localhost:${port}`, `http://127.0.0.1:${port}`]);
  });

  it('says of each command how it is run, in a container that has neither npm nor a shell', () => {
    const file = readProjectFile('docker-compose.yml');
    for (const command of ['init', 'check', 'explain']) {
      expect(file).toMatch(new RegExp(`^# +docker compose exec gateway node dist/main\\.js ${command} `, 'm'));
    }
  });

  it.each(['gateway', 'gateway-try', ...three, 'balancer'])(
    'lends %s an address of its network that nothing else can be given',
    (name) => {
      const { subnet = '', gateway = '', ip_range = '' } = networks.default?.ipam?.config[0] ?? {};
      const address = withDefaults(addressOf(name));
      expect(network(subnet).check(address)).toBe(true);
      expect(network(ip_range).check(address)).toBe(false);
      expect(address).not.toBe(withDefaults(gateway));
      const others = Object.keys(services).filter((other) => addressOf(other) === addressOf(name));
      expect(others).toEqual(name.startsWith('gateway-t') || name === 'gateway' ? ['gateway', 'gateway-try'] : [name]);
    },
  );

  it('sends no key of .env to a stand-in', () => {
    const fromEnv = Object.entries(services['gateway-try']?.environment ?? {}).filter(([, value]) =>
      value.includes('${'),
    );
    expect(fromEnv.filter(([name]) => /^(STRIPE|TWILIO)_/.test(name))).toEqual([]);
  });

  it.each(['live', 'scale'] as const)('has the real addresses of Stripe and Twilio in the profile %s', (profile) => {
    const { STRIPE_API_URL, TWILIO_API_URL } = readVariables(environmentOf(profiles[profile]), noFile);
    expect([STRIPE_API_URL, TWILIO_API_URL]).toEqual([undefined, undefined]); // the default of what is packaged
  });

  it('keeps the data of Directus, of its database and of Redis in named volumes', () => {
    const mounted = Object.values(services).flatMap((service) => service.volumes.map((volume) => volume.split(':')[0]));
    expect(mounted.filter((source) => !source?.startsWith('./')).sort()).toEqual(Object.keys(volumes).sort());
  });

  it('starts a Redis only when asked to, which loses nothing, forgets nothing, and is reached by gateways alone', () => {
    const { redis } = services;
    expect(redis).toMatchObject({
      profiles: ['redis', 'scale'],
      read_only: true,
      cap_drop: ['ALL'],
      networks: ['redis'],
    });
    expect(redis?.command?.join(' ')).toContain('--appendonly yes');
    expect(redis?.command?.join(' ')).toContain('--maxmemory-policy noeviction');
    const reaching = Object.entries(services).filter(([, { networks: on }]) =>
      Array.isArray(on) ? on.includes('redis') : on !== undefined && 'redis' in on,
    );
    expect(reaching.map(([name]) => name).sort()).toEqual(['gateway', ...three, 'gateway-try', 'redis']);
    expect(networks.redis).toMatchObject({ internal: true });
  });

  it('runs the stand-ins and the Node that the project is tested with', () => {
    const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(
      readProjectFile('package.json'),
    );
    const file = readProjectFile('docker-compose.yml');
    expect(file).toContain(`emulate@${devDependencies.emulate},`);
    const nodes = Object.values(services).flatMap(({ image }) => (image?.startsWith('node:') ? [image] : []));
    expect(new Set(nodes)).toEqual(new Set([`node:${devDependencies.node}-slim`]));
  });
});

function network(range: string): BlockList {
  const [address = '', prefix] = withDefaults(range).split('/');
  const list = new BlockList();
  list.addSubnet(address, Number(prefix));
  return list;
}
