import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { statuses } from '../../src/metrics/request-metrics.ts';
import { alertsFile, readAlerts } from '../world/alerts.ts';
import { labelsAskedFor, labelsShown, labelsTold, selectorsIn } from '../world/promql.ts';
import { findPromtool, runPromtool } from '../world/promtool.ts';
import { samplesOf } from '../world/samples-of.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url));
const dashboardFile = fileOf('grafana/dashboard.json');

const promtool = await findPromtool();
const world = await useWorld();
const folder = await mkdtemp(join(tmpdir(), 'gateway-promtool-'));
afterAll(() => rm(folder, { recursive: true }));

/** A scrape of a gateway that has done a little of everything. */
let scraped = '';
beforeAll(async () => {
  const environment = {
    ...world.environment,
    METRICS_ENABLED: 'true',
    METRICS_TOKENS: 'tokenOfPrometheus',
    FRONT_DOOR: 'true',
  };
  const gateway = await startGateway(
    { ...environment, DIRECTUS_TOKEN: world.directus.service.token, AUDIT_COLLECTION: 'api_writes' },
    {
      config:
        'upstreams: { stripe: { rules: [{ path: /v1/budget, collection: customers, budget: { points: 1, per: 24d } }] } }',
    },
  );
  await gateway.logged(({ msg }) => String(msg).includes('is live'));
  for (const path of ['/stripe/v1/budget', '/stripe/v1/budget', '/twilio/nowhere', '/server/ping']) {
    await (await fetch(`${gateway.url}${path}`, { headers: as(tokens.admin) })).arrayBuffer();
  }
  const answer = await fetch(`${gateway.url}/metrics`, { headers: { Authorization: 'Metrics tokenOfPrometheus' } });
  scraped = await answer.text();
  await gateway.stop();
});

const alerts = await readAlerts();

/** What Grafana fills in. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*');

const target = z.object({ expr: z.string().transform(filledIn), legendFormat: z.string() });
const variable = z.object({ name: z.string(), definition: z.string().transform(filledIn).optional() });
const { panels, templating } = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(target).default([]) })),
    templating: z.object({ list: z.array(variable) }),
  })
  .parse(JSON.parse(await readFile(dashboardFile, 'utf8')));
const queries = panels.flatMap(({ title, targets }) => targets.map((one) => ({ title, ...one })));

const namesIn = (expr: string): string[] => selectorsIn(expr).map(({ metric }) => metric);

/** Where it is asked for, what it asks for, and the text that labels are filled into. */
const expressions = [
  ...alerts.map(({ alert, expr, annotations }) => [alert, expr, Object.values(annotations).join()] as const),
  ...queries.map(({ title, expr, legendFormat }) => [title, expr, legendFormat] as const),
  ...templating.list.map(({ name, definition }) => [`$${name}`, definition, ''] as const),
].filter((one): one is [string, string, string] => one[1] !== undefined);

/** What Prometheus itself writes down of each scrape, and beside each sample. */
const ofPrometheus = { metric: 'up', labels: ['job', 'instance'] };

const jobs = /job_name: (\S+)/.exec(await readFile(fileOf('../docs/metrics.md'), 'utf8'))?.slice(1) ?? [];

describe('the files for Prometheus and Grafana', () => {
  const labelsOf = (metric: string) => labelsTold(samplesOf(scraped).keys()).get(metric);
  const isOf = (metric: string, label: string) =>
    ofPrometheus.labels.includes(label) || labelsOf(metric)?.has(label) === true;

  it.each(expressions)('speak in “%s” of metrics that the gateway tells', (_title, expr) => {
    expect(namesIn(expr)).not.toEqual([]);
    expect(namesIn(expr).filter((name) => name !== ofPrometheus.metric && labelsOf(name) === undefined)).toEqual([]);
  });

  it.each(expressions)('name in “%s” labels that these metrics have', (_title, expr, text) => {
    for (const { metric, labels } of selectorsIn(expr)) {
      const named = [...labels.keys(), ...labelsAskedFor(expr)];
      expect([metric, named.filter((label) => !isOf(metric, label))]).toEqual([metric, []]);
    }
    const left = expr.includes('by (') ? labelsAskedFor(expr) : ofPrometheus.labels;
    expect(labelsShown(text).filter((label) => !left.includes(label))).toEqual([]);
  });

  it.each(expressions)('look in “%s” for values that these labels can have', (_title, expr) => {
    for (const { metric, labels } of selectorsIn(expr)) {
      for (const [label, values] of labels) {
        const closed: Readonly<Record<string, readonly string[]>> = { job: jobs, status: statuses };
        const known = closed[label] ?? [...(labelsOf(metric)?.get(label) ?? [])];
        expect([label, values.filter((value) => !known.includes(value))]).toEqual([label, []]);
      }
    }
  });

  it('leave out none of the gateway’s own metrics on the dashboard', () => {
    const shown = new Set(queries.flatMap(({ expr }) => namesIn(expr)).map((name) => name.replace(/_bucket$/, '')));
    const own = [...scraped.matchAll(/^# TYPE (directus_gateway_\w+)/gm)].map(([, name]) => name);
    expect(own.filter((name) => !shown.has(name ?? ''))).toEqual([]);
    expect(own.length).toBeGreaterThan(10);
  });
});

if ('missing' in promtool) it.skip(`promtool finds no fault: ${promtool.missing}`, () => undefined);
else {
  describe('promtool finds no fault', () => {
    it('in what a gateway answers', async () => {
      expect(await runPromtool(promtool.program, ['check', 'metrics'], scraped)).toEqual({ code: 0, said: '' });
    });

    it('in the alerts', async () => {
      const { code, said } = await runPromtool(promtool.program, ['check', 'rules', alertsFile]);
      expect([code, said]).toEqual([0, expect.stringContaining(`${alerts.length} rules found`)]);
    });

    it('in the queries of the dashboard', async () => {
      const file = join(folder, 'queries.yaml');
      const recorded = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr }));
      await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
      const { code, said } = await runPromtool(promtool.program, ['check', 'rules', file]);
      expect([code, said]).toEqual([0, expect.stringContaining(`${queries.length} rules found`)]);
    });
  });
}
