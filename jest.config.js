const project = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
});

export default {
  projects: [project('unit'), project('gateway'), project('attacks'), project('sdk'), project('live')],
  testTimeout: 30_000,
};
