import { findProgram } from './find-program.ts';

/** A Go program, which brings everything along. */
export const findCaddy = () =>
  findProgram({ name: 'caddy', versionArgument: 'version', packages: ['caddy'], wanted: /^caddy$/ });
