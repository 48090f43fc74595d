import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Certificate = { readonly certificate: string; readonly key: string };

/** A certificate for localhost that signs itself, as files. Undefined where there is no openssl. */
export async function makeCertificate(folder: string): Promise<Certificate | undefined> {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const about = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...about, '-keyout', key, '-out', certificate]);
    return { certificate, key };
  } catch {
    return undefined;
  }
}
