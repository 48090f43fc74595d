import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readProjectFile } from '../deployment/project-file.ts';

const versions = z.record(z.string(), z.string());
const manifest = z.object({ dependencies: versions, devDependencies: versions });
const [own, ofTheExample] = ['package.json', 'examples/spa/package.json'].map((path) => {
  const { dependencies, devDependencies } = manifest.parse(JSON.parse(readProjectFile(path)));
  return { ...dependencies, ...devDependencies };
});

describe('examples/spa', () => {
  it('names the versions that it is built and tested with, which are the project’s own', () => {
    expect(own).toMatchObject({ ...ofTheExample });
  });
});
