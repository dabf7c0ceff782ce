import type { Route } from './routes.ts';

/** Refusals that all routes of a kind share. */
interface Common {
  readonly about: string;
  readonly isAbout: (route: Route) => boolean;
  readonly codes: readonly string[];
}

const kinds: ReadonlyArray<Pick<Common, 'about' | 'isAbout'>> = [
  { about: 'any request', isAbout: () => true },
  { about: 'a request with a parameter in its path', isAbout: ({ path }) => path.includes('{') },
  { about: 'a request with a body', isAbout: ({ method }) => method !== 'GET' },
  { about: 'a `POST`', isAbout: ({ method }) => method === 'POST' },
];

/** The refusals that all routes share, and those of each kind beyond them. */
export function commonCodes(routes: readonly Route[]): readonly Common[] {
  const common: Common[] = [];
  for (const { about, isAbout } of kinds) {
    const lists = routes.filter(isAbout).map(codesOf);
    const known = common.flatMap(({ codes }) => codes);
    const codes = (lists[0] ?? []).filter(
      (code) => lists.every((list) => list.includes(code)) && !known.includes(code),
    );
    common.push({ about, isAbout, codes: codes.sort() });
  }
  return common.filter(({ codes }) => codes.length > 0);
}

export const listOfCodes = (common: readonly Common[]): string =>
  common.map(({ about, codes }) => `- ${about}: ${codes.join(', ')}`).join('\n');

/** A table of routes, without the refusals that all routes of their kind share. */
export function tableOf(routes: readonly Route[], common: readonly Common[]): string {
  const rows = routes.map((route) => {
    const { method, path, operation, onlyAt } = route;
    const where = onlyAt === undefined ? '' : ` (${onlyAt.join(', ')})`;
    const cells = [
      `\`${method} ${path}\`${where}`,
      operation.summary ?? '',
      parametersOf(route),
      repeated(route),
      successOf(route),
      refusalsOf(route, common),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| route | what it does | query and headers | repeated | answer | further refusals |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const codesOf = ({ operation: { responses } }: Route): readonly string[] =>
  Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([status, { description = '' }]) =>
      [...description.matchAll(/`(\w+)`/g)].map(([, code]) => `${status} \`${code}\``),
    );

function refusalsOf(route: Route, common: readonly Common[]): string {
  const shared = new Set(common.filter(({ isAbout }) => isAbout(route)).flatMap(({ codes }) => codes));
  return codesOf(route)
    .filter((code) => !shared.has(code))
    .join(', ');
}

const parametersOf = ({ operation: { parameters = [] } }: Route): string =>
  parameters
    .filter((parameter) => parameter.in !== 'path' && parameter.name !== 'Idempotency-Key')
    .map(({ name, required }) => `\`${name}\`${required === true ? ' (required)' : ''}`)
    .join(', ');

function repeated({ method, operation }: Route): string {
  if (method === 'GET') return 'changes nothing';
  if (method === 'PUT' || method === 'DELETE') return 'has the same effect';
  const key = operation.parameters?.find(({ name }) => name === 'Idempotency-Key');
  if (key === undefined) return 'is carried out again';
  return key.required === true ? 'once, needs a key' : 'once with a key';
}

const successOf = ({ operation: { responses } }: Route): string =>
  Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .map(([status, { description = '' }]) => (description === 'Done' ? status : `${status}: ${description}`))
    .join('; ');
