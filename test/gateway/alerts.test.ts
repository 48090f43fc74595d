import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { alertsFile, readAlerts } from '../world/alerts.ts';
import { findPromtool, runPromtool } from '../world/promtool.ts';

const promtool = await findPromtool();
const folder = await mkdtemp(join(tmpdir(), 'gateway-alerts-'));
afterAll(() => rm(folder, { recursive: true }));

const alerts = await readAlerts();

const name = (metric: string) => `directus_gateway_${metric}`;
const up = 'up{job="directus-gateway"}';
const requests = (status: string) => name(`requests_total{upstream="stripe",rule="a",method="GET",status="${status}"}`);
const bucket = (le: string) => name(`check_duration_seconds_bucket{le="${le}"}`);

/** Series by their names, in promtool's notation. */
type Series = Readonly<Record<string, string>>;

/**
 * By alert: series that raise it, after how many seconds (a rate is there with the second value), and the same ones in a
 * good state. A value each 15 seconds, for a quarter of an hour.
 */
const cases: Readonly<Record<string, { after: number; bad: Series; good: Series }>> = {
  Gone: { after: 60, bad: { [up]: '0x60' }, good: { [up]: '1x60' } },
  DirectusUnavailable: {
    after: 30,
    bad: { [name('breaker_state{name="directus"}')]: '2 1 2 1 2 1 2 1 2x52' },
    good: { [name('breaker_state{name="directus"}')]: '0x60' },
  },
  ServiceUnavailable: {
    after: 135,
    bad: { [name('refusals_total{code="SERVICE_UNAVAILABLE"}')]: '0+90x60' },
    good: { [name('refusals_total{code="FORBIDDEN"}')]: '0+90x60' },
  },
  BreakerOpen: {
    after: 60,
    bad: { [name('breaker_state{name="stripe"}')]: '2x60' },
    good: { [name('breaker_state{name="stripe"}')]: '0x60' },
  },
  FeedDown: { after: 120, bad: { [name('feed_live')]: '0x60' }, good: { [name('feed_live')]: '1x60' } },
  ServerErrors: {
    after: 315,
    bad: { [requests('2xx')]: '0+90x60', [requests('5xx')]: '0+10x60' },
    good: { [requests('2xx')]: '0+99x60', [requests('5xx')]: '0+1x60' },
  },
  CheckSlow: {
    after: 615,
    bad: { [bucket('1')]: '0+90x60', [bucket('2.5')]: '0+100x60', [bucket('+Inf')]: '0+100x60' },
    good: { [bucket('1')]: '0+99x60', [bucket('2.5')]: '0+100x60', [bucket('+Inf')]: '0+100x60' },
  },
  BudgetRefused: {
    after: 15,
    bad: { [name('budgets_total{upstream="stripe",rule="a",result="refused"}')]: '0+1x60' },
    good: { [name('budgets_total{upstream="stripe",rule="a",result="spent"}')]: '0+1x60' },
  },
  RedisFailing: {
    after: 135,
    bad: { [name('redis_failures_total')]: '0+1x60' },
    good: { [name('redis_failures_total')]: '3x60' },
  },
  AuditItemsLogged: {
    after: 15,
    bad: { [name('audit_items_total{outcome="full"}')]: '0+1x60' },
    good: { [name('audit_items_total{outcome="written"}')]: '0+1x60' },
  },
  AuditBehind: {
    after: 300,
    bad: { [name('audit_waiting')]: '1001x60' },
    good: { [name('audit_waiting')]: '1000x60' },
  },
  CredentialRejected: {
    after: 15,
    bad: { [name('refusals_total{code="UPSTREAM_CREDENTIAL_REJECTED"}')]: '0+1x60' },
    good: { [name('refusals_total{code="UPSTREAM_CREDENTIAL_REJECTED"}')]: '3x60' },
  },
};

it('each alert is one that these tests raise', () => {
  expect(alerts.map(({ alert }) => alert.replace('DirectusGateway', '')).sort()).toEqual(Object.keys(cases).sort());
});

/** How often there are values, and when the last one is. */
const [stepSeconds, lastSeconds] = [15, 900];

if ('missing' in promtool) it.skip(`an administrator is alerted: ${promtool.missing}`, () => undefined);
else {
  /** promtool's answer to what is raised by such series. They say that a gateway is there unless they say else. */
  const test = async (id: string, tests: readonly object[]) => {
    const file = join(folder, `${id}.yaml`);
    const evaluation = `${stepSeconds}s`;
    const whole = tests.map((one) => ({ interval: evaluation, ...one }));
    await writeFile(file, JSON.stringify({ rule_files: [alertsFile], evaluation_interval: evaluation, tests: whole }));
    const { code, said } = await runPromtool(promtool.program, ['test', 'rules', file]);
    expect([said, code]).toEqual([expect.stringContaining('SUCCESS'), 0]);
  };
  const inputOf = (series: Series) =>
    Object.entries({ [up]: '1x60', ...series }).map(([one, values]) => ({ series: one, values }));
  const firing = (seconds: number, raised: readonly string[]) => ({
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    eval_time: `${seconds}s`,
    exp_samples: raised.map((one) => ({ labels: `{alertname="DirectusGateway${one}"}`, value: 1 })),
  });

  describe('an administrator is alerted', () => {
    it.each(Object.entries(cases))('by %s when it is so, and not else', async (alert, { bad, good }) => {
      await test(alert, [
        { input_series: inputOf(bad), promql_expr_test: [firing(lastSeconds, [alert])] },
        { input_series: inputOf(good), promql_expr_test: [firing(lastSeconds, [])] },
      ]);
    });

    it.each(Object.entries(cases))(
      'by %s as soon as it has been so for a while, and not before',
      async (alert, { after, bad }) => {
        const before = after - stepSeconds;
        await test(`${alert}-for`, [
          { input_series: inputOf(bad), promql_expr_test: [firing(before, []), firing(after, [alert])] },
        ]);
      },
    );

    it('of a gateway that is gone also when Prometheus finds none to scrape', async () => {
      const description = alerts.find(({ alert }) => alert === 'DirectusGatewayGone')?.annotations.description;
      const raised = {
        exp_labels: { job: 'directus-gateway', severity: 'critical' },
        exp_annotations: { summary: 'Prometheus knows of no gateway', description },
      };
      const after = { eval_time: '60s', alertname: 'DirectusGatewayGone', exp_alerts: [raised] };
      const before = { eval_time: '45s', alertname: 'DirectusGatewayGone' };
      await test('none', [{ input_series: [], alert_rule_test: [before, after] }]);
    });
  });
}
