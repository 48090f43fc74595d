import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** From now on this process trusts the certificate in the file, beside those that it trusts by itself. */
export const trust = (file: string): void =>
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')]);
