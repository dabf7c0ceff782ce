import { dump, load, YAML11_SCHEMA } from 'js-yaml';

/** The list of programs in the Helm chart. `npm run reference` writes it. */
export const programsFile = 'deploy/k8s/files/programs.yaml';

/** The files that list the programs for containers and for `npm start`. */
export const programSources = {
  compose: 'docker-compose.yml',
  dockerfile: 'Dockerfile',
  stack: 'apps/stack/src/stack.ts',
  settings: 'docs/reference/settings.md',
} as const;

type Sources = Readonly<Record<keyof typeof programSources, string>>;
type Environment = Readonly<Record<string, string | number | null>>;

interface Compose {
  readonly 'x-program': { readonly mem_limit: string; readonly stop_grace_period: string };
  readonly 'x-settings': Environment;
  readonly services: Readonly<
    Record<string, { readonly profiles?: readonly string[]; readonly environment?: Environment }>
  >;
}

/** A service, or an optional app, as the templates of the chart need it. */
interface ChartProgram {
  readonly port: number;
  readonly database?: string;
  readonly personalData?: true;
  readonly readModels?: true;
  readonly stateDir?: true;
  /** The setting with the address at which the other processes of the program reach this one. */
  readonly address?: string;
  readonly oneProcess?: true;
  /** The settings that docker-compose.yml passes to this program, but not to all. */
  readonly settings?: readonly string[];
  /** Settings whose value is the address of a container that the chart does not have. */
  readonly needed?: readonly string[];
}

const head = `# The programs of the chart, written by \`npm run reference\` from docker-compose.yml, Dockerfile,
# apps/stack/src/stack.ts and docs/reference/settings.md.
`;

/** Returns the text of `programsFile`. */
export function chartPrograms({ compose: text, dockerfile, stack, settings }: Sources): string {
  const compose = load(text, { schema: YAML11_SCHEMA }) as Compose;
  const { mem_limit: memory, stop_grace_period: grace } = compose['x-program'];
  const environmentOf = (name: string) => compose.services[name]?.environment ?? {};
  const those = (isOptional: boolean) =>
    Object.fromEntries(
      Object.entries(compose.services)
        .filter(([name, { environment = {} }]) => `${prefixOf(name)}_PORT` in environment)
        .filter(([name, { profiles = [], environment = {} }]) =>
          isOptional
            ? profiles.includes(name) && 'OPS_PORT' in environment
            : profiles.length === 0 && `${prefixOf(name)}_DATABASE_URL` in environment,
        )
        .map(([name]) => [name, chartProgram(name, environmentOf(name), compose, stack)]),
    );
  const facts = {
    probe: probeOf(dockerfile),
    memory: `${parseInt(memory, 10)}Mi`,
    stopSeconds: parseInt(grace, 10),
    opsPort: Number(compose['x-settings'].OPS_PORT),
    keysDatabase: databaseOf(environmentOf('migrate').KEYS_DATABASE_URL),
    migrate: { settings: ownSettings('migrate', compose) },
    console: {
      port: Number(environmentOf('console').CONSOLE_PORT),
      settings: ownSettings('console', compose),
    },
    services: those(false),
    apps: those(true),
    known: knownSettings(settings, compose),
  };
  return `${head}${dump(facts, { lineWidth: -1 })}`;
}

function chartProgram(name: string, environment: Environment, compose: Compose, stack: string): ChartProgram {
  const definition = definitionOf(name, stack);
  const settings = ownSettings(name, compose);
  const isAddress = (value: unknown) =>
    Object.keys(compose.services).some((container) => String(value).includes(`//${container}:`));
  const address = settings.find((setting) => String(environment[setting]).startsWith(`http://${name}:`));
  const needed = settings.filter((setting) => setting !== address && isAddress(environment[setting]));
  const database = databaseOf(environment[`${prefixOf(name)}_DATABASE_URL`]);
  return {
    port: Number(environment[`${prefixOf(name)}_PORT`]),
    ...(database !== undefined && { database }),
    ...('KEYS_DATABASE_URL' in environment && { personalData: true as const }),
    ...(/\breadModels: true/.test(definition) && { readModels: true as const }),
    ...(`${prefixOf(name)}_STATE_DIR` in environment && { stateDir: true as const }),
    ...(address !== undefined && { address }),
    ...(/\boneProcess: /.test(definition) && { oneProcess: true as const }),
    ...(settings.length > 0 && { settings }),
    ...(needed.length > 0 && { needed }),
  };
}

/** Settings whose values the chart computes from its own. */
const made =
  /^(?!SMTP_|KAFKA_)(\w+_(HOST|PORT|INSTANCE|STATE_DIR|TOKEN|TOKEN_FILE)|\w*_?(?<!READ_)DATABASE_URL|\w+_POOL_SIZE|POSTGRES_URL|ROLES|MILLRACE_(SERVICES|OPS))$/;

const ownSettings = (name: string, { services, 'x-settings': shared }: Compose): readonly string[] =>
  Object.keys(services[name]?.environment ?? {}).filter(
    (setting) => !(setting in shared) && !made.test(setting),
  );

/**
 * Every setting that a value of the chart may set: those of the page except for the broker's, and those of
 * compose.
 */
function knownSettings(page: string, compose: Compose): readonly string[] {
  const declared = page
    .split(/^(?=## )/m)
    .filter((section) => !section.startsWith('## The embedded broker'))
    .flatMap((section) => [...section.matchAll(/^- `([A-Z][A-Z0-9_]*)`/gm)].map(([, name = '']) => name));
  const passed = Object.keys(compose.services)
    .filter((name) => `${prefixOf(name)}_PORT` in (compose.services[name]?.environment ?? {}))
    .concat('migrate')
    .filter((name) => name !== 'broker')
    .flatMap((name) => ownSettings(name, compose));
  const all = [...declared, ...Object.keys(compose['x-settings']), ...passed];
  return [...new Set(all)].filter((name) => !made.test(name)).sort();
}

const prefixOf = (name: string): string => name.toUpperCase().replaceAll('-', '_');

const databaseOf = (url: unknown): string | undefined => /^postgres:.*\/(\w+)$/.exec(String(url))?.[1];

/** The entry of a service or an app in the stack, on one line or on several. */
const definitionOf = (name: string, stack: string): string =>
  new RegExp(`^ {4}'?${name}'?: \\{(?:.*\\},$|\\n(?: {6}.*\\n)*)`, 'm').exec(stack)?.[0] ?? '';

/** The health check of the images, which asks `/livez`. */
function probeOf(dockerfile: string) {
  const seconds = (option: string) => Number(new RegExp(`--${option}=(\\d+)s\\b`).exec(dockerfile)?.[1]);
  return {
    periodSeconds: seconds('interval'),
    timeoutSeconds: seconds('timeout'),
    failureThreshold: Number(/--retries=(\d+)/.exec(dockerfile)?.[1]),
    startSeconds: seconds('start-period'),
  };
}
