import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { findKubectl } from '../../world/kubectl.ts';
import { type Kind, kinds, typeFaults } from './manifest-faults.ts';
import { PROJECT, readProjectFile } from './project-file.ts';
import { FOLDER, parseDeployment, readKustomization, readManifest } from './read-kubernetes.ts';

const kubectl = await findKubectl();
const run = promisify(execFile);

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.custom<Kind>((kind) => typeof kind === 'string' && Object.hasOwn(kinds, kind)),
  metadata: z.object({ name: z.string() }),
});

if ('missing' in kubectl) it.skip(`kubectl kustomize deploy/kubernetes: ${kubectl.missing}`, () => undefined);
else {
  const { stdout } = await run(kubectl.program, ['kustomize', join(PROJECT, FOLDER)], { env: kubectl.env });
  const printed = parseAllDocuments(stdout).map((one) => manifest.parse(one.toJS()));
  const named = (kind: Kind) => printed.filter((one) => one.kind === kind);

  describe('what `kubectl kustomize deploy/kubernetes` prints', () => {
    it('is each manifest of the kustomization, and a ConfigMap', () => {
      const applied = readKustomization().resources.map((file) => manifest.parse(readManifest(file)).kind);
      expect(printed.map(({ kind }) => kind).sort()).toEqual([...applied, 'ConfigMap'].sort());
    });

    it('is valid against the schema of Kubernetes, with no member that it does not know', () => {
      for (const one of printed) {
        const { apiVersion, validate } = kinds[one.kind];
        expect([one.kind, one.apiVersion, validate(one)]).toEqual([one.kind, apiVersion, true]);
      }
      expect(typeFaults(printed.map((one) => [one.kind, one]))).toBe('');
    });

    it('runs the image of your registry, with the gateway.yaml of the ConfigMap that has a hash in its name', () => {
      const [{ newName, newTag }] = readKustomization().images;
      const [configMap] = named('ConfigMap');
      const [deployment] = named('Deployment').map(parseDeployment);
      const pod = deployment?.spec.template.spec;
      expect(pod?.containers[0].image).toBe(`${newName}:${newTag}`);
      expect(configMap?.metadata.name).toMatch(/^directus-gateway-\w+$/);
      expect(configMap?.data).toEqual({ 'gateway.yaml': readProjectFile(`${FOLDER}/gateway.yaml`) });
      expect(pod?.volumes).toContainEqual({ name: 'config', configMap: { name: configMap?.metadata.name } });
    });

    it.each(['Service', 'NetworkPolicy', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'] as const)(
      'has the %s as it is written',
      (kind) => {
        const written = readKustomization().resources.map(readManifest);
        expect(named(kind)).toEqual(written.filter((one) => manifest.parse(one).kind === kind));
      },
    );
  });
}
