const project = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
});

export default {
  projects: [
    project('unit'),
    project('gateway'),
    project('sdk'),
    project('attacks'),
    project('live'),
    project('page'), // a real browser
    project('docs'), // the commands of docs
    project('browser'), // examples/spa, in a real browser
  ],
  testTimeout: 30_000,
  maxWorkers: 2, // most of the time they wait: for clocks, for Directus, for a browser
};
