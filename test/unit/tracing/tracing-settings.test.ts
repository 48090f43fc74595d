import { describe, expect, it } from '@jest/globals';
import { readVariables } from '../../../src/config/read-variables.ts';
import { tracingSettings } from '../../../src/tracing/tracing-settings.ts';

const settingsOf = (set: Record<string, string>) =>
  tracingSettings(readVariables({ DIRECTUS_URL: 'http://directus.test', ...set }, () => ''));

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318' };

describe('spans are sent', () => {
  it.each([
    [endpoint, 'http://collector.test:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://x.test/otlp/' }, 'https://x.test/otlp/v1/traces'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://x.test/mine' }, 'http://x.test/mine'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
  ])('with %j to %s', (set, url) => {
    expect(settingsOf(set)?.url).toBe(url);
  });

  it('with the headers for traces before those for all', () => {
    const headers = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi, x-team=a%2Cb',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Basic Yzpk==,',
    };
    expect(settingsOf({ ...endpoint, ...headers })?.headers).toEqual({
      authorization: 'Basic Yzpk==',
      'x-team': 'a,b',
    });
  });
});

describe('the service is called', () => {
  const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=of-attributes' };
  it.each([
    ['directus-gateway', {}],
    ['of-attributes', attributes],
    ['of-its-own', { ...attributes, OTEL_SERVICE_NAME: 'of-its-own' }],
  ])('%s with %j', (name, set) => {
    expect(settingsOf({ ...endpoint, ...set })?.resource).toEqual({ 'service.name': name });
  });
});

describe('nothing is sent', () => {
  it.each([
    {},
    { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' },
    { ...endpoint, OTEL_SDK_DISABLED: 'true' },
    { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
  ])('with %j', (set) => {
    expect(settingsOf(set)).toBeUndefined();
  });
});
