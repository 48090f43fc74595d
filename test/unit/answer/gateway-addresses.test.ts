import { describe, expect, it } from '@jest/globals';
import { gatewayAddresses } from '../../../src/answer/gateway-addresses.ts';
import { destinationOf } from '../../../src/upstreams/destination.ts';
import type { Upstream } from '../../../src/upstreams/upstream.ts';
import { stripeUpstream } from '../settings.ts';

const twilio: Upstream = {
  ...stripeUpstream,
  origin: 'https://api.twilio.com',
  hosts: new Map([
    ['verify.twilio.com', 'https://verify.twilio.com'],
    ['eu', 'https://eu.twilio.com:8443'],
  ]),
  links: ['next_page_url', 'url', 'na-me'],
};
const base = 'https://gateway.example/twilio';

/** The gateway's addresses in the answer to a request for this path. */
const addresses = (path: string, upstream = twilio, host?: string) =>
  gatewayAddresses(upstream, destinationOf(upstream, path, host), base);
const inHeader = (value: string, path = '/2010-04-01/x') => addresses(path).header(value);
const inJson = (json: string, path = '/2010-04-01/x') => addresses(path).members?.(json);

describe('an address of the upstream’s becomes the gateway’s', () => {
  const values: [string, string, string][] = [
    ['its own', 'https://api.twilio.com/a?b=1#c', `${base}/a?b=1#c`],
    ['with nothing behind it', 'https://api.twilio.com', base],
    ['with a query right behind it', 'https://api.twilio.com?a=1', `${base}?a=1`],
    ['in upper case', 'HTTPS://API.Twilio.COM/A', `${base}/A`],
    ['with its own port', 'https://api.twilio.com:443/a', `${base}/a`],
    ['of another host of it', 'https://verify.twilio.com/v2/a', `${base}/verify.twilio.com/v2/a`],
    ['of a host with a port', 'https://eu.twilio.com:8443/a', `${base}/eu/a`],
    [
      'with a query that holds another',
      'https://api.twilio.com/a?next=https://api.twilio.com/b',
      `${base}/a?next=https://api.twilio.com/b`,
    ],
  ];
  it.each(values)('%s: %s', (_what, theirs, ours) => {
    expect(inHeader(theirs)).toBe(ours);
    expect(inHeader(`<${theirs}>; rel="next"`)).toBe(`<${ours}>; rel="next"`);
    expect(inJson(`{"url":${JSON.stringify(theirs)}}`)).toBe(`{"url":${JSON.stringify(ours)}}`);
  });

  const relative: [string, string][] = [
    ['/v2/a?b', `${base}/verify.twilio.com/v2/a?b`],
    ['/', `${base}/verify.twilio.com/`],
    ['//verify.twilio.com/v2/a', `${base}/verify.twilio.com/v2/a`],
    ['//api.twilio.com/a', `${base}/a`],
  ];
  it.each(relative)('in a header without scheme or host: %s', (theirs, ours) => {
    expect(inHeader(theirs, '/verify.twilio.com/v2/x')).toBe(ours);
    expect(inHeader(`<${theirs}>; rel=next`, '/verify.twilio.com/v2/x')).toBe(`<${ours}>; rel=next`);
  });

  it('each of several in one header', () => {
    const link =
      '<https://api.twilio.com/a?p=2>; rel="next", <https://x.example/>; rel=x, <https://verify.twilio.com/b>; rel="last"';
    expect(inHeader(link)).toBe(
      `<${base}/a?p=2>; rel="next", <https://x.example/>; rel=x, <${base}/verify.twilio.com/b>; rel="last"`,
    );
  });
});

describe('an address of somebody else’s stays', () => {
  const values = [
    'https://api.twilio.com.evil.example/a',
    'https://api.twilio.com@evil.example/a',
    'https://api.twilio.com:pass@evil.example/a',
    'https://api.twilio.com:8443/a',
    'https://api.twilio.com:4430/a',
    'https://api.twilio.comevil.example',
    'https://evil.example/https://api.twilio.com/a',
    'https://evil.example/?a=https://api.twilio.com',
    'https://x.api.twilio.com/a',
    'https://eu.twilio.com/a',
    '//evil.example/a',
    '//api.twilio.com.evil.example/a',
    'ftp://api.twilio.com/a',
    ' https://evil.example',
    'next?page=2',
    '?page=2',
    '',
  ];
  it.each(values)('%j', (value) => {
    expect(inHeader(value)).toBe(value);
    expect(inHeader(`<${value}>; rel=next`)).toBe(`<${value}>; rel=next`);
    expect(inJson(JSON.stringify({ url: value }))).toBe(JSON.stringify({ url: value }));
  });
});

