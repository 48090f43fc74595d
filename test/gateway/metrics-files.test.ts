import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { findPromtool } from '../world/find-promtool.ts';
import { samplesOf } from '../world/samples-of.ts';
import { startGateway } from '../world/start-gateway.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url));
const alertsFile = fileOf('prometheus/alerts.yaml');
const dashboardFile = fileOf('grafana/dashboard.json');

const promtool = await findPromtool();
const world = await useWorld();
const folder = await mkdtemp(join(tmpdir(), 'gateway-promtool-'));
afterAll(() => rm(folder, { recursive: true }));

/** A scrape of a gateway that has done a little of everything. */
let scraped = '';
beforeAll(async () => {
  const environment = { ...world.environment, METRICS_ENABLED: 'true', METRICS_TOKENS: 'tokenOfPrometheus' };
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

const rule = z.object({ alert: z.string(), expr: z.string(), annotations: z.record(z.string(), z.string()) });
const rules = z
  .object({ groups: z.array(z.object({ rules: z.array(rule) })) })
  .transform(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.parse(parse(await readFile(alertsFile, 'utf8')));

const dashboard = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
  })
  .transform(({ panels }) =>
    panels.flatMap(({ title, targets }) =>
      // What Grafana fills in.
      targets.map(({ expr }) => ({
        title,
        expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'),
      })),
    ),
  );
const queries = dashboard.parse(JSON.parse(await readFile(dashboardFile, 'utf8')));

/** Names of metrics: what is followed by labels or a span of time, and what begins as ours do. */
const namesIn = (expr: string): string[] => expr.match(/\b(directus_gateway_\w+|[a-z_]\w*(?=[{[]))/g) ?? [];

/** What Prometheus itself writes down of each scrape. */
const ofPrometheus = 'up';

describe('the files for Prometheus and Grafana', () => {
  it.each([
    ...alerts.map(({ alert, expr }) => [alert, expr] as const),
    ...queries.map(({ title, expr }) => [title, expr] as const),
  ])('speak in “%s” of metrics that the gateway tells', (_title, expr) => {
    const told = new Set([ofPrometheus, ...[...samplesOf(scraped).keys()].map((name) => name.split('{')[0])]);
    expect(namesIn(expr)).not.toEqual([]);
    expect(namesIn(expr).filter((name) => !told.has(name))).toEqual([]);
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
      expect(await run(promtool.program, ['check', 'metrics'], scraped)).toEqual({ code: 0, said: '' });
    });

    it('in the alerts', async () => {
      const { code, said } = await run(promtool.program, ['check', 'rules', alertsFile]);
      expect([code, said]).toEqual([0, expect.stringContaining(`${alerts.length} rules found`)]);
    });

    it('in the queries of the dashboard', async () => {
      const file = join(folder, 'queries.yaml');
      const recorded = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr }));
      await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
      const { code, said } = await run(promtool.program, ['check', 'rules', file]);
      expect([code, said]).toEqual([0, expect.stringContaining(`${queries.length} rules found`)]);
    });
  });

  describe('an administrator is alerted', () => {
    const name = (metric: string) => `directus_gateway_${metric}`;
    const requests = (status: string) =>
      name(`requests_total{upstream="stripe",rule="a",method="GET",status="${status}"}`);
    const bucket = (le: string) => name(`check_duration_seconds_bucket{le="${le}"}`);
    /** By alert: series that raise it, and the same ones in a good state. A value each minute, for half an hour. */
    const cases: Readonly<Record<string, { bad: Record<string, string>; good: Record<string, string> }>> = {
      Gone: { bad: { 'up{job="directus-gateway"}': '0x30' }, good: { 'up{job="directus-gateway"}': '1x30' } },
      DirectusUnavailable: {
        bad: { [name('breaker_state{name="directus"}')]: '2 1 2 1 2 1 2 1 2x22' },
        good: { [name('breaker_state{name="directus"}')]: '0x30' },
      },
      ServiceUnavailable: {
        bad: { [name('refusals_total{code="SERVICE_UNAVAILABLE"}')]: '0+30x30' },
        good: { [name('refusals_total{code="FORBIDDEN"}')]: '0+30x30' },
      },
      BreakerOpen: {
        bad: { [name('breaker_state{name="stripe"}')]: '2x30' },
        good: { [name('breaker_state{name="stripe"}')]: '0x30' },
      },
      FeedDown: { bad: { [name('feed_live')]: '0x30' }, good: { [name('feed_live')]: '1x30' } },
      ServerErrors: {
        bad: { [requests('2xx')]: '0+90x30', [requests('5xx')]: '0+10x30' },
        good: { [requests('2xx')]: '0+99x30', [requests('5xx')]: '0+1x30' },
      },
      CheckSlow: {
        bad: { [bucket('1')]: '0+90x30', [bucket('2.5')]: '0+100x30', [bucket('+Inf')]: '0+100x30' },
        good: { [bucket('1')]: '0+99x30', [bucket('2.5')]: '0+100x30', [bucket('+Inf')]: '0+100x30' },
      },
      BudgetRefused: {
        bad: { [name('budgets_total{upstream="stripe",rule="a",result="refused"}')]: '0+1x30' },
        good: { [name('budgets_total{upstream="stripe",rule="a",result="spent"}')]: '0+1x30' },
      },
      RedisFailing: {
        bad: { [name('redis_failures_total')]: '0+1x30' },
        good: { [name('redis_failures_total')]: '3x30' },
      },
      AuditItemsLogged: {
        bad: { [name('audit_items_total{outcome="full"}')]: '0+1x30' },
        good: { [name('audit_items_total{outcome="written"}')]: '0+1x30' },
      },
      AuditBehind: { bad: { [name('audit_waiting')]: '1001x30' }, good: { [name('audit_waiting')]: '1000x30' } },
      CredentialRejected: {
        bad: { [name('refusals_total{code="UPSTREAM_CREDENTIAL_REJECTED"}')]: '0+1x30' },
        good: { [name('refusals_total{code="UPSTREAM_CREDENTIAL_REJECTED"}')]: '3x30' },
      },
    };

    const scrapes = { 'up{job="directus-gateway"}': '1x30' };

    it('by each alert that there is', () => {
      expect(alerts.map(({ alert }) => alert.replace('DirectusGateway', '')).sort()).toEqual(Object.keys(cases).sort());
    });

    it.each(Object.entries(cases))('by %s when it is so, and not else', async (alert, { bad, good }) => {
      const testOf = (series: Record<string, string>, raised: readonly string[]) => ({
        interval: '1m',
        input_series: Object.entries({ ...scrapes, ...series }).map(([each, values]) => ({ series: each, values })),
        promql_expr_test: [
          {
            expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
            eval_time: '30m',
            exp_samples: raised.map((each) => ({ labels: `{alertname="DirectusGateway${each}"}`, value: 1 })),
          },
        ],
      });
      const file = join(folder, `${alert}.yaml`);
      const tests = [testOf(bad, [alert]), testOf(good, [])];
      await writeFile(file, JSON.stringify({ rule_files: [alertsFile], evaluation_interval: '1m', tests }));
      const { code, said } = await run(promtool.program, ['test', 'rules', file]);
      expect([said, code]).toEqual([expect.stringContaining('SUCCESS'), 0]);
    });

    it('of a gateway that is gone also when Prometheus finds none to scrape', async () => {
      const description = alerts.find(({ alert }) => alert === 'DirectusGatewayGone')?.annotations.description;
      const raised = {
        exp_labels: { job: 'directus-gateway', severity: 'critical' },
        exp_annotations: { summary: 'Prometheus knows of no gateway', description },
      };
      const file = join(folder, 'nothing.yaml');
      const test = {
        interval: '1m',
        input_series: [],
        alert_rule_test: [{ eval_time: '2m', alertname: 'DirectusGatewayGone', exp_alerts: [raised] }],
      };
      await writeFile(file, JSON.stringify({ rule_files: [alertsFile], evaluation_interval: '1m', tests: [test] }));
      const { code, said } = await run(promtool.program, ['test', 'rules', file]);
      expect([said, code]).toEqual([expect.stringContaining('SUCCESS'), 0]);
    });
  });
}

async function run(program: string, options: readonly string[], input = '') {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; said: string }>();
  const child = execFile(program, options, (error, out, err) => resolve({ code: error?.code ?? 0, said: out + err }));
  child.stdin?.end(input);
  return await promise;
}
