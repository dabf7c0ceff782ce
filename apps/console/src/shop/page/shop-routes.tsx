import type { OverviewState } from '../../api/overview.ts';
import type { Live } from '../../kit/follow.ts';
import { OrderPage } from './order-page.tsx';
import { ShopPage } from './shop-page.tsx';

/** What the shop adds to the pages of the console. */
export const shopRoutes = [
  { path: '/shop', title: 'Shop', view: () => <ShopPage /> },
  {
    path: '/shop/:orderId',
    title: 'Order',
    view: ({ orderId = '' }: Readonly<Record<string, string>>, { state }: Live<OverviewState>) => (
      <OrderPage orderId={orderId} services={state?.services?.map(({ service }) => service) ?? []} />
    ),
  },
];

export const shopPlaces = [{ path: '/shop', name: 'Shop' }];
