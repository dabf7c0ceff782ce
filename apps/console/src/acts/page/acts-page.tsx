import type { Act } from '../../api/lists.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import { Time } from '../../kit/clock.tsx';
import { ServiceField } from '../../kit/fields.tsx';
import { FirstRows } from '../../kit/first-rows.tsx';
import { givenQuery } from '../../kit/given-query.ts';
import { useLive } from '../../kit/live.ts';
import { shownLimit } from '../../kit/show-more.tsx';
import type { Column } from '../../kit/table.tsx';

/** The actions of operators at all services. */
export function ActsPage({ services }: { readonly services: readonly string[] }) {
  const query = givenQuery(['service'], { limit: shownLimit() });
  const live = useLive<FirstOfAll<Act>>(`/api/acts/live?${query}`).value;
  return (
    <>
      <h1>Acts of operators</h1>
      <div class="fields">
        <ServiceField services={services} />
      </div>
      <FirstRows
        live={live}
        what="act"
        order="the newest first"
        aside="An act on one saga stands in its history, and a decision about a dead letter with the letter"
        columns={columns}
        keyOf={({ service, at, action, subject }) => [service, at, action, subject].join(' ')}
        empty="No operator has acted yet"
      />
    </>
  );
}

const columns: readonly Column<Act>[] = [
  { name: 'When', cell: ({ at }) => <Time at={at} /> },
  { name: 'Who', cell: ({ actor }) => actor },
  { name: 'Service', cell: ({ service }) => service },
  { name: 'Act', cell: ({ action }) => action },
  { name: 'On what', cell: ({ subject }) => <span class="mono">{subject}</span> },
  { name: 'Reason', wide: true, cell: ({ reason }) => reason },
];
