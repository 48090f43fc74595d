import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { isInProject, readProjectFile } from './project-file.ts';
import { readCompose, scaledGateways } from './read-compose.ts';

const { services, networks } = readCompose();
const gatewayProfiles = ['live', 'try', 'scale'];

const service = z.object({
  profiles: z.array(z.string()),
  networks: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
});
const override = z.object({ services: z.record(z.string(), service) });
const prometheus = z.object({
  rule_files: z.array(z.string()),
  scrape_configs: z.tuple([
    z.object({
      authorization: z.object({ type: z.string(), credentials_file: z.string() }),
      static_configs: z.tuple([z.object({ targets: z.array(z.string()) })]),
    }),
  ]),
});

/** The YAML of a page that has this member at its top. */
function yamlIn<Schema extends z.ZodType>(page: string, schema: Schema): z.output<Schema> {
  const blocks = [...readProjectFile(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => parse(text));
  const found = blocks.map((block) => schema.safeParse(block)).find(({ success }) => success);
  return schema.parse(found?.data);
}

describe('whoever adds to docker-compose.yml what the docs show', () => {
  it.each([
    ['docs/tracing.md', 'jaeger', gatewayProfiles],
    ['docs/metrics.md', 'prometheus', ['scale']],
  ])('as in %s gets %s with each gateway that is meant, in its network', (page, name, profiles) => {
    const added = yamlIn(page, override).services[name];

    expect(added?.profiles.toSorted()).toEqual(profiles.toSorted());
    expect(added?.networks.filter((each) => !(each in networks))).toEqual([]);
  });

  it('has each gateway of the profile scale scraped, and the balancer not, with the files that are mounted', () => {
    const { rule_files, scrape_configs } = yamlIn('docs/metrics.md', prometheus);
    const [{ authorization, static_configs }] = scrape_configs;
    const mounts =
      yamlIn('docs/metrics.md', override).services.prometheus?.volumes.map((each) => each.split(':')) ?? [];
    const inside = mounts.map(([, path]) => path);

    expect(static_configs[0].targets).toEqual(
      scaledGateways.map((name) => `${name}:${services[name]?.environment.PORT}`),
    );
    expect(authorization.type).toBe('Metrics');
    expect(inside).toEqual(
      expect.arrayContaining([authorization.credentials_file, ...rule_files.map((file) => `/etc/prometheus/${file}`)]),
    );
    const ours = mounts.flatMap(([path = '']) => (path.startsWith('./deploy/') ? [path.slice('./'.length)] : []));
    expect(ours.map((path) => [path, isInProject(path)])).toEqual([['deploy/prometheus/alerts.yaml', true]]);
  });
});
