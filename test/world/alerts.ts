import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const alertsFile = fileURLToPath(new URL('../../deploy/prometheus/alerts.yaml', import.meta.url));

const alert = z.object({
  alert: z.string(),
  expr: z.string(),
  /** How long it must be so, in Prometheus' notation. Nothing: it is raised at once. */
  for: z
    .string()
    .regex(/^\d+[sm]$/)
    .optional(),
  annotations: z.record(z.string(), z.string()),
});

/** The alerts that Prometheus is given. */
export const readAlerts = async () =>
  z
    .object({ groups: z.array(z.object({ rules: z.array(alert) })) })
    .parse(parse(await readFile(alertsFile, 'utf8')))
    .groups.flatMap(({ rules }) => rules);
