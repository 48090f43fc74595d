import { findProgram } from '../test/world/find-program.ts';

/** A Go program, which brings everything along. */
export const findCaddy = () =>
  findProgram({
    name: 'caddy',
    path: '/usr/bin/caddy',
    versionArgument: 'version',
    packages: ['caddy'],
    wanted: /^caddy$/,
  });
