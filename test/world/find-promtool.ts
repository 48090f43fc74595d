import { findProgram } from './find-program.ts';

/** Prometheus' own checker. */
export const findPromtool = () =>
  findProgram({
    name: 'promtool',
    path: '/usr/bin/promtool',
    versionArgument: '--version',
    packages: ['prometheus'],
    wanted: /^prometheus$/,
  });
