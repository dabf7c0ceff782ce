/** What a page shows of a call in an OpenAPI document. */
interface Operation {
  /** Missing in the document of a route without `@Describe`. */
  readonly summary?: string;
  readonly parameters?: ReadonlyArray<{
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }>;
  readonly responses: Readonly<Record<string, { readonly description?: string }>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A route of an OpenAPI document. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  /** The services that have it, if others have not. */
  readonly onlyAt?: readonly string[];
}

export const routesOf = ({ paths }: OpenApiDocument): readonly Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
