import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Environment, readVariables, variableNames } from '../../../src/config/read-variables.ts';
import { readUpstreams } from '../../../src/upstreams/read-upstreams.ts';
import { kinds, typeFaults } from './manifest-faults.ts';
import { PROJECT, readProjectFile } from './project-file.ts';
import { FOLDER, readDeployment, readKustomization, readManifest } from './read-kubernetes.ts';

const manifests = [
  ['deployment.yaml', 'Deployment'],
  ['service.yaml', 'Service'],
  ['disruption-budget.yaml', 'PodDisruptionBudget'],
  ['autoscaler.yaml', 'HorizontalPodAutoscaler'],
  ['network-policy.yaml', 'NetworkPolicy'],
] as const;

const { metadata, spec } = readDeployment();
const pod = spec.template.spec;
const [gateway] = pod.containers;
const kustomization = readKustomization();
const environment: Environment = Object.fromEntries(gateway.env.map(({ name, value }) => [name, value]));
const readSecret = (path: string): string => (path.endsWith('/redis') ? 'redis://redis:6379' : 'sk_test_from_a_file');
const { version }: { version: string } = JSON.parse(readProjectFile('package.json'));

describe('deploy/kubernetes', () => {
  it.each(manifests)('%s is valid against the schema of Kubernetes', (file, kind) => {
    const { apiVersion, validate } = kinds[kind];
    const manifest = readManifest(file);
    expect(manifest).toMatchObject({ apiVersion, kind });
    expect(validate(manifest)).toBe(true);
    expect(validate({ ...z.looseObject({}).parse(manifest), spec: 'none' })).toBe(false);
  });

  it('has no member that Kubernetes does not know, such as a misspelt one', () => {
    expect(typeFaults(manifests.map(([file, kind]) => [kind, readManifest(file)]))).toBe('');
    const misspelt = { apiVersion: 'v1', kind: 'Service', spec: { sellector: {} } };
    expect(typeFaults([['Service', misspelt]])).toMatch(/sellector.* does not exist in type 'IServiceSpec'/);
  });

  it('applies each manifest that there is, save one of a kind that not every cluster knows', () => {
    const others = ['gateway.yaml', 'kustomization.yaml', 'pod-monitor.yaml'];
    const files = readdirSync(join(PROJECT, FOLDER)).filter((file) => !others.includes(file));
    expect([...kustomization.resources].sort()).toEqual(files.sort());
    expect(manifests.map(([file]) => file).sort()).toEqual(files.sort());
    expect(kustomization.configMapGenerator).toEqual([{ name: metadata.name, files: ['gateway.yaml'] }]);
  });

  it('runs the image of this version', () => {
    expect(gateway.image).toBe(`${kustomization.images[0].name}:${version}`);
    expect(kustomization.images[0].newTag).toBe(version);
  });

  it.each(['service.yaml', 'disruption-budget.yaml', 'network-policy.yaml'])('%s is about these pods', (file) => {
    const labels = spec.template.metadata.labels;
    const { spec: own } = z.object({ spec: z.record(z.string(), z.unknown()) }).parse(readManifest(file));
    expect(spec.selector.matchLabels).toEqual(labels);
    expect([labels, { matchLabels: labels }]).toContainEqual(own.selector ?? own.podSelector);
  });

  it('scales this deployment, which sets no number itself', () => {
    expect(readManifest('autoscaler.yaml')).toMatchObject({
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name } },
    });
    expect(spec.replicas).toBeUndefined();
    expect(gateway.resources.requests.cpu).toBeDefined(); // what the autoscaler measures by
  });

  it('meets the restricted Pod Security Standard, on a read-only root, without the token of a service account', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(gateway.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    const volumes = pod.volumes.flatMap((volume) => Object.keys(volume)).filter((key) => key !== 'name');
    expect(volumes).toEqual(['secret', 'configMap']);
    expect(gateway.volumeMounts.every(({ readOnly }) => readOnly)).toBe(true);
  });

  it('runs as the user of the image', () => {
    const user = /^USER (\d+):(\d+)$/m.exec(readProjectFile('Dockerfile'))?.slice(1).map(Number);
    expect(pod.securityContext).toMatchObject({ runAsUser: user?.[0], runAsGroup: user?.[1] });
  });

  it('sets the gateway up without a fault, by variables that it reads', () => {
    expect(() => readVariables(environment, readSecret)).not.toThrow();
    const names = gateway.env.map(({ name }) => name.replace(/_FILE$/, ''));
    expect(names.filter((name) => name !== 'GATEWAY_CONFIG' && !variableNames.some((known) => known === name))).toEqual(
      [],
    );
    const text = readProjectFile(`${FOLDER}/gateway.yaml`);
    const { faults } = readUpstreams({ file: { name: 'gateway.yaml', text }, resolve: () => undefined });
    expect(faults).toEqual([]);
  });

  it('gives secrets as files of the mounted Secret, never as values', () => {
    const secrets = gateway.env.filter(({ name }) => /TOKEN|KEY|SECRET|^REDIS/.test(name));
    const mount = gateway.volumeMounts.find(({ name }) => name === 'secrets')?.mountPath;
    expect(secrets.map(({ name }) => name)).toContain('STRIPE_LIVE_SECRET_KEY_FILE');
    for (const { name, value } of secrets) {
      expect(name).toMatch(/_FILE$/);
      expect(value.startsWith(`${mount}/`)).toBe(true);
    }
  });

  it('lets the gateway stop by itself, and takes it out before its drain ends', () => {
    const { SERVER_SHUTDOWN_TIMEOUT } = readVariables(environment, readSecret);
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(1.5 * SERVER_SHUTDOWN_TIMEOUT);
    const { periodSeconds, failureThreshold } = gateway.readinessProbe;
    expect(periodSeconds * failureThreshold * 1_000).toBeLessThan(SERVER_SHUTDOWN_TIMEOUT / 4);
  });

  it('has Prometheus’ operator scrape each pod with the token that the gateway is given, by the job that alerts name', () => {
    const { METRICS_ENABLED, METRICS_TOKENS } = readVariables(environment, readSecret);
    expect([METRICS_ENABLED, METRICS_TOKENS?.length]).toEqual([true, 1]);
    const { name, secret } = z
      .object({ name: z.string(), secret: z.object({ secretName: z.string() }) })
      .parse(pod.volumes.find((volume) => 'secret' in volume));
    const mount = gateway.volumeMounts.find((one) => one.name === name)?.mountPath;
    const key = environment.METRICS_TOKENS_FILE?.replace(`${mount}/`, '');
    expect(readManifest('pod-monitor.yaml')).toEqual({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: { name: metadata.name },
      spec: {
        jobLabel: 'app.kubernetes.io/name',
        selector: spec.selector,
        podMetricsEndpoints: [
          {
            port: gateway.ports[0]?.name,
            path: '/metrics',
            interval: '15s',
            authorization: { type: 'Metrics', credentials: { name: secret.secretName, key } },
          },
        ],
      },
    });
    const job = spec.template.metadata.labels['app.kubernetes.io/name'];
    expect(readProjectFile('deploy/prometheus/alerts.yaml')).toContain(`up{job="${job}"}`);
  });

  it('restarts a gateway that does not answer, and not one whose Directus does not', () => {
    const paths = [gateway.startupProbe, gateway.livenessProbe, gateway.readinessProbe].map((one) => one.httpGet.path);
    expect(paths).toEqual(['/server/ping', '/server/ping', '/server/health']);
    expect(gateway.ports).toEqual([{ name: 'http', containerPort: readVariables(environment, readSecret).PORT }]);
  });

  it('lets the gateway out to no private address but those of DNS, Directus and Redis', () => {
    const policy = z
      .object({
        spec: z.object({
          policyTypes: z.array(z.string()),
          egress: z.array(z.looseObject({ to: z.array(z.unknown()) })),
        }),
      })
      .parse(readManifest('network-policy.yaml'));
    expect(policy.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    const blocks = JSON.stringify(policy.spec.egress.flatMap(({ to }) => to));
    for (const range of ['10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']) {
      expect(blocks).toContain(`"${range}"`);
    }
    expect(policy.spec.egress.every(({ to }) => to.length > 0)).toBe(true);
  });
});

it('the rule of deploy/kubernetes that is commented out lets the gateway out to a collector, and nowhere else', () => {
  const file = readProjectFile(`${FOLDER}/network-policy.yaml`);
  const whole: unknown = parse(file.replaceAll(/^ {4}# ( *- | {2})(?=.*:)/gm, '    $1'));
  expect(kinds.NetworkPolicy.validate(whole)).toBe(true);
  const egress = (policy: unknown) =>
    z.object({ spec: z.object({ egress: z.array(z.unknown()) }) }).parse(policy).spec.egress;
  const added = egress(whole).filter((one) => !egress(parse(file)).some((rule) => isDeepStrictEqual(rule, one)));
  const [namespace, name] = ['observability', 'opentelemetry-collector'];
  expect(added).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
        },
      ],
      ports: [{ port: 4318, protocol: 'TCP' }],
    },
  ]);
  expect(typeFaults([['NetworkPolicy', whole]])).toBe('');
});
