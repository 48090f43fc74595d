import { findProgram } from './find-program.ts';

/** What puts manifests together. Debian's is of 2021. Nothing here asks a cluster. */
export const findKubectl = () =>
  findProgram({
    name: 'kubectl',
    path: '/usr/bin/kubectl',
    versionArgument: '--help', // `kubectl version` would also ask the cluster that the user works with
    packages: ['kubernetes-client'],
    wanted: /^kubernetes-client$/,
  });
