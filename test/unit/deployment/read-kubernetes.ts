import { parse } from 'yaml';
import { z } from 'zod';
import { readProjectFile } from './project-file.ts';

export const FOLDER = 'deploy/kubernetes';

const labels = z.record(z.string(), z.string());
const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.string() }),
  periodSeconds: z.number(),
  failureThreshold: z.number(),
});

const container = z.object({
  image: z.string(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  securityContext: z.unknown(),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.object({ requests: labels, limits: labels }),
});

const deployment = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.number().optional(),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        automountServiceAccountToken: z.boolean(),
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.unknown(),
        containers: z.tuple([container]),
        volumes: z.array(z.record(z.string(), z.unknown())),
      }),
    }),
  }),
});

/** A manifest, as kubectl sends it. */
export const readManifest = (file: string): unknown => parse(readProjectFile(`${FOLDER}/${file}`));

export const parseDeployment = (manifest: unknown) => deployment.parse(manifest);

export const readDeployment = () => parseDeployment(readManifest('deployment.yaml'));

export const readKustomization = () =>
  z
    .object({
      resources: z.array(z.string()),
      configMapGenerator: z.tuple([z.object({ name: z.string(), files: z.array(z.string()) })]),
      images: z.tuple([z.object({ name: z.string(), newName: z.string(), newTag: z.string() })]),
    })
    .parse(readManifest('kustomization.yaml'));