describe('in JSON only the members that hold links change, and no other byte', () => {
  const texts: [string, string, string][] = [
    ['at any depth', '{"meta":{"next_page_url":"https://api.twilio.com/a"}}', `{"meta":{"next_page_url":"${base}/a"}}`],
    ['with blanks', '{ "url" :\n "https://api.twilio.com/a" }', `{ "url" :\n "${base}/a" }`],
    ['with escaped slashes', '{"url":"https:\\/\\/api.twilio.com\\/a"}', `{"url":"${base}/a"}`],
    ['with escaped letters', '{"url":"\\u0068ttps://api.twilio.com/a\\"b"}', `{"url":"${base}/a\\"b"}`],
    ['with a name that has more than letters', '{"na-me":"https://api.twilio.com/a"}', `{"na-me":"${base}/a"}`],
    [
      'several',
      '{"url":"https://api.twilio.com/a","x":{"url":"https://api.twilio.com/b"}}',
      `{"url":"${base}/a","x":{"url":"${base}/b"}}`,
    ],
    ['with what is a pattern to replace()', '{"url":"https://api.twilio.com/$&$1$$"}', `{"url":"${base}/$&$1$$"}`],
  ];
  it.each(texts)('%s', (_how, given, expected) => {
    expect(inJson(given)).toBe(expected);
  });

  const same: [string, string][] = [
    ['another member', '{"uri":"https://api.twilio.com/a","link":"https://api.twilio.com/b"}'],
    ['a member that begins or ends alike', '{"urls":"https://api.twilio.com/a","my_url":"https://api.twilio.com/b"}'],
    ['the name as a value', '{"a":"url","b":"https://api.twilio.com/a"}'],
    ['a list of them', '{"url":["https://api.twilio.com/a"]}'],
    ['what is no text', '{"url":null,"meta":{"next_page_url":12}}'],
    ['JSON in a text', JSON.stringify({ a: '{"url":"https://api.twilio.com/a"}' })],
    ['numbers as they are written', '{"a":1.0,"b":12345678901234567890,"c":1e2,"d":-0,"url":"https://x.example/"}'],
    ['blanks and order', '{ "b" : 1 ,\t"a":\r\n[ ] }'],
    ['one member twice', '{"a":1,"a":2}'],
    ['escapes', '{"a":"\\u00e4\\/\\ud83d\\ude00","url":"https:\\/\\/x.example\\/\\u00e4"}'],
  ];
  it.each(same)('%s stays', (_what, json) => {
    expect(inJson(json)).toBe(json);
  });

  it('numbers stay beside a link that changes', () => {
    expect(inJson('{"a":1.0,"url":"https://api.twilio.com/a","b":12345678901234567890}')).toBe(
      `{"a":1.0,"url":"${base}/a","b":12345678901234567890}`,
    );
  });

  it('there are none where the upstream names none', () => {
    expect(addresses('/x', { ...twilio, links: [] }).members).toBeUndefined();
  });
});

describe('where several hosts are one origin', () => {
  const stand = 'http://stand-in:4010';
  const all: Upstream = {
    ...twilio,
    origin: stand,
    hosts: new Map([
      ['a', stand],
      ['b', stand],
    ]),
  };

  it.each([
    ['/b/v1/x', `${base}/b/next`],
    ['/a/v1/x', `${base}/a/next`],
    ['/2010/x', `${base}/next`],
  ])('the one that was asked is meant: %s', (path, expected) => {
    expect(addresses(path, all).header(`${stand}/next`)).toBe(expected);
    expect(addresses(path, all).header('/next')).toBe(expected);
  });
});

it('a host to which a rule leads has no segment of its own', () => {
  const told = addresses('/v2/x', twilio, 'verify.twilio.com');
  expect(told.header('https://verify.twilio.com/v2/y')).toBe(`${base}/v2/y`);
  expect(told.header('https://api.twilio.com/y')).toBe(`${base}/y`);
  expect(told.header('/v2/y')).toBe(`${base}/v2/y`);
});
