import { problems } from '../../ground/errors.ts';
import type { OpenApiDocument } from './openapi.ts';

/** The calls that answer with a code, such as `POST /orders`, and the status. */
interface ProblemUse {
  readonly status: string;
  readonly calls: string[];
}

type Responses = Readonly<Record<string, { readonly content?: ProblemContent }>>;
type ProblemContent = Readonly<
  Record<string, { readonly schema?: { readonly allOf?: readonly [unknown, CodeSchema] } }>
>;
interface CodeSchema {
  readonly properties: { readonly code: { readonly enum: readonly string[] } };
}

/**
 * Returns a function that builds the page of a problem's code, or undefined for a code that the
 * service does not use.
 */
export function explainProblems(document: OpenApiDocument): (code: string) => string | undefined {
  const uses = usesOf(document);
  return (code) => {
    const known = Object.hasOwn(problems, code) ? problems[code as keyof typeof problems] : undefined;
    const use = uses.get(code);
    const status = known?.status ?? use?.status;
    return status === undefined ? undefined : pageOf(code, String(status), known?.title, use?.calls ?? []);
  };
}

function usesOf({ paths }: OpenApiDocument): ReadonlyMap<string, ProblemUse> {
  const uses = new Map<string, ProblemUse>();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations))
      for (const [status, { content }] of Object.entries(operation['responses'] as Responses))
        for (const code of codesOf(content)) {
          const use = uses.get(code) ?? { status, calls: [] };
          use.calls.push(`${method.toUpperCase()} ${path}`);
          uses.set(code, use);
        }
  return uses;
}

const codesOf = (content: ProblemContent | undefined): readonly string[] =>
  content?.['application/problem+json']?.schema?.allOf?.[1].properties.code.enum ?? [];

const pageOf = (
  code: string,
  status: string,
  title: string | undefined,
  calls: readonly string[],
): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${code}</title>
  </head>
  <body>
    <h1>${code}</h1>
    <p>${title === undefined ? 'A business rule of the service rejects the request.' : `${title}.`}</p>
    <p>Status ${status}. The problem's <code>detail</code> and its other fields say exactly what is wrong.</p>
    ${calls.length === 0 ? '' : `<p>These calls answer with it:</p>\n    <ul>${calls.map((call) => `<li>${call}</li>`).join('')}</ul>`}
    <p><a href="/docs">The interface of this service</a></p>
  </body>
</html>
`;
