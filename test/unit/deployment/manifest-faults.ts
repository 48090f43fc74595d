import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate as validateDeployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment';
import { validate as validateAutoscaler } from 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler';
import { validate as validateConfigMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap';
import { validate as validateService } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service';
import { validate as validateNetworkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy';
import { validate as validateBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget';
import { z } from 'zod';
import { PROJECT } from './project-file.ts';

/** Each kind of manifest that we have, with the schema that Kubernetes checks it by. */
export const kinds = {
  ConfigMap: { apiVersion: 'v1', validate: validateConfigMap },
  Deployment: { apiVersion: 'apps/v1', validate: validateDeployment },
  HorizontalPodAutoscaler: { apiVersion: 'autoscaling/v2', validate: validateAutoscaler },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', validate: validateNetworkPolicy },
  PodDisruptionBudget: { apiVersion: 'policy/v1', validate: validateBudget },
  Service: { apiVersion: 'v1', validate: validateService },
} as const;

export type Kind = keyof typeof kinds;

/** What the TypeScript compiler finds in manifests written as literals: the validators let unknown members pass. */
export function typeFaults(manifests: readonly (readonly [Kind, unknown])[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  try {
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'manifests.mts'), manifests.map(typed).join('\n'));
    const compiler = join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
    execFileSync(process.execPath, [compiler, ...options, 'manifests.mts'], { cwd: folder, encoding: 'utf8' });
    return '';
  } catch (error) {
    return z.object({ stdout: z.string() }).parse(error).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const typed = ([kind, manifest]: readonly [Kind, unknown]): string =>
  `{ const one: import('kubernetes-models/${kinds[kind].apiVersion}/${kind}').I${kind} = ${JSON.stringify(manifest)}; void one; }`;
