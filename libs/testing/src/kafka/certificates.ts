import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * PEM files: the certificate of an authority, and those of a broker and a client that it has
 * signed. They are valid for two days.
 */
export interface Certificates {
  readonly ca: string;
  /** The certificate of an authority that nobody trusts. */
  readonly strangersCa: string;
  /** Key and certificate in one file, the form that a broker needs. */
  readonly broker: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

const run = promisify(execFile);
const self = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];

/** Makes the certificates with OpenSSL in the caller's folder. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string) => join(folder, name);
  const make = async (name: string, ...more: readonly string[]) => {
    await run('openssl', [
      ...self,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
      ...more,
    ]);
  };
  await Promise.all([make('authority'), make('stranger')]);
  const signed = ['-CA', at('authority.pem'), '-CAkey', at('authority.key')];
  await Promise.all([
    make('broker', ...signed, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'),
    make('client', ...signed),
  ]);
  writeFileSync(
    at('broker.store.pem'),
    readFileSync(at('broker.key'), 'utf8') + readFileSync(at('broker.pem'), 'utf8'),
  );
  return {
    ca: at('authority.pem'),
    strangersCa: at('stranger.pem'),
    broker: at('broker.store.pem'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
  };
}
