/** The address of a database, as a URL of PostgreSQL's JDBC driver gives it. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user?: string;
  readonly password?: string;
  readonly schema?: string;
  readonly ssl: 'off' | 'unverified' | 'verified';
}

const prefix = 'jdbc:postgresql:';
/** Parameters of the driver that have no effect here. A URL may keep them. */
const harmless: ReadonlySet<string> = new Set([
  'ApplicationName',
  'connectTimeout',
  'loginTimeout',
  'prepareThreshold',
  'reWriteBatchedInserts',
  'socketTimeout',
  'stringtype',
  'tcpKeepAlive',
]);
const known: ReadonlySet<string> = new Set(['user', 'password', 'currentSchema', 'ssl', 'sslmode']);
const sslModes: Readonly<Record<string, DatabaseAddress['ssl']>> = {
  disable: 'off',
  allow: 'off',
  prefer: 'off',
  require: 'unverified',
  'verify-ca': 'verified',
  'verify-full': 'verified',
};

const example = 'write jdbc:postgresql://HOST:PORT/DATABASE';

/** Throws an error that says what is wrong with the URL and what to write. */
export function parseJdbcUrl(text: string): DatabaseAddress {
  if (!text.startsWith(prefix)) throw new Error(`only PostgreSQL is supported: ${example}`);
  const rest = text.slice(prefix.length);
  if (/^\/\/[^/]*,/.test(rest)) throw new Error(`several hosts are not supported: ${example}`);
  const url = URL.parse(`postgresql:${rest.startsWith('//') ? rest : `//localhost/${rest}`}`);
  const database = decodeURIComponent(url?.pathname.slice(1) ?? '');
  if (url === null || database === '' || database.includes('/'))
    throw new Error(`this is not the URL of a database: ${example}`);
  if (url.username !== '')
    throw new Error('the driver takes no user in the host: use the settings for user and password');
  for (const name of url.searchParams.keys())
    if (!known.has(name) && !harmless.has(name))
      throw new Error(`the parameter ${name} is not supported: remove it`);
  return {
    host: url.hostname === '' ? 'localhost' : url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 5432 : Number(url.port),
    database,
    user: url.searchParams.get('user') ?? undefined,
    password: url.searchParams.get('password') ?? undefined,
    schema: url.searchParams.get('currentSchema') ?? undefined,
    ssl: sslOf(url.searchParams),
  };
}

function sslOf(parameters: URLSearchParams): DatabaseAddress['ssl'] {
  const mode = parameters.get('sslmode');
  if (mode === null) return ['', 'true'].includes(parameters.get('ssl') ?? 'false') ? 'verified' : 'off';
  const ssl = sslModes[mode];
  if (ssl === undefined)
    throw new Error(`sslmode must be one of ${Object.keys(sslModes).join(', ')}, not ${mode}`);
  return ssl;
}
