interface TrailProps {
  /** The page that this one belongs to. */
  readonly from: readonly [path: string, name: string];
  readonly here: string;
  /** The id that distinguishes this page from others of its name. */
  readonly id?: string;
}

/** The title of a page that belongs to another one, and leads back to it. */
export const Trail = ({ from: [path, name], here, id }: TrailProps) => (
  <>
    <a href={path}>{name}</a> / {here} {id !== undefined && <span class="mono">{id}</span>}
  </>
);

interface IdLinkProps {
  readonly href: string;
  readonly id: string;
}

export const IdLink = ({ href, id }: IdLinkProps) => (
  <a class="mono" href={href}>
    {id}
  </a>
);
