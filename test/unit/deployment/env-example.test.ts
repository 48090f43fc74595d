import { describe, expect, it } from '@jest/globals';
import { readVariables, variableNames } from '../../../src/config/read-variables.ts';
import { variables } from '../../../src/config/variables.ts';
import { readExample } from './read-example.ts';

const example = readExample('.env.example');
const noFile = (): string => {
  throw new Error('no files here');
};

describe('.env.example', () => {
  it('names every variable that the gateway reads, once, and no other', () => {
    expect(example.map(({ name }) => name).sort()).toEqual([...variableNames].sort());
  });

  it.each(example)('explains $name', ({ explanation }) => {
    expect(explanation).not.toBe('');
  });

  it.each(variableNames)('shows the default of %s commented out, and a value where one is required', (name) => {
    const shown = example.find((line) => line.name === name);
    const byDefault = variables[name].safeParse(undefined);
    expect(shown?.isDefault).toBe(byDefault.success);
    if (byDefault.success && byDefault.data === undefined) expect(shown?.value).toBe('');
    else
      expect(variables[name].safeParse(shown?.value)).toMatchObject(byDefault.success ? byDefault : { success: true });
  });

  it('starts the gateway as it is, copied to .env', () => {
    const set = example.filter(({ isDefault }) => !isDefault).map(({ name, value }) => [name, value]);
    expect(() => readVariables(Object.fromEntries(set), noFile)).not.toThrow();
  });
});
