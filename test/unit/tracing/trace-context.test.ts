import { describe, expect, it } from '@jest/globals';
import { readTraceContext, traceparentOf } from '../../../src/tracing/trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const plain = `00-${traceId}-${parentId}-01`;

const passed = (traceparent: string | undefined): string | undefined => {
  const context = readTraceContext(traceparent === undefined ? {} : { traceparent });
  return context && traceparentOf(context);
};
const stateOf = (tracestate: string) => readTraceContext({ traceparent: plain, tracestate })?.state;

describe('a caller’s traceparent goes on', () => {
  it.each([
    [plain, 'as it is'],
    [`00-${traceId}-${parentId}-00`, 'not sampled'],
    [`00-${traceId}-${parentId}-03`, 'with the flag of level 2 for random ids'],
  ])('%s: %s', (traceparent) => {
    expect(passed(traceparent)).toBe(traceparent);
  });

  it.each([
    [`cc-${traceId}-${parentId}-01`, 'of a version that is not known yet'],
    [`cc-${traceId}-${parentId}-01-what-the-future-brings`, 'with more behind it'],
    [`01-${traceId}-${parentId}-01-`, 'with nothing behind it'],
    [`00-${traceId}-${parentId}-fd`, 'with flags that nobody has given a meaning'],
  ])('%s, as far as version 00 knows it: %s', (traceparent) => {
    expect(passed(traceparent)).toBe(plain);
  });
});

describe('a caller’s traceparent ends here', () => {
  const ending: [string | undefined, string][] = [
    [undefined, 'there is none'],
    ['', 'it is empty'],
    [`00-${traceId}-${parentId}`, 'the flags are missing'],
    [`00-${traceId}-${parentId}-01-`, 'version 00 has nothing behind it'],
    [`00-${traceId}-${parentId}-01-x`, 'version 00 has no more members'],
    [`00-${traceId}-${parentId}-1`, 'a digit is missing'],
    [`00-${traceId}-${parentId}-011`, 'a digit is too much'],
    [`cc-${traceId}-${parentId}-01x`, 'what a later version adds begins with a dash'],
    [`ff-${traceId}-${parentId}-01`, 'there will be no version ff'],
    [`0-${traceId}-${parentId}-01`, 'a version has two digits'],
    [plain.toUpperCase(), 'digits are in lower case'],
    [`00-${'0'.repeat(32)}-${parentId}-01`, 'a trace’s id is not nought'],
    [`00-${traceId}-${'0'.repeat(16)}-01`, 'a step’s id is not nought'],
    [`00-${traceId.replace('4', 'g')}-${parentId}-01`, 'g is no digit'],
    [` ${plain}`, 'it has a space'],
    [`${plain}\n`, 'it has a line end'],
    [`${plain}, ${plain}`, 'there are two'],
  ];
  it.each(ending)('%j: %s', (traceparent, _why) => {
    expect(passed(traceparent)).toBeUndefined();
  });

  it('where Connection says that it is meant for the gateway alone', () => {
    expect(readTraceContext({ traceparent: plain, connection: 'close, TraceParent' })).toBeUndefined();
    expect(readTraceContext({ traceparent: plain, connection: 'keep-alive' })).toBeDefined();
  });
});

describe('a caller’s tracestate', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=v`).join(',');

  it.each([
    ['a=1', 'one member'],
    ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'two'],
    ['a=1 , b=2,,\tc=3', 'with spaces and empty members between'],
    ['tenant@system=x,0a=y', 'with keys of level 1 and 2'],
    ['a=!"#$%&\'()*+-./:;<>?@[]^_`{|}~ x', 'with every character of a value'],
    [many(32), 'as many members as there may be'],
    [`${'k'.repeat(256)}=${'v'.repeat(256)}`, 'as long as a member may be'],
  ])('%s goes on beside it: %s', (state) => {
    expect(stateOf(state)).toBe(state);
  });

  it.each([
    ['', 'there is nothing in it'],
    [',,', 'there are no members'],
    ['a', 'it has no value'],
    ['a=', 'its value is empty'],
    ['=1', 'it has no key'],
    ['A=1', 'keys are in lower case'],
    ['a=1,a=2', 'a key is there twice'],
    ['a=1=2', 'a value has no ='],
    ['a=ü', 'it is not ASCII'],
    [many(33), 'there are too many members'],
    [`a=${'v'.repeat(257)}`, 'a value is too long'],
    [`${'k'.repeat(257)}=v`, 'a key is too long'],
  ])('%s ends here: %s', (state) => {
    expect(stateOf(state)).toBeUndefined();
  });

  it('does not count without a traceparent that is valid', () => {
    expect(readTraceContext({ tracestate: 'a=1' })).toBeUndefined();
  });
});
